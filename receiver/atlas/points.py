"""Points on the globe, found by nearness."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.answers import Box
from receiver.atlas.files import UNIT
from receiver.earth import EARTH_KM, KM_PER_DEG


class Points:
    """Latitudes and longitudes (units), kept from south to north.

    `order[i]` is the place of the i-th kept point in what was given.
    """

    def __init__(self, position: NDArray[np.int32]) -> None:
        self.order = np.argsort(position[:, 0], kind="stable").astype(np.int32)
        self._latitude = (position[self.order, 0] / UNIT).astype(np.float64)
        self._longitude = (position[self.order, 1] / UNIT).astype(np.float64)

    def within(
        self, latitude_deg: float, longitude_deg: float, reach_km: float
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Points at most so far away (km along the great circle): which, and how far."""
        rows = reach_km / KM_PER_DEG * 1.000001
        first, last = np.searchsorted(self._latitude, (latitude_deg - rows, latitude_deg + rows)).tolist()
        latitude = self._latitude[first:last]
        east = (self._longitude[first:last] - longitude_deg + 180.0) % 360.0 - 180.0
        # a first cut by longitude: |sin(east / 2)| <= sin(reach / 2) / sqrt(cos * cos), good at the poles too
        if abs(latitude_deg) + rows < 89.0:
            narrow = np.abs(east) * math.cos(math.radians(abs(latitude_deg) + rows)) <= rows * 1.2
            chosen = np.flatnonzero(narrow)
            latitude, east = latitude[chosen], east[chosen]
        else:
            chosen = np.arange(last - first)
        here = math.radians(latitude_deg)
        there = np.radians(latitude)
        haversine = (
            np.sin((there - here) / 2.0) ** 2 + math.cos(here) * np.cos(there) * np.sin(np.radians(east) / 2.0) ** 2
        )
        distance = 2.0 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(haversine)))
        near = distance <= reach_km
        return self.order[first + chosen[near]], distance[near]

    def in_box(self, box: Box) -> NDArray[np.int32]:
        """Points in a box, in the order in which they were given."""
        first, last = np.searchsorted(self._latitude, (box.south_deg, box.north_deg)).tolist()
        east = (self._longitude[first:last] - box.west_deg) % 360.0
        return np.sort(self.order[first:last][east <= box.width_deg])
