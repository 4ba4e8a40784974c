"""The arithmetic of air data against the tables of the standard atmosphere and of the earth's magnetism."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.tracking.air_data import (
    calibrated_airspeed_kt,
    declination_deg,
    pressure_ratio,
    standard_temperature_c,
    temperature,
    true_airspeed_kt,
    wind,
)

SUMMER_2024_S = 1_720_000_000.0


# ICAO standard atmosphere: altitude in ft, temperature in °C, pressure in hPa
@pytest.mark.parametrize(
    ("altitude_ft", "celsius", "hpa"),
    [(0, 15.0, 1013.25), (5_000, 5.1, 843.07), (10_000, -4.8, 696.82), (18_000, -20.7, 505.98), (30_000, -44.4, 300.90),
     (36_089, -56.5, 226.32), (41_000, -56.5, 178.74), (50_000, -56.5, 115.97)],
)  # fmt: skip
def test_the_standard_atmosphere(altitude_ft: int, celsius: float, hpa: float) -> None:
    assert standard_temperature_c(altitude_ft) == pytest.approx(celsius, abs=0.05)
    assert 1013.25 * pressure_ratio(altitude_ft) == pytest.approx(hpa, rel=2e-3)


def test_at_sea_level_calibrated_and_true_airspeed_are_the_same() -> None:
    for mach in (0.2, 0.5, 0.8):
        assert calibrated_airspeed_kt(mach, 0) == pytest.approx(661.4786 * mach, abs=0.01)
        assert true_airspeed_kt(mach, 15.0) == pytest.approx(661.48 * mach, rel=1e-3)


# as airliners sent them in BDS 6,0 and DF20
@pytest.mark.parametrize(
    ("mach", "altitude_ft", "ias_kt"),
    [(0.796, 34_900, 271), (0.82, 36_025, 273), (0.688, 26_375, 279), (0.396, 9_950, 219), (0.168, 1_225, 108), (0.44, 10_675, 241)],
)  # fmt: skip
def test_calibrated_airspeed_is_what_the_instrument_shows(mach: float, altitude_ft: int, ias_kt: int) -> None:
    assert calibrated_airspeed_kt(mach, altitude_ft) == pytest.approx(ias_kt, abs=3.0)


@given(st.floats(0.4, 0.95), st.floats(-90, 50))
def test_the_temperature_comes_back_out_of_the_airspeed(mach: float, celsius: float) -> None:
    got = temperature(true_airspeed_kt(mach, celsius), mach)
    assert got is not None
    assert got.oat_c == pytest.approx(celsius, abs=1e-6)
    assert got.tat_c is not None
    assert got.tat_c > got.oat_c


def test_no_temperature_from_slow_flight_or_impossible_speeds() -> None:
    assert temperature(200.0, 0.39) is None
    assert temperature(700.0, 0.5) is None
    assert temperature(100.0, 0.5) is None


@given(st.floats(100, 500), st.floats(0, 359.9), st.floats(1, 200), st.floats(0, 359.9))
def test_the_wind_comes_back_out_of_the_two_vectors(tas: float, heading: float, speed: float, direction: float) -> None:
    east = tas * math.sin(math.radians(heading)) - speed * math.sin(math.radians(direction))
    north = tas * math.cos(math.radians(heading)) - speed * math.cos(math.radians(direction))
    track = math.degrees(math.atan2(east, north)) % 360
    got = wind(tas, heading, math.hypot(east, north), track)
    assert got is not None
    assert got.speed_kt == pytest.approx(speed, abs=1e-6)
    assert abs((got.direction_deg - direction + 180) % 360 - 180) < 1e-3


def test_no_wind_is_stronger_than_any() -> None:
    assert wind(450, 0, 450, 180) is None


# as published for 2024: London, Seattle, Cape Town, Mexico City
@pytest.mark.parametrize(("latitude", "longitude", "degrees"), [(51.5, -0.1, 1.0), (47.6, -122.3, 15.2), (-33.9, 18.4, -25.8), (19.4, -99.1, 4.2)])  # fmt: skip
def test_the_declination_of_cities(latitude: float, longitude: float, degrees: float) -> None:
    assert declination_deg(latitude, longitude, SUMMER_2024_S) == pytest.approx(degrees, abs=0.9)


@pytest.mark.parametrize("now", [-1e9, 0.0, 1.3e9, 1.5e9, 1.7e9, 1.8e9, 4e9, 1e12])
def test_no_time_is_without_a_model(now: float) -> None:
    assert -180 <= declination_deg(45.0, 10.0, now) <= 180
