"""Areas, integrity and trail."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from receiver.watch.areas import read_areas
from receiver.watch.integrity import FleetIntegrity, Integrity
from receiver.watch.trail import MAX_POINTS, Trail

KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>lake</name><Polygon>
<outerBoundaryIs><LinearRing><coordinates>-101,19,0 -100,19,0 -100,20,0 -101,20,0</coordinates></LinearRing>
</outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>-100.6,19.4 -100.4,19.4 -100.4,19.6 -100.6,19.6</coordinates></LinearRing>
</innerBoundaryIs></Polygon></Placemark></Document></kml>"""


def polygon(ring: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_kml_polygon_with_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "lake.kml"
    path.write_text(KML)
    (area,) = read_areas(path)
    assert area.name == "lake"
    assert area.holds(19.2, -100.5)
    assert not area.holds(19.5, -100.5)
    assert not area.holds(18.9, -100.5)


def test_a_polygon_across_the_date_line(tmp_path: Path) -> None:
    path = tmp_path / "fiji.geojson"
    path.write_text(json.dumps(polygon([[177, -19], [-178, -19], [-178, -15], [177, -15], [177, -19]])))
    (area,) = read_areas(path)
    assert area.holds(-17, 179.9)
    assert area.holds(-17, -179.9)
    assert not area.holds(-17, 0)
    assert not area.holds(-17, -170)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.geojson", "{", "not a GeoJSON or KML"),
        ("a.geojson", '{"type": "Point", "coordinates": [0, 0]}', "holds no polygon"),
        ("a.geojson", json.dumps(polygon([[0, 0], [1, 1]])), "three points"),
        ("a.geojson", json.dumps(polygon([[0, 0], [1, 100], [2, 2]])), "nowhere on Earth"),
        ("a.kml", "<kml>", "not a GeoJSON or KML"),
        ("a.kml", '<!DOCTYPE x [<!ENTITY a "b">]><kml/>', "document type"),
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_areas(path)
    assert str(path) in str(caught.value)


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(0.1, 5), st.floats(0, 2 * math.pi), st.floats(0, 2))
def test_a_many_sided_polygon_is_nearly_a_circle(lat: float, lon: float, radius: float, way: float, far: float) -> None:
    from receiver.watch.areas import _area

    ring = [[lon + radius * math.cos(a / 20 * math.pi), lat + radius * math.sin(a / 20 * math.pi)] for a in range(40)]
    if not all(-90 <= y <= 90 for _, y in ring) or 0.95 < far < 1.05:
        return
    area = _area("", [ring])
    x = (lon + far * radius * math.cos(way) + 180) % 360 - 180
    assert area.holds(lat + far * radius * math.sin(way), x) == (far < 1)


def test_gps_must_have_been_good_and_must_stay_bad() -> None:
    integrity = Integrity()
    for t in range(100):
        integrity.update(float(t), 0, 0, flying=True)
    assert integrity.lost_s is None  # never was good: that is its equipment
    integrity.update(100.0, 9, 8, flying=True)
    for t in range(101, 130):
        integrity.update(float(t), 1, 0, flying=True)
    assert integrity.lost_s is None
    integrity.update(132.0, 1, 0, flying=True)
    assert integrity.lost_s == 132.0
    integrity.update(140.0, 9, 8, flying=True)
    assert integrity.lost_s is None


def test_an_aircraft_on_the_ground_loses_nothing() -> None:
    integrity = Integrity()
    integrity.update(0.0, 9, 8, flying=True)
    for t in range(1, 200):
        integrity.update(float(t), 0, 0, flying=False)
    assert integrity.lost_s is None


def test_the_fleet_forgets_after_ten_minutes() -> None:
    fleet, integrity = FleetIntegrity(), Integrity()
    integrity.lost_s = 1.0
    fleet.update("a", integrity, 0.0)
    assert fleet.lost(599.0) == ("a",)
    assert fleet.lost(601.0) == ()


def test_a_trail_stays_bounded_and_keeps_first_and_last() -> None:
    trail = Trail()
    for k in range(20_000):
        trail.add(3.0 * k, 10.0, 20.0, None if k % 2 else 1000.0, (20.0 * k) % 360)
        assert len(trail) <= MAX_POINTS
    points = list(trail)
    assert points[0].time_s == 0.0
    assert points[-1].time_s == 3.0 * 19_999
    assert all(a.time_s < b.time_s for a, b in itertools.pairwise(points))


def test_a_straight_flight_leaves_a_point_a_minute() -> None:
    trail = Trail()
    for k in range(3600):
        trail.add(float(k), 10.0, 20.0 + k / 1000, 30000.0, 90.0)
    assert len(trail) == 60
