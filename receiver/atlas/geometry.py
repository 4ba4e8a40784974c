"""Outlines in steps of detail: lines and areas within a box, right across the date line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.answers import Area, Box
from receiver.atlas.files import UNIT

LEVELS_DEG = np.array((0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4))
"""A vertex of level n matters to a drawing with a tolerance below LEVELS_DEG[n]; one of the last level always does."""

FULL_TURN = 360 * UNIT


def least_level(tolerance_deg: float) -> int:
    """The level from which vertices are kept."""
    return int(np.searchsorted(LEVELS_DEG, tolerance_deg, side="right"))


@dataclass(frozen=True, slots=True)
class Outlines:
    """Lines, each a run of vertices.

    Attributes
    ----------
    points
        int32, shape (vertices, 2): longitude, latitude in units.
    level
        uint8, shape (vertices,).
    start
        int64, shape (lines + 1,): where each line's run begins.
    low, high
        int32, shape (lines, 2): the south-western and north-eastern corner of what each line spans.
    """

    points: NDArray[np.int32]
    level: NDArray[np.uint8]
    start: NDArray[np.int64]
    low: NDArray[np.int32]
    high: NDArray[np.int32]

    @classmethod
    def unpack(cls, data: dict[str, NDArray[Any]]) -> Outlines:
        """From what `pack_lines` of the build script wrote: first points, and zigzag differences as two bytes each."""
        count = data["count"].astype(np.int64)
        start = np.concatenate(([0], np.cumsum(count)))
        points = np.empty((int(start[-1]), 2), np.int32)
        later = np.ones(len(points), bool)
        later[start[:-1]] = False
        for axis, key in enumerate(("step_x", "step_y")):
            folded = data[key][0].astype(np.int32) | data[key][1].astype(np.int32) << 8
            run = np.zeros(len(points), np.int32)
            run[later] = (folded >> 1) ^ -(folded & 1)
            run = np.cumsum(run, dtype=np.int32)
            points[:, axis] = run + np.repeat(data["first"][:, axis] - run[start[:-1]], count)
        return cls.spanning(points, data["level"], start)

    @classmethod
    def spanning(cls, points: NDArray[np.int32], level: NDArray[np.uint8], start: NDArray[np.int64]) -> Outlines:
        """With the spans worked out."""
        low = np.minimum.reduceat(points, start[:-1])
        high = np.maximum.reduceat(points, start[:-1])
        return cls(points, level, start, low, high)

    def within(self, box: Box) -> Iterator[tuple[int, int]]:
        """Lines that may touch the box, with the shift of longitude (units) that brings each into it."""
        west, south, east, north = _corners(box)
        rows = (self.low[:, 1] <= north) & (self.high[:, 1] >= south)
        for turn in (-FULL_TURN, 0, FULL_TURN):
            near = rows & (self.low[:, 0] + turn < east) & (self.high[:, 0] + turn > west)
            for line in np.flatnonzero(near):
                yield int(line), turn

    def line(self, index: int, tolerance_deg: float) -> NDArray[np.int32]:
        """Vertices of one line that matter at this tolerance, shape (n, 2)."""
        run = slice(int(self.start[index]), int(self.start[index + 1]))
        return self.points[run][self.level[run] >= least_level(tolerance_deg)]


def lines_within(
    outlines: Outlines, wanted: NDArray[np.bool_], box: Box, tolerance_deg: float
) -> list[NDArray[np.float64]]:
    """The pieces of the wanted lines in the box, each (n, 2) degrees; they end one vertex beyond its edge.

    An islet that spans less than two tolerances is left out.
    """
    west, south, east, north = _corners(box)
    first, last = outlines.points[outlines.start[:-1]], outlines.points[outlines.start[1:] - 1]
    closed = (first == last).all(axis=1)
    pieces: list[NDArray[np.float64]] = []
    for index, turn in outlines.within(box):
        if not wanted[index]:
            continue
        if closed[index] and (outlines.high[index] - outlines.low[index]).max() < 2.0 * tolerance_deg * UNIT:
            continue
        points = outlines.line(index, tolerance_deg) + np.array((turn, 0), np.int32)
        if len(points) < (4 if closed[index] else 2):
            continue
        a, b = points[:-1], points[1:]
        low, high = np.minimum(a, b), np.maximum(a, b)
        inside = (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.view(np.int8), [0]))))
        pieces.extend(points[one : other + 1] / UNIT for one, other in edges.reshape(-1, 2))
    return pieces


def areas_within(outlines: Outlines, hole: NDArray[np.bool_], box: Box, tolerance_deg: float) -> list[Area]:
    """Closed outlines clipped to the box and a tenth of its size beyond, in the order in which they are kept.

    What spans less than two tolerances is left out.
    """
    west, south, east, north = _corners(box)
    beyond_x = min((east - west) // 10, (FULL_TURN - (east - west)) // 2)
    beyond_y = (north - south) // 10
    limits = (west - beyond_x, south - beyond_y, east + beyond_x, north + beyond_y)
    smallest = 2.0 * tolerance_deg * UNIT
    areas = []
    for index, turn in sorted(outlines.within(box)):
        if (outlines.high[index] - outlines.low[index]).max() < smallest:
            continue
        points = outlines.line(index, tolerance_deg).astype(np.float64)
        points[:, 0] += turn
        if len(points) >= 4:
            points = clip(points, limits)
        if len(points) >= 4:
            areas.append(Area(points / UNIT, bool(hole[index])))
    return areas


def clip(ring: NDArray[np.float64], limits: Sequence[float]) -> NDArray[np.float64]:
    """A ring cut to west, south, east, north. Source: Sutherland and Hodgman, CACM 17 (1974)."""
    for axis, limit, sign in ((0, limits[0], 1), (1, limits[1], 1), (0, limits[2], -1), (1, limits[3], -1)):
        if not len(ring):
            break
        depth = (ring[:, axis] - limit) * sign
        inside = depth >= 0
        if inside.all():
            continue
        open_ring, depth, inside = ring[:-1], depth[:-1], inside[:-1]
        after, depth_after, inside_after = np.roll(open_ring, -1, 0), np.roll(depth, -1), np.roll(inside, -1)
        crosses = inside != inside_after
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(crosses, depth / (depth - depth_after), 0.0)
        at_edge = open_ring + share[:, None] * (after - open_ring)
        both = np.stack((open_ring, at_edge), axis=1).reshape(-1, 2)
        ring = both[np.stack((inside, crosses), axis=1).reshape(-1)]
        if len(ring):
            ring = np.concatenate((ring, ring[:1]))
    return ring


def land_rings(outlines: Outlines, left: NDArray[Any], right: NDArray[Any]) -> tuple[Outlines, NDArray[np.bool_]]:
    """Coasts joined to closed outlines, the biggest first, and which of them enclose water.

    A coast has land on one side and the sea, region 0, on the other; each is turned so that the land lies to its left.
    """
    followers: dict[tuple[int, int], list[tuple[int, int]]] = {}
    coasts = np.flatnonzero((left == 0) != (right == 0))
    for index in coasts.tolist():
        step = 1 if right[index] == 0 else -1
        followers.setdefault(_end(outlines, index, -step), []).append((index, step))
    runs, areas, starts = [], [], [0]
    for beginning in list(followers):
        while followers[beginning]:
            vertices, at = [], beginning
            while followers.get(at):
                index, step = followers[at].pop()
                vertices.append(np.arange(outlines.start[index], outlines.start[index + 1], dtype=np.int64)[::step])
                at = _end(outlines, index, step)
                if at == beginning:
                    break
            run = np.concatenate(vertices)
            x, y = outlines.points[run, 0].astype(float), outlines.points[run, 1].astype(float)
            runs.append(run)
            areas.append(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])))
    order = np.argsort(-np.abs(areas), kind="stable")
    starts.extend(np.cumsum([len(runs[i]) for i in order]).tolist())
    run = np.concatenate([runs[i] for i in order])
    rings = Outlines.spanning(outlines.points[run], outlines.level[run], np.array(starts, np.int64))
    return rings, np.array(areas)[order] < 0


def _end(outlines: Outlines, index: int, step: int) -> tuple[int, int]:
    """The last vertex of a line, or with step -1 the first."""
    x, y = outlines.points[outlines.start[index + 1] - 1 if step == 1 else outlines.start[index]].tolist()
    return x, y


def _corners(box: Box) -> tuple[int, int, int, int]:
    west = round(box.west_deg * UNIT)
    return west, round(box.south_deg * UNIT), west + round(box.width_deg * UNIT), round(box.north_deg * UNIT)
