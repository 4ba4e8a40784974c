"""What every aircraft has sent, in memory, within a budget: an alert is raised long after the story began."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from receiver.decode.parity import remainder
from receiver.wire.frame import Frame

FORGET_S = 3700.0  # a little longer than the watch remembers an aircraft that is silent
MOST_NEWCOMERS = 4096  # addresses heard once: most of them never were
MOST_EVICTED = 8_000
_FOUND = ("direct", "repaired", "beneath", "network")
_HEAD = struct.Struct("<dfBBB")  # UTC s, signal dBFS (NaN: unknown), corrected bits, how found, bytes
_SQUITTERS = frozenset({11, 17, 18})
_REPLIES = frozenset({0, 4, 5, 16, 20, 21})
_OVERHEAD = 400  # of an aircraft, roughly


class FrameHistory:
    """The frames of one address."""

    __slots__ = ("data", "dropped", "heard_s", "number", "pins", "whole")

    def __init__(self, number: int, whole: bool) -> None:
        self.number = number  # another one than that of any other history
        self.data = bytearray()
        self.dropped = 0  # bytes that are gone from the front
        self.heard_s = 0.0
        self.whole = whole
        self.pins = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an address's history: what was sent between two states of an alert."""

    address: int
    number: int
    begin: int
    end: int
    whole: bool


