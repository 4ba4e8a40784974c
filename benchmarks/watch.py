"""What the watch costs: rules, patterns and places for many aircraft, as share of one core.

    python -m benchmarks.watch [--aircraft 1000] [--seconds 300] [--rate 4]

Every aircraft sends `--rate` messages a second, every second one a position; one in twenty flies in circles, the others
fly on with a bend now and then; default rules, built-in registry and atlas. Made-up sightings are built between the
timed parts. Verifies while it times: those that circle must be told as orbits, nobody else.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import random
import time

from config.rules import load_rules
from receiver.atlas import Atlas
from receiver.decode.message import AddressType
from receiver.registry import Registry
from receiver.tracking import Position, Sighting, Value
from receiver.tracking.sighting import Quality, Slot
from receiver.watch import DEFAULT_RULES, Watch

KM_DEG = 111.195
START = 1_755_657_600.0


class Plane:
    """Flies on, or in circles of 3 km."""

    def __init__(self, number: int, rng: random.Random) -> None:
        self.icao = f"{0x0D0000 + number:06x}"
        self.circles = number % 20 == 0
        self.latitude_deg, self.longitude_deg = rng.uniform(17.0, 30.0), rng.uniform(-110.0, -95.0)
        self.track_deg = rng.uniform(0.0, 360.0)
        self.speed_kt = 110.0 if self.circles else rng.uniform(250.0, 480.0)
        self.turn_deg_s = math.degrees(self.speed_kt * 0.000514444 / 3.0) if self.circles else 0.0
        self.values: list[Value[object] | None] = [None] * len(Slot)
        self.put(Slot.CALLSIGN, f"AMX{number}", START)
        self.put(Slot.CATEGORY, "A3", START)
        self.put(Slot.SQUAWK, "2317", START)
        self.put(Slot.ON_GROUND, False, START)
        self.put(Slot.QUALITY, Quality(version=2, nac_p=9), START)

    def put(self, slot: Slot, value: object, now: float) -> None:
        self.values[slot] = Value(value, now, AddressType.ADSB_ICAO, "0,5")

    def fly(self, seconds: float, now: float) -> None:
        self.track_deg = (self.track_deg + self.turn_deg_s * seconds) % 360.0
        way = self.speed_kt * 0.000514444 * seconds / KM_DEG
        self.latitude_deg += way * math.cos(math.radians(self.track_deg))
        self.longitude_deg += way * math.sin(math.radians(self.track_deg)) / math.cos(math.radians(self.latitude_deg))
        self.put(Slot.POSITION, Position(self.latitude_deg, self.longitude_deg, 8, 186.0, False, None, None, None), now)
        self.put(Slot.ALTITUDE_BARO, 30_000, now)

    def sighting(self, now: float) -> Sighting:
        self.put(Slot.TRACK, self.track_deg, now)
        self.put(Slot.GROUND_SPEED, self.speed_kt, now)
        return Sighting(
            self.icao, now, frozenset({"track_deg"}), (), AddressType.ADSB_ICAO, True, 10, -20.0, START, now,
            self.values[Slot.POSITION], None, tuple(self.values),  # type: ignore[arg-type]
        )  # fmt: skip


def main() -> None:
    """Print the share, and what the parts of it are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aircraft", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--rate", type=int, default=4)
    options = parser.parse_args()
    rng = random.Random(1)
    planes = [Plane(k, rng) for k in range(options.aircraft)]
    atlas = Atlas()
    atlas.warm()
    watch = Watch(load_rules(DEFAULT_RULES).rule, None, Registry(None), atlas)
    spent = slowest = 0.0
    alerts = []
    updates = 0
    for second in range(options.seconds):
        sightings = []
        for part in range(options.rate):
            now = START + second + part / options.rate
            for plane in planes:
                if part % 2 == 0:
                    plane.fly(2.0 / options.rate, now)
                sightings.append(plane.sighting(now))
        began = time.process_time()
        for sighting in sightings:
            alerts += watch.update(sighting)
        alerts += watch.expire(START + second + 1)
        took = time.process_time() - began
        if second >= 10:
            spent += took
            updates += len(sightings)
            slowest = max(slowest, took)
    orbiting = {alert.icao for alert in alerts if alert.pattern is not None and alert.pattern.kind == "orbit"}
    expected = {plane.icao for plane in planes if plane.circles}
    share = spent / (options.seconds - 10)
    print(f"{options.aircraft} aircraft, {options.rate} messages a second each, {options.seconds} s of signal")
    print(f"share of one core: {100 * share:.1f} %   {1e6 * spent / updates:.2f} µs an update, {updates:,} updates")
    print(f"slowest second: {1000 * slowest:.0f} ms")
    print(f"orbits told: {len(orbiting & expected)} of {len(expected)}; false: {len(orbiting - expected)}")
    began = time.process_time()
    state = watch.state()
    took = time.process_time() - began
    print(f"state that a power cut leaves: {len(json.dumps(state)) / 1e3:.0f} kB, gathered in {1000 * took:.0f} ms")
    print(f"Python {platform.python_version()}, {platform.machine()}")


if __name__ == "__main__":
    main()
