"""What the atlas answers with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Land:
    """Country below an aircraft: ISO 3166 code, its name and the region's in the language asked for ("": none)."""

    code: str
    country: str
    region: str


@dataclass(frozen=True, slots=True)
class NearPlace:
    """The nearest notable place: name, how far (km), and in which direction from it (degrees) the aircraft is."""

    name: str
    distance_km: float
    bearing_deg: float
    region: str
    country: str


@dataclass(frozen=True, slots=True)
class Aerodrome:
    """The nearest aerodrome: name, how far (km), elevation (feet, None when unknown)."""

    name: str
    distance_km: float
    elevation_ft: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """A town ("city") or a lake or reservoir known by name ("water"; population 0)."""

    name: str
    latitude_deg: float
    longitude_deg: float
    population: int
    kind: str


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees. `west` above `east`: the box lies across the date line, and longitudes in it run on beyond 180."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float

    @property
    def width_deg(self) -> float:
        """From west to east, in (0, 360]."""
        return (self.east_deg - self.west_deg) % 360.0 or 360.0


@dataclass(frozen=True, slots=True)
class Area:
    """An outline to fill: points, shape (n, 2), longitude and latitude; `hole`: with what lies around it."""

    points: NDArray[np.float64]
    hole: bool