class FrameMemory:
    """Histories by address (24 bits). A reply counts only for an address that has squittered: before that, nobody
    else believes it either. An address that was heard once waits outside: inventions evict nobody.

    Parameters
    ----------
    budget
        Bytes.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._moved_s = 0.0  # moments are kept by the clock as it was at the start
        self._number = 0
        self._histories: dict[int, FrameHistory] = {}
        self._newcomers: dict[int, tuple[float, bytes]] = {}  # when heard, the frame as it is packed
        self._evicted: dict[int, float] = {}  # who had to go, and when it was heard last: its next history is not whole
        self._doubt_until_s = -1e18  # nobody's is: too many had to go to remember them all

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._used

    @property
    def moved_s(self) -> float:
        """What `unpack` has to add to the moments of `read`."""
        return self._moved_s

    def clock_set(self, by_s: float) -> None:
        """The clock was set by so much."""
        self._moved_s += by_s

    def add(self, frame: Frame) -> None:
        """Remember a frame."""
        data = frame.data
        if len(data) < 7:
            return
        df = data[0] >> 3
        if df in _SQUITTERS:
            address = data[1] << 16 | data[2] << 8 | data[3]
        elif df in _REPLIES:
            address = remainder(data)
            if address not in self._histories and address not in self._newcomers:
                return
        else:
            return
        time_s = frame.time_s - self._moved_s
        signal = frame.signal_dbfs if frame.signal_dbfs is not None else float("nan")
        how = _FOUND.index(frame.found) if frame.found in _FOUND else 0
        packed = _HEAD.pack(time_s, signal, min(frame.corrected_bits, 255), how, len(data)) + data
        history = self._histories.get(address)
        if history is None:
            first = self._newcomers.pop(address, None)
            if first is None:
                self._meet(address, time_s, packed)
                return
            history = self._begin(address, time_s)
            history.data += first[1]
            self._used += len(first[1])
        history.heard_s = time_s
        history.data += packed
        self._used += len(packed)
        if self._used > self._budget:
            self._make_room()

    def _meet(self, address: int, time_s: float, packed: bytes) -> None:
        self._newcomers[address] = (time_s, packed)
        if len(self._newcomers) > MOST_NEWCOMERS:
            oldest = next(iter(self._newcomers))
            self._evict(oldest, self._newcomers.pop(oldest)[0])

    def _begin(self, address: int, now: float) -> FrameHistory:
        self._number += 1
        whole = self._evicted.pop(address, None) is None and now > self._doubt_until_s
        history = self._histories[address] = FrameHistory(self._number, whole)
        self._used += _OVERHEAD
        return history

    def forget(self, now: float) -> None:
        """Let go of who has been silent for long."""
        now -= self._moved_s
        for address, history in list(self._histories.items()):
            if now - history.heard_s > FORGET_S and not history.pins:
                self._drop(address)
        self._newcomers = {one: first for one, first in self._newcomers.items() if now - first[0] <= FORGET_S}
        self._evicted = {one: at for one, at in self._evicted.items() if now - at <= FORGET_S}

    def pin(self, address: int) -> None:
        """An alert about it is open: what it sends is needed."""
        history = self._histories.get(address)
        if history is None:
            first = self._newcomers.pop(address, None)
            history = self._begin(address, first[0] if first is not None else 0.0)
            history.whole = history.whole and first is not None
            if first is not None:
                history.heard_s = first[0]
                history.data += first[1]
                self._used += len(first[1])
        history.pins += 1

    def unpin(self, address: int) -> None:
        """The opposite, once each."""
        history = self._histories.get(address)
        if history is not None and history.pins:
            history.pins -= 1

    def since(self, address: int, before: Stretch | None) -> Stretch:
        """What was sent since the stretch before (None: all that is remembered)."""
        history = self._histories.get(address)
        if history is None:
            return Stretch(address, 0, 0, 0, False)
        end = history.dropped + len(history.data)
        if before is None:
            return Stretch(address, history.number, history.dropped, end, history.whole)
        if before.number != history.number:
            return Stretch(address, history.number, history.dropped, end, False)
        return Stretch(address, history.number, before.end, end, before.end >= history.dropped)

    def read(self, stretch: Stretch) -> tuple[bytes, bool]:
        """The frames of a stretch as far as they are still there, packed, and whether nothing of it is missing."""
        history = self._histories.get(stretch.address)
        if history is None or history.number != stretch.number:
            return b"", False
        begin = max(stretch.begin, history.dropped)
        data = bytes(history.data[begin - history.dropped : max(0, stretch.end - history.dropped)])
        return data, stretch.whole and begin == stretch.begin

    def _make_room(self) -> None:
        """Down to nine tenths: first who has been silent longest, but for those whose alert is open; when only such are
        left, the older half of the longest."""
        goal = 0.9 * self._budget
        for address in sorted(self._histories, key=lambda one: self._histories[one].heard_s):
            if self._used <= goal or len(self._histories) == 1:
                break
            history = self._histories[address]
            if not history.pins:
                self._evict(address, history.heard_s)
                self._drop(address)
        while self._used > goal:
            history = max(self._histories.values(), key=lambda one: len(one.data))
            if len(history.data) <= _HEAD.size:
                return  # nothing to be had
            self._halve(history)

    def _halve(self, history: FrameHistory) -> None:
        data, cut = history.data, 0
        while cut < max(1, len(data) // 2) and cut + _HEAD.size <= len(data):
            cut += _HEAD.size + data[cut + _HEAD.size - 1]
        cut = min(cut, len(data))
        del data[:cut]
        history.dropped += cut
        history.whole = False
        self._used -= cut

    def _evict(self, address: int, heard_s: float) -> None:
        self._evicted[address] = heard_s
        if len(self._evicted) > MOST_EVICTED:
            del self._evicted[next(iter(self._evicted))]
            self._doubt_until_s = max(self._doubt_until_s, heard_s + FORGET_S)

    def _drop(self, address: int) -> None:
        history = self._histories.pop(address)
        self._used -= len(history.data) + _OVERHEAD


def unpack(data: bytes, moved_s: float = 0.0) -> Iterator[Frame]:
    """The frames in what `read` gave."""
    place = 0
    while place + _HEAD.size <= len(data):
        time_s, signal, corrected, how, length = _HEAD.unpack_from(data, place)
        place += _HEAD.size
        frame = data[place : place + length]
        place += length
        yield Frame(
            bytes(frame),
            time_s + moved_s,
            signal_dbfs=None if signal != signal else signal,
            corrected_bits=corrected,
            found=_FOUND[how],
            source="alert log",
        )
