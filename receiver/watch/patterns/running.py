"""A pattern while it is flown, from its first lap to its last."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field

from receiver.watch.patterns.laps import SECTOR_DEG, LapCounter
from receiver.watch.patterns.loops import WINDOW, Loop
from receiver.watch.patterns.steps import PathPoint, Step, offset_km

MAX_RADII = 5


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an aircraft has been flying, and since when.

    Attributes
    ----------
    kind
        One of `config.rules.PatternKind`.
    since_s, updated_s
        UTC seconds: when the turning began, when it was last confirmed.
    laps
        Laps flown since then, to a twelfth; of a figure of eight the whole eights, of a survey the legs in pairs.
    radius_km
        Mean distance from the centre of its lap, the median of the newest five; half of the length for eights and grids.
    period_s
        Time of one lap.
    latitude_deg, longitude_deg
        Centre of the newest lap.
    hand
        "left" (anticlockwise), "right" or "both".
    drift_km
        How far the centre moved between the newest two laps.
    length_km
        From end to end: an orbit's diameter, the length of a racetrack, an eight or a survey's lines.
    altitude_ft, speed_kt
        Middle of the newest lap's heights, and mean speed over ground; None: not known.
    """

    kind: str
    since_s: float
    updated_s: float
    laps: float
    radius_km: float
    period_s: float
    latitude_deg: float
    longitude_deg: float
    hand: str
    drift_km: float = 0.0
    length_km: float = 0.0
    altitude_ft: float | None = None
    speed_kt: float | None = None


@dataclass(slots=True)
class Running:
    """A pattern from its first lap to its last."""

    kind: str
    since_s: float
    updated_s: float = 0.0
    hand: int = 0  # of the counter that it follows; 0: none
    hands: set[int] = field(default_factory=set)
    done_deg: float = 0.0
    from_deg: float = 0.0
    idle_s: float = 0.0
    lat: float = 0.0
    lon: float = 0.0
    radius: float = 0.0
    period: float = 0.0
    reach: float = 0.0
    drift: float = 0.0
    lap_km: float = 0.0
    length: float = 0.0
    altitude: float | None = None
    speed: float | None = None
    radii: list[float] = field(default_factory=list)  # one a lap, the newest MAX_RADII
    lapped_deg: float = -math.inf  # turned when the last of them was taken

    @classmethod
    def lapping(cls, kind: str, counter: LapCounter, loop: Loop) -> Running:
        """One that two laps have shown."""
        running = cls(kind, loop.start_s, from_deg=counter.peak - WINDOW * SECTOR_DEG, hand=counter.hand)
        running.follow(counter, loop, counter)
        return running

    @classmethod
    def whole(cls, kind: str, since_s: float) -> Running:
        """One that is recognised as a whole instead of lap by lap."""
        return cls(kind, since_s, hands={-1, 1})

    def belongs(self, loop: Loop) -> bool:
        """Is this lap flown where the pattern is?"""
        away = math.hypot(*offset_km(self.lat, self.lon, loop.centre_lat_deg, loop.centre_lon_deg))
        same_size = 0.4 * self.radius <= loop.radius_km <= 2.5 * self.radius
        return same_size and away <= 2.5 * max(self.radius, loop.radius_km) + self.drift

    def follow(self, counter: LapCounter, loop: Loop, before: LapCounter | None) -> None:
        """Take over the newest lap; `before`: the counter followed until now."""
        if self.hand != counter.hand:
            self.hold(before)
            self.hand = counter.hand
            self.from_deg = counter.peak - WINDOW * SECTOR_DEG
        self.hands.add(counter.hand)
        self.lat, self.lon = loop.centre_lat_deg, loop.centre_lon_deg
        self.radius, self.period, self.lap_km = loop.radius_km, loop.period_s, loop.lap_km
        self.reach = loop.spread * loop.radius_km
        self.drift = loop.drift * loop.radius_km
        # two half circles and two straight legs, which have this share of the path
        straight = min(max(loop.elongation, 0.0), 1.0)
        self.length = loop.lap_km * (straight / 2.0 + (1.0 - straight) / math.pi)
        self.updated_s = loop.end_s
        self.idle_s = 0.0
        self.speed = loop.speed_kt
        if loop.altitude_low_ft is not None and loop.altitude_high_ft is not None:
            self.altitude = 0.5 * (loop.altitude_low_ft + loop.altitude_high_ft)
        turned = self.done_deg + counter.peak - self.from_deg
        if turned - self.lapped_deg >= 360.0 or not self.radii:
            self.lapped_deg = turned
            self.radii.append(loop.radius_km)
            del self.radii[:-MAX_RADII]

    def refresh(self, lat: float, lon: float, length_km: float, period_s: float, end_s: float) -> None:
        """Take over an eight or a grid as a whole."""
        self.lat, self.lon, self.period = lat, lon, period_s
        self.radius, self.reach, self.lap_km, self.length = length_km / 2, length_km, 0.0, length_km
        self.radii = []
        self.done_deg = 360.0 * (end_s - self.since_s) / max(period_s, 1.0)
        self.updated_s = end_s
        self.idle_s = 0.0

    def hold(self, counter: LapCounter | None) -> None:
        """Keep what the counter followed has counted: it is about to begin anew."""
        if counter is not None:
            self.done_deg += max(0.0, counter.peak - self.from_deg)
            self.from_deg = counter.peak
        self.hand = 0

    def missed(self, step: Step) -> None:
        """Laps flown while nothing was received: the path by speed against what the ends of the gap show."""
        if self.lap_km > 0.0 and self.kind != "survey_grid":
            unseen = 360.0 * step.flown_km / self.lap_km - abs(step.turn_deg)
            if unseen > 180.0:
                self.done_deg += unseen

    def left_by(self, fix: PathPoint) -> bool:
        """Has it gone, or stopped turning for a lap and a half? Time in which it was not heard proves nothing."""
        away = math.hypot(*offset_km(self.lat, self.lon, fix.latitude_deg, fix.longitude_deg))
        if away > 1.5 * (self.reach + self.drift) + 0.5:
            return True
        return self.idle_s > 1.75 * self.period + 120.0

    def pattern(self, counter: LapCounter | None) -> Pattern:
        """What there is to tell of it; `counter`: the one followed."""
        turned = self.done_deg
        if counter is not None:
            turned += max(0.0, counter.peak - self.from_deg)
        hand = "both" if len(self.hands) != 1 else ("right" if 1 in self.hands else "left")
        return Pattern(
            kind=self.kind,
            since_s=self.since_s,
            updated_s=self.updated_s,
            laps=turned / 360.0,
            radius_km=statistics.median(self.radii) if self.radii else self.radius,
            period_s=self.period,
            latitude_deg=self.lat,
            longitude_deg=self.lon,
            hand=hand,
            drift_km=self.drift,
            length_km=self.length,
            altitude_ft=self.altitude,
            speed_kt=self.speed,
        )
