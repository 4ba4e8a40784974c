"""Lines of exports: heights that are not known everywhere, and the date line."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from receiver.history.export import FlownTrack, geojson, gpx, heights_m, kml
from receiver.history.flights import Flight
from receiver.history.reader import Point


def point(second: float, longitude: float = 10.0, baro: int | None = None, geom: int | None = None) -> Point:
    return Point(second, 50.0 + second / 100, longitude, baro, geom, 300.0, 90.0, 0, False)


def track(*points: Point) -> FlownTrack:
    return FlownTrack(
        Flight("4840d6", points[0].time_s, points[-1].time_s, len(points), None, None, None, None), points
    )


def geometry(*points: Point) -> tuple[dict[str, Any], Any]:
    (feature,) = json.loads(geojson([track(*points)]))["features"]
    return feature["geometry"], feature["properties"]["coordTimes"]


def test_a_point_without_height_is_no_spike_to_the_ground() -> None:
    points = (point(0, baro=10_000), point(1), point(3, baro=13_000), point(4))
    assert heights_m(points) == pytest.approx([feet * 0.3048 for feet in (10_000, 11_000, 13_000, 13_000)])
    coords = re.findall(r"<gx:coord>\S+ \S+ (\S+)</gx:coord>", kml([track(*points)]))
    assert min(map(float, coords)) > 3000
    assert len({len(place) for place in geometry(*points)[0]["coordinates"]}) == 1
    assert gpx([track(*points)]).count("<ele>") == 2, "GPX may leave it out"


def test_one_kind_of_height_throughout() -> None:
    points = (point(0, baro=10_000, geom=10_600), point(1, baro=10_000), point(2, baro=10_000, geom=10_600))
    assert heights_m(points) == pytest.approx([10_600 * 0.3048] * 3)
    mostly = (point(0, baro=10_000, geom=10_600), *(point(k, baro=10_000) for k in range(1, 5)))
    assert heights_m(mostly) == pytest.approx([10_000 * 0.3048] * 5)


def test_without_any_height_there_is_none() -> None:
    assert heights_m((point(0), point(1))) is None
    assert {len(place) for place in geometry(point(0), point(1))[0]["coordinates"]} == {2}
    assert "clampToGround" in kml([track(point(0), point(1))])


@pytest.mark.parametrize("way", [1, -1])
def test_a_line_across_the_date_line_is_cut_there(way: int) -> None:
    longitudes = [179.0, 179.5, -179.5, -179.0]
    shape, times = geometry(*(point(k, way * one, baro=9000) for k, one in enumerate(longitudes)))
    assert shape["type"] == "MultiLineString"
    first, second = shape["coordinates"]
    assert first[-1][0] == way * 180.0
    assert second[0][0] == -way * 180.0
    assert first[-1][1:] == second[0][1:] == [50.015, 2743.2]
    assert [len(line) for line in times] == [3, 3]
    for line in (first, second):
        assert max(place[0] for place in line) - min(place[0] for place in line) < 2


def test_a_flight_of_one_position_is_a_point() -> None:
    assert geometry(point(0, baro=1000))[0]["type"] == "Point"
