"""What time it is for everything that is heard live: one clock, which makes no steps unasked.

    system's clock   1970 ────────┐           NTP answers, somebody sets it, a machine wakes up
                                  └─▶ 2026
    SignalClock      floor ───────┐           goes on evenly by the monotonic clock; `follow` notices the step, takes
                                  └─▶ 2026    it over once, and says by how much: what is remembered moves along

Small differences are slewed. The first moment is never before `EARLIEST`, which is older than no copy of this program:
so a number of seconds that is a moment can be told from one that is a duration (see `receiver/moments.py`).
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

log = logging.getLogger(__name__)

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
STEP_S = 0.5  # a difference from the system's clock that is a step; less is slewed
SLEW = 5e-4  # s per s
READ_WITHIN_S = 0.02  # the two clocks are read together, or they tell nothing of each other

_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of adjtimex(2)
_ERROR = 5  # TIME_ERROR


@dataclass(frozen=True, slots=True)
class ClockState:
    """How the clock is.

    Attributes
    ----------
    synchronised
        Whether the kernel holds its clock for right; None when it does not tell.
    steps
        Steps followed.
    last_step_s, last_step_at_s
        The newest one (s), and when it was followed (UTC s, by the clock after it); None: there was none.
    """

    synchronised: bool | None
    steps: int = 0
    last_step_s: float | None = None
    last_step_at_s: float | None = None


class SignalClock:
    """UTC of a live signal, for every part that stamps what arrives. From any thread.

    Only the source follows steps; whatever else comes in is stamped with the same clock.

    Parameters
    ----------
    wall, steady
        The system's clock and the monotonic one; other ones for tests.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._lock = threading.Lock()
        self.state = ClockState(synchronised())
        self.moved_s = 0.0
        """Sum of the steps followed."""
        self._behind_s = 0.0  # the system's clock says so much less than EARLIEST
        steady_s = steady()
        wall_s = wall()
        if wall_s < EARLIEST:
            log.warning("the system's clock says %s: it was never set; times are wrong until it is", stamp(wall_s))
            self._behind_s = EARLIEST - wall_s
        self.offset_s = wall_s + self._behind_s - steady_s
        """UTC less the monotonic clock."""
        self._looked_s = steady_s

    def utc_s(self) -> float:
        """Seconds since 1970, now."""
        return self._steady() + self.offset_s

    def follow(self) -> float:
        """Look at the system's clock. The result is the step that was followed just now (s), mostly 0."""
        with self._lock:
            before_s = self._steady()
            wall_s = self._wall()
            after_s = self._steady()
            if after_s - before_s > READ_WITHIN_S:
                return 0.0
            if wall_s >= EARLIEST:
                self._behind_s = 0.0
            elif wall_s + self._behind_s < EARLIEST:
                self._behind_s = EARLIEST - wall_s
            elapsed_s, self._looked_s = max(0.0, after_s - self._looked_s), after_s
            wrong_s = wall_s + self._behind_s - after_s - self.offset_s
            if abs(wrong_s) < STEP_S:
                most_s = SLEW * elapsed_s
                self.offset_s += max(-most_s, min(most_s, wrong_s))
                return 0.0
            self.offset_s += wrong_s
            self.moved_s += wrong_s
            self.state = ClockState(synchronised(), self.state.steps + 1, wrong_s, after_s + self.offset_s)
        log.warning("%s", step_note(wrong_s, self.utc_s()))
        return wrong_s

    def look(self) -> ClockState:
        """The state, with the kernel asked anew."""
        known = synchronised()
        if known is not self.state.synchronised:
            state = self.state
            self.state = ClockState(known, state.steps, state.last_step_s, state.last_step_at_s)
        return self.state


def step_note(step_s: float, now: float) -> str:
    """What the owner reads of a step."""
    return f"the clock was set by {spoken(step_s)}, to {stamp(now)}; what is remembered was moved along"


def spoken(seconds: float) -> str:
    """A step in the largest unit that fits."""
    for unit, length in (("years", 31_557_600.0), ("days", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if abs(seconds) >= 2.0 * length or (abs(seconds) >= length and unit != "years"):
            return f"{seconds / length:+.1f} {unit}"
    return f"{seconds:+.1f} s"


def stamp(utc_s: float) -> str:
    """A moment for the log; what no calendar has, as seconds."""
    try:
        return f"{datetime.fromtimestamp(utc_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{utc_s:.0f} s after 1970"


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2), as far as it is read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 40),
    )


def synchronised() -> bool | None:
    """Whether the kernel holds its clock for synchronised; None when it does not tell. Source: adjtimex(2)."""
    try:
        timex = _Timex()
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    return bool(state != _ERROR and not timex.status & _UNSYNCHRONISED)
