"""Polygons that a person has drawn: GeoJSON or KML files, and whether a place lies inside."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from config.errors import ConfigError

MAX_BYTES = 4_000_000
MAX_POINTS = 100_000

Ring = tuple[tuple[float, float], ...]  # longitude, latitude


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon with holes. Rings are (longitude, latitude) in degrees, longitudes unwrapped from the first."""

    name: str
    outer: Ring
    holes: tuple[Ring, ...]
    west: float
    east: float
    south: float
    north: float

    def holds(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Whether the place lies inside; right across the date line."""
        if not self.south <= latitude_deg <= self.north:
            return False
        for turn in (-360.0, 0.0, 360.0):
            x = longitude_deg + turn
            if self.west <= x <= self.east and _inside(self.outer, x, latitude_deg):
                return not any(_inside(hole, x, latitude_deg) for hole in self.holes)
        return False


def read_areas(path: Path) -> tuple[Area, ...]:
    """Every polygon of a file.

    Raises
    ------
    ConfigError
        The file is too large, cannot be read, or holds no polygon.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB; simplify the polygons")
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    try:
        areas = tuple(_kml(data) if path.suffix.lower() == ".kml" else _geojson(data))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, ElementTree.ParseError) as error:
        raise ConfigError(f"{path}: not a GeoJSON or KML file of polygons: {error}") from None
    if not areas:
        raise ConfigError(f"{path}: holds no polygon; expected GeoJSON Polygon or MultiPolygon, or KML Polygon")
    if sum(len(area.outer) for area in areas) > MAX_POINTS:
        raise ConfigError(f"{path}: more than {MAX_POINTS} points; simplify the polygons")
    return areas


def _geojson(data: bytes) -> list[Area]:
    def walk(node: Any, name: str) -> list[Area]:
        kind = node["type"]
        if kind == "FeatureCollection":
            return [area for feature in node["features"] for area in walk(feature, name)]
        if kind == "Feature":
            label = (node.get("properties") or {}).get("name") or name
            return walk(node["geometry"], str(label)[:60]) if node.get("geometry") else []
        if kind == "GeometryCollection":
            return [area for part in node["geometries"] for area in walk(part, name)]
        if kind == "Polygon":
            return [_area(name, node["coordinates"])]
        if kind == "MultiPolygon":
            return [_area(name, rings) for rings in node["coordinates"]]
        return []

    return walk(json.loads(data), "")


def _kml(data: bytes) -> list[Area]:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("a document type declaration has no place in KML")
    areas = []
    root = ElementTree.fromstring(data)
    space = root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""
    for placemark in root.iter(f"{space}Placemark"):
        name = (placemark.findtext(f"{space}name") or "")[:60]
        for polygon in placemark.iter(f"{space}Polygon"):
            rings = [
                [[float(x) for x in point.split(",")[:2]] for point in (node.text or "").split()]
                for side in ("outerBoundaryIs", "innerBoundaryIs")
                for node in polygon.findall(f"{space}{side}/{space}LinearRing/{space}coordinates")
            ]
            areas.append(_area(name, rings))
    return areas


def _area(name: str, rings: list[Any]) -> Area:
    outer, *holes = (_ring(ring) for ring in rings)
    xs, ys = [x for x, _ in outer], [y for _, y in outer]
    west, east = min(xs), max(xs)
    return Area(name, outer, tuple(_beside(hole, west, east) for hole in holes), west, east, min(ys), max(ys))


def _beside(hole: Ring, west: float, east: float) -> Ring:
    """A hole in the same turn around the Earth as what it is in: beyond the date line its longitudes may begin anew."""
    turn = 360.0 * round(((west + east) / 2.0 - (min(x for x, _ in hole) + max(x for x, _ in hole)) / 2.0) / 360.0)
    return tuple((x + turn, y) for x, y in hole)


def _ring(points: list[Any]) -> Ring:
    out: list[tuple[float, float]] = []
    around_all = all(abs(float(point[0])) == 180.0 for point in points)  # a band from -180 to 180
    for point in points:
        x, y = float(point[0]), float(point[1])
        if not (-540.0 <= x <= 540.0 and -90.0 <= y <= 90.0):
            raise ValueError(f"longitude {x}, latitude {y} is nowhere on Earth")
        if out and not (around_all or abs(y) == abs(out[-1][1]) == 90.0):
            x += 360.0 * round((out[-1][0] - x) / 360.0)
        out.append((x, y))
    if len(out) < 3:
        raise ValueError("a polygon needs three points")
    around = 360.0 * round((out[-1][0] - out[0][0]) / 360.0)
    if around and not any(abs(y) == 90.0 for _, y in out):
        # it goes once around a pole, and holds it: along the meridian of its first point to the pole and back
        pole = math.copysign(90.0, math.fsum(y for _, y in out))
        first = out[0]
        out += [(first[0] + around, first[1]), (first[0] + around, pole), (first[0], pole)]
    return tuple(out)


def _inside(ring: Ring, x: float, y: float) -> bool:
    """Even-odd rule."""
    odd = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            odd = not odd
        x0, y0 = x1, y1
    return odd
