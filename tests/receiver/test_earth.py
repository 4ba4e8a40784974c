"""Distances and directions on the sphere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.earth import angle_between_deg, bearing_deg, distance_nmi

LATITUDE, LONGITUDE, ANGLE = st.floats(-90, 90), st.floats(-180, 180), st.floats(-720, 720)


def test_a_minute_of_latitude_is_a_nautical_mile() -> None:
    assert distance_nmi(50.0, 8.0, 51.0, 8.0) == pytest.approx(60.04, abs=0.01)


def test_half_around_the_earth_and_over_the_date_line() -> None:
    assert distance_nmi(0, 0, 0, 180) == pytest.approx(10_807, abs=1)
    assert distance_nmi(0, 179.5, 0, -179.5) == pytest.approx(60.04, abs=0.01)


@pytest.mark.parametrize(("place", "bearing"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270)])
def test_bearings_to_the_four_quarters(place: tuple[float, float], bearing: float) -> None:
    assert bearing_deg(0, 0, *place) == pytest.approx(bearing)


@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE)
def test_there_and_back_is_as_far_and_never_negative(a: float, b: float, c: float, d: float) -> None:
    there = distance_nmi(a, b, c, d)
    assert 0 <= there <= 10_808
    assert there == pytest.approx(distance_nmi(c, d, a, b), abs=1e-6)
    assert 0 <= bearing_deg(a, b, c, d) <= 360


@given(ANGLE, ANGLE)
def test_directions_are_never_more_than_half_a_turn_apart(a: float, b: float) -> None:
    assert 0 <= angle_between_deg(a, b) <= 180
    assert angle_between_deg(a, b) == pytest.approx(angle_between_deg(b, a), abs=1e-6)


def test_directions_across_north() -> None:
    assert angle_between_deg(350, 10) == 20
    assert angle_between_deg(10, 190) == 180
