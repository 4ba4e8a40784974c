"""Survey grids: straight legs to and fro, each beside the one before.

Whether the lines are flown in order (left, right, left: the turns cancel) or interleaved (1, 5, 2, 6, …: every turn to
the same hand, so it looks like a long racetrack), the legs of one direction move sideways by a regular step. A
racetrack's legs are flown again where they were.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass, field

from receiver.earth import KM_PER_DEG, wrap_deg
from receiver.watch.patterns.steps import Step, offset_km

STRAIGHT_DEG = 7.0
MIN_LEG_KM = 1.5
LEGS = 6
MORE_LEGS = 8
SAME_LINE_KM = 0.08
PARALLEL_DEG = 10.0
FRAGMENT = 0.25  # legs shorter than this share of the longest are pieces of turns


@dataclass(slots=True)
class Leg:
    """A straight piece: places in degrees, heading of its chord."""

    start: tuple[float, float]
    end: tuple[float, float]
    start_s: float
    end_s: float

    @property
    def length_km(self) -> float:
        """Distance between its ends."""
        return math.hypot(*offset_km(*self.start, *self.end))

    @property
    def heading_deg(self) -> float:
        """Direction from start to end."""
        east, north = offset_km(*self.start, *self.end)
        return math.degrees(math.atan2(east, north))


@dataclass(frozen=True, slots=True)
class Grid:
    """A survey in progress."""

    centre_lat_deg: float
    centre_lon_deg: float
    leg_km: float
    spacing_km: float
    period_s: float
    start_s: float
    end_s: float


@dataclass(slots=True)
class Legs:
    """Finds straight legs in a row of steps and keeps the newest ones."""

    legs: deque[Leg] = field(default_factory=deque)
    open: Leg | None = None
    bend: float = 0.0  # heading since the leg began
    mean: float = 0.0  # its mean over the path
    path: float = 0.0

    def __post_init__(self) -> None:
        self.legs = deque(self.legs, maxlen=3 * LEGS)

    def reset(self) -> None:
        """Forget everything."""
        self.legs.clear()
        self.open = None
        self.bend = self.mean = self.path = 0.0

    def feed(self, step: Step) -> bool:
        """Take a step; True when a leg was finished."""
        self.bend += step.turn_deg
        end = (
            step.latitude_deg + step.north_km / KM_PER_DEG,
            step.longitude_deg + step.east_km / (KM_PER_DEG * max(0.02, math.cos(math.radians(step.latitude_deg)))),
        )
        if self.open is not None and abs(self.bend - self.mean) <= STRAIGHT_DEG:
            self.path += step.path_km
            self.mean += (self.bend - self.mean) * step.path_km / max(self.path, 1e-6)
            self.open.end, self.open.end_s = end, step.time_s
            return False
        done = self.open
        self.bend = self.mean = self.path = 0.0
        self.open = Leg(end, end, step.time_s, step.time_s)
        if done is None or done.length_km < MIN_LEG_KM:
            return False
        if self.legs and self._continues(self.legs[-1], done):
            self.legs[-1].end, self.legs[-1].end_s = done.end, done.end_s
        else:
            self.legs.append(done)
        return True

    @staticmethod
    def _continues(leg: Leg, more: Leg) -> bool:
        if abs(wrap_deg(more.heading_deg - leg.heading_deg)) > STRAIGHT_DEG:
            return False
        return abs(_beside_km(leg, more)) <= max(SAME_LINE_KM, 0.02 * leg.length_km)

    def grid(self) -> Grid | None:
        """The survey grid that the newest legs make, or None."""
        if len(self.legs) < LEGS:
            return None
        lines = self.lines(3 * LEGS)
        return _grid(lines[-LEGS:], 0.6) or _grid(lines[-MORE_LEGS:], 0.0)

    def lines(self, newest: int) -> list[Leg]:
        """So many of the newest legs, whole and without pieces of turns."""
        legs = list(self.legs)[-newest:]
        return _lines(legs) if legs else []


def _lines(legs: list[Leg]) -> list[Leg]:
    """Legs without the short pieces in the turns, and with the halves of a bent or interrupted one put together."""
    longest = max(leg.length_km for leg in legs[-10:])  # not the flight there
    lines: list[Leg] = []
    for leg in legs:
        if leg.length_km < FRAGMENT * longest:
            continue
        if lines and abs(wrap_deg(leg.heading_deg - lines[-1].heading_deg)) < 20.0:
            lines[-1] = Leg(lines[-1].start, leg.end, lines[-1].start_s, leg.end_s)
        else:
            lines.append(leg)
    return lines


def _beside_km(line: Leg, other: Leg) -> float:
    """How far the middle of the other leg lies to the right of the line, km."""
    middle_lat = (other.start[0] + other.end[0]) / 2
    middle_lon = other.start[1] + wrap_deg(other.end[1] - other.start[1]) / 2
    east, north = offset_km(*line.start, middle_lat, middle_lon)
    heading = math.radians(line.heading_deg)
    return east * math.cos(heading) - north * math.sin(heading)


def _grid(legs: list[Leg], in_order: float) -> Grid | None:
    """The grid that these legs make, or None.

    `in_order` is the least shift between lines of one direction over the shift between neighbours. Lines flown in order
    have 2; interleaved ones less, down to that of a racetrack which slides a little at random, so those need more legs
    to be believed.
    """
    if len(legs) < (LEGS if in_order else MORE_LEGS):
        return None
    lengths = [leg.length_km for leg in legs]
    if min(lengths) < 0.3 * max(lengths):
        return None
    first = legs[0]
    for k, leg in enumerate(legs[1:], 1):
        expected = first.heading_deg + (180.0 if k % 2 else 0.0)
        if abs(wrap_deg(leg.heading_deg - expected)) > PARALLEL_DEG:
            return None
    offsets = [_beside_km(first, leg) for leg in legs]
    shifts = [b - a for a, b in zip(offsets, offsets[2:], strict=False)]
    size = [abs(s) for s in shifts]
    mean = sum(size) / len(size)
    one_way = all(s > 0 for s in shifts) or all(s < 0 for s in shifts)
    if not one_way or min(size) < max(0.04, 0.3 * mean) or max(size) > 2.0 * mean or mean > 0.8 * max(lengths):
        return None
    neighbours = sum(abs(b - a) for a, b in itertools.pairwise(offsets)) / (len(offsets) - 1)
    if mean < in_order * neighbours:
        return None
    longest = max(legs, key=lambda leg: leg.length_km)
    return Grid(
        centre_lat_deg=(longest.start[0] + longest.end[0]) / 2,
        centre_lon_deg=longest.start[1] + wrap_deg(longest.end[1] - longest.start[1]) / 2,
        leg_km=sum(lengths) / len(lengths),
        spacing_km=mean / 2,
        period_s=2.0 * (legs[-1].end_s - legs[0].start_s) / len(legs),
        start_s=legs[0].start_s,
        end_s=legs[-1].end_s,
    )
