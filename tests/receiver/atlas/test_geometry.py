"""Outlines for pictures and the page: whole, clipped, in steps of detail, right across the date line."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.atlas import Atlas, Box
from receiver.atlas.geometry import clip

ATLAS = Atlas()
VALLE = Box(-101.0, 18.5, -99.0, 20.0)
FIJI = Box(175.0, -20.0, -175.0, -14.0)


def test_lines_lie_in_their_box_but_for_their_ends() -> None:
    for kind in ("coast", "border", "region"):
        for line in ATLAS.lines(kind, Box(-120, 28, -104, 36), 0.01):  # type: ignore[arg-type]
            assert line.shape[1] == 2
            assert len(line) >= 2
            inner = line[1:-1]
            assert ((inner >= (-120, 28)) & (inner <= (-104, 36))).all()


def test_the_border_of_mexico_runs_through_tijuana_and_el_paso() -> None:
    border = np.concatenate(ATLAS.lines("border", Box(-118, 31, -106, 33), 0.001))
    for latitude, longitude in ((32.54, -117.03), (31.75, -106.49)):
        assert np.hypot(border[:, 0] - longitude, border[:, 1] - latitude).min() < 0.1


def test_less_detail_is_fewer_vertices_of_the_same_line() -> None:
    box = Box(-118, 22, -104, 33)
    sizes = [sum(map(len, ATLAS.lines("coast", box, tolerance))) for tolerance in (0.001, 0.01, 0.05, 0.2)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 5 * sizes[-1]
    fine = {tuple(p) for line in ATLAS.lines("coast", box, 0.001) for p in line.round(4)}
    coarse = [tuple(p) for line in ATLAS.lines("coast", box, 0.2) for p in line.round(4)]
    assert np.mean([p in fine for p in coarse]) > 0.95


def test_longitudes_run_on_across_the_date_line() -> None:
    for kind in ("coast", "region"):
        lines = ATLAS.lines(kind, FIJI, 0.005)  # type: ignore[arg-type]
        assert lines
        points = np.concatenate(lines)
        assert points[:, 0].min() > 174
        assert points[:, 0].max() < 186
        assert max(np.abs(np.diff(line[:, 0])).max() for line in lines) < 1
    assert any(line[:, 0].max() > 180.5 for line in ATLAS.lines("coast", FIJI, 0.005))


def test_no_line_is_drawn_along_the_date_line() -> None:
    """Taveuni and Wrangel Island are cut by it in the data, not in the world."""
    for box in (FIJI, Box(178.0, 70.5, -177.0, 72.0), Box(170, 60, -170, 72)):
        for line in ATLAS.lines("coast", box, 0.001):
            on_it = np.abs(line[:, 0] - 180.0) < 1e-6
            assert not (on_it[:-1] & on_it[1:]).any()


def test_land_and_sea_of_the_areas_are_those_of_the_look_up() -> None:
    rng = random.Random(11)
    for box in (Box(-118, 22, -104, 33), Box(5, 50, 15, 60), Box(120, 10, 130, 20), Box(22, 34, 30, 41)):
        areas = ATLAS.areas("land", box, 0.001)
        agree = 0
        for _ in range(60):
            x, y = rng.uniform(box.west_deg, box.east_deg), rng.uniform(box.south_deg, box.north_deg)
            inside = sum(_within(area.points, x, y) for area in areas) % 2 == 1
            agree += inside == (ATLAS.land(y, x, "en") is not None)
        assert agree >= 59


def _within(ring: np.ndarray, x: float, y: float) -> bool:
    a, b = ring[:-1], ring[1:]
    hit = (a[:, 1] > y) != (b[:, 1] > y)
    a, b = a[hit], b[hit]
    return bool(np.count_nonzero(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]) > x) % 2)


def test_areas_are_closed_and_clipped_and_the_biggest_comes_first() -> None:
    for kind in ("land", "lake"):
        areas = ATLAS.areas(kind, Box(-95, 40, -75, 50), 0.01)  # type: ignore[arg-type]
        assert areas
        for area in areas:
            assert (area.points[0] == area.points[-1]).all()
            assert (area.points >= (-97.1, 38.9)).all()
            assert (area.points <= (-72.9, 51.1)).all()
    assert not ATLAS.areas("land", Box(-95, 40, -75, 50), 0.01)[0].hole


def test_a_box_in_the_middle_of_land_is_filled() -> None:
    (area,) = ATLAS.areas("land", Box(-101, 38, -99, 40), 0.001)
    assert not area.hole
    assert _within(area.points, -100, 39)


def test_the_whole_world_may_be_asked_for() -> None:
    world = ATLAS.areas("land", Box(-180, -90, 180, 90), 0.3)
    assert 30 < len(world) < 2000
    assert np.concatenate([area.points for area in world])[:, 0].max() <= 180.0001


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=30),
    st.floats(-20, 0), st.floats(-20, 0), st.floats(1, 20), st.floats(1, 20),
)  # fmt: skip
def test_a_clipped_ring_stays_within_its_limits(
    ring: list[tuple[float, float]], west: float, south: float, width: float, height: float
) -> None:
    points = np.array([*ring, ring[0]])
    clipped = clip(points, (west, south, west + width, south + height))
    if len(clipped):
        assert (clipped[0] == clipped[-1]).all()
        assert clipped[:, 0].min() >= west - 1e-9
        assert clipped[:, 0].max() <= west + width + 1e-9
        assert clipped[:, 1].min() >= south - 1e-9
        assert clipped[:, 1].max() <= south + height + 1e-9


def test_clipping_keeps_the_area_that_lies_inside() -> None:
    square = np.array([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], float)
    clipped = clip(square, (5, 5, 20, 20))
    x, y = clipped[:, 0], clipped[:, 1]
    assert abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2 == pytest.approx(25)


def test_the_reservoir_of_the_seed_is_drawn_as_large_as_it_is() -> None:
    """GSHHG has no outline of it."""
    found = ATLAS.areas("lake", Box(-100.4, 19.0, -99.9, 19.4), 0.001)
    (disc,) = [area for area in found if not area.hole]
    x, y = disc.points[:, 0] * 111.195 * np.cos(np.radians(19.2)), disc.points[:, 1] * 111.195
    area_km2 = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    assert area_km2 == pytest.approx(18.0, rel=0.05)


def test_a_named_lake_that_has_an_outline_gets_no_disc() -> None:
    around = Box(-103.6, 20.0, -102.5, 20.5)  # Chapala
    rings = [area for area in ATLAS.areas("lake", around, 0.001) if not area.hole]
    assert not any(len(area.points) == 25 for area in rings)
    assert len(ATLAS.areas("lake", around, 0.001)) >= 1
