"""What time it was when a frame was received by somebody else's receiver, live."""

from __future__ import annotations

import logging
from typing import NamedTuple

from receiver.wire.counter import MLAT_COUNTER, CounterKind, Strand, Strands, kind_of, may_be_gps, seconds_between

log = logging.getLogger(__name__)

BACK_S = 0.1  # frames a little out of order; the counters of two receivers may differ by little more
AHEAD_S = 10.0  # a counter may run ahead of the clock by so much in one step: a recording that is played fast
BEHIND_S = 30.0  # and fall behind in all: a network that stood still
SLEW_S = 600.0  # crystals are off by some ppm: the clock is followed with this time constant …
SLEW_WITHIN_S = 2.0  # … while the difference is small
STEP_S = 1e-5  # between frames that have no time of their own
STUCK = 20  # the same counter so many times in a row
BREAKS = 5  # before a counter is judged

# A counter that goes by GPS, read as one of 12 MHz, runs 89 times as fast as the clock.
_GPS_PACE = (45.0, 180.0)
_GPS_JUDGED_S, _GPS_JUDGED_FRAMES, _GPS_REMEMBERED = 0.2, 8, 4096


class Reading(NamedTuple):
    """When a frame was received, UTC (s); and of `receiver.wire.frame.Frame` what the clock knows."""

    utc_s: float
    receiver: int = 0
    epoch: int = 0


class NetworkClock:
    """UTC from counters where they can be trusted, else from the moment of arrival. Goes back by no more than a frame
    or two, but for the moment when counters are given up, are found to go by GPS, or are told apart.

    A counter keeps its own pace when it runs faster than the clock (a recording played into a port). Those of several
    receivers in one stream are told apart (`receiver.wire.counter.Strands`). One that jumps all the time, stands still
    or is missing is not used.
    """

    def __init__(self) -> None:
        self._strands = Strands()
        self._last: int | None = None
        self._time_s = self._untimed_s = 0.0  # of the last frame with a counter in use, and without
        self._arrived_s = 0.0
        self._frames = self._breaks = self._repeats = 0
        self._epoch = 0
        self._jump: tuple[Strand, Strand, float] | None = None  # what jumped ahead, as it was before, by how much
        self._useless = False
        self._undecided: list[int] | None = []  # counters so far, while they may go by GPS
        self._began_s = 0.0

    @property
    def is_used(self) -> bool:
        """Whether counters are still taken for a clock."""
        return not self._useless

    def utc_s(self, counter: int | None, arrived_s: float) -> float:
        """UTC (s) of a frame, as `read`."""
        return self.read(counter, arrived_s).utc_s

    def read(self, counter: int | None, arrived_s: float, receiver_id: int | None = None) -> Reading:
        """When a frame was received, from its counter (None: it has none) and the UTC of its arrival."""
        if counter is None or counter == MLAT_COUNTER or self._useless:
            self._untimed_s = max(arrived_s, self._time_s + STEP_S, self._untimed_s + STEP_S)
            return Reading(self._untimed_s, 0, self._epoch)
        if self._undecided is not None:
            self._judge_kind(counter, arrived_s)
        found = self._strands.nearest(counter, receiver_id, self._time_s)
        if found is None:
            first = not len(self._strands)
            self._time_s = max(arrived_s, self._untimed_s + STEP_S) if first else max(arrived_s, self._time_s)
            number = self._strands.begin(counter, receiver_id, self._time_s).number
        else:
            number = self._step(counter, receiver_id, *found, arrived_s)
        self._last, self._arrived_s = counter, arrived_s
        return Reading(self._time_s, number, self._epoch)

    def move(self, by_s: float) -> None:
        """The clock that arrivals are told by was set by so much."""
        self._time_s += by_s
        self._untimed_s += by_s
        self._arrived_s += by_s
        self._began_s += by_s
        self._strands.move(by_s)
        if self._jump is not None:
            self._jump[1].time_s += by_s

    def _step(self, counter: int, receiver_id: int | None, strand: Strand, time_s: float, arrived_s: float) -> int:
        elapsed_s = max(0.0, arrived_s - self._arrived_s)
        self._frames += 1
        self._repeats = self._repeats + 1 if counter == self._last else 0
        if -BACK_S <= time_s - self._time_s <= elapsed_s + AHEAD_S and time_s >= arrived_s - BEHIND_S:
            late_s = arrived_s - time_s
            if abs(late_s) < SLEW_WITHIN_S:
                time_s += late_s * min(1.0, elapsed_s / SLEW_S)
            if time_s - self._time_s > elapsed_s + BACK_S:
                before = Strand(strand.counter, receiver_id, strand.time_s, strand.number)
                self._jump = strand, before, time_s - arrived_s
            self._time_s = time_s
            self._strands.follow(strand, counter, time_s)
        elif (resumed := self._undo_jump(counter, receiver_id, arrived_s)) is not None:
            strand = resumed
        else:
            self._breaks += 1
            self._epoch += 1
            self._time_s = max(arrived_s, self._time_s)
            strand = self._strands.begin(counter, receiver_id, self._time_s)
        if self._repeats >= STUCK or (self._breaks >= BREAKS and self._breaks * 20 > self._frames):
            log.info("The counter of frames from the network is no clock; their time of arrival is used")
            self._useless = True
            self._time_s = arrived_s
        return strand.number

    def _undo_jump(self, counter: int, receiver_id: int | None, arrived_s: float) -> Strand | None:
        """When a counter has jumped ahead and this one goes on from before: they are those of two receivers, and what
        jumped was received when this one was. The strand that goes on; None when it is not so."""
        if self._jump is None:
            return None
        jumped, before, too_early_s = self._jump
        time_s = before.time_of(counter, self._strands.kind)
        if before.receiver_id != receiver_id or abs(time_s - arrived_s) > SLEW_WITHIN_S:
            return None
        self._jump = None
        self._breaks += 1
        jumped.time_s -= too_early_s
        self._time_s = time_s
        return self._strands.begin(counter, receiver_id, time_s)

    def _judge_kind(self, counter: int, arrived_s: float) -> None:
        """Decide whether the counters go by GPS, as soon as one cannot or their pace says so."""
        seen = self._undecided
        assert seen is not None
        if not may_be_gps(counter):
            self._undecided = None
            return
        if not seen:
            self._began_s = arrived_s
        seen.append(counter)
        took_s = arrived_s - self._began_s
        if took_s >= _GPS_JUDGED_S and len(seen) >= _GPS_JUDGED_FRAMES:
            pace = seconds_between(seen[0], counter, CounterKind.CLOCK_12_MHZ) / took_s
            if _GPS_PACE[0] <= pace <= _GPS_PACE[1]:
                self._go_by_gps(arrived_s)
            elif took_s >= 1.0 and pace < 2.0:
                self._undecided = None
        elif len(seen) >= _GPS_REMEMBERED:
            if kind_of(seen) is CounterKind.GPS:
                self._go_by_gps(arrived_s)
            self._undecided = None

    def _go_by_gps(self, arrived_s: float) -> None:
        log.info("The counter of frames from the network follows GPS")
        self._undecided = None
        self._strands = Strands()
        self._strands.kind = CounterKind.GPS
        self._untimed_s = 0.0
        self._time_s = arrived_s
        self._epoch += 1
