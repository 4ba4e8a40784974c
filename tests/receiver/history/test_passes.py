"""Who passed a place: a row a pass."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.history.export import FlownTrack
from receiver.history.flights import Flight
from receiver.history.passes import COLUMNS, Pass, passes, passes_csv
from receiver.history.reader import Point

HOME = (48.137, 11.575)
KM_PER_DEG = 111.195


def track(
    points: list[tuple[float, float, float, int | None]], callsign: str | None = "D-EABC", on_ground: bool = False
) -> FlownTrack:
    """Seconds, km east and north of home, feet."""
    scale = KM_PER_DEG * math.cos(math.radians(HOME[0]))
    flown = [
        Point(t, HOME[0] + north / KM_PER_DEG, HOME[1] + east / scale, feet, None, 120.0, 90.0, None, on_ground)
        for t, east, north, feet in points
    ]
    return FlownTrack(Flight("3c1234", flown[0].time_s, flown[-1].time_s, callsign=callsign), flown)


def found(one: FlownTrack, radius_km: float = 1.0, below_ft: float | None = None) -> list[Pass]:
    return list(passes([one], *HOME, radius_km, below_ft))


@given(st.floats(-0.9, 0.9), st.integers(5, 60))
def test_the_nearest_point_lies_between_positions(beside_km: float, every_s: int) -> None:
    step = every_s * 120 * 0.000514444
    count = int(12 / step) + 2
    points: list[tuple[float, float, float, int | None]] = [
        (k * every_s, -6.0 + k * step, beside_km, 2300) for k in range(count)
    ]
    (one,) = found(track(points))
    assert one.nearest_km == pytest.approx(abs(beside_km), abs=0.01)
    assert one.nearest_s == pytest.approx(6.0 / (120 * 0.000514444), abs=1.0)
    assert one.entered_s <= one.nearest_s <= one.left_s
    assert one.altitude_ft == pytest.approx(2300)


def test_two_rounds_are_two_passes_and_a_gap_is_none() -> None:
    there = [(10.0 * k, -3.0 + 0.6 * k, 0.2, 1500) for k in range(11)]
    back = [(300.0 + 10.0 * k, 3.0 - 0.6 * k, 0.4, 1800) for k in range(11)]
    assert [round(one.nearest_km, 1) for one in found(track([*there, *back]))] == [0.2, 0.4]
    assert found(track([(0.0, -3.0, 0.0, 1500), (500.0, 3.0, 0.0, 1500)])) == []


def test_only_what_is_low_enough_and_flies_counts() -> None:
    climbing: list[tuple[float, float, float, int | None]] = [
        (10.0 * k, -3.0 + 0.6 * k, 0.0, 1000 + 400 * k) for k in range(11)
    ]
    assert len(found(track(climbing), below_ft=4000)) == 1
    assert found(track(climbing), below_ft=2000) == []
    unknown = [(t, east, north, None) for t, east, north, _ in climbing]
    assert len(found(track(unknown))) == 1  # type: ignore[arg-type]
    assert found(track(unknown), below_ft=9000) == []  # type: ignore[arg-type]
    assert found(track(climbing, on_ground=True)) == []


def test_the_table_is_for_a_spreadsheet() -> None:
    rows = list(
        csv.reader(
            io.StringIO(passes_csv(found(track([(10.0 * k, -3.0 + 0.6 * k, 0.2, 1500) for k in range(11)], "=1+1"))))
        )
    )
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["callsign"] == "'=1+1"
    assert row["nearest_km"] == "0.20"
    assert row["altitude_at_nearest_ft"] == "1500"
    assert row["nearest_utc"] == "1970-01-01T00:00:50Z"
