"""Whom the default rules would push when they circle, and note when they fly by: every aircraft of a real list.

    python -m benchmarks.listed plane-alert-db.csv [--rules default]

The list is read as `squitter db update` reads it, into a database in a folder that is deleted again. Every aircraft of
it is then seen twice, once flying an orbit and once flying on, and the rules are asked. By category of the list.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from config.rules import load_rules
from receiver.decode.message import AddressType
from receiver.registry import Registry
from receiver.registry.update import update
from receiver.tracking import Sighting, Value
from receiver.tracking.sighting import Slot
from receiver.watch import DEFAULT_RULES
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern, PatternDetector
from receiver.watch.rules import ready
from receiver.watch.watched import Watched

NOW = 1_755_657_600.0
FOR_A_LIVING = ("Police Forces", "UK National Police Air Service", "Flying Doctors", "Jump Johnny Jump", "Historic")


def seen(icao: str, registry: Registry) -> Watched:
    """An aircraft that says nothing of itself but that it flies."""
    values: list[Value[object] | None] = [None] * len(Slot)
    values[Slot.ON_GROUND] = Value(False, NOW, AddressType.ADSB_ICAO, "0,5")
    sighting = Sighting(
        icao, NOW, frozenset(), (), AddressType.ADSB_ICAO, True, 10, None, NOW - 60, NOW, None, None, tuple(values)
    )
    watched = Watched(sighting, PatternDetector(), False)
    watched.identity = Identity.of(registry.identify(icao, None, None), None)
    return watched


def main() -> None:
    """Print both shares, by category and for what the goals are about."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", type=Path)
    parser.add_argument("--rules", type=Path, default=DEFAULT_RULES)
    options = parser.parse_args()
    rules = [ready(rule, options.rules.parent) for rule in load_rules(options.rules).rule]
    rules = [rule for rule in rules if not rule.fleet]
    count, pushed, noted, drones = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "aircraft.sqlite"
        result = update(database, "plane-alert-db", str(options.list), 50, 0, trust=True)
        print(f"{result.rows} aircraft; refused: {dict(result.refused)}")
        registry = Registry(database)
        with database.open("rb"):
            import sqlite3

            rows = sqlite3.connect(database).execute("SELECT address, category FROM aircraft").fetchall()
        for address, category in rows:
            icao = f"{address:06x}"
            one = seen(icao, registry)
            count[category] += 1
            noted[category] += any(rule.check(one) is not None for rule in rules)
            one.detector.pattern = Pattern("orbit", NOW - 900, NOW, 4.0, 3.0, 225.0, 40.0, 5.0, "left")
            pushed[category] += any(rule.check(one) is not None and rule.rule.notify for rule in rules)
            drones[category] += one.identity.value("drone") == "yes"
    print(f"{'category':34s} {'listed':>7s} {'pushed when circling':>21s} {'noted when passing':>19s} {'drones':>7s}")
    for category, listed in count.most_common():
        print(
            f"{category[:34]:34s} {listed:7d} {pushed[category]:13d} {100 * pushed[category] / listed:5.1f} % "
            f"{noted[category]:11d} {100 * noted[category] / listed:5.1f} % {drones[category]:7d}"
        )
    living = sum(count[name] for name in FOR_A_LIVING)
    print(f"all: {sum(pushed.values())} of {sum(count.values())} pushed when circling, {sum(noted.values())} noted")
    print(f"UAV: {drones['UAV']} of {count['UAV']} known as drones, {pushed['UAV']} pushed when circling")
    print(f"police, ambulance, jump, historic: {sum(pushed[name] for name in FOR_A_LIVING)} of {living} pushed")


if __name__ == "__main__":
    main()
