"""How far aircraft were heard in each direction over the last day.

Directions and distances are from the published place, which may be rounded, and what is told are places where aircraft
were. So the outline tells nothing of where the antenna stands that the aircraft do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receiver.earth import bearing_deg, distance_nmi
from receiver.views.outlets import Air

SECTOR_DEG = 10
SLOT_S = 3600.0
SLOTS = 24
BANDS_FT = (10_000, 25_000)
"""Between the bands of altitude."""


class Outline:
    """Farthest places by sector, in slots of an hour, of which the oldest is forgotten.

    Parameters
    ----------
    location
        Published latitude and longitude; None: there is no outline.
    max_range_nmi
        What is farther is not believed.
    """

    def __init__(self, location: tuple[float, float] | None, max_range_nmi: float = 360.0) -> None:
        self._location = location
        self._max_range_nmi = max_range_nmi
        self._slots: dict[int, dict[tuple[int, int], tuple[float, float, float]]] = {}
        self._seen: dict[str, float] = {}

    def second(self, air: Air) -> None:
        """Take the positions that are new."""
        if self._location is None:
            return
        number = int(air.now // SLOT_S)
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = {}
            for old in [n for n in self._slots if not number - SLOTS < n <= number]:
                del self._slots[old]
            self._seen.clear()
        for icao, aircraft in air.objects.items():
            if "lat" not in aircraft:
                continue
            at = air.now - aircraft.get("seen_pos", 0.0)
            if at - self._seen.get(icao, -1e18) < 10.0:  # an aircraft hardly moves in less
                continue
            self._seen[icao] = at
            place = (aircraft["lat"], aircraft["lon"])
            distance = distance_nmi(*self._location, *place)
            if distance > self._max_range_nmi:
                continue
            sector = int(bearing_deg(*self._location, *place) // SECTOR_DEG) % (360 // SECTOR_DEG)
            at_band = (band(aircraft), sector)
            if distance > slot.get(at_band, (0.0,))[0]:
                slot[at_band] = (distance, *place)

    def points(self) -> list[list[float]]:
        """`[lat, lon]` by rising bearing; sectors in which nothing was heard are left out."""
        farthest: dict[int, tuple[float, float, float]] = {}
        for slot in self._slots.values():
            for (_, sector), place in slot.items():
                if place > farthest.get(sector, (0.0, 0.0, 0.0)):
                    farthest[sector] = place
        return [[round(lat, 3), round(lon, 3)] for _, (_, lat, lon) in sorted(farthest.items())]

    def polar(self) -> dict[str, Any]:
        """Farthest distance (nmi, 0: none) by sector of 10 degrees from north, for each band of altitude, lowest first."""
        bands = [[0.0] * (360 // SECTOR_DEG) for _ in range(len(BANDS_FT) + 1)]
        for slot in self._slots.values():
            for (height, sector), (distance, *_) in slot.items():
                bands[height][sector] = max(bands[height][sector], round(distance, 1))
        return {"between_ft": BANDS_FT, "bands": bands}


def band(aircraft: Mapping[str, Any]) -> int:
    """The band of altitude that an aircraft is in; unknown counts as the lowest."""
    feet = aircraft.get("alt_baro", aircraft.get("alt_geom"))
    return sum(feet >= limit for limit in BANDS_FT) if isinstance(feet, int | float) else 0
