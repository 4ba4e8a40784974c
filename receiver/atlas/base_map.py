"""The base map of the page, as GeoJSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.answers import Box
from receiver.atlas.atlas import Atlas

WORLD = Box(-180.0, -90.0, 180.0, 84.0)
WORLD_TOLERANCE_DEG = 0.1
WORLD_PLACES = 1_500
FINEST = 4_000
ZOOMS = ((3_000_000, 3), (1_000_000, 5), (300_000, 6), (100_000, 7), (30_000, 8), (10_000, 9), (0, 10))
"""From which population a name deserves to appear at which zoom."""


def base_map(
    atlas: Atlas, box: Box | None = None, tolerance_deg: float | None = None, places: int = WORLD_PLACES
) -> bytes:
    """Land, coast, borders, regions and lakes as GeoJSON features, and places, within a box; None: the world.

    The world takes half a second and 250 kB when compressed (without regions): keep it. A box of some degrees takes ten
    milliseconds.

    Parameters
    ----------
    tolerance_deg
        How far an outline may be off; by default 1/2000 of the box's width, at least 1/4000: finer cannot be seen, and
        a stranger may ask.
    places
        At most so many.

    Returns
    -------
    JSON (UTF-8): an object of features by layer, and `places` as rows of name, latitude, longitude, and the zoom from
    which the name deserves to appear, the most populous first.
    """
    if tolerance_deg is None:
        tolerance_deg = WORLD_TOLERANCE_DEG if box is None else box.width_deg / 2_000
    area = box or WORLD
    tolerance_deg = max(tolerance_deg, area.width_deg / FINEST)
    digits = 2 if tolerance_deg >= 0.02 else 3 if tolerance_deg >= 0.003 else 4
    layers: dict[str, Any] = {
        "land": _feature("MultiPolygon", _polygons(atlas, "land", area, tolerance_deg, digits)),
        "coast": _lines(atlas, "coast", area, tolerance_deg, digits),
        "borders": _lines(atlas, "border", area, tolerance_deg, digits),
        "regions": _lines(atlas, "region", area, tolerance_deg, digits) if box else _feature("MultiLineString", []),
        "lakes": _feature("MultiPolygon", _polygons(atlas, "lake", area, tolerance_deg, digits)),
        "places": [
            [place.name, round(place.latitude_deg, 3), round(place.longitude_deg, 3), _zoom(place.population)]
            for place in atlas.places(area, places)
        ],
    }
    return json.dumps(layers, ensure_ascii=False, separators=(",", ":")).encode()


def _zoom(population: int) -> int:
    return next(zoom for least, zoom in ZOOMS if population >= least)


def _feature(kind: str, coordinates: list[Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}


def _lines(atlas: Atlas, kind: Any, box: Box, tolerance_deg: float, digits: int) -> dict[str, Any]:
    lines = (_rounded(line, digits) for line in atlas.lines(kind, box, tolerance_deg))
    return _feature("MultiLineString", [line for line in lines if len(line) > 1])


def _polygons(atlas: Atlas, kind: Any, box: Box, tolerance_deg: float, digits: int) -> list[list[Any]]:
    """Outer rings, each with the holes that lie in it (a hole follows what it is in)."""
    polygons: list[list[Any]] = []
    outers: list[NDArray[np.float64]] = []
    for area in atlas.areas(kind, box, tolerance_deg):
        ring = _rounded(area.points, digits)
        if len(ring) < 4:
            continue
        if not area.hole:
            polygons.append([ring])
            outers.append(area.points)
            continue
        inside = [index for index, outer in enumerate(outers) if _within(area.points[0], outer)]
        if inside:
            polygons[inside[-1]].append(ring)
    return polygons


def _within(point: NDArray[np.float64], ring: NDArray[np.float64]) -> bool:
    """Whether a ring encloses a point (crossings of a ray to the east)."""
    if not ((ring.min(axis=0) <= point) & (point <= ring.max(axis=0))).all():
        return False
    a, b = ring[:-1], ring[1:]
    crosses = (a[:, 1] > point[1]) != (b[:, 1] > point[1])
    a, b = a[crosses], b[crosses]
    at = a[:, 0] + (point[1] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return bool(np.count_nonzero(at > point[0]) % 2)


def _rounded(points: NDArray[np.float64], digits: int) -> list[list[float]]:
    """Rounded, without repeats."""
    points = points.round(digits)
    keep = np.concatenate(([True], (np.diff(points, axis=0) != 0).any(axis=1)))
    rows: list[list[float]] = points[keep].tolist()
    return rows
