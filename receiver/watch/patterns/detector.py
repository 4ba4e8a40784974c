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
from receiver.watch.patterns.loiter import Loiter, drifts
from receiver.watch.patterns.loops import WINDOW, Loop, measure
from receiver.watch.patterns.running import Pattern, Running
from receiver.watch.patterns.searches import LEGS as SEARCH_LEGS
from receiver.watch.patterns.searches import search
from receiver.watch.patterns.shapes import MIN_RADIUS_KM, name, roughness
from receiver.watch.patterns.shuttles import Shuttles
from receiver.watch.patterns.smoothing import Smoother
from receiver.watch.patterns.steps import GAP_S, PathPoint, Step, Stepper
from receiver.watch.patterns.swings import Swings

PATIENCE = 2  # sectors in a row that must agree before a pattern begins
CHANGE_OF_MIND = 6  # sectors in a row that must agree before it is called something else
STAY_ROUGH = 2.0  # a running pattern may look this bad without being over
GLIDER_WINDOWS = 12  # so many thermalling sectors, and the aircraft is a glider for the rest of the visit
SURVEY_MEMORY_S = 3600.0
GROUND_REACH_KM = 12.0
LOW_FT = 1500.0
WHOLE_LAPS = 2.0
TO_AND_FRO = frozenset({"racetrack", "holding", "survey_grid"})
MISTAKEN_FOR_SHUTTLE = frozenset({"shuttle", "loiter", "racetrack", "survey_grid"})
MISTAKEN_FOR_SEARCH = frozenset({"search", "loiter", "orbit", "racetrack"})
TURNING_DEG = 200.0  # less than this is a turn as everybody flies them

Ground = Callable[[float, float], "float | None"]


