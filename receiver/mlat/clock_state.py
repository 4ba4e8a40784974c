"""What is kept of a station's clock and of a pair of them, and what is reported of both."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

USUAL_SIGMA_S = 60e-9  # of an arrival time, until it is measured
LEVELS, LOWEST_DBFS, LEVEL_STEP_DB = 10, -42.0, 4.0  # bins of level: weak frames are timed less well


class ClockEvent(NamedTuple):
    """Something has happened to a clock.

    Attributes
    ----------
    kind
        `matched` (the station's first pair), `jump`, `restart`, `erratic` (arrivals contradict all others), `trusted` (no longer).
    stations
        Who: one name, or two when it cannot be told which of them.
    time_s
        UTC.
    by_s
        How much later the clock reads since, for a jump: negative when samples were lost.
    """

    kind: str
    stations: tuple[str, ...]
    time_s: float
    by_s: float = 0.0


class PairQuality(NamedTuple):
    """How well two clocks are matched: standard deviation of the offset now, rms of what arrivals leave, rate, and the count of them."""

    first: str
    second: str
    sigma_s: float
    residual_s: float
    rate_ppm: float
    transmissions: int


class StationClock:
    """What is known of one station's clock, whatever it is matched with."""

    __slots__ = (
        "agreement",
        "base",
        "clock",
        "erratic",
        "jumps",
        "last_agreed_s",
        "matched",
        "name",
        "noise",
        "read",
        "read_s",
        "strikes",
        "votes",
    )

    def __init__(self, name: str, clock: int, ticks: int) -> None:
        self.name = name
        self.clock = clock
        self.base = ticks
        self.noise = [USUAL_SIGMA_S**2] * (LEVELS + 1)
        self.strikes: deque[tuple[float, float, str]] = deque(maxlen=24)  # when, how late, whose transmission
        self.read, self.read_s = 0.0, -math.inf  # what the clock read, and when (UTC)
        self.agreement = 1.0
        self.votes = 0
        self.last_agreed_s = -math.inf
        self.erratic = False
        self.matched = False
        self.jumps = 0


def level_bin(level_dbfs: float | None) -> int:
    """Which of a station's noises holds at a level."""
    if level_dbfs is None:
        return LEVELS
    return min(max(int((level_dbfs - LOWEST_DBFS) / LEVEL_STEP_DB), 0), LEVELS - 1)
