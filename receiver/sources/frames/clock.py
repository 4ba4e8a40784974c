"""What time it was when a frame was heard by somebody else's receiver."""

from __future__ import annotations

import logging

from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK

log = logging.getLogger(__name__)

MLAT_COUNTER = 0xFF004D4C4154  # "MLAT" instead of a time: a position that was computed, not heard
BACK_S = 1.0  # frames a little out of order
AHEAD_S = 10.0  # a counter may run ahead of the clock by so much in one step: a recording that is played fast
BEHIND_S = 30.0  # and fall behind in all: a network that stood still
SLEW_S = 600.0  # crystals are off by some ppm: the clock is followed with this time constant …
SLEW_WITHIN_S = 2.0  # … while the difference is small
STEP_S = 1e-5  # between frames that have no time of their own
STUCK = 20  # the same counter so many times in a row
BREAKS = 5  # before a counter is judged


class NetworkClock:
    """UTC from a counter of 12 MHz where it can be trusted, else from the moment of arrival. Goes back by no more
    than a frame or two, but for the moment when a counter is given up.

    A counter keeps its own pace when it runs faster than the clock (a recording played into a port). One that jumps
    all the time (frames of several receivers in one stream), stands still or is missing is not used.
    """

    def __init__(self) -> None:
        self._counter: int | None = None
        self._time_s = self._untimed_s = 0.0  # of the last frame with a counter in use, and without
        self._arrived_s = 0.0
        self._frames = self._breaks = self._repeats = 0
        self._useless = False

    def utc_s(self, counter: int | None, arrived_s: float) -> float:
        """UTC (s) of a frame, from its counter (None: it has none) and the UTC of its arrival."""
        if counter is None or counter == MLAT_COUNTER or self._useless:
            self._untimed_s = max(arrived_s, self._time_s + STEP_S, self._untimed_s + STEP_S)
            return self._untimed_s
        if self._counter is None:
            self._time_s = max(arrived_s, self._untimed_s + STEP_S)
        else:
            self._step(counter, self._counter, arrived_s)
        self._counter, self._arrived_s = counter, arrived_s
        return self._time_s

    def move(self, by_s: float) -> None:
        """The clock that arrivals are told by was set by so much."""
        self._time_s += by_s
        self._untimed_s += by_s
        self._arrived_s += by_s

    def _step(self, counter: int, before: int, arrived_s: float) -> None:
        ticks = (counter - before) & COUNTER_MASK
        if ticks > COUNTER_MASK // 2:
            ticks -= COUNTER_MASK + 1
        step_s = ticks / COUNTER_HZ
        elapsed_s = max(0.0, arrived_s - self._arrived_s)
        time_s = self._time_s + step_s
        self._frames += 1
        self._repeats = self._repeats + 1 if ticks == 0 else 0
        if -BACK_S <= step_s <= elapsed_s + AHEAD_S and time_s >= arrived_s - BEHIND_S:
            late_s = arrived_s - time_s
            if abs(late_s) < SLEW_WITHIN_S:
                time_s += late_s * min(1.0, elapsed_s / SLEW_S)
            self._time_s = time_s
        else:
            self._breaks += 1
            self._time_s = max(arrived_s, self._time_s)
        if self._repeats >= STUCK or (self._breaks >= BREAKS and self._breaks * 20 > self._frames):
            log.info("frames from the network: their counter is no clock; the time of arrival is used")
            self._useless = True
            self._time_s = arrived_s