@dataclass(slots=True)
class Memory:
    """All that a detector remembers; plain data, so that it can be kept over a restart."""

    smoother: Smoother
    stepper: Stepper
    counters: tuple[LapCounter, LapCounter]
    swings: Swings
    legs: Legs
    loiter: Loiter
    shuttles: Shuttles
    lowest_ft: float | None
    glides: int
    survey_until: float
    streak: tuple[str, int, int]
    running: Running | None
    pattern: Pattern | None


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
        "_glides",
        "_ground",
        "_legs",
        "_loiter",
        "_lowest_ft",
        "_running",
        "_shuttles",
        "_smoother",
        "_stepper",
        "_streak",
        "_survey_until",
        "_swings",
        "glider",
        "pattern",
    )  # fmt: skip

    def __init__(self, ground: Ground | None = None) -> None:
        self._ground = ground
        self._smoother = Smoother()
        self._stepper = Stepper()
        self._counters = (LapCounter(+1), LapCounter(-1))
        self._swings = Swings()
        self._legs = Legs()
        self._loiter = Loiter()
        self._shuttles = Shuttles()
        self.glider = False  # by its own account: then circles are thermals
        self._lowest_ft: float | None = None
        self._glides = 0
        self._survey_until = -math.inf
        self._streak: tuple[str, int, int] = ("", 0, 0)
        self._running: Running | None = None
        self.pattern: Pattern | None = None

    @property
    def rejected(self) -> int:
        """Positions that could not be true."""
        return self._stepper.rejected

    def update(self, fix: PathPoint) -> Pattern | None:
        """Take the next position; the pattern flown now, or None."""
        smooth = self._smoother.feed(fix)
        if smooth is None:
            return self.pattern
        fix = smooth
        step = self._stepper.moved(fix)
        if self._stepper.lost:
            self._forget()
            self._leave_if_away(fix)
        if fix.altitude_ft is not None and (self._lowest_ft is None or fix.altitude_ft < self._lowest_ft):
            self._lowest_ft = fix.altitude_ft
        if step is not None:
            self._feed(step)
            self._leave_if_away(fix)
        elif fix.on_ground and self._running is not None and self._running.kind != "aerodrome_circuit":
            self._end()
        return self.pattern

    def expire(self, now_s: float) -> Pattern | None:
        """What is still flown at this time, when no position came: it ends after half an hour and two laps."""
        if self.pattern is not None and now_s - self.pattern.updated_s > max(1800.0, 2.0 * self.pattern.period_s):
            self._end()
        return self.pattern

    def memory(self) -> Memory:
        """All that is remembered, as it is at this moment: to be written down before the next position comes."""
        return Memory(
            self._smoother, self._stepper, self._counters, self._swings, self._legs, self._loiter, self._shuttles, self._lowest_ft, self._glides,
            self._survey_until, self._streak, self._running, self.pattern,
        )  # fmt: skip

    def restore(self, memory: Memory) -> None:
        """Go on from there as if nothing had happened."""
        self._smoother, self._stepper, self._counters = memory.smoother, memory.stepper, memory.counters
        self._swings, self._legs, self._loiter = memory.swings, memory.legs, memory.loiter
        self._shuttles = memory.shuttles
        self._lowest_ft, self._glides = memory.lowest_ft, memory.glides
        self._survey_until, self._streak = memory.survey_until, memory.streak
        self._running, self.pattern = memory.running, memory.pattern

    @property
    def turning(self) -> bool:
        """Whether a lap is under way or a pattern flown: what a restart should not lose."""
        return self.pattern is not None or any(counter.turned_deg >= TURNING_DEG for counter in self._counters)

    def _forget(self) -> None:
        followed = self._followed()
        for counter in self._counters:
            counter.reset()
        if self._running is not None:
            self._running.hold(followed)
        self._swings.reset()
        self._legs.reset()
        self._loiter.reset()
        self._shuttles.reset()
        self._streak = ("", 0, 0)

    def _followed(self) -> LapCounter | None:
        """The counter whose laps are the pattern's."""
        hand = self._running.hand if self._running is not None else 0
        return None if hand == 0 else self._counters[0 if hand > 0 else 1]

    def _feed(self, step: Step) -> None:
        if self._legs.feed(step):
            grid = self._legs.grid()
            if grid is not None and not self._shuttling:
                self._survey_until = step.time_s + SURVEY_MEMORY_S
                self._whole(
                    "survey_grid", grid.centre_lat_deg, grid.centre_lon_deg, grid.leg_km, grid.period_s,
                    grid.start_s, grid.end_s,
                )  # fmt: skip
            else:
                self._searches()
        if step.altitude_ft is not None and self._shuttles.feed(
            step.time_s, *step.point(1.0), step.altitude_ft, step.flown_km
        ):
            self._shuttle()
        if self._loiter.feed(step):
            self._loiters()
        if self._swings.feed(step):
            eight = self._swings.eight()
            if eight is not None and step.time_s > self._survey_until:
                self._whole(
                    "figure_of_eight", eight.centre_lat_deg, eight.centre_lon_deg, eight.length_km, eight.period_s,
                    eight.start_s, eight.end_s,
                )  # fmt: skip
        pieces = max(1, math.ceil(abs(step.turn_deg) / SECTOR_DEG))
        hidden = step.duration_s > GAP_S
        if self._running is not None:
            if hidden:
                self._running.missed(step)
            else:
                self._running.idle_s += step.duration_s
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

    def _searches(self) -> None:
        """Legs of a search, which turn to one hand as laps do."""
        if self._running is not None and self._running.kind not in MISTAKEN_FOR_SEARCH:
            return
        found = search(self._legs.lines(SEARCH_LEGS))
        if found is not None:
            legs_s = 2.0 * (found.end_s - found.start_s) / SEARCH_LEGS
            self._whole(
                "search", found.latitude_deg, found.longitude_deg, found.length_km, legs_s, found.start_s, found.end_s
            )  # fmt: skip

    @property
    def _shuttling(self) -> bool:
        """Whether it comes down in one place again and again: then its lines to and fro are no survey."""
        return self._running is not None and self._running.kind == "shuttle"

    def _shuttle(self) -> None:
        """Low in one place again and again, while no shape is seen."""
        running = self._running
        if running is not None and running.kind not in MISTAKEN_FOR_SHUTTLE:
            return
        lows = self._shuttles.shuttle()
        if not lows:
            return
        last = lows[-1]
        ground = self._ground(last.latitude_deg, last.longitude_deg) if self._ground is not None else None
        if ground is not None and last.altitude_ft - ground <= LOW_FT:
            return  # it lands there, or flies circuits
        away_km = max(low.away_km for low in self._shuttles.lows if low.time_s > lows[0].time_s)
        period_s = (last.time_s - lows[0].time_s) / (len(lows) - 1)
        self._whole(
            "shuttle", last.latitude_deg, last.longitude_deg, away_km, period_s, lows[0].time_s, last.time_s
        )  # fmt: skip

    def _loiters(self) -> None:
        """Long in one place, while no shape is seen."""
        running = self._running
        if running is not None and running.kind != "loiter":
            return
        if any(counter.turned_deg >= 360.0 * WHOLE_LAPS for counter in self._counters):
            return  # laps to one hand: what they are is judged by their shape
        stay = self._loiter.stay()
        if stay is None or self._glides >= GLIDER_WINDOWS or self.glider or stay.since_s < self._survey_until:
            return
        if self._low(stay.latitude_deg, stay.longitude_deg):
            return
        lap_km = 2.0 * math.pi * stay.radius_km
        now_s = self._loiter.samples[-1][0]
        period_s = (now_s - stay.since_s) * lap_km / max(stay.flown_km, lap_km)
        self._whole(
            "loiter", stay.latitude_deg, stay.longitude_deg, 2.0 * stay.radius_km, period_s, stay.since_s, now_s
        )

    def _low(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Whether it flies about an aerodrome, low: instruction, not loitering."""
        ground = self._ground(latitude_deg, longitude_deg) if self._ground is not None else None
        return ground is not None and self._lowest_ft is not None and self._lowest_ft - ground <= LOW_FT

    def _looped(self, counter: LapCounter, loop: Loop) -> None:
        word = self._word(counter, loop)
        running = self._running
        if word is None and running is None:
            stay = drifts(counter)
            if stay is not None and not self.glider and stay.radius_km >= MIN_RADIUS_KM:
                word = "loiter"
        kind, hand, count = self._streak
        count = count + 1 if word == kind and counter.hand == hand else 1
        self._streak = (word or "", counter.hand, count)
        if running is not None and running.kind == "loiter" and word not in (None, "loiter") and count >= PATIENCE:
            self._running = Running.lapping(word or "", counter, loop)
            self._running.since_s = min(running.since_s, self._running.since_s)
            self.pattern = self._running.pattern(counter)
            return
        if running is not None and running.belongs(loop):
            patience = CHANGE_OF_MIND * (3 if running.kind == "search" else 1)  # its own laps look like an orbit's
            if (
                word is not None
                and word != running.kind
                and count >= patience
                and not (self._shuttling and word in TO_AND_FRO)
            ):
                running.kind = word
            if word is not None or roughness(loop) <= STAY_ROUGH:
                running.follow(counter, loop, self._followed())
                self.pattern = running.pattern(counter)
            return
        if word is not None and count >= PATIENCE and not (self._shuttling and word in TO_AND_FRO):
            self._running = Running.lapping(word, counter, loop)
            self.pattern = self._running.pattern(counter)

    def _word(self, counter: LapCounter, loop: Loop) -> str | None:
        ground = self._lowest_ft
        if self._ground is not None:
            field = self._ground(loop.centre_lat_deg, loop.centre_lon_deg)
            ground = field if field is not None else ground
        word = name(loop, ground, counter.turned_deg / 360.0)
        if word == "thermalling":
            self._glides += 1
        elif word in ("orbit", "spiral"):
            if self.glider:
                return "thermalling"
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
        running = self._running
        if running is None or running.kind != kind:
            since = start_s if running is None else min(start_s, running.since_s)
            running = self._running = Running.whole(kind, since)
        running.refresh(lat, lon, length_km, period_s, end_s)
        self.pattern = running.pattern(self._followed())

    def _leave_if_away(self, fix: PathPoint) -> None:
        if self._running is not None and self._running.left_by(fix):
            self._end()

    def _end(self) -> None:
        self._running = None
        self.pattern = None
        self._streak = ("", 0, 0)
