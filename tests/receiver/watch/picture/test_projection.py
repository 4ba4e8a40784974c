"""The map's projection, everywhere on Earth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.watch.picture.projection import View

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


@given(latitudes, longitudes, st.floats(0.005, 2.0), st.floats(0, 1200), st.floats(0, 600))
def test_a_pixel_leads_to_a_place_and_back(lat: float, lon: float, scale: float, x: float, y: float) -> None:
    view = View(lat, lon, scale, 1200, 600)
    back = view.pixel(*view.place(x, y))
    assert back == pytest.approx((x, y), abs=0.01)


@given(st.floats(-85, 85), longitudes, st.floats(0, 2 * math.pi))
def test_the_scale_is_true_in_every_direction(lat: float, lon: float, way: float) -> None:
    view = View(lat, lon, 0.1, 1000, 1000)
    east, north = 10 * math.sin(way), 10 * math.cos(way)
    x, y = view.pixel(lat + north / 111.195, lon + east / (111.195 * math.cos(math.radians(lat))))
    assert math.hypot(x - 500, y - 500) == pytest.approx(100, rel=0.03)


def test_the_date_line_leaves_no_trace() -> None:
    view = View(-17.0, 179.9, 0.2, 1000, 600)
    west, east = view.pixel(-17.0, 179.95), view.pixel(-17.0, -179.95)
    assert 40 < east[0] - west[0] < 60
    box = view.box()
    assert box[0] > 178.0
    assert box[2] < -178.0


def test_a_window_with_the_pole_in_it_reaches_around_the_earth() -> None:
    west, south, east, north = View(89.5, 10.0, 0.5, 1000, 600).box()
    assert (west, east, north) == (-180.0, 180.0, 90.0)
    assert 85.0 < south < 89.0


def test_north_is_up_in_the_middle_and_towards_the_pole_elsewhere() -> None:
    view = View(80.0, 0.0, 1.0, 1200, 800)
    assert view.north_deg(600, 400) == pytest.approx(0, abs=0.1)
    assert view.north_deg(1150, 400) < -5
    assert view.north_deg(50, 400) > 5


def test_what_lies_behind_the_earth_stays_outside() -> None:
    view = View(19.0, -100.0, 0.1, 1200, 600)
    lons = np.linspace(-180, 180, 73)
    pixels = view.pixels(np.repeat(lons, 37), np.tile(np.linspace(-90, 90, 37), 73))
    near = np.abs(pixels - (600, 300)).max(axis=1) < 600
    assert np.isfinite(pixels).all()
    assert not near.any()
