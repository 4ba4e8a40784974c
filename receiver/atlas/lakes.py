"""Lakes to fill: outlines by GSHHG, and a disc for each water known by name that none of them shows.

A reservoir that was filled after those outlines were drawn has none in any data that may be passed on. What is known of
it is its middle and its area, so it is drawn as a disc of that area: where it is and how large, not its shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.files import UNIT, arrays, waters
from receiver.atlas.geometry import LEVELS_DEG, Outlines
from receiver.earth import KM_PER_DEG

CORNERS = 24


def lakes() -> tuple[Outlines, NDArray[np.bool_]]:
    """Outlines, and which of them are islands in lakes."""
    data = arrays("lakes")
    outlines, island = Outlines.unpack(data), data["island"] == 1
    discs = [
        _disc(row["latitude_deg"], row["longitude_deg"], row["area_km2"])
        for row in waters()
        if not _shown(outlines, island, row["latitude_deg"], row["longitude_deg"])
    ]
    if not discs:
        return outlines, island
    return _with(outlines, discs), np.concatenate((island, np.zeros(len(discs), bool)))


def _shown(outlines: Outlines, island: NDArray[np.bool_], latitude_deg: float, longitude_deg: float) -> bool:
    """Whether a lake has an outline around this place."""
    x, y = longitude_deg * UNIT, latitude_deg * UNIT
    low, high = outlines.low, outlines.high
    near = ~island & (low[:, 0] <= x) & (high[:, 0] >= x) & (low[:, 1] <= y) & (high[:, 1] >= y)
    for index in np.flatnonzero(near):
        ring = outlines.points[outlines.start[index] : outlines.start[index + 1]].astype(float)
        after = np.roll(ring, -1, axis=0)
        crosses = (ring[:, 1] > y) != (after[:, 1] > y)
        a, b = ring[crosses], after[crosses]
        east = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
        if np.count_nonzero(east > x) % 2:
            return True
    return False


def _disc(latitude_deg: float, longitude_deg: float, area_km2: float) -> NDArray[np.int32]:
    """A ring, closed, around a place; as large as the area."""
    radius_deg = math.sqrt(area_km2 / math.pi) / KM_PER_DEG
    angle = np.linspace(0.0, 2.0 * math.pi, CORNERS + 1)
    stretch = math.cos(math.radians(latitude_deg))
    ring = np.stack(
        (longitude_deg + radius_deg * np.cos(angle) / stretch, latitude_deg + radius_deg * np.sin(angle)), axis=1
    )
    whole: NDArray[np.int32] = np.rint(ring * UNIT).astype(np.int32)
    return whole


def _with(outlines: Outlines, rings: Sequence[NDArray[np.int32]]) -> Outlines:
    """The outlines and these rings, of which every second corner may go where detail is coarse."""
    points = np.concatenate((outlines.points, *rings))
    level = np.concatenate(
        [outlines.level, *(np.where(np.arange(len(r)) % 6, 2, len(LEVELS_DEG)).astype(np.uint8) for r in rings)]
    )
    ends = outlines.start[-1] + np.cumsum([len(r) for r in rings])
    return Outlines.spanning(points, level, np.concatenate((outlines.start, ends)))
