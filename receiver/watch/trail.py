"""Where an aircraft has been: bounded, and fine where it turned."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from receiver.earth import wrap_deg

MAX_POINTS = 1200
TURN_DEG = 8.0
MAX_STEP_S = 60.0
MIN_STEP_S = 2.0
HOLE_S = 120.0  # unheard for so long: what was flown meanwhile is not known

WIDTH = 5


class TrailPoint(NamedTuple):
    """UTC seconds, degrees, feet (NaN when unknown); `unheard`: nothing was heard on the way here."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_ft: float
    unheard: bool = False


class Trail:
    """Keeps a point when the heading has changed by 8° or a minute has passed; when full, lets go of those points of
    the older half without which its shape changes least."""

    __slots__ = ("data", "heading", "heard_s")

    def __init__(self) -> None:
        self.data = array("d")
        self.heading: float | None = None
        self.heard_s = 0.0

    def __len__(self) -> int:
        return len(self.data) // WIDTH

    def __iter__(self) -> Iterator[TrailPoint]:
        data = self.data
        for k in range(0, len(data), WIDTH):
            yield TrailPoint(data[k], data[k + 1], data[k + 2], data[k + 3], bool(data[k + 4]))

    def add(
        self,
        time_s: float,
        latitude_deg: float,
        longitude_deg: float,
        altitude_ft: float | None,
        track_deg: float | None,
    ) -> None:
        """Take a position."""
        data = self.data
        hole = bool(data) and time_s - self.heard_s > HOLE_S
        self.heard_s = time_s
        if data:
            since = time_s - data[-WIDTH]
            if since < MIN_STEP_S:
                return
            turned = track_deg is None or self.heading is None or abs(wrap_deg(track_deg - self.heading)) >= TURN_DEG
            if since < MAX_STEP_S and not turned:
                return
        self.heading = track_deg
        altitude = math.nan if altitude_ft is None else altitude_ft
        data.extend((time_s, latitude_deg, longitude_deg, altitude, float(hole)))
        if len(data) >= WIDTH * MAX_POINTS:
            self.data = _thinned(data)


def _thinned(data: array[float]) -> array[float]:
    """Without half of the points of the older half: the smallest triangles with their neighbours go, ends and the
    rims of holes stay.

    Source: Visvalingam and Whyatt, "Line generalisation by repeated elimination of points", 1993, here in one pass.
    """
    older = len(data) // WIDTH // 2
    areas = []
    for k in range(1, older - 1):
        a, b, c = (WIDTH * (k + j) for j in (-1, 0, 1))
        if data[b + 4] or data[c + 4]:
            continue
        scale = math.cos(math.radians(data[b + 1]))
        ax, ay = wrap_deg(data[a + 2] - data[b + 2]) * scale, data[a + 1] - data[b + 1]
        cx, cy = wrap_deg(data[c + 2] - data[b + 2]) * scale, data[c + 1] - data[b + 1]
        areas.append((abs(ax * cy - ay * cx), k))
    areas.sort()
    gone: set[int] = set()
    for _, k in areas:
        if len(gone) >= older // 2:
            break
        if k - 1 not in gone and k + 1 not in gone:
            gone.add(k)
    if not gone:  # every other point is the rim of a hole: only time can choose
        gone = set(range(1, older, 2))
    kept = array("d")
    for k in range(len(data) // WIDTH):
        if k not in gone:
            kept.extend(data[WIDTH * k : WIDTH * (k + 1)])
    return kept
