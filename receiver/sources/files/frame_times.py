"""When the frames of a file were received, from the counters in it.

A file can be read ahead, so that a jump is told apart by what comes after it:

| the counter | and afterwards | is |
|---|---|---|
| goes on, at most a tenth of a second back or a second ahead | | what was received next |
| jumps ahead, up to a day | nothing belongs before the jump | a quiet time: of so long |
| jumps | what was before goes on, too | another receiver in the same stream: it is received now |
| jumps back, or more than a day ahead | nothing goes on | a receiver that was started again: an unknown time has passed |
| says MLAT, or is none among others that are | | received with its neighbours |
| is 0 or the same in all frames, jumps all the time, or none | | no clock: the order is known, and nothing else |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from receiver.wire.counter import MLAT_COUNTER, Strands, kind_of

BACK_S = 0.1  # frames a little out of order; the counters of two receivers may differ by little more
AHEAD_S = 1.0
BACK_LOGGED_S = 10.0  # lines of a log a little out of order
LONGEST_GAP_S = 86_400.0
BREAKS, BREAK_SHARE = 6, 4  # so many jumps that nothing explains, and every fourth frame one: it is no clock
GOES_ON_S = 60.0  # after a jump back: what was before is heard again within that time
READ_AHEAD = 256  # frames
ORDER_STEP_S = 0.001  # between frames of which nothing but their order is known


class Stamp(NamedTuple):
    """What stands with a frame: counter and receiver's id, UTC as a log gives it; None where there is none. `again`: the same
    frame with the same counter has come before."""

    counter: int | None
    receiver_id: int | None = None
    utc_s: float | None = None
    again: bool = False


class Moment(NamedTuple):
    """When a frame was received: seconds since the first one (or UTC, where the file says so), and what else
    `receiver.wire.frame.Frame` wants to know."""

    time_s: float
    receiver: int = 0
    epoch: int = 0
    timed: bool = True


class FrameTimes:
    """Times of the frames of one file.

    Parameters
    ----------
    rate_hint_hz
        Frames a second, for frames without times; None: they are known by their order only.

    Attributes
    ----------
    untimed
        Frames of which nothing but the order is known.
    breaks
        How often a receiver was started again.
    """

    def __init__(self, rate_hint_hz: float | None = None) -> None:
        self.untimed = self.breaks = 0
        self._judged = 0  # frames with a counter that may be a clock
        self._step_s = ORDER_STEP_S if rate_hint_hz is None else 1.0 / rate_hint_hz
        self._hinted = rate_hint_hz is not None
        self._now = 0.0
        self._strands = Strands()
        self._clocks: dict[int | None, bool] = {}  # whether a receiver's counter is a clock

    def of(self, stamps: Sequence[Stamp], ahead: Sequence[Stamp] = ()) -> list[Moment]:
        """Times of some frames, oldest first; `ahead` holds some that follow them."""
        both = (*stamps, *ahead) if ahead else stamps
        for receiver_id in {stamp.receiver_id for stamp in stamps} - self._clocks.keys():
            self._judge(receiver_id, both)
        return [self._moment(stamp, both, index) for index, stamp in enumerate(stamps)]

    def _judge(self, receiver_id: int | None, stamps: Sequence[Stamp]) -> None:
        counters = [
            stamp.counter
            for stamp in stamps
            if stamp.receiver_id == receiver_id and stamp.counter is not None and stamp.counter != MLAT_COUNTER
        ]
        if not counters:
            return  # wait for the first
        kind = kind_of(counters)
        self._clocks[receiver_id] = kind is not None
        if kind is not None:
            self._strands.kind = kind

    def _moment(self, stamp: Stamp, stamps: Sequence[Stamp], index: int) -> Moment:
        counter = stamp.counter
        if stamp.utc_s is not None:
            if stamp.utc_s < self._now - BACK_LOGGED_S:
                self.breaks += 1  # somebody set the clock
            self._now = stamp.utc_s
            return Moment(stamp.utc_s, 0, self.breaks)
        if counter == MLAT_COUNTER:
            return Moment(self._now, 0, self.breaks)
        if counter is None or not self._clocks.get(stamp.receiver_id, False):
            return self._without_clock()
        if stamp.again:  # a copy says when the first was received, and nothing of now
            return Moment(self._now, 0, self.breaks)
        strands = self._strands
        self._judged += 1
        found = strands.nearest(counter, stamp.receiver_id, self._now)
        if found is not None:
            strand, time_s = found
            ahead_s = time_s - self._now
            if -BACK_S <= ahead_s <= AHEAD_S or (
                AHEAD_S < ahead_s <= LONGEST_GAP_S and self._goes_on(stamps, index, ahead_s) is None
            ):
                strands.follow(strand, counter, time_s)
                self._now = max(self._now, time_s)
                return Moment(time_s, strand.number, self.breaks)
            next_s = self._goes_on(stamps, index, GOES_ON_S)
            if next_s is None:
                strands.clear()
                self.breaks += 1
                if self.breaks >= BREAKS and self.breaks * BREAK_SHARE > self._judged:
                    self._clocks[stamp.receiver_id] = False
                    return self._without_clock()
            else:  # another receiver's first: between the frames of those that are known
                self._now = max(self._now, (self._now + next_s) / 2)
        return Moment(self._now, strands.begin(counter, stamp.receiver_id, self._now).number, self.breaks)

    def _goes_on(self, stamps: Sequence[Stamp], index: int, until_s: float) -> float | None:
        """When the first of the next frames was received that belongs before `now + until_s`, by the counters that are
        known; None when there is none."""
        now, nearest = self._now, self._strands.nearest
        for stamp in stamps[index + 1 : index + 1 + READ_AHEAD]:
            if stamp.counter is None or stamp.counter == MLAT_COUNTER or stamp.again:
                continue
            found = nearest(stamp.counter, stamp.receiver_id, now)
            if found is not None and now - BACK_S <= found[1] < now + until_s - BACK_S:
                return found[1]
        return None

    def _without_clock(self) -> Moment:
        if any(self._clocks.values()) and not self._hinted:
            self.untimed += 1
            return Moment(self._now, 0, self.breaks, timed=False)
        time_s = self._now
        self._now += self._step_s
        if self._hinted:
            return Moment(time_s, 0, self.breaks)
        self.untimed += 1
        return Moment(time_s, 0, self.breaks, timed=False)
