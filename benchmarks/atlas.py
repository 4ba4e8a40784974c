"""What a look-up in the atlas costs, and how often its countries agree with GeoNames'.

    python -m benchmarks.atlas [--seed 1]

Every look-up is timed without the cache in front of it. As it times, it verifies: the country under each of GeoNames'
72,000 towns (whose own country codes the look-up does not use) against Natural Earth's outlines.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter
from collections.abc import Callable

from receiver.atlas import Atlas

Position = tuple[float, float]


def positions(seed: int) -> dict[str, list[Position]]:
    """Where to look: everywhere, over land, along a ragged coast, along a border."""
    rng = random.Random(seed)
    return {
        "all over the globe": [(rng.uniform(-85, 85), rng.uniform(-180, 180)) for _ in range(20_000)],
        "North America": [(rng.uniform(25, 60), rng.uniform(-125, -65)) for _ in range(20_000)],
        "Norway's fjords": [(rng.uniform(58, 71), rng.uniform(5, 25)) for _ in range(20_000)],
        "the border of the USA and Mexico": [(rng.uniform(31, 33), rng.uniform(-117, -106)) for _ in range(20_000)],
        "Valle de Bravo": [(rng.uniform(18.8, 19.6), rng.uniform(-100.6, -99.7)) for _ in range(20_000)],
    }


def time_us(call: Callable[[float, float], object], where: list[Position]) -> tuple[float, float, float]:
    """Mean, median and 99th percentile, microseconds of CPU a call."""
    spent = []
    for latitude, longitude in where:
        start_ns = time.thread_time_ns()
        call(latitude, longitude)
        spent.append(time.thread_time_ns() - start_ns)
    spent.sort()
    return sum(spent) / len(spent) / 1e3, spent[len(spent) // 2] / 1e3, spent[len(spent) * 99 // 100] / 1e3


def agreement(atlas: Atlas) -> None:
    """The country under each town against GeoNames' code."""
    table = atlas._places
    verdicts: Counter[str] = Counter()
    for index in range(table.towns):
        place, code = table.place(index), table.country(index)
        land = atlas._find_land(place.latitude_deg, place.longitude_deg, "en")
        if land is None:
            near = [
                atlas._find_land(place.latitude_deg + north, place.longitude_deg + east, "en")
                for north, east in ((0.03, 0.0), (0.0, 0.03), (-0.03, 0.0), (0.0, -0.03))
            ]
            verdicts["at sea, within 3 km of its country" if code in {x.code for x in near if x} else "at sea"] += 1
        else:
            verdicts["agrees" if land.code == code else "another country"] += 1
    for verdict, count in verdicts.most_common():
        print(f"{count:>7} of {table.towns} towns ({100 * count / table.towns:.2f} %): {verdict}")
    assert verdicts["agrees"] > 0.975 * table.towns
    assert verdicts["another country"] < 0.004 * table.towns


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start_s = time.process_time()
    atlas = Atlas()
    atlas.warm()
    loaded_s = time.process_time() - start_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with open("/proc/self/statm", encoding="ascii") as file:
        now_mb = int(file.read().split()[1]) * 4096 / 1e6
    print(f"load: {loaded_s:.2f} s CPU; {before_mb:.0f} MB before, {peak_mb:.0f} MB at most, {now_mb:.0f} MB after")
    for name, where in positions(seed).items():
        for what, call in (
            ("land", lambda la, lo: atlas._find_land(la, lo, "en")),
            ("near", lambda la, lo: atlas._find_near(la, lo, "en")),
            ("aerodrome", atlas.aerodrome),
        ):
            mean, median, late = time_us(call, where)
            print(f"{what:<9} {name:<33} mean {mean:6.1f}  median {median:6.1f}  99 % {late:6.1f} µs")
    agreement(atlas)


if __name__ == "__main__":
    main()
