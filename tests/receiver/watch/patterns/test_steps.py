"""Turns across gaps: the tangent-chord rule against circles whose turn is known."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.earth import KM_PER_DEG, wrap_deg
from receiver.watch.patterns.steps import LONG_GAP_S, PathPoint, Stepper, offset_km


def on_circle(angle_deg: float, radius_km: float, hand: int, time_s: float) -> PathPoint:
    """A fix on a circle about 0°, 0° at this bearing from the centre, with the true track."""
    a = math.radians(angle_deg)
    speed_kt = 150.0
    return PathPoint(
        time_s,
        radius_km * math.cos(a) / KM_PER_DEG,
        radius_km * math.sin(a) / KM_PER_DEG,
        5000.0,
        speed_kt,
        (angle_deg + 90 * hand) % 360,
    )


@given(turn=st.floats(20, 300), hand=st.sampled_from((-1, 1)), start=st.floats(0, 360))
def test_any_turn_up_to_300_degrees_is_read_from_both_headings_and_the_chord(
    turn: float, hand: int, start: float
) -> None:
    radius = 2.0
    seconds = math.radians(turn) * radius / (150 * 1.852 / 3600)
    stepper = Stepper()
    stepper.moved(on_circle(start, radius, hand, 0.0))
    step = stepper.moved(on_circle(start + hand * turn, radius, hand, seconds))
    assert step is not None
    assert step.turn_deg == pytest.approx(hand * turn, abs=0.6)
    assert step.path_km == pytest.approx(math.radians(turn) * radius, rel=0.03)
    lat, lon = step.point(0.5)
    middle = on_circle(start + hand * turn / 2, radius, hand, 0.0)
    assert math.hypot(*offset_km(lat, lon, middle.latitude_deg, middle.longitude_deg)) < 0.1 * radius


def test_a_u_turn_that_began_long_after_the_last_position_is_not_counted() -> None:
    stepper = Stepper()
    stepper.moved(PathPoint(0.0, 50.0, 8.0, 5000.0, 120.0, 0.0))
    step = stepper.moved(PathPoint(100.0, 50.03, 8.0005, 5000.0, 120.0, 180.0))
    assert step is not None
    assert step.turn_deg == 0.0


@given(turn=st.floats(65, 170), hand=st.sampled_from((-1, 1)), start=st.floats(0, 360))
def test_after_a_long_gap_an_arc_as_long_as_the_flight_is_believed(turn: float, hand: int, start: float) -> None:
    radius = 20.0
    seconds = math.radians(turn) * radius / (150 * 1.852 / 3600)
    assert seconds > LONG_GAP_S
    stepper = Stepper()
    stepper.moved(on_circle(start, radius, hand, 0.0))
    step = stepper.moved(on_circle(start + hand * turn, radius, hand, seconds))
    assert step is not None
    assert step.turn_deg == pytest.approx(hand * turn, abs=1.5)


@pytest.mark.parametrize("too_long", [0.7, 1.3, 2.0])
def test_after_a_long_gap_no_turn_is_counted_when_more_or_less_was_flown_than_the_arc(too_long: float) -> None:
    seconds = too_long * math.pi / 2 * 20.0 / (150 * 1.852 / 3600)
    stepper = Stepper()
    stepper.moved(on_circle(0.0, 20.0, 1, 0.0))
    step = stepper.moved(on_circle(90.0, 20.0, 1, seconds))
    assert step is None or step.turn_deg == 0.0


def test_a_second_outlier_that_agrees_with_the_first_is_believed() -> None:
    stepper = Stepper()
    stepper.moved(PathPoint(0.0, 50.0, 8.0, None, 200.0, 0.0))
    assert stepper.moved(PathPoint(5.0, 52.0, 8.0, None, 200.0, 0.0)) is None
    assert not stepper.lost
    assert stepper.moved(PathPoint(10.0, 52.005, 8.0, None, 200.0, 0.0)) is None
    assert stepper.lost
    assert stepper.rejected == 1


@given(st.floats(-1e4, 1e4))
def test_wrapping_keeps_the_direction(angle: float) -> None:
    wrapped = wrap_deg(angle)
    assert -180.0 <= wrapped < 180.0
    assert math.cos(math.radians(wrapped)) == pytest.approx(math.cos(math.radians(angle)), abs=1e-6)


@pytest.mark.parametrize("missing", ["ground_speed_kt", "track_deg"])
def test_half_a_velocity_is_no_error(missing: str) -> None:
    stepper = Stepper()
    for k in range(50):
        values: dict[str, Any] = {"ground_speed_kt": 150.0, "track_deg": 90.0, missing: None}
        stepper.moved(PathPoint(3.0 * k, 10.0, 20.0 + 0.002 * k, None, **values))
    assert stepper.rejected == 0
