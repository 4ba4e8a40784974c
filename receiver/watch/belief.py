"""Whether an aircraft's positions can be true. A GPS receiver that is deceived is sure of itself, and sends on.

What is weighed, each against what the aircraft says of itself: a leap that nobody can fly, the speed flown against the
speed told, the bank that a turn takes, the speed against the height, the level against the distance. How sure it says it is of
its position (NACp) widens what a leap is. A track that disagrees is weighed elsewhere
(`patterns/compass.py`): recordings with wrong tracks and right positions are common. What is doubted is neither a
pattern nor a border crossed.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import deque
from dataclasses import dataclass, field

from receiver.earth import METRES_PER_NMI, wrap_deg
from receiver.watch.patterns.steps import KM_PER_S_PER_KT, PathPoint, offset_km

JUMP, BANK, SPEED, SLOW, LEVEL, TIMES = "jump", "bank", "speed", "slow", "level", "times"

LEAST_S = 2.0
WEIGHED_EVERY_S = 5.0
SEEN = 6  # positions that the measures are taken over
NEAR_S = 12.5  # positions farther apart in time say nothing of turn and speed
LEAP_KM = 8.0  # beyond what could be flown
LEAP_WITHIN_S = 600.0
MOST_UNSURE_KM = 20.0
UNSURE_KM = (
    MOST_UNSURE_KM,
    18.5,
    7.4,
    3.7,
    1.9,
)  # by NACp from 0 (DO-260B, 95 %); from 5 on it is too little to matter
FASTEST_KT = 750.0  # where no speed is told
KNOWN_STEPS, KNOWN_S = 5, 20.0  # so much was seen before a leap, or the new place is as good as the old one
LONG_KNOWN_S = 60.0

STEEPEST_DEG = 60.0  # real orbits are flown with 45° at most
BANK_FOR_S = 20.0
SPEED_FOR_S = 60.0
LEAST_TOLD_KT, LEAST_FT = 200.0, 10_000.0  # below, velocities and positions of one moment are often not of one moment
SAME_KM, SAME_KT = 0.002, 100.0
SLOWER, FASTER, FASTER_KT = 0.4, 2.0, 100.0
HIGH_FT, SLOWEST_KT = 25_000.0, 120.0
SLOW_FOR_S = 60.0
TOO_LOUD_DB, LOUD_FOR_S = 13.0, 60.0
HEAVY = frozenset({"A3", "A4", "A5"})  # an airliner by its own account
FIGHTER = "A6"
STEADY_FOR_S, STEADY_AFTER_LEAP_S = 60.0, 180.0  # so long without a fault, and it is believed again
NAMED_AFTER_S = 20.0  # one wrong position is an error of reception

G_M_S2 = 9.80665


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why positions are doubted.

    Attributes
    ----------
    kind
        jump, bank, speed, slow, level or times.
    since_s
        UTC seconds.
    amount, told
        km of the leap; degrees of bank; knots flown, and told; knots, and feet; dB; km from where its transmissions
        come from.
    latitude_deg, longitude_deg
        Where it says that it is.
    """

    kind: str
    since_s: float
    amount: float
    told: float
    latitude_deg: float
    longitude_deg: float


