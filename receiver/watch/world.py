"""What the watch asks of the rooms beside it: who an address is, and where a place is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of an aircraft, and why.

    Attributes
    ----------
    name
        registration, type (ICAO designator), type_name ("MQ-9"), operator, country (ISO 3166 code), military ("yes").
    value
        In words or codes.
    source
        Where it comes from, in words that fit into brackets: "aircraft database", "address block", "call-sign prefix
        TROY", "sent by the aircraft".
    """

    name: str
    value: str
    source: str


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


class Registry(Protocol):
    """Who it is."""

    def identify(self, icao: str, callsign: str | None, category: str | None) -> Sequence[Fact]:
        """Facts, the most trusted first; several of one name are a contradiction that the alert tells."""


class Atlas(Protocol):
    """Where it is."""

    def land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        """The country there; None at sea."""

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        """The nearest notable place; None when there is none within reach."""

    def aerodrome(self, latitude_deg: float, longitude_deg: float) -> Aerodrome | None:
        """The nearest aerodrome within some 15 km."""


class NoRegistry:
    """Knows nobody."""

    def identify(self, icao: str, callsign: str | None, category: str | None) -> Sequence[Fact]:
        """No facts."""
        return ()


class NoAtlas:
    """Knows no place."""

    def land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        """Not known."""
        return None

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        """Not known."""
        return None

    def aerodrome(self, latitude_deg: float, longitude_deg: float) -> Aerodrome | None:
        """Not known."""
        return None
