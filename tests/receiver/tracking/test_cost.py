"""What decoding and tracking may cost in memory; speed is asserted by `python -m benchmarks.decode`, on a machine that is known."""

from __future__ import annotations

import pytest

from benchmarks.decode import GOAL_BYTES, GOAL_LOST, bytes_per_aircraft, flood


def test_an_aircraft_that_broadcasts_everything_stays_small() -> None:
    assert bytes_per_aircraft(replying=False, count=100) < GOAL_BYTES


def test_one_that_tells_radars_everything_as_well_stays_below_four_kilobytes() -> None:
    assert bytes_per_aircraft(replying=True, count=300) < 4096


def test_a_flood_of_addresses_costs_real_aircraft_nothing_and_little_memory() -> None:
    out = flood(20_000, seconds=6.0)
    assert 1.0 - out.seen / out.sent < GOAL_LOST
    assert out.growth_mb < 10.0
    assert out.most_aircraft <= 700


@pytest.mark.slow
def test_a_million_addresses_in_a_minute_do_not_grow_the_memory() -> None:
    out = flood(1_000_000)
    assert out.growth_mb < 50.0
    assert 1.0 - out.seen / out.sent < GOAL_LOST