@dataclass(slots=True)
class Belief:
    """Judges the positions of one aircraft as they come. `doubt`: why they are not believed now; `believed`: the newest
    that was."""

    doubt: Doubt | None = None
    believed: PathPoint | None = None
    recent: deque[PathPoint] = field(default_factory=deque)
    steps: int = 0  # believed in a row
    first_s: float = 0.0  # of them
    odd_s: dict[str, float] = field(default_factory=dict)  # for how long each fault has lasted
    steady_s: float = 0.0
    weighed_s: float = 0.0
    excess_db: float | None = None  # by how much it is louder than it may be from so far; None: not known
    unsure_km: float = 0.0  # how far off it may be, as it says itself

    def __post_init__(self) -> None:
        self.recent = deque(self.recent, maxlen=SEEN)

    def weigh(self, excess_db: float | None, nac_p: int | None) -> None:
        """Take what is known beside positions: by how much it is too loud, and how sure it says it is."""
        self.excess_db = excess_db
        self.unsure_km = UNSURE_KM[nac_p] if nac_p is not None and 0 <= nac_p < len(UNSURE_KM) else 0.0

    def named(self, now: float) -> Doubt | None:
        """The doubt, when it has lasted."""
        return self.doubt if self.doubt is not None and now - self.doubt.since_s >= NAMED_AFTER_S else None

    def contradict(self, km: float, now: float) -> None:
        """Arrival times at several stations say that it is so far from where it says: doubted as long as they do."""
        self.steady_s = 0.0
        if self.doubt is None and self.recent:
            last = self.recent[-1]
            self.doubt = Doubt(TIMES, now, km, 0.0, last.latitude_deg, last.longitude_deg)

    def take(self, fix: PathPoint, category: str | None) -> bool:
        """Take the next position; whether it is believed."""
        last = self.recent[-1] if self.recent else None
        if last is not None and (0.0 <= fix.time_s - last.time_s < LEAST_S or _same(last, fix)):
            return self.doubt is None
        if fix.on_ground or last is None or fix.time_s < last.time_s:
            self.recent.clear()
            self.recent.append(fix)
            return self._believe(fix) if self.doubt is None or fix.on_ground else False
        duration = fix.time_s - last.time_s
        leap = _leap_km(last, fix)
        if leap > LEAP_KM + self.unsure_km and duration <= LEAP_WITHIN_S:
            self.recent.clear()
            self.recent.append(fix)
            return self._leapt(fix, leap)
        self.recent.append(fix)
        if not 0.0 <= fix.time_s - self.weighed_s < WEIGHED_EVERY_S:
            self._weigh(fix, category, min(fix.time_s - self.weighed_s, NEAR_S) if self.weighed_s else duration)
            self.weighed_s = fix.time_s
        return self.doubt is None and self._believe(fix)

    def _weigh(self, fix: PathPoint, category: str | None, duration_s: float) -> None:
        """Look for what cannot be; `duration_s`: how much time this stands for."""
        fault = self._fault(max(0.0, duration_s), category)
        if fault is not None:
            self.steady_s = 0.0
            if self.doubt is None:
                self.doubt = Doubt(fault[0], fix.time_s, fault[1], fault[2], fix.latitude_deg, fix.longitude_deg)
        elif self.doubt is not None:
            self.steady_s += max(0.0, duration_s) if not any(self.odd_s.values()) else 0.0
            if self._is_steady(fix):
                self._start(fix)

    def _believe(self, fix: PathPoint) -> bool:
        if self.steps == 0:
            self.first_s = fix.time_s
        self.steps += 1
        self.believed = fix
        return True

    def _start(self, fix: PathPoint) -> None:
        """Believe it, from here on."""
        self.doubt = None
        self.odd_s.clear()
        self.steady_s = 0.0
        self.steps, self.first_s = 0, fix.time_s

    def _leapt(self, fix: PathPoint, leap_km: float) -> bool:
        self.odd_s.clear()
        self.steady_s = 0.0
        known = (
            self.steps >= KNOWN_STEPS and self.believed is not None and self.believed.time_s - self.first_s >= KNOWN_S
        )
        if (
            self.doubt is not None
            and self.believed is not None
            and _leap_km(self.believed, fix) <= LEAP_KM + self.unsure_km
        ):
            self._start(fix)  # back where it can be
            return self._believe(fix)
        if self.doubt is None and not known:
            self._start(fix)
            return self._believe(fix)
        if self.doubt is None:
            self.doubt = Doubt(JUMP, fix.time_s, leap_km, 0.0, fix.latitude_deg, fix.longitude_deg)
        return False

    def _is_steady(self, fix: PathPoint) -> bool:
        assert self.doubt is not None
        if self.doubt.kind != JUMP:
            return self.steady_s >= STEADY_FOR_S
        short = self.believed is None or self.believed.time_s - self.first_s < LONG_KNOWN_S
        reached = self.believed is None or _leap_km(self.believed, fix) <= LEAP_KM
        return self.steady_s >= STEADY_AFTER_LEAP_S and (short or reached)

    def _fault(self, duration_s: float, category: str | None) -> tuple[str, float, float] | None:
        """What cannot be, with its two figures, when it has lasted."""
        points = list(self.recent)
        if len(points) < 3 or any(b.time_s - a.time_s > NEAR_S for a, b in itertools.pairwise(points)):
            self.odd_s.clear()
            return None
        chords = [
            offset_km(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)
            for a, b in itertools.pairwise(points)
        ]
        flown_kt = (
            statistics.median(
                math.hypot(*chord) / (b.time_s - a.time_s)
                for chord, (a, b) in zip(chords, itertools.pairwise(points), strict=True)
            )
            / KM_PER_S_PER_KT
        )  # one position that came late is one short and one long chord
        told = [p.ground_speed_kt for p in points if p.ground_speed_kt is not None]
        told_kt = sum(told) / len(told) if told else None
        found: tuple[str, float, float] | None = None
        bank = _bank_deg(points, chords, max(flown_kt, told_kt or 0.0))
        found = self._lasts(BANK, bank > STEEPEST_DEG and category != FIGHTER, duration_s, BANK_FOR_S, bank, 0.0)
        if told_kt is not None:
            odd = told_kt >= LEAST_TOLD_KT and (flown_kt < SLOWER * told_kt or flown_kt > FASTER * told_kt + FASTER_KT)
            found = found or self._lasts(SPEED, odd, duration_s, SPEED_FOR_S, flown_kt, told_kt)
        altitude = points[-1].altitude_ft
        slow = category in HEAVY and altitude is not None and altitude >= HIGH_FT and flown_kt < SLOWEST_KT
        found = found or self._lasts(SLOW, slow, duration_s, SLOW_FOR_S, flown_kt, altitude or 0.0)
        excess = self.excess_db or 0.0
        return found or self._lasts(LEVEL, excess > TOO_LOUD_DB, duration_s, LOUD_FOR_S, excess, 0.0)

    def _lasts(
        self, kind: str, odd: bool, duration_s: float, for_s: float, amount: float, told: float
    ) -> tuple[str, float, float] | None:
        """A fault counts when it has lasted; what comes and goes fades."""
        lasted = self.odd_s.get(kind, 0.0)
        self.odd_s[kind] = lasted = lasted + duration_s if odd else max(0.0, lasted - 2.0 * duration_s)
        return (kind, amount, told) if odd and lasted >= for_s else None


