"""What becomes of deceived GPS receivers: is any of their circles pushed as an orbit, is it named as spoofing.

    python -m benchmarks.spoofing [--skies 8]

Each family of `benchmarks/flights/deceived.py` in so many skies: five aircraft that would be pushed if they circled, among
ten that are not deceived. Named: the default rules raise one alert of GPS spoofing with all five in it at its end.
"""

from __future__ import annotations

import argparse

from benchmarks.flights.deceived import FAMILIES, START, Shift, airliner
from config.rules import load_rules
from receiver.tracking import Sighting
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.watch.world import Fact
from tests.receiver.watch.worlds import SmallAtlas, SmallRegistry

DECEIVED, HONEST = 5, 10


def sky(family: Shift, seed: int) -> list[Sighting]:
    """The sightings of one sky, by time."""
    out: list[Sighting] = []
    for k in range(DECEIVED + HONEST):
        number = 100 * seed + k
        until_s = 1300.0 if k < DECEIVED else 0.0
        out += airliner(f"ae{number:04x}", number, family, 400.0 + 20.0 * k, until_s, 1800.0)
    return sorted(out, key=lambda one: one.now)


def told(sightings: list[Sighting]) -> list[Alert]:
    """Everything that the default rules say."""
    registry = SmallRegistry({one.icao: [Fact("notable", "yes", "list")] for one in sightings})
    watch = Watch(load_rules(DEFAULT_RULES).rule, None, registry, SmallAtlas())
    out: list[Alert] = []
    second = START
    for one in sightings:
        while second + 1.0 <= one.now:
            second += 1.0
            out += watch.expire(second)
        out += watch.update(one)
    while watch.open_alerts():
        second += 10.0
        out += watch.expire(second)
    return out


def main() -> None:
    """Print the counts of each family, and of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skies", type=int, default=8)
    options = parser.parse_args()
    total = [0, 0, 0, 0]
    print(f"{'family':14s} {'skies':>6s} {'orbit pushed':>13s} {'border told':>12s} {'named':>6s}")
    for name, family in FAMILIES.items():
        counts = [0, 0, 0, 0]
        for seed in range(options.skies):
            alerts = told(sky(family, seed))
            spoofed = [alert for alert in alerts if alert.rule == "gps-spoofing" and alert.state == "ended"]
            deceived = {f"ae{100 * seed + k:04x}" for k in range(DECEIVED)}
            counts[0] += 1
            counts[1] += any(alert.notify and alert.pattern is not None for alert in alerts)
            counts[2] += any("entered" in alert.text and alert.icao in deceived for alert in alerts)
            counts[3] += len(spoofed) == 1 and all(icao in spoofed[0].text for icao in deceived)
        print(f"{name:14s} {counts[0]:6d} {counts[1]:13d} {counts[2]:12d} {counts[3]:6d}")
        total = [a + b for a, b in zip(total, counts, strict=True)]
    print(f"{'all':14s} {total[0]:6d} {total[1]:13d} {total[2]:12d} {total[3]:6d}")


if __name__ == "__main__":
    main()
