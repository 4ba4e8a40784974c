"""A registry and an atlas small enough to read: three call-sign prefixes, one address block, one coast, one town."""

from __future__ import annotations

import math
from collections.abc import Sequence

from receiver.watch.patterns.steps import offset_km
from receiver.watch.world import Aerodrome, Fact, Land, NearPlace

VALLE_DE_BRAVO = (19.1951, -100.1331)


class SmallRegistry:
    """TROY is CBP; AE4BD7–AE4BDA are its MQ-9s; AE is American military."""

    def __init__(self, database: dict[str, list[Fact]] | None = None) -> None:
        self.database = database or {}

    def identify(self, icao: str, callsign: str | None, category: str | None) -> Sequence[Fact]:
        facts = list(self.database.get(icao, ()))
        if callsign and callsign.startswith("TROY"):
            facts.append(Fact("operator", "US Customs and Border Protection", "call-sign prefix TROY"))
        if icao.startswith("ae"):
            facts += [Fact("military", "yes", "address block"), Fact("country", "US", "address block")]
        elif icao.startswith("0d"):
            facts.append(Fact("country", "MX", "address block"))
        return facts


Q9 = [Fact("type", "Q9", "aircraft database"), Fact("type_name", "MQ-9", "aircraft database")]


class SmallAtlas:
    """Mexico begins north-east of a straight coast; the town is Valle de Bravo."""

    def land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        if (latitude_deg - 18.2) + 0.5 * (longitude_deg + 101.4) < 0:
            return None
        return Land("MX", "México" if language == "es" else "Mexico", "Estado de México")

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        east, north = offset_km(*VALLE_DE_BRAVO, latitude_deg, longitude_deg)
        distance = math.hypot(east, north)
        if distance > 150:
            return None
        country = "México" if language == "es" else "Mexico"
        bearing = math.degrees(math.atan2(east, north)) % 360
        return NearPlace("Valle de Bravo", distance, bearing, "Estado de México", country)

    def aerodrome(self, latitude_deg: float, longitude_deg: float) -> Aerodrome | None:
        return None

    def country_name(self, code: str, language: str) -> str:
        return {"MX": "Mexico", "US": "the United States"}.get(code, code)
