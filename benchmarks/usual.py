"""How often "unusual here" speaks, and how large its memory is: years of a simulated station.

    python -m benchmarks.usual [--flights 3000] [--days 365]

Flights follow 150 ways of a fixed network (straight lines through the circle of reception, each at its height and of its
class), each with its own share of the traffic, from hourly to once a month; 6 % are light aircraft and helicopters that
fly anywhere, low only within 60 km (beyond, they are below the horizon). What the rule `unusual_days = 30` would say of every
flight is counted from the second month on.
"""

from __future__ import annotations

import argparse
import math
import random
import time

from receiver.watch.memory import keep_usual
from receiver.watch.usual import CELL_DEG, DAY_S, TOPS_FT, Usual, spot_of

DAY0 = 1_755_648_000.0
HOME = (48.0, 11.5)
REACH_DEG = 3.0
WAYS = 150
LEARN_DAYS = 30


def way(rng: random.Random) -> tuple[float, list[int]]:
    """Its weight, and the spots that it passes."""
    bearing, off = rng.uniform(0.0, math.pi), rng.uniform(-0.9, 0.9) * REACH_DEG
    kind = rng.choices(("airliner", "light", "military"), (90, 8, 2))[0]
    height = {"airliner": rng.uniform(15_000, 39_000), "light": rng.uniform(3_000, 9_000)}.get(
        kind, rng.uniform(5e3, 3e4)
    )
    spots = []
    for k in range(-60, 61):
        along = k * 0.05
        if math.hypot(along, off) <= REACH_DEG:
            lat = HOME[0] + along * math.cos(bearing) - off * math.sin(bearing)
            lon = HOME[1] + (along * math.sin(bearing) + off * math.cos(bearing)) / math.cos(math.radians(lat))
            spots.append(spot_of(lat, lon, height, kind))
    return math.exp(rng.uniform(math.log(0.03), math.log(40.0))), list(dict.fromkeys(spots))


def roam(rng: random.Random) -> list[int]:
    """A light aircraft or helicopter that flies somewhere and back."""
    kind = rng.choices(("light", "helicopter", "military", "drone"), (80, 17, 2.5, 0.5))[0]
    height = max(600.0, rng.gauss(4500.0, 1800.0))
    reach = 0.55 if height < TOPS_FT[0] else 1.5
    angle, away = rng.uniform(0.0, 2.0 * math.pi), abs(rng.gauss(0.0, reach / 2.0))
    lat, lon = HOME[0] + away * math.cos(angle), HOME[1] + away * math.sin(angle) / 0.67
    heading = rng.uniform(0.0, 2.0 * math.pi)
    spots = [
        spot_of(lat + k * 0.04 * math.cos(heading), lon + k * 0.04 * math.sin(heading) / 0.67, height, kind)
        for k in range(12)
    ]
    return list(dict.fromkeys(spots))


def main() -> None:
    """Print what it says in a month, and what it keeps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flights", type=int, default=3000)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    rng = random.Random(1)
    ways = [way(rng) for _ in range(WAYS)]
    weights = [weight for weight, _ in ways]
    usual = Usual()
    told: list[int] = []
    asked, spent = 0, 0.0
    for day in range(options.days):
        told.append(0)
        flights = rng.choices([spots for _, spots in ways], weights, k=int(0.94 * options.flights))
        flights += [roam(rng) for _ in range(options.flights - len(flights))]
        rng.shuffle(flights)
        began = time.process_time()
        for k, spots in enumerate(flights):
            now = DAY0 + day * DAY_S + DAY_S * k / len(flights)
            usual.begin(now)
            odd = False
            for spot in spots:
                low = spot // 8 % 4 <= 1  # as the default rule has it: below 10,000 ft
                odd |= usual.odd(spot, 30, now, now) is not None and low
                usual.seen(spot, now)
                asked += 1
            told[-1] += odd
        spent += time.process_time() - began
        if (day + 1) % 73 == 0 or day + 1 == options.days:
            size = len(keep_usual(usual).days)
            since = told[LEARN_DAYS:]
            print(f"day {day + 1:4d}: {len(usual.days):6d} cells, {size / 1e3:7.1f} kB; "
                  f"told {sum(since[-30:]) / max(1, len(since[-30:])):.2f} a day in the last 30")  # fmt: skip
    print(f"{1e6 * spent / asked:.1f} µs a cell change, {CELL_DEG}° cells; of {options.flights} flights a day")


if __name__ == "__main__":
    main()
