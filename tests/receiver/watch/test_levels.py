"""Levels against distances."""

from __future__ import annotations

import math
import random

from receiver.watch.belief import TOO_LOUD_DB
from receiver.watch.levels import LEAST_AIRCRAFT, Levels

NOW = 1_755_657_600.0


def level(distance_nmi: float, off_db: float) -> float:
    return -10.0 + off_db - 20.0 * math.log10(distance_nmi / 10.0)


def sky(rng: random.Random, levels: Levels, gain_db: float = 0.0, at_s: float = 0.0) -> list[float]:
    """Sixty aircraft, weak and strong ones, half of them behind something: by how much each is too loud."""
    out = []
    for k in range(60):
        own = random.Random(k)
        distance, off = own.uniform(10.0, 220.0), own.gauss(0.0, 3.0) - abs(own.gauss(0.0, 6.0))
        excess = levels.excess_db(
            f"{k:06x}", NOW + at_s, level(distance, off + rng.gauss(0, 1.5)) + gain_db, distance, True
        )
        if excess is not None:
            out.append(excess)
    return out


def test_nobody_is_too_loud_in_an_honest_sky_nor_after_the_gain_has_changed() -> None:
    rng, levels = random.Random(1), Levels()
    for t in range(0, 300, 5):
        assert max(sky(rng, levels, at_s=t), default=0.0) < TOO_LOUD_DB
    sky(rng, levels, 15.0, 305.0)
    for t in range(310, 400, 5):
        assert max(sky(rng, levels, 15.0, t)) < TOO_LOUD_DB


def test_who_is_near_and_says_that_it_is_far_is_too_loud() -> None:
    levels = Levels()
    sky(random.Random(1), levels)
    excess = levels.excess_db("abcdef", NOW + 5.0, level(12.0, -3.0), 150.0, True)
    assert excess is not None
    assert excess > TOO_LOUD_DB


def test_few_aircraft_overloads_and_unknown_places_prove_nothing() -> None:
    levels = Levels()
    for k in range(LEAST_AIRCRAFT):
        assert levels.excess_db(f"{k:06x}", NOW, -30.0, 50.0, True) is None
    sky(random.Random(1), levels)
    assert levels.excess_db("abcdef", NOW + 5.0, None, 50.0, True) is None
    assert levels.excess_db("abcdef", NOW + 5.0, -20.0, None, True) is None
    assert levels.excess_db("abcdef", NOW + 5.0, -1.0, 50.0, True) is None
    assert levels.excess_db("abcdef", NOW + 5.0, -10.0, 5.0, True) is None
