"""The pattern that one aircraft flies now: one detector an aircraft, fed with its positions as they come.

A position costs a few additions; every 30° of turn the newest two laps are measured. Nothing grows: two lap counters of
36 sectors, six lobes, eight legs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from receiver.watch.patterns.laps import SECTOR_DEG, LapCounter
from receiver.watch.patterns.legs import Legs
from receiver.watch.patterns.loops import WINDOW, Loop, measure
from receiver.watch.patterns.shapes import name, roughness
from receiver.watch.patterns.steps import GAP_S, PathPoint, Step, Stepper, offset_km
from receiver.watch.patterns.swings import Swings

KINDS = (
    "orbit",
    "racetrack",
    "figure_of_eight",
    "survey_grid",
    "aerodrome_circuit",
    "holding",
    "thermalling",
)

PATIENCE = 2  # sectors in a row that must agree before a pattern begins
CHANGE_OF_MIND = 6  # sectors in a row that must agree before it is called something else
STAY_ROUGH = 2.0  # a running pattern may look this bad without being over
GLIDER_WINDOWS = 12  # so many thermalling sectors, and the aircraft is a glider for the rest of the visit
SURVEY_MEMORY_S = 3600.0
GROUND_REACH_KM = 12.0

Ground = Callable[[float, float], "float | None"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an aircraft has been flying, and since when.

    Attributes
    ----------
    kind
        One of KINDS.
    since_s, updated_s
        UTC seconds: when the turning began, when it was last confirmed.
    laps
        Laps flown since then, to a twelfth; of a figure of eight the whole eights, of a survey the legs in pairs.
    radius_km
        Mean distance from the centre of its lap; half of the length for eights and grids.
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


class PatternDetector:
    """Watches one aircraft.

    Parameters
    ----------
    ground
        Optional: elevation in feet of an aerodrome within `GROUND_REACH_KM` of a place, None when there is none.

    The pattern flown at the moment is `pattern`; it is None again as soon as the aircraft has left it.
    """

    __slots__ = (
        "_counters",
        "_episode",
        "_glides",
        "_ground",
        "_legs",
        "_lowest_ft",
        "_stepper",
        "_streak",
        "_survey_until",
        "_swings",
        "pattern",
    )  # fmt: skip

    def __init__(self, ground: Ground | None = None) -> None:
        self._ground = ground
        self._stepper = Stepper()
        self._counters = (LapCounter(+1), LapCounter(-1))
        self._swings = Swings()
        self._legs = Legs()
        self._lowest_ft: float | None = None
        self._glides = 0
        self._survey_until = -math.inf
        self._streak: tuple[str, int, int] = ("", 0, 0)
        self._episode: _Episode | None = None
        self.pattern: Pattern | None = None

    @property
    def rejected(self) -> int:
        """Positions that could not be true."""
        return self._stepper.rejected

    def update(self, fix: PathPoint) -> Pattern | None:
        """Take the next position; the pattern flown now, or None."""
        step = self._stepper.moved(fix)
        if self._stepper.lost:
            self._forget()
            self._leave_if_away(fix)
        if fix.altitude_ft is not None and (self._lowest_ft is None or fix.altitude_ft < self._lowest_ft):
            self._lowest_ft = fix.altitude_ft
        if step is not None:
            self._feed(step)
            self._leave_if_away(fix)
        elif fix.on_ground and self._episode is not None and self._episode.kind != "aerodrome_circuit":
            self._end()
        return self.pattern

    def expire(self, now_s: float) -> Pattern | None:
        """What is still flown at this time, when no position came: it ends after half an hour and two laps."""
        if self.pattern is not None and now_s - self.pattern.updated_s > max(1800.0, 2.0 * self.pattern.period_s):
            self._end()
        return self.pattern

    def resume(self, pattern: Pattern, now_s: float) -> None:
        """Go on with a pattern that was flown before a restart; the laps since then are taken from its period."""
        episode = _Episode.whole(pattern.kind, pattern.since_s)
        episode.refresh(
            pattern.latitude_deg, pattern.longitude_deg, 2.0 * pattern.radius_km, pattern.period_s, pattern.updated_s
        )
        episode.lap_km = 2.0 * math.pi * pattern.radius_km
        episode.drift = pattern.drift_km
        episode.length = pattern.length_km
        missed = max(0.0, now_s - pattern.updated_s) / max(pattern.period_s, 1.0)
        episode.done_deg = 360.0 * (pattern.laps + missed)
        episode.hands = {"left": {-1}, "right": {1}}.get(pattern.hand, {-1, 1})
        episode.idle_s = -2.0 * pattern.period_s  # two laps must be flown before the first can be measured
        self._episode = episode
        self.pattern = episode.pattern()

    def _forget(self) -> None:
        for counter in self._counters:
            counter.reset()
        self._swings.reset()
        self._legs.reset()
        self._streak = ("", 0, 0)
        if self._episode is not None:
            self._episode.hold()

    def _feed(self, step: Step) -> None:
        if self._legs.feed(step):
            grid = self._legs.grid()
            if grid is not None:
                self._survey_until = step.time_s + SURVEY_MEMORY_S
                self._whole(
                    "survey_grid", grid.centre_lat_deg, grid.centre_lon_deg, grid.leg_km, grid.period_s,
                    grid.start_s, grid.end_s,
                )  # fmt: skip
        if self._swings.feed(step):
            eight = self._swings.eight()
            if eight is not None and step.time_s > self._survey_until:
                self._whole(
                    "figure_of_eight", eight.centre_lat_deg, eight.centre_lon_deg, eight.length_km, eight.period_s,
                    eight.start_s, eight.end_s,
                )  # fmt: skip
        pieces = max(1, math.ceil(abs(step.turn_deg) / SECTOR_DEG))
        hidden = step.duration_s > GAP_S
        if self._episode is not None:
            if hidden:
                self._episode.missed(step)
            else:
                self._episode.idle_s += step.duration_s
        for k in range(pieces):
            middle = (k + 0.5) / pieces
            lat, lon = step.point(middle)
            for counter in self._counters:
                closed = counter.feed(
                    step.turn_deg / pieces,
                    step.path_km / pieces,
                    step.flown_km / pieces,
                    step.duration_s / pieces,
                    lat,
                    lon,
                    step.heading_deg + step.turn_deg * middle,
                    step.altitude_ft,
                    step.time_s - step.duration_s * (1.0 - (k + 1.0) / pieces),
                    1.0 / pieces,
                    hidden,
                )
                if closed and counter.closed >= WINDOW:
                    loop = measure(counter.sectors)
                    if loop is not None:
                        self._looped(counter, loop)

    def _looped(self, counter: LapCounter, loop: Loop) -> None:
        word = self._word(counter, loop)
        episode = self._episode
        kind, hand, count = self._streak
        count = count + 1 if word == kind and counter.hand == hand else 1
        self._streak = (word or "", counter.hand, count)
        if episode is not None and episode.belongs(loop):
            if word is not None and word != episode.kind and count >= CHANGE_OF_MIND:
                episode.kind = word
            if word is not None or roughness(loop) <= STAY_ROUGH:
                episode.follow(counter, loop)
                self.pattern = episode.pattern()
            return
        if word is not None and count >= PATIENCE:
            self._episode = _Episode(word, counter, loop)
            self.pattern = self._episode.pattern()

    def _word(self, counter: LapCounter, loop: Loop) -> str | None:
        ground = self._lowest_ft
        if self._ground is not None:
            field = self._ground(loop.centre_lat_deg, loop.centre_lon_deg)
            ground = field if field is not None else ground
        word = name(loop, ground, counter.turned_deg / 360.0)
        if word == "thermalling":
            self._glides += 1
        elif word == "orbit":
            if self._glides >= GLIDER_WINDOWS and loop.speed_kt < 120.0:
                return "thermalling"  # a glider's wide, weak circles
            if loop.end_s < self._survey_until:
                return "survey_grid"  # circling between two lines of a survey
        elif word in ("racetrack", "holding") and loop.end_s < self._survey_until:
            return "survey_grid"
        return word

    def _whole(
        self, kind: str, lat: float, lon: float, length_km: float, period_s: float, start_s: float, end_s: float
    ) -> None:
        """A pattern that is recognised as a whole instead of lap by lap."""
        episode = self._episode
        if episode is None or episode.kind != kind:
            since = start_s if episode is None else min(start_s, episode.since_s)
            episode = self._episode = _Episode.whole(kind, since)
        episode.refresh(lat, lon, length_km, period_s, end_s)
        self.pattern = episode.pattern()

    def _leave_if_away(self, fix: PathPoint) -> None:
        if self._episode is not None and self._episode.left_by(fix):
            self._end()

    def _end(self) -> None:
        self._episode = None
        self.pattern = None
        self._streak = ("", 0, 0)


class _Episode:
    """A pattern from its first lap to its last."""

    __slots__ = (
        "counter",
        "done_deg",
        "drift",
        "from_deg",
        "hands",
        "idle_s",
        "kind",
        "lap_km",
        "lat",
        "length",
        "lon",
        "period",
        "radius",
        "reach",
        "since_s",
        "updated_s",
    )  # fmt: skip

    def __init__(self, kind: str, counter: LapCounter | None, loop: Loop | None) -> None:
        self.kind = kind
        self.counter = counter
        self.done_deg = 0.0
        self.idle_s = 0.0
        self.hands: set[int] = set()
        self.from_deg = 0.0
        self.since_s = self.updated_s = 0.0
        self.lat = self.lon = self.radius = self.period = self.reach = self.drift = self.lap_km = self.length = 0.0
        if counter is not None and loop is not None:
            self.since_s = loop.start_s
            self.from_deg = counter.peak - WINDOW * SECTOR_DEG
            self.follow(counter, loop)

    @classmethod
    def whole(cls, kind: str, since_s: float) -> _Episode:
        episode = cls(kind, None, None)
        episode.since_s = since_s
        episode.hands = {-1, 1}
        return episode

    def belongs(self, loop: Loop) -> bool:
        """Is this lap flown where the pattern is?"""
        away = math.hypot(*offset_km(self.lat, self.lon, loop.centre_lat_deg, loop.centre_lon_deg))
        same_size = 0.4 * self.radius <= loop.radius_km <= 2.5 * self.radius
        return same_size and away <= 2.5 * max(self.radius, loop.radius_km) + self.drift

    def follow(self, counter: LapCounter, loop: Loop) -> None:
        """Take over the newest lap."""
        if self.counter is not counter:
            if self.counter is not None:
                self.hold()
            self.counter = counter
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

    def refresh(self, lat: float, lon: float, length_km: float, period_s: float, end_s: float) -> None:
        """Take over an eight or a grid as a whole."""
        self.lat, self.lon, self.period = lat, lon, period_s
        self.radius, self.reach, self.lap_km, self.length = length_km / 2, length_km, 0.0, length_km
        self.done_deg = 360.0 * (end_s - self.since_s) / max(period_s, 1.0)
        self.updated_s = end_s
        self.idle_s = 0.0

    def hold(self) -> None:
        """Keep what the counter has counted: it is about to begin anew."""
        if self.counter is not None:
            self.done_deg += max(0.0, self.counter.peak - self.from_deg)
            self.from_deg = self.counter.peak
            self.counter = None

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

    def laps(self) -> float:
        turned = self.done_deg
        if self.counter is not None:
            turned += max(0.0, self.counter.peak - self.from_deg)
        return turned / 360.0

    def pattern(self) -> Pattern:
        hand = "both" if len(self.hands) != 1 else ("right" if 1 in self.hands else "left")
        return Pattern(
            kind=self.kind,
            since_s=self.since_s,
            updated_s=self.updated_s,
            laps=self.laps(),
            radius_km=self.radius,
            period_s=self.period,
            latitude_deg=self.lat,
            longitude_deg=self.lon,
            hand=hand,
            drift_km=self.drift,
            length_km=self.length,
        )
