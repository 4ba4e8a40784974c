"""To and fro, low at one end each time: air tankers between water and fire, helicopters with a bucket.

A low is where the height has a minimum, with a climb of `DEEP_FT` on both sides. Lows in one place, and farther away between two
of them, are a shuttle. Lows at an aerodrome are landings and circuits: whoever asks sorts them out.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from receiver.watch.patterns.steps import offset_km

DEEP_FT = 700.0
LOWS = 3
PLACE_KM = 3.5  # a lake is long
AWAY_KM = 4.0
STRAIGHT = 4.0  # flown, over how far it was away: out and back is 2, and turns; laps in between are more
LONGEST_S, SHORTEST_S = 2400.0, 120.0  # between two lows


@dataclass(slots=True)
class Low:
    """A low point: when (UTC s), where (degrees), how low (ft), how far it was away from the one before, and what was flown
    since then (km)."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_ft: float
    away_km: float = 0.0
    flown_km: float = 0.0


@dataclass(slots=True)
class Shuttles:
    """Finds lows in positions as they come, and keeps the newest ones in one place."""

    lows: deque[Low] = field(default_factory=deque)
    bottom: Low | None = None  # the lowest since it came down
    top_ft: float | None = None  # the highest since the last low
    away_km: float = 0.0  # the farthest from the last low
    flown_km: float = 0.0  # since then
    falling: bool = False

    def __post_init__(self) -> None:
        self.lows = deque(self.lows, maxlen=12)

    def reset(self) -> None:
        """Forget everything."""
        self.lows.clear()
        self.bottom, self.top_ft, self.away_km, self.flown_km, self.falling = None, None, 0.0, 0.0, False

    def feed(
        self, time_s: float, latitude_deg: float, longitude_deg: float, altitude_ft: float, path_km: float
    ) -> bool:
        """Take a position, and what was flown to it; True when a low was passed."""
        self.flown_km += path_km
        if self.lows:
            last = self.lows[-1]
            away = math.hypot(*offset_km(last.latitude_deg, last.longitude_deg, latitude_deg, longitude_deg))
            self.away_km = max(self.away_km, away)
        if self.top_ft is None or altitude_ft > self.top_ft:
            self.top_ft = altitude_ft
        if not self.falling:
            if altitude_ft <= self.top_ft - DEEP_FT:
                self.falling = True
                self.bottom = Low(time_s, latitude_deg, longitude_deg, altitude_ft)
            return False
        assert self.bottom is not None
        if altitude_ft < self.bottom.altitude_ft:
            self.bottom = Low(time_s, latitude_deg, longitude_deg, altitude_ft)
            return False
        if altitude_ft < self.bottom.altitude_ft + DEEP_FT:
            return False
        self.bottom.away_km, self.bottom.flown_km = self.away_km, self.flown_km
        self.lows.append(self.bottom)
        self.top_ft, self.away_km, self.flown_km, self.falling, self.bottom = altitude_ft, 0.0, 0.0, False, None
        return True

    def shuttle(self) -> list[Low]:
        """The newest lows in the place of the last one, each after a way out and back; empty when they are no shuttle."""
        if not self.lows:
            return []
        last = self.lows[-1]
        found = [last]
        for low in reversed(list(self.lows)[:-1]):
            near = math.hypot(*offset_km(last.latitude_deg, last.longitude_deg, low.latitude_deg, low.longitude_deg))
            if near > PLACE_KM:
                continue  # it is low at both ends
            if (
                not SHORTEST_S <= found[-1].time_s - low.time_s <= LONGEST_S
                or abs(low.altitude_ft - last.altitude_ft) > 600
            ):
                break
            found.append(low)
        between = [low for low in self.lows if found[-1].time_s < low.time_s <= last.time_s]
        trips = len(found) - 1
        out = sum(1 for low in between if low.away_km >= AWAY_KM and low.flown_km <= STRAIGHT * low.away_km)
        return found[::-1] if len(found) >= LOWS and out >= trips else []
