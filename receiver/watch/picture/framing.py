"""Which part of the world the map shows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from receiver.earth import destination, great_circle_km
from receiver.watch.patterns import Pattern
from receiver.watch.picture.basemap import Geometry
from receiver.watch.picture.projection import Points, View
from receiver.watch.trail import TrailPoint

SPAN_KM = 12.0  # a map shows at least so much from top to bottom
WIDEST_KM = 3000.0

Named = tuple[str, float, float]  # a place: name, latitude, longitude


def view_of(
    pattern: Pattern | None,
    trail: Sequence[TrailPoint],
    geometry: Geometry | None,
    language: str,
    width_px: int,
    height_px: int,
) -> tuple[View, Named | None]:
    """What the map shows: the pattern and the place that the sentence names, or the whole track; and that place."""
    if pattern is not None:
        centre = (pattern.latitude_deg, pattern.longitude_deg)
        near = _near(geometry, *centre, language)
        reach = max(0.5, pattern.radius_km)
        points = [(0.0, -reach), (0.0, reach), (-reach, 0.0), (reach, 0.0)]
        recent = max(pattern.since_s, pattern.updated_s - 3.0 * pattern.period_s)
        points += [
            great_circle_km(*centre, p.latitude_deg, p.longitude_deg)
            for p in trail
            if recent <= p.time_s <= pattern.updated_s
        ]
        points = [(e, n) for e, n in points if math.hypot(e, n) <= WIDEST_KM / 4]
        if near is not None:
            east, north = great_circle_km(*centre, near[1], near[2])
            if math.hypot(east, north) <= max(8.0 * reach, 30.0):
                points.append((east, north))
        return fit(centre, points, width_px, height_px), near
    last = trail[-1]
    centre = (last.latitude_deg, last.longitude_deg)
    near = _near(geometry, *centre, language)
    points = [(0.0, 0.0)]
    for point in reversed(trail):
        offset = great_circle_km(*centre, point.latitude_deg, point.longitude_deg)
        if math.hypot(*offset) > WIDEST_KM / 4:
            break
        points.append(offset)
    if near is not None:
        offset = great_circle_km(*centre, near[1], near[2])
        if math.hypot(*offset) <= 60.0:
            points.append(offset)
    return fit(centre, points, width_px, height_px), near


def _near(geometry: Geometry | None, latitude_deg: float, longitude_deg: float, language: str) -> Named | None:
    """The place that the sentence names."""
    if geometry is None:
        return None
    near = geometry.near(latitude_deg, longitude_deg, language)
    if near is None:
        return None
    return (near.name, *destination(latitude_deg, longitude_deg, near.bearing_deg + 180.0, near.distance_km))


def fit(
    centre: tuple[float, float],
    offsets: Sequence[tuple[float, float]],
    width_px: int,
    height_px: int,
    least_km: float = 0.0,
) -> View:
    """A view that shows these offsets (east, north in km from the centre) with a rim."""
    easts, norths = [e for e, _ in offsets], [n for _, n in offsets]
    middle = ((min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2)
    east_km, north_km = max(easts) - min(easts), max(norths) - min(norths)
    least = max(SPAN_KM, least_km)
    scale = max(1.32 * east_km / width_px, 1.32 * north_km / height_px, least / height_px)
    bearing = math.degrees(math.atan2(*middle))
    latitude, longitude = destination(*centre, bearing, math.hypot(*middle))
    return View(latitude, longitude, min(scale, WIDEST_KM / height_px), width_px, height_px)


def spread_of(pixels: Points) -> Points:
    """The track's pixels, close enough together that a name cannot slip between two."""
    out = [pixels[:1]]
    for a, b in itertools.pairwise(pixels):
        n = min(200, int(math.hypot(*(b - a)) / 8.0) + 1)
        out.append(a + (b - a) * np.linspace(1.0 / n, 1.0, n)[:, None])
    return np.concatenate(out)
