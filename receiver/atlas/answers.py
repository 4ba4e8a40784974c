"""What the atlas answers with."""

from __future__ import annotations

from dataclasses import dataclass


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
