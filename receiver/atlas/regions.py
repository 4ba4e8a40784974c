"""Which region a position lies in: the line to the nearest known point is followed, and the borders on it counted.

The globe is cut into cells of half a degree, and for each the region at its centre is known. The border nearest to the
position, on the way from it to that centre, has the position's region on the side that faces it; with no border on the
way the position is where the centre is. So a look-up touches one cell's borders only.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.files import UNIT, arrays
from receiver.atlas.geometry import Outlines

CELL = UNIT // 2
COLUMNS, ROWS = 720, 360
CENTRE = CELL / 2 + 0.37
"""Centres lie a little beside the round value, where no vertex is."""

COAST, BORDER, REGION, SEAM = range(4)
"""What a line parts: land and sea, countries, regions; a seam is where the sheet was cut (date line, south pole)."""


class Regions:
    """Regions by number, 0: the sea."""

    def __init__(self) -> None:
        data = arrays("regions")
        self.outlines = Outlines.unpack(data)
        self.left: NDArray[np.uint16] = data["left"]
        self.right: NDArray[np.uint16] = data["right"]
        self.kind: NDArray[np.uint8] = data["kind"]
        self._centre: NDArray[np.uint16] = data["centre"].reshape(-1)
        self._first, self._segments = self._by_cell()

    def number(self, latitude_deg: float, longitude_deg: float) -> int:
        """The region's number at a position; any longitude, latitude within ±90."""
        x = (longitude_deg + 180.0) % 360.0 * UNIT
        y = (latitude_deg + 90.0) * UNIT
        if not (math.isfinite(x) and 0.0 <= y <= 180.0 * UNIT):
            raise ValueError(f"no such position: {latitude_deg}, {longitude_deg}")
        column, row = min(int(x / CELL), COLUMNS - 1), min(int(y / CELL), ROWS - 1)
        cell = row * COLUMNS + column
        here = int(self._centre[cell])
        segments = self._segments[self._first[cell] : self._first[cell + 1]]
        if not len(segments):
            return here
        points = self.outlines.points
        to_x, to_y = column * CELL + CENTRE - x, row * CELL + CENTRE - y
        a = points[segments] - (x - 180.0 * UNIT, y - 90.0 * UNIT)  # the position is the origin now
        b = points[segments + 1] - (x - 180.0 * UNIT, y - 90.0 * UNIT)
        parted = (to_x * a[:, 1] - to_y * a[:, 0] >= 0) != (to_x * b[:, 1] - to_y * b[:, 0] >= 0)
        if not parted.any():
            return here
        a, b = a[parted], b[parted]
        step = b - a
        from_position = a[:, 0] * step[:, 1] - a[:, 1] * step[:, 0]  # positive: it lies to the left of the border
        from_centre = step[:, 0] * (to_y - a[:, 1]) - step[:, 1] * (to_x - a[:, 0])
        crosses = (from_position >= 0) != (from_centre >= 0)
        if not crosses.any():
            return here
        with np.errstate(divide="ignore", invalid="ignore"):
            way = np.where(crosses, from_position / (from_position - from_centre), np.inf)
        nearest = int(way.argmin())
        vertex = int(segments[np.flatnonzero(parted)[nearest]])
        line = int(np.searchsorted(self.outlines.start, vertex, side="right")) - 1
        return int((self.left if from_position[nearest] >= 0 else self.right)[line])

    def _by_cell(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For each cell the segments in it (by first vertex): where each cell's run starts, and the runs."""
        points, start = self.outlines.points, self.outlines.start
        segment = np.ones(len(points), bool)
        segment[start[1:] - 1] = False
        for line in np.flatnonzero(self.kind == SEAM):
            segment[start[line] : start[line + 1]] = False
        index = np.flatnonzero(segment).astype(np.int32)
        cell = np.empty(points.shape, np.int16)  # narrow types here: this is where the atlas takes the most memory
        for axis, (edge, most) in enumerate(((180 * UNIT, COLUMNS - 1), (90 * UNIT, ROWS - 1))):
            cell[:, axis] = np.minimum((points[:, axis] + edge) // CELL, most)
        one, other = cell[index], cell[index + 1]
        single = (one == other).all(axis=1)
        low, high = np.minimum(one, other)[~single], np.maximum(one, other)[~single]
        wide = (high - low + 1).astype(np.int32)
        count = wide[:, 0] * wide[:, 1]
        repeated = np.repeat(np.arange(len(count), dtype=np.int32), count)
        nth = np.arange(len(repeated), dtype=np.int32) - np.repeat(np.cumsum(count) - count, count)
        column = low[repeated, 0] + nth % wide[repeated, 0]
        row = low[repeated, 1] + nth // wide[repeated, 0]
        cells = np.concatenate((one[single, 1].astype(np.int32) * COLUMNS + one[single, 0], row * COLUMNS + column))
        segments = np.concatenate((index[single], index[~single][repeated]))
        order = np.argsort(cells, kind="stable")
        first = np.searchsorted(cells[order], np.arange(ROWS * COLUMNS + 1)).astype(np.int32)
        return first, segments[order]
