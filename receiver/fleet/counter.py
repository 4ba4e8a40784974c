"""A station's counter, from the frames of its source: ticks of 1/120 MHz, and the UTC of tick 0.

Every receiver behind the source has a counter of its own, and a new one whenever an unknown time has passed. Each gets a
number; the first one depends on when the station was started, so that a restart is another counter, too.
"""

from __future__ import annotations

from typing import NamedTuple

from receiver.fleet.heard import TICKS_HZ, TICKS_PER_COUNT
from receiver.wire.counter import MLAT_COUNTER, CounterKind, may_be_gps, seconds_between
from receiver.wire.frame import Frame

OWN = frozenset({"direct", "repaired", "beneath"})
OWN_UNCERTAINTY_S = 0.1  # of samples: what the system's clock, USB and the driver are off by
RELAYED_UNCERTAINTY_S = 0.3  # of another receiver's frames: the network on top
JUDGED_S = 1.0
_GPS_PACE = (45.0, 180.0)  # a counter that goes by GPS, read as one of 12 MHz, runs 89 times as fast
_HALF_A_DAY = 43_200 << 30
_LIMIT = 32


class Reading(NamedTuple):
    """Number of the counter, its ticks, UTC (s) of tick 0, and whether it counts anything but the time of arrival."""

    clock: int
    ticks: int
    anchor_utc_s: float
    counts: bool


class _Counter:
    """One receiver's."""

    __slots__ = ("began_s", "first", "kind", "last", "number")

    def __init__(self, number: int, frame: Frame) -> None:
        self.number = number
        self.first = self.last = frame.counter_12mhz
        self.began_s = frame.time_s
        own = frame.found in OWN or not may_be_gps(frame.counter_12mhz)
        self.kind = CounterKind.CLOCK_12_MHZ if own else None


class StationCounter:
    """Reads the counters of the frames of one station."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, int, int], _Counter] = {}
        self._next: int | None = None
        self._gaps = 0

    @property
    def clock(self) -> int | None:
        """Number of the newest counter; None before the first frame."""
        return None if self._next is None else (self._next - 1) & 0xFFFF

    def gap(self) -> None:
        """Samples were lost, or the hardware was started again: what follows counts anew."""
        self._gaps += 1
        self._counters.clear()

    def read(self, frame: Frame) -> Reading | None:
        """The counter of a frame; None for a frame that has none of its own (a computed position), and while it is not
        known what the counter counts."""
        count = frame.counter_12mhz
        if frame.found == "mlat" or count == MLAT_COUNTER or not frame.timed:
            return None
        key = (frame.source, frame.receiver, frame.epoch)
        known = self._counters.get(key)
        if known is None:
            known = self._begin(key, frame)
        elif known.kind is not None and known.last - count > (
            _HALF_A_DAY if known.kind is CounterKind.GPS else 1 << 47
        ):
            known = self._begin(key, frame, known.kind)  # midnight, or 271 days have passed
        known.last = max(known.last, count)
        if not count and frame.found not in OWN:  # others write 0 when they have no counter
            ticks = round((frame.time_s - known.began_s) * TICKS_HZ)
            return Reading(known.number, ticks, known.began_s, False) if ticks >= 0 else None
        if known.kind is None:
            known.kind = self._judged(known, frame)
            if known.kind is None:
                return None
        if known.kind is CounterKind.GPS:
            if not may_be_gps(count):
                return None
            nanoseconds = (count >> 30) * 1_000_000_000 + (count & 0x3FFF_FFFF)
            ticks = nanoseconds * 3 // 25
        else:
            ticks = max(0, count * TICKS_PER_COUNT + round(frame.counter_fraction * TICKS_PER_COUNT))
        return Reading(known.number, ticks, frame.time_s - ticks / TICKS_HZ, True)

    def _begin(self, key: tuple[str, int, int], frame: Frame, kind: CounterKind | None = None) -> _Counter:
        if self._next is None:
            self._next = int(frame.time_s)
        self._counters.pop(key, None)
        known = self._counters[key] = _Counter(self._next, frame)
        if kind is not None:
            known.kind = kind
        self._next = (self._next + 1) & 0xFFFF
        if len(self._counters) > _LIMIT:
            del self._counters[next(iter(self._counters))]
        return known

    def _judged(self, known: _Counter, frame: Frame) -> CounterKind | None:
        if not may_be_gps(frame.counter_12mhz):
            return CounterKind.CLOCK_12_MHZ
        took_s = frame.time_s - known.began_s
        if took_s < JUDGED_S:
            return None
        pace = seconds_between(known.first, frame.counter_12mhz, CounterKind.CLOCK_12_MHZ) / took_s
        return CounterKind.GPS if _GPS_PACE[0] <= pace <= _GPS_PACE[1] else CounterKind.CLOCK_12_MHZ