def _same(a: PathPoint, b: PathPoint) -> bool:
    """Whether this is the old position told once more, as networks do: it says nothing new."""
    chord = math.hypot(*offset_km(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg))
    return chord < SAME_KM and (b.ground_speed_kt or 0.0) >= SAME_KT


def _leap_km(a: PathPoint, b: PathPoint) -> float:
    """How much farther the second position is than could be flown from the first."""
    chord = math.hypot(*offset_km(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg))
    told = [p.ground_speed_kt for p in (a, b) if p.ground_speed_kt is not None]
    fastest_kt = 1.3 * max(told) + 100.0 if told else FASTEST_KT
    return chord - fastest_kt * KM_PER_S_PER_KT * max(b.time_s - a.time_s, 0.0)


def _bank_deg(points: list[PathPoint], chords: list[tuple[float, float]], speed_kt: float) -> float:
    """Bank of a level turn like this, from positions alone; 0 where the turn cannot be told."""
    turn, before = 0.0, math.degrees(math.atan2(*chords[0]))
    for chord in chords[1:]:
        here = math.degrees(math.atan2(*chord))
        step = wrap_deg(here - before)
        if abs(step) > 110.0:
            return 0.0
        turn, before = turn + step, here
    first = (points[0].time_s + points[1].time_s) / 2
    last = (points[-2].time_s + points[-1].time_s) / 2
    if last - first < 4.0:
        return 0.0
    speed_m_s = speed_kt * METRES_PER_NMI / 3600.0
    return math.degrees(math.atan(speed_m_s * math.radians(abs(turn)) / (last - first) / G_M_S2))
