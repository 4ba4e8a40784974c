"""Counters of receivers, and the seconds that they tell: the one model of time for frames of others, from files and
over the network.

A counter is 48 bits. Most count a 12 MHz clock from when the receiver was started. A receiver disciplined by GPS
(Radarcape) sends the second of the day in the upper 18 bits and nanoseconds in the lower 30. Some programs write 0, or
the same number in every frame, and a position that was computed rather than received carries the letters MLAT.

Source: mode-s.org, “The Mode-S Beast protocol” (both kinds of counter); readsb, `MAGIC_MLAT_TIMESTAMP`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum

from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK

MLAT_COUNTER = 0xFF004D4C4154
_NANOSECONDS = 30  # bits
_NANOSECOND_MASK = (1 << _NANOSECONDS) - 1
_BILLION = 1_000_000_000
_DAY_S = 86_400

# In how many frames a counter that goes by GPS must never have had an impossible value, and in how many seconds. Seven
# of a hundred values of a 12 MHz counter are impossible.
_JUDGED_FRAMES = 48
_JUDGED_SECONDS = 4
# Frames so far apart on the mean are not what a 12 MHz counter of a receiver that hears anything says.
_SPARSE_S = 5.0
# As many values lie in the last possible 7 % as would in the impossible ones: none there, so many here.
_LAST_POSSIBLE = 2 * _BILLION - (1 << _NANOSECONDS)
_MISSED = 12
_STUCK_FRAMES = 20
_STUCK_SHARE = 0.9


class CounterKind(Enum):
    """What a counter counts."""

    CLOCK_12_MHZ = "12 MHz"
    GPS = "GPS time of day"


def may_be_gps(counter: int) -> bool:
    """Whether the counter can be a second of the day and nanoseconds."""
    return counter & _NANOSECOND_MASK < _BILLION and counter >> _NANOSECONDS < _DAY_S


def seconds_between(before: int, after: int, kind: CounterKind) -> float:
    """Seconds from one counter to another, the shorter way round: counters wrap, at 271 days or at midnight."""
    if kind is CounterKind.CLOCK_12_MHZ:
        ticks = (after - before) & COUNTER_MASK
        return (ticks if ticks <= COUNTER_MASK // 2 else ticks - COUNTER_MASK - 1) / COUNTER_HZ
    seconds = ((after >> _NANOSECONDS) - (before >> _NANOSECONDS) + _DAY_S // 2) % _DAY_S - _DAY_S // 2
    return seconds + ((after & _NANOSECOND_MASK) - (before & _NANOSECOND_MASK)) / _BILLION


def kind_of(counters: Sequence[int]) -> CounterKind | None:
    """What the counters of one receiver count, oldest first; None when they are no clock: all 0, or nearly always the
    same."""
    if not any(counters):
        return None
    if len(counters) >= _STUCK_FRAMES:
        (_, most), *_ = Counter(counters).most_common(1)
        if most > _STUCK_SHARE * len(counters):
            return None
    return CounterKind.GPS if _goes_by_gps(counters) else CounterKind.CLOCK_12_MHZ


def _goes_by_gps(counters: Sequence[int]) -> bool:
    """Whether no value is impossible for GPS time while a 12 MHz clock would have made impossible ones, and would have
    heard next to nothing."""
    if len(counters) < _JUDGED_FRAMES or not all(map(may_be_gps, counters)):
        return False
    if len({counter >> _NANOSECONDS for counter in counters}) < _JUDGED_SECONDS:
        return False
    took_s = seconds_between(counters[0], counters[-1], CounterKind.CLOCK_12_MHZ)
    if took_s < 0 or took_s / len(counters) > _SPARSE_S:
        return True
    late = [counter >> _NANOSECONDS for counter in counters if counter & _NANOSECOND_MASK >= _LAST_POSSIBLE]
    return len(late) >= _MISSED and len(set(late)) >= _JUDGED_SECONDS


class Strand:
    """The counter of one receiver: its last value and the time of that."""

    __slots__ = ("counter", "number", "receiver_id", "time_s")

    def __init__(self, counter: int, receiver_id: int | None, time_s: float, number: int) -> None:
        self.counter = counter
        self.receiver_id = receiver_id
        self.time_s = time_s
        self.number = number

    def time_of(self, counter: int, kind: CounterKind) -> float:
        """When the counter had that value."""
        return self.time_s + seconds_between(self.counter, counter, kind)


class Strands:
    """The counters in one stream, told apart by the receiver's id where there is one, else by which of them goes on.

    Bounded: past `LIMIT` the one not heard for longest is forgotten.
    """

    LIMIT = 16

    def __init__(self) -> None:
        self.kind = CounterKind.CLOCK_12_MHZ
        self._strands: list[Strand] = []  # the last used first
        self._begun = 0

    def __len__(self) -> int:
        return len(self._strands)

    def nearest(self, counter: int, receiver_id: int | None, now: float) -> tuple[Strand, float] | None:
        """The strand that puts the counter nearest to `now`, and when that is; None when none is known of that
        receiver."""
        best: tuple[Strand, float] | None = None
        for strand in self._strands:
            if strand.receiver_id == receiver_id:
                time_s = strand.time_of(counter, self.kind)
                if best is None or abs(time_s - now) < abs(best[1] - now):
                    best = strand, time_s
        return best

    def follow(self, strand: Strand, counter: int, time_s: float) -> None:
        """The strand goes on to that counter at that time."""
        strand.counter, strand.time_s = counter, time_s
        if self._strands[0] is not strand:
            self._strands.remove(strand)
            self._strands.insert(0, strand)

    def begin(self, counter: int, receiver_id: int | None, time_s: float) -> Strand:
        """A strand that begins at that time."""
        strand = Strand(counter, receiver_id, time_s, self._begun)
        self._begun += 1
        self._strands.insert(0, strand)
        del self._strands[self.LIMIT :]
        return strand

    def move(self, by_s: float) -> None:
        """The clock was set by so much."""
        for strand in self._strands:
            strand.time_s += by_s

    def clear(self) -> None:
        """Forget all counters: the receivers were started again."""
        self._strands.clear()
