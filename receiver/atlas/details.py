"""What a map shows besides outlines of countries, out of archives of tiles: rivers, lakes, roads, runways."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.answers import Box
from receiver.atlas.archive import Archive
from receiver.atlas.vector_tile import LINE, POLYGON, Layer, read_tile
from receiver.errors import SquitterError

DetailKind = Literal["lake", "island", "river", "road", "street", "runway"]
MOST_TILES = 30
MERCATOR_DEG = 85.05
ROADS: dict[str, DetailKind] = {
    "highway": "road",
    "major_road": "road",
    "medium_road": "street",
    "minor_road": "street",
}


class Detail(NamedTuple):
    """`points`: shape (n, 2), longitude and latitude in degrees."""

    kind: DetailKind
    points: NDArray[np.float64]


class Details:
    """Reads archives; one that cannot be read has nothing to show.

    Parameters
    ----------
    paths
        The finest last: where it has tiles, those before are still drawn below it.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._archives: list[Archive] = []
        for path in paths:
            try:
                self._archives.append(Archive(path))
            except SquitterError:  # the map, which has the same files, names it in the log
                continue
        self._tile = lru_cache(maxsize=64)(self._read)

    def within(self, box: Box, tolerance_deg: float) -> list[Detail]:
        """What lies in a box, lakes first; longitudes run on beyond 180 in a box that does. Nothing around the poles."""
        found: list[Detail] = []
        if box.width_deg > 350.0:
            return found
        for index, archive in enumerate(self._archives):
            zoom = _zoom(archive, box, tolerance_deg)
            for x, y in _tiles(box, zoom):
                for name, layer in self._tile(index, zoom, x % (1 << zoom), y).items():
                    found += _details(name, layer, zoom, x, y)
        order: list[DetailKind] = ["lake", "island", "river", "street", "road", "runway"]
        return sorted(found, key=lambda detail: order.index(detail.kind))

    def _read(self, index: int, zoom: int, x: int, y: int) -> dict[str, Layer]:
        try:
            data = self._archives[index].tile(zoom, x, y)
            return {} if data is None else read_tile(data)
        except (SquitterError, ValueError):  # damaged: the map below it remains
            return {}


def _zoom(archive: Archive, box: Box, tolerance_deg: float) -> int:
    """The zoom whose units are about as large as what can be seen, with not too many tiles."""
    zoom = round(math.log2(max(1.0, 360.0 / (1024.0 * tolerance_deg))))
    zoom = max(archive.min_zoom, min(archive.max_zoom, zoom))
    while zoom > archive.min_zoom and len(list(_tiles(box, zoom))) > MOST_TILES:
        zoom -= 1
    return zoom


def _tiles(box: Box, zoom: int) -> Iterator[tuple[int, int]]:
    """x (beyond the sheet where the box is) and y of the tiles that a box touches."""
    side = 1 << zoom
    west = math.floor((box.west_deg + 180.0) / 360.0 * side)
    east = math.floor((box.west_deg + box.width_deg + 180.0) / 360.0 * side)
    north, south = (_row(latitude, side) for latitude in (box.north_deg, box.south_deg))
    for x in range(west, east + 1):
        for y in range(max(0, north), min(side - 1, south) + 1):
            yield x, y


def _row(latitude_deg: float, side: int) -> int:
    latitude = math.radians(max(-MERCATOR_DEG, min(MERCATOR_DEG, latitude_deg)))
    return math.floor((1.0 - math.asinh(math.tan(latitude)) / math.pi) / 2.0 * side)


def _details(name: str, layer: Layer, zoom: int, x: int, y: int) -> Iterator[Detail]:
    for feature in layer.features:
        kind = _kind(name, feature.kind, feature.properties.get("kind"), feature.properties.get("kind_detail"))
        if kind is None:
            continue
        for part in feature.parts:
            if len(part) < 2:
                continue
            here: DetailKind = "island" if kind == "lake" and _is_hole(part) else kind
            yield Detail(here, _degrees(part, layer.extent, zoom, x, y))


def _kind(layer: str, shape: int, kind: object, more: object) -> DetailKind | None:
    if layer == "water":
        if shape == POLYGON:
            return None if kind == "ocean" else "lake"
        return "river" if shape == LINE and kind in ("river", "canal") else None
    if layer == "runways" or (layer == "roads" and kind == "aeroway" and more == "runway"):
        return "runway" if shape == LINE else None
    return ROADS.get(kind) if layer == "roads" and shape == LINE and isinstance(kind, str) else None


def _is_hole(ring: NDArray[np.float64]) -> bool:
    """Whether a ring is a hole: y grows downwards, and outer rings have a positive area (specification, 4.3.4.4)."""
    a, b = ring[:-1], ring[1:]
    return float((a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]).sum()) < 0.0


def _degrees(part: NDArray[np.float64], extent: int, zoom: int, x: int, y: int) -> NDArray[np.float64]:
    side = float(1 << zoom)
    longitude = (x + part[:, 0] / extent) / side * 360.0 - 180.0
    mercator = math.pi * (1.0 - 2.0 * (y + part[:, 1] / extent) / side)
    return np.column_stack((longitude, np.degrees(np.arctan(np.sinh(mercator)))))
