"""What the watch asks of the rooms beside it: who an address is, and where a place is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from receiver.atlas.answers import Aerodrome, Land, NearPlace
from receiver.registry.fact import Fact

__all__ = ["Aerodrome", "Atlas", "Fact", "Land", "NearPlace", "NoAtlas", "NoRegistry", "Registry"]


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

    def country_name(self, code: str, language: str) -> str:
        """Of an ISO 3166 code; the code itself when it is unknown."""


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

    def country_name(self, code: str, language: str) -> str:
        """The code."""
        return code
