from __future__ import annotations

import numpy as np
import pytest

from receiver.mlat.pressure import M_PER_FT, UNKNOWN_SIGMA_M, Pressure


def told(count: int, seed: int = 1) -> Pressure:
    """Aircraft in warm air at 1020 hPa, each with an altimeter of its own, all over the altitudes."""
    rng, pressure = np.random.default_rng(seed), Pressure()
    for number in range(count):
        baro = float(rng.uniform(2000, 38_000))
        pressure.note(
            f"{number:06x}", 51 + rng.normal(0, 0.5), 4 + rng.normal(0, 0.5), baro,
            baro + 184.0 + 0.03 * baro + rng.normal(0, 30), 100.0,
        )  # fmt: skip
    return pressure


def test_heights_come_from_what_aircraft_nearby_say() -> None:
    pressure = told(30)
    for baro in (3000.0, 20_000.0, 37_000.0):
        height = pressure.height(51.0, 4.0, baro, 110.0)
        assert height.height_m == pytest.approx((baro * 1.03 + 184.0) * M_PER_FT, abs=25.0)
        assert 20.0 < height.sigma_m < 60.0


def test_an_aircraft_with_a_wrong_altimeter_moves_nobody() -> None:
    pressure = told(12)
    before = pressure.height(51.0, 4.0, 20_000.0, 110.0).height_m
    pressure.note("ffffff", 51.0, 4.0, 20_000.0, 24_000.0, 110.0)
    pressure.note("fffffe", 51.0, 4.0, 20_000.0, 30_000.0, 110.0)  # no weather does that
    assert pressure.height(51.0, 4.0, 20_000.0, 130.0).height_m == pytest.approx(before, abs=15.0)


def test_without_neighbours_a_height_is_uncertain() -> None:
    height = told(2).height(51.0, 4.0, 20_000.0, 110.0)
    assert height == (20_000.0 * M_PER_FT, UNKNOWN_SIGMA_M)
    assert told(30).height(51.0, 24.0, 20_000.0, 110.0).sigma_m == UNKNOWN_SIGMA_M  # other weather
    assert told(30).height(51.0, 4.0, 20_000.0, 900.0).sigma_m == UNKNOWN_SIGMA_M  # long ago


def test_far_above_the_neighbours_it_is_less_certain() -> None:
    pressure = Pressure()
    for number in range(10):
        pressure.note(f"{number:06x}", 51.0, 4.0, 3000.0 + 100 * number, 3200.0 + 100 * number, 0.0)
    assert pressure.height(51.0, 4.0, 38_000.0, 1.0).sigma_m > 3 * pressure.height(51.0, 4.0, 3500.0, 1.0).sigma_m


def test_what_an_aircraft_says_itself_goes_before() -> None:
    pressure = told(30)
    pressure.note("abcdef", 51.0, 4.0, 10_000.0, 10_900.0, 100.0)
    own = pressure.own("abcdef", 12_000.0, 120.0)
    assert own is not None
    assert own.height_m == pytest.approx(12_900.0 * M_PER_FT)
    assert pressure.own("abcdef", 12_000.0, 900.0) is None
