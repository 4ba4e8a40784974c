"""Laps, sampled by turn instead of by time or distance.

A circle of 500 m and one of 45 km look alike when they are sampled every 30° of heading: twelve sectors a lap, whatever
the scale, and nothing to tune per scale. Each sector keeps sums only, so one lap counter holds 36 sectors and a few
numbers, and a position costs a handful of additions.

Two counters run beside each other, one for each hand. A counter is a ratchet: it moves on when the aircraft turns its
way, waits while it turns back a little (a correction, a turbulence, noise), and starts anew when the turning back
exceeds `GIVE_UP_DEG`: then it was no lap.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from receiver.earth import wrap_deg

SECTOR_DEG = 30.0
SECTORS_PER_LAP = 12
KEPT_SECTORS = 3 * SECTORS_PER_LAP
GIVE_UP_DEG = 120.0
JITTER_DEG = 10.0  # headings come in steps of 0.1 to 1°: on a wide circle jitter alone would add up to whole turns


@dataclass(slots=True)
class Sector:
    """Sums over the path flown while the heading went through 30°.

    `path` km, of which `hidden` km in gaps; `flown` km by speed; `seconds`; `steps` (a step that spans several sectors
    counts in parts); `wasted` degrees turned the other way; `lat`, `lon` path-weighted sums relative to `lat0`, `lon0`;
    `c2`, `s2` second harmonic of the heading; altitudes in feet.
    """

    lat0: float
    lon0: float
    start_s: float
    end_s: float
    path: float = 0.0
    flown: float = 0.0
    seconds: float = 0.0
    wasted: float = 0.0
    lat: float = 0.0
    lon: float = 0.0
    c2: float = 0.0
    s2: float = 0.0
    alt_min: float = math.inf
    alt_max: float = -math.inf
    alt_end: float = math.nan
    steps: float = 0.0
    hidden: float = 0.0

    def add(
        self,
        path_km: float,
        flown_km: float,
        seconds: float,
        lat_deg: float,
        lon_deg: float,
        heading_deg: float,
        altitude_ft: float | None,
        end_s: float,
        share: float,
        hidden: bool,
    ) -> None:
        self.path += path_km
        self.flown += flown_km
        self.seconds += seconds
        self.lat += path_km * (lat_deg - self.lat0)
        self.lon += path_km * wrap_deg(lon_deg - self.lon0)
        double = math.radians(2.0 * heading_deg)
        self.c2 += path_km * math.cos(double)
        self.s2 += path_km * math.sin(double)
        if altitude_ft is not None:
            self.alt_min = min(self.alt_min, altitude_ft)
            self.alt_max = max(self.alt_max, altitude_ft)
            self.alt_end = altitude_ft
        self.end_s = end_s
        self.steps += share
        if hidden:
            self.hidden += path_km

    def place(self) -> tuple[float, float]:
        """Path-weighted mean place, degrees."""
        if self.path <= 0.0:
            return self.lat0, self.lon0
        return self.lat0 + self.lat / self.path, self.lon0 + self.lon / self.path


@dataclass(slots=True)
class LapCounter:
    """Counts turning to one hand. `hand` is +1 for right (clockwise), −1 for left."""

    hand: int
    progress: float = 0.0
    peak: float = 0.0
    base: float = 0.0
    trough: float = 0.0
    closed: int = 0  # sectors since the run began
    open: Sector | None = None
    sectors: deque[Sector] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.sectors = deque(self.sectors, maxlen=KEPT_SECTORS)

    def reset(self) -> None:
        """Begin a new run here."""
        self.base = self.peak = self.trough = self.progress
        self.closed = 0
        self.open = None
        self.sectors.clear()

    @property
    def turned_deg(self) -> float:
        """Net turn since the run began, degrees, never negative."""
        return self.peak - self.base

    def feed(
        self,
        turn_deg: float,
        path_km: float,
        flown_km: float,
        seconds: float,
        lat_deg: float,
        lon_deg: float,
        heading_deg: float,
        altitude_ft: float | None,
        end_s: float,
        share: float,
        hidden: bool,
    ) -> bool:
        """Add a piece of path of at most one sector; True when a sector was closed."""
        turn = self.hand * turn_deg
        self.progress += turn
        if self.progress < self.peak - GIVE_UP_DEG or self.progress <= self.base:
            self.reset()
            return False
        if self.open is None:
            self.open = Sector(lat_deg, lon_deg, end_s - seconds, end_s - seconds)
        self.open.add(path_km, flown_km, seconds, lat_deg, lon_deg, heading_deg, altitude_ft, end_s, share, hidden)
        if self.progress <= self.peak:
            self.trough = min(self.trough, self.progress)
            return False
        if self.peak - self.trough > JITTER_DEG:
            self.open.wasted += self.peak - self.trough
        self.peak = self.trough = self.progress
        full = int((self.peak - self.base) / SECTOR_DEG)
        if full <= self.closed:
            return False
        self.closed = full
        self.sectors.append(self.open)
        self.open = None
        return True
