"""Where an aircraft has been: bounded, and fine where it turned."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

MAX_POINTS = 600
TURN_DEG = 8.0
MAX_STEP_S = 60.0
MIN_STEP_S = 2.0


class TrailPoint(NamedTuple):
    """UTC seconds, degrees, feet (NaN when unknown)."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_ft: float


class Trail:
    """Keeps a point when the heading has changed by 8° or a minute has passed; when full, thins out the older half."""

    __slots__ = ("_data", "_heading")

    def __init__(self) -> None:
        self._data = array("d")
        self._heading: float | None = None

    def __len__(self) -> int:
        return len(self._data) // 4

    def __iter__(self) -> Iterator[TrailPoint]:
        data = self._data
        for k in range(0, len(data), 4):
            yield TrailPoint(data[k], data[k + 1], data[k + 2], data[k + 3])

    def add(
        self,
        time_s: float,
        latitude_deg: float,
        longitude_deg: float,
        altitude_ft: float | None,
        track_deg: float | None,
    ) -> None:
        """Take a position."""
        data = self._data
        if data:
            since = time_s - data[-4]
            if since < MIN_STEP_S:
                return
            turned = (
                track_deg is None
                or self._heading is None
                or abs((track_deg - self._heading + 180.0) % 360.0 - 180.0) >= TURN_DEG
            )
            if since < MAX_STEP_S and not turned:
                return
        self._heading = track_deg
        data.extend((time_s, latitude_deg, longitude_deg, float("nan") if altitude_ft is None else altitude_ft))
        if len(data) >= 4 * MAX_POINTS:
            half = MAX_POINTS // 2
            thinned = array("d")
            for k in range(0, half, 2):
                thinned.extend(data[4 * k : 4 * k + 4])
            thinned.extend(data[4 * half :])
            self._data = thinned
