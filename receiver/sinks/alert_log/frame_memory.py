"""What every aircraft has sent, in memory, within a budget: an alert is raised long after the story began."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from receiver.decode.parity import remainder
from receiver.wire.frame import Frame

FORGET_S = 3700.0  # a little longer than the watch remembers an aircraft that is silent
_FOUND = ("direct", "repaired", "beneath", "network")
_HEAD = struct.Struct("<dfBBB")  # UTC s, signal dBFS (NaN: unknown), corrected bits, how found, bytes
_SQUITTERS = frozenset({11, 17, 18})
_REPLIES = frozenset({0, 4, 5, 16, 20, 21})
_OVERHEAD = 200  # of an aircraft, roughly


class FrameHistory:
    """The frames of one address."""

    __slots__ = ("data", "dropped", "heard_s", "whole")

    def __init__(self) -> None:
        self.data = bytearray()
        self.dropped = 0  # bytes that are gone from the front
        self.heard_s = 0.0
        self.whole = True


class FrameMemory:
    """Histories by address (24 bits). A reply counts only for an address that has squittered: before that, nobody
    else believes it either.

    Parameters
    ----------
    budget
        Bytes.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._moved_s = 0.0  # moments are kept by the clock as it was at the start
        self._histories: dict[int, FrameHistory] = {}

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._used

    def add(self, frame: Frame) -> None:
        """Remember a frame."""
        data = frame.data
        if len(data) < 7:
            return
        df = data[0] >> 3
        if df in _SQUITTERS:
            address = data[1] << 16 | data[2] << 8 | data[3]
            history = self._histories.get(address)
            if history is None:
                history = self._histories[address] = FrameHistory()
                self._used += _OVERHEAD
        elif df in _REPLIES:
            found = self._histories.get(remainder(data))
            if found is None:
                return
            history = found
        else:
            return
        time_s = frame.time_s - self._moved_s
        history.heard_s = time_s
        signal = frame.signal_dbfs if frame.signal_dbfs is not None else float("nan")
        how = _FOUND.index(frame.found) if frame.found in _FOUND else 0
        history.data += _HEAD.pack(time_s, signal, min(frame.corrected_bits, 255), how, len(data)) + data
        self._used += _HEAD.size + len(data)
        if self._used > self._budget:
            self._make_room()

    def forget(self, now: float) -> None:
        """Let go of who has been silent for long."""
        now -= self._moved_s
        for address, history in list(self._histories.items()):
            if abs(now - history.heard_s) > FORGET_S:
                self._drop(address)

    @property
    def moved_s(self) -> float:
        """What `unpack` has to add to the moments of `since`."""
        return self._moved_s

    def clock_set(self, by_s: float) -> None:
        """The clock was set by so much."""
        self._moved_s += by_s

    def since(self, address: int, offset: int) -> tuple[bytes, int, bool]:
        """What was remembered of an address from an offset on (0: all), the offset to go on from, and whether
        nothing is missing before it."""
        history = self._histories.get(address)
        if history is None:
            return b"", offset, False
        start = max(0, offset - history.dropped)
        end = history.dropped + len(history.data)
        return bytes(history.data[start:]), end, history.whole and offset >= history.dropped

    def _make_room(self) -> None:
        """Down to nine tenths: first who has been silent longest; of the last one left, the older half."""
        goal = 0.9 * self._budget
        for address in sorted(self._histories, key=lambda one: self._histories[one].heard_s):
            if self._used <= goal or len(self._histories) == 1:
                break
            self._drop(address)
        if self._used > goal and self._histories:
            history = next(iter(self._histories.values()))
            cut = 0
            while cut < len(history.data) // 2:
                cut += _HEAD.size + history.data[cut + _HEAD.size - 1]
            del history.data[:cut]
            history.dropped += cut
            history.whole = False
            self._used -= cut

    def _drop(self, address: int) -> None:
        history = self._histories.pop(address)
        self._used -= len(history.data) + _OVERHEAD


def unpack(data: bytes, moved_s: float = 0.0) -> Iterator[Frame]:
    """The frames in what `since` gave."""
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
