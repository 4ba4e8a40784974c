"""How often a phone rings: a day of ordinary flights, and a day beside a parachute or helicopter base, with the default rules.

    python -m benchmarks.pushes plane-alert-db.csv [--flights 3000] [--seed 1]

Flights are those of `benchmarks/flights`, a position every five seconds: airliners, sightseers, circuits, holds, surveys, gliders.
One in a hundred is an aircraft of the list drawn by chance, one in a hundred more has a military address that nobody knows
more of. Beside a base: forty flights more, in orbits and climbing spirals, by aircraft that the list has as parachute planes,
air ambulances and police, and by military helicopters. Drones are left out of both: a phone is meant to ring for them.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.flights import FAMILIES, circuits, grids, holdings, orbits, spirals, thermals, wanderers
from benchmarks.flights.pen import Track
from config.rules import load_rules
from receiver.registry import Registry
from receiver.registry.update import update
from receiver.tracking import Sighting
from receiver.watch import DEFAULT_RULES, Alert, Watch
from tests.receiver.watch.air import sighting

START = 1_755_657_600.0
EVERY_S = 5.0
FOR_A_LIVING = ("Jump Johnny Jump", "Flying Doctors", "Police Forces")
airliners = next(family for family in FAMILIES if family.__name__ == "airliners")
MIX: tuple[tuple[Callable[[random.Random], Iterator[Track]], float, str], ...] = (
    (airliners, 0.76, "A3"), (wanderers, 0.12, "A1"), (circuits, 0.05, "A1"), (holdings, 0.03, "A3"), (grids, 0.01, "A1"),
    (thermals, 0.02, "B1"), (spirals, 0.01, "A1"),
)  # fmt: skip


def fly(track: Track, icao: str, category: str, begins_s: float) -> Iterator[Sighting]:
    """A track as sightings, thinned."""
    last = -EVERY_S
    for fix in track.fixes:
        t = fix.time_s - track.fixes[0].time_s
        if t - last >= EVERY_S:
            last = t
            yield sighting(
                icao, START + begins_s + t, category=category, latitude_deg=fix.latitude_deg, longitude_deg=fix.longitude_deg,
                altitude_baro_ft=fix.altitude_ft, ground_speed_kt=fix.ground_speed_kt, track_deg=fix.track_deg,
                on_ground=False, nac_p=9,
            )  # fmt: skip


def told(watch: Watch, flights: Iterator[tuple[Track, str, str]]) -> list[Alert]:
    """Everything that is said; the flights come one after the other, which changes nothing for rules about one aircraft."""
    out: list[Alert] = []
    begins_s = 0.0
    for track, icao, category in flights:
        for one in fly(track, icao, category, begins_s):
            out += watch.update(one)
        begins_s += track.fixes[-1].time_s - track.fixes[0].time_s + 30.0
        out += watch.expire(START + begins_s)
    return out


def tracks_of(family: Callable[[random.Random], Iterator[Track]], seed: int) -> Iterator[Track]:
    """Tracks without end."""
    while True:
        seed += 1000
        yield from family(random.Random(seed))


def show(name: str, flights: int, alerts: list[Alert]) -> None:
    """One line, and whom the phone rang for."""
    pushes = [alert for alert in alerts if alert.notify]
    raised = Counter(alert.rule for alert in alerts if alert.state == "raised")
    print(f"{name}: {flights} flights, {len(pushes)} pushes; raised: {dict(raised.most_common())}")
    for alert in pushes:
        print(f"    {alert.rule}: {alert.text[:150]}")


def main() -> None:
    """Print both days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", type=Path)
    parser.add_argument("--flights", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "aircraft.sqlite"
        update(database, "plane-alert-db", str(options.list), 50, 0, trust=True)
        connection = sqlite3.connect(database)
        rows = connection.execute("SELECT address, category FROM aircraft WHERE category != 'UAV'").fetchall()
        connection.close()
        registry = Registry(database)
        listed = [f"{address:06x}" for address, _ in rows]
        living = [f"{address:06x}" for address, category in rows if category in FOR_A_LIVING]

        def ordinary() -> Iterator[tuple[Track, str, str]]:
            sources = [tracks_of(family, options.seed) for family, _, _ in MIX]
            for k in range(options.flights):
                which = rng.choices(range(len(MIX)), [share for _, share, _ in MIX])[0]
                chance = rng.random()
                icao = f"{0x0D1000 + k:06x}"
                if chance < 0.01:
                    icao = rng.choice(listed)
                elif chance < 0.02:
                    icao = f"{0xAE9000 + k:06x}"
                yield next(sources[which]), icao, MIX[which][2]

        def base() -> Iterator[tuple[Track, str, str]]:
            up, round_ = tracks_of(spirals, options.seed), tracks_of(orbits, options.seed)
            for k in range(40):
                if k % 4 == 3:
                    yield next(round_), f"{0xAE8000 + k:06x}", "A7"
                else:
                    yield next(up if k % 2 else round_), rng.choice(living), "A1"

        for name, flights, count in (("a day", ordinary(), options.flights), ("beside a base", base(), 40)):
            watch = Watch(load_rules(DEFAULT_RULES).rule, None, registry)
            show(name, count, told(watch, flights))
        registry.close()


if __name__ == "__main__":
    main()
