"""Figures of eight: turning to the left and to the right in turn, each time by much more than half a lap.

The heading, unwrapped, of a figure of eight swings to and fro. Its extremes are the places where the aircraft rolls
from one hand to the other: the crossing. A lawn-mower grid swings as well, but by 180° only; and where its turns are
teardrops (30° one way, 210° the other) the extremes lie a whole leg apart. So a swing counts as a lobe when it turns
by 200° or more and ends near where it began.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from receiver.earth import KM_PER_DEG, wrap_deg
from receiver.watch.patterns.steps import Step, offset_km

FLAT_DEG = 6.0  # the extreme of a narrow eight is a straight leg: its middle is the crossing
ROLL_DEG = 50.0  # the heading must come back by this much before an extreme is one
LOBE_MIN_DEG, LOBE_MAX_DEG = 200.0, 500.0
LOBES = 4  # two whole eights
CLOSED = 0.35  # ends of a lobe at most this share of its path apart
LOBES_APART = 0.12  # centres of neighbouring lobes at least this share of a lobe's path apart
MIN_LOBE_KM, MAX_LOBE_KM = 1.5, 300.0

Flat = tuple[float, tuple[float, float], tuple[float, float]]  # heading, first and last place of a straight part


@dataclass(frozen=True, slots=True)
class Lobe:
    """One swing between two extremes of the heading. Times in UTC seconds, places in degrees."""

    turn_deg: float
    path_km: float
    start_s: float
    end_s: float
    start: tuple[float, float]
    end: tuple[float, float]
    centre: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Eight:
    """Two or more figures of eight in one place."""

    centre_lat_deg: float
    centre_lon_deg: float
    length_km: float
    period_s: float
    start_s: float
    end_s: float


@dataclass(slots=True)
class Swings:
    """Follows the unwrapped heading and keeps the newest lobes."""

    lobes: deque[Lobe] = field(default_factory=deque)
    turn: float = 0.0
    extreme: float = 0.0
    sign: int = 0
    flat: Flat = (0.0, (0.0, 0.0), (0.0, 0.0))
    at: tuple[float, float, float] | None = None  # time, place of the newest extreme
    start: tuple[float, float, float, float] | None = None  # turn, time, place where this swing began
    pending: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # path, weighted place, up to the extreme
    since_extreme: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def __post_init__(self) -> None:
        self.lobes = deque(self.lobes, maxlen=6)

    def reset(self) -> None:
        """Forget everything."""
        self.lobes.clear()
        self.turn = self.extreme = 0.0
        self.sign = 0
        self.flat = (0.0, (0.0, 0.0), (0.0, 0.0))
        self.at = self.start = None
        self.pending, self.since_extreme = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]

    def feed(self, step: Step) -> bool:
        """Take a step; True when a lobe was finished."""
        lat, lon = step.point(1.0)
        mid_lat, mid_lon = step.point(0.5)
        if self.start is None or self.at is None:
            self.start = (0.0, step.time_s, lat, lon)
            self.at = (step.time_s, lat, lon)
            return False
        self.turn += step.turn_deg
        tail = self.since_extreme
        tail[0] += step.path_km
        east, north = offset_km(self.start[2], self.start[3], mid_lat, mid_lon)
        tail[1] += step.path_km * east
        tail[2] += step.path_km * north
        if self.sign == 0:
            self.sign = 1 if self.turn > 0 else -1
        if self.sign * (self.turn - self.flat[0]) > FLAT_DEG:
            self.flat = (self.turn, (lat, lon), (lat, lon))
        elif abs(self.turn - self.flat[0]) <= FLAT_DEG:
            self.flat = (self.flat[0], self.flat[1], (lat, lon))
        if self.sign * (self.turn - self.extreme) >= 0.0:
            self.extreme, self.at = self.turn, (step.time_s, lat, lon)
            for k in range(3):
                self.pending[k] += tail[k]
                tail[k] = 0.0
            return False
        if abs(self.turn - self.extreme) < ROLL_DEG:
            return False
        self._finish()
        self.at = (step.time_s, lat, lon)
        self.flat = (self.turn, (lat, lon), (lat, lon))
        return True

    def _finish(self) -> None:
        assert self.start is not None
        assert self.at is not None
        path, east, north = self.pending
        start = self.start
        scale = KM_PER_DEG * max(0.02, math.cos(math.radians(start[2])))
        centre = (start[2], start[3])
        if path > 0.0:
            centre = (start[2] + north / path / KM_PER_DEG, start[3] + east / path / scale)
        crossing = _middle(self.flat[1], self.flat[2])
        before = self.lobes[-1].end if self.lobes else (start[2], start[3])
        self.lobes.append(Lobe(self.extreme - start[0], path, start[1], self.at[0], before, crossing, centre))
        # what was flown since the extreme belongs to the next lobe, measured from its own start
        east0, north0 = offset_km(start[2], start[3], self.at[1], self.at[2])
        tail = self.since_extreme
        self.pending = [tail[0], tail[1] - tail[0] * east0, tail[2] - tail[0] * north0]
        self.since_extreme = [0.0, 0.0, 0.0]
        self.start = (self.extreme, *self.at)
        self.sign = -self.sign
        self.extreme = self.turn

    def eight(self) -> Eight | None:
        """The figure of eight that the newest lobes make, or None."""
        if len(self.lobes) < LOBES:
            return None
        lobes = list(self.lobes)[-LOBES:]
        for lobe in lobes:
            apart = math.hypot(*offset_km(*lobe.start, *lobe.end))
            if not (
                LOBE_MIN_DEG <= abs(lobe.turn_deg) <= LOBE_MAX_DEG
                and MIN_LOBE_KM <= lobe.path_km <= MAX_LOBE_KM
                and apart <= CLOSED * lobe.path_km
            ):
                return None
        paths = [lobe.path_km for lobe in lobes]
        if min(paths) < 0.35 * max(paths):
            return None
        mean = sum(paths) / LOBES
        between = math.hypot(*offset_km(*lobes[-2].centre, *lobes[-1].centre))
        same_a = math.hypot(*offset_km(*lobes[-3].centre, *lobes[-1].centre))
        same_b = math.hypot(*offset_km(*lobes[-4].centre, *lobes[-2].centre))
        if between < LOBES_APART * mean or max(same_a, same_b) > 0.3 * mean:
            return None
        (lat_a, lon_a), (lat_b, lon_b) = lobes[-2].centre, lobes[-1].centre
        east, north = offset_km(lat_a, lon_a, lat_b, lon_b)
        return Eight(
            centre_lat_deg=(lat_a + lat_b) / 2,
            centre_lon_deg=lon_a + wrap_deg(lon_b - lon_a) / 2,
            length_km=2.0 * math.hypot(east, north),
            period_s=(lobes[-1].end_s - lobes[0].start_s) / (LOBES / 2),
            start_s=lobes[0].start_s,
            end_s=lobes[-1].end_s,
        )


def _middle(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, a[1] + wrap_deg(b[1] - a[1]) / 2
