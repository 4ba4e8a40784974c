"""A map small enough to read: one square land with a lake, a border through its middle, three towns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from receiver.atlas import Area, Box, Detail, Land, NearPlace, Place
from receiver.watch.picture.projection import Points


def ring(west: float, south: float, east: float, north: float) -> Points:
    return np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])


class SquareLand:
    """Land of 4° around a place; `names` are those of its towns."""

    def __init__(self, latitude_deg: float, longitude_deg: float, names: Sequence[str] = ("Here", "There", "Nowhere")):
        self.lat, self.lon, self.names = latitude_deg, longitude_deg, names
        self.boxes: list[Box] = []

    def _lon(self, box: Box) -> float:
        """Its longitude, where the box's run on beyond 180."""
        return self.lon + 360.0 * round((box.west_deg + box.width_deg / 2 - self.lon) / 360.0)

    def lines(self, kind: Literal["coast", "border", "region"], box: Box, tolerance_deg: float) -> Sequence[Points]:
        self.boxes.append(box)
        lon = self._lon(box)
        if kind == "coast":
            return [ring(lon - 2, self.lat - 2, lon + 2, self.lat + 2)]
        return [np.array([(lon, self.lat - 2), (lon, self.lat + 2)])] if kind == "border" else []

    def areas(self, kind: Literal["land", "lake"], box: Box, tolerance_deg: float) -> Sequence[Area]:
        lon = self._lon(box)
        if kind == "land":
            return [Area(ring(lon - 2, self.lat - 2, lon + 2, self.lat + 2), False)]
        return [Area(ring(lon + 0.05, self.lat + 0.05, lon + 0.09, self.lat + 0.09), False)]

    def details(self, box: Box, tolerance_deg: float) -> Sequence[Detail]:
        """A river through its middle, from west to east."""
        lon = self._lon(box)
        return [Detail("river", np.array([(lon - 2, self.lat), (lon + 2, self.lat)]))]

    def places(self, box: Box, limit: int) -> Sequence[Place]:
        return [
            Place(name, self.lat + 0.02 * k, self.lon - 0.03 * k, 1000, "city") for k, name in enumerate(self.names)
        ][:limit]

    def land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        east = (longitude_deg - self.lon + 180.0) % 360.0 - 180.0
        if abs(east) > 2 or abs(latitude_deg - self.lat) > 2:
            return None
        return Land("AA", "Westland", "") if east < 0 else Land("BB", "Eastland", "")

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        return NearPlace(self.names[0], 3.0, 90.0, "", "Westland")
