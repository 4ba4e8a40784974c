"""Coarse positions made smooth: multilateration, TIS-B and old navigation scatter by 50 to 500 m.

How coarse they are is measured, as nobody says so: across the direction of flight (along it only clocks jitter), once
against the three positions before, once against speed and track where they are known. The smaller counts: a glider's
circles look like scatter to the first, an overflown track to the second. From `COARSE_KM` on, a parabola is laid
through five to nine positions and its middle takes their place, with the direction of flight there: exact on a
circle, and some seconds late.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass, field, replace

from receiver.earth import KM_PER_DEG, wrap_deg
from receiver.watch.patterns.steps import GAP_S, KM_PER_S_PER_KT, MIN_STEP_S, PathPoint, offset_km, reachable

COARSE_KM = 0.025  # from this scatter on positions are smoothed
FINE_KM = 0.015  # … until it is below this
LONGEST_STEP_S = 12.5  # positions farther apart say nothing of scatter
HOLE_S = 30.0  # and across a hole no curve is laid
WINDOWS = (5, 7, 9, 13)
LONGEST_S = (60.0, 48.0, 48.0, 72.0)
DIRECTION = 0.08  # as many positions as it takes for this error of the direction, radians
BENT_DEG = 60.0  # and the longest window only where the flight bends by less within it
STEP = 12.0  # the next position is as many times the scatter away, …
STEP_DEG = 12.0  # … or flown in another direction by so much: in between scatter would add up to turns
SAMPLES = 6
MEMORY = 12.0
SAMPLED = 4  # once it is known that they are fine, only every fourth is looked at
MOST_GAIN = 100.0  # extrapolations that magnify scatter more than this prove nothing


@dataclass(slots=True)
class Scatter:
    """A variance from samples, the newest weighing most; km²."""

    count: int = 0
    variance: float = 0.0

    def add(self, sample: float) -> None:
        """One squared error; of one that is out of all proportion only a part."""
        self.count += 1
        if self.count > SAMPLES:
            sample = min(sample, 9.0 * self.variance + 1e-6)
        self.variance += (sample - self.variance) / min(float(self.count), MEMORY)

    def km(self) -> float | None:
        """Standard deviation; None before there are enough samples."""
        return math.sqrt(self.variance) if self.count >= SAMPLES else None


@dataclass(slots=True)
class Smoother:
    """Passes positions on, smoothed where they are coarse."""

    recent: deque[PathPoint] = field(default_factory=deque)
    suspect: PathPoint | None = None
    by_place: Scatter = field(default_factory=Scatter)
    by_velocity: Scatter = field(default_factory=Scatter)
    coarse: bool = False
    fed: int = 0
    passed: PathPoint | None = None  # the newest smoothed one that went on

    def __post_init__(self) -> None:
        self.recent = deque(self.recent, maxlen=WINDOWS[-1])

    def scatter_km(self) -> float:
        """How coarse positions are, one standard deviation an axis; 0 while it is not known."""
        known = [km for km in (self.by_place.km(), self.by_velocity.km()) if km is not None]
        return min(known) if self.by_place.km() is not None else 0.0

    def feed(self, fix: PathPoint) -> PathPoint | None:
        """The position to go on with: this one, a smoothed one of some seconds ago, or none yet."""
        if self.recent:
            since = fix.time_s - self.recent[-1].time_s
            if 0.0 <= since < MIN_STEP_S:
                return None if self.coarse else fix
            if since < 0.0 or since > HOLE_S:
                self.recent.clear()
            elif not self._follows(fix):
                return None if self.coarse else fix
        self.recent.append(fix)
        self.fed += 1
        if self.coarse or self.fed % SAMPLED == 0 or self.by_place.count < 2 * SAMPLES:
            self._measure()
        scatter = self.scatter_km()
        self.coarse = scatter > (FINE_KM if self.coarse else COARSE_KM)
        return self._middle(scatter) if self.coarse else fix

    def _follows(self, fix: PathPoint) -> bool:
        """Whether it could have flown here; a second one that agrees with the first means that we were wrong."""
        last = self.recent[-1]
        if reachable(last, fix):
            self.suspect = None
            return True
        if self.suspect is not None and fix.time_s > self.suspect.time_s and reachable(self.suspect, fix):
            self.recent.clear()
            self.suspect = None
            return True
        self.suspect = fix
        return False

    def _measure(self) -> None:
        count = len(self.recent)
        if count < 2:
            return
        here, last = self.recent[-1], self.recent[-2]
        east, north = offset_km(last.latitude_deg, last.longitude_deg, here.latitude_deg, here.longitude_deg)
        duration, chord = here.time_s - last.time_s, math.hypot(east, north)
        if duration > LONGEST_STEP_S or chord < 0.02:
            return
        across = (north / chord, -east / chord)
        if here.track_deg is not None and last.track_deg is not None and here.ground_speed_kt is not None:
            turn = wrap_deg(here.track_deg - last.track_deg)
            if abs(turn) < 120.0:
                half = math.radians(turn / 2)
                far = here.ground_speed_kt * KM_PER_S_PER_KT * duration * (math.sin(half) / half if half else 1.0)
                way = math.radians(last.track_deg) + half
                off = (east - far * math.sin(way), north - far * math.cos(way))
                # across the flown direction the chord's own end scatters twice
                self.by_velocity.add((off[0] * math.cos(way) - off[1] * math.sin(way)) ** 2 / 2.0)
        if count >= 4:
            self._extrapolate(across)

    def _extrapolate(self, across: tuple[float, float]) -> None:
        points = list(self.recent)[-4:]
        times = [p.time_s for p in points]
        if any(b - a > LONGEST_STEP_S for a, b in itertools.pairwise(times)):
            return
        gain, off = 1.0, 0.0
        here = points[3]
        for j in range(3):
            weight = 1.0
            for k in range(3):
                if k != j:
                    weight *= (times[3] - times[k]) / (times[j] - times[k])
            gain += weight * weight
            east, north = offset_km(
                here.latitude_deg, here.longitude_deg, points[j].latitude_deg, points[j].longitude_deg
            )
            off += weight * (east * across[0] + north * across[1])
        if gain <= MOST_GAIN:
            self.by_place.add(off * off / gain)

    def _middle(self, scatter_km: float) -> PathPoint | None:
        """The middle of the curve through the newest positions."""
        points = list(self.recent)
        best: PathPoint | None = None
        for count, longest_s in zip(WINDOWS, LONGEST_S, strict=True):
            window = points[-count:]
            found = None
            if len(window) == count and window[-1].time_s - window[0].time_s <= longest_s:
                found = _parabola(window)
            if found is None:
                break
            if count == WINDOWS[-1] and best is not None and self._bends(best, window):
                break
            best, error = found
            if error * scatter_km <= DIRECTION:
                break
        return self._far_enough(best, scatter_km) if best is not None else None

    @staticmethod
    def _bends(at: PathPoint, window: list[PathPoint]) -> bool:
        """Whether the flight within a window bends by too much for a parabola, judged by where its end lies."""
        assert at.track_deg is not None
        end = window[-1]
        east, north = offset_km(at.latitude_deg, at.longitude_deg, end.latitude_deg, end.longitude_deg)
        return abs(wrap_deg(math.degrees(math.atan2(east, north)) - at.track_deg)) > BENT_DEG / 4

    def _far_enough(self, point: PathPoint, scatter_km: float) -> PathPoint | None:
        """The point, if it says more than scatter does."""
        last = self.passed
        if last is not None and last.track_deg is not None and point.track_deg is not None:
            away = math.hypot(
                *offset_km(last.latitude_deg, last.longitude_deg, point.latitude_deg, point.longitude_deg)
            )
            turned = abs(wrap_deg(point.track_deg - last.track_deg))
            soon = 0.0 <= point.time_s - last.time_s < GAP_S - 2.0
            if soon and away < STEP * scatter_km and turned < STEP_DEG:
                return None
        self.passed = point
        return point


def _parabola(window: list[PathPoint]) -> tuple[PathPoint, float] | None:
    """Place and direction at the middle of least squares through these positions, and the error of the direction
    (radians) for each km of scatter."""
    middle = window[len(window) // 2]
    times = [p.time_s - middle.time_s for p in window]
    places = [offset_km(middle.latitude_deg, middle.longitude_deg, p.latitude_deg, p.longitude_deg) for p in window]
    n = float(len(window))
    s1, s2, s3, s4 = (sum(t**k for t in times) for k in (1, 2, 3, 4))
    determinant = n * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2)
    if abs(determinant) < 1e-6:
        return None
    at, speed = [], []
    for axis in (0, 1):
        y0 = sum(p[axis] for p in places)
        y1 = sum(t * p[axis] for t, p in zip(times, places, strict=True))
        y2 = sum(t * t * p[axis] for t, p in zip(times, places, strict=True))
        at.append((y0 * (s2 * s4 - s3 * s3) - y1 * (s1 * s4 - s2 * s3) + y2 * (s1 * s3 - s2 * s2)) / determinant)
        speed.append((-y0 * (s1 * s4 - s3 * s2) + y1 * (n * s4 - s2 * s2) - y2 * (n * s3 - s1 * s2)) / determinant)
    km_s = math.hypot(*speed)
    if km_s < 1e-4:
        return None
    scale = KM_PER_DEG * max(0.02, math.cos(math.radians(middle.latitude_deg)))
    point = replace(
        middle,
        latitude_deg=middle.latitude_deg + at[1] / KM_PER_DEG,
        longitude_deg=wrap_deg(middle.longitude_deg + at[0] / scale),
        ground_speed_kt=km_s / KM_PER_S_PER_KT,
        track_deg=math.degrees(math.atan2(speed[0], speed[1])) % 360.0,
    )
    return point, math.sqrt((n * s4 - s2 * s2) / determinant) / km_s
