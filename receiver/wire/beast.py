"""Beast binary: frames with a 12 MHz counter and a signal level, as receivers and feeders exchange them.

```
 0x1a | type | counter (6 bytes, big-endian) | signal (1 byte) | frame        every 0x1a after the first is doubled
        '1' Mode A/C, 2 bytes    '2' Mode S short, 7    '3' Mode S long, 14
 0x1a | 0xe3 | receiver id (8 bytes)                                          before the frames that it is about
```

Signal is sqrt(power) × 255 with full scale 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from receiver.record import record
from receiver.wire.frame import Frame, own_bytes

ESCAPE = 0x1A
RECEIVER_ID = 0xE3
LENGTHS = {ord("1"): 2, ord("2"): 7, ord("3"): 14}
TYPES = {length: kind for kind, length in LENGTHS.items()}
COUNTER_HZ = 12_000_000
COUNTER_MASK = (1 << 48) - 1


@record
class BeastFrame:
    """One message as it stands in the stream, escapes removed.

    Attributes
    ----------
    counter
        48-bit counter at 12 MHz.
    signal
        0–255.
    receiver_id
        From the last receiver id message, or None.
    """

    data: bytes
    counter: int
    signal: int
    receiver_id: int | None = None

    @property
    def signal_dbfs(self) -> float | None:
        """Power, or None for a signal of 0, which senders use for "unknown"."""
        return level_dbfs(self.signal)


class BeastReader:
    """Takes a stream of bytes in pieces of any size and gives the frames in it; rubbish in between is skipped.

    Attributes
    ----------
    skipped_bytes
        Bytes that belonged to no frame.
    """

    def __init__(self) -> None:
        self.skipped_bytes = 0
        self._buffer = bytearray()
        self._receiver_id: int | None = None

    def feed(self, data: bytes) -> list[BeastFrame]:
        """Frames that are complete now, oldest first."""
        self._buffer += data
        return list(self._frames())

    def _frames(self) -> Iterator[BeastFrame]:
        buffer = self._buffer
        start = 0
        while True:
            begin = buffer.find(ESCAPE, start)
            if begin < 0:
                self.skipped_bytes += len(buffer) - start
                start = len(buffer)
                break
            self.skipped_bytes += begin - start
            start = begin
            if start + 1 >= len(buffer):
                break
            kind = buffer[start + 1]
            if kind in LENGTHS:
                wanted = 7 + LENGTHS[kind]
            elif kind == RECEIVER_ID:
                wanted = 8
            else:
                # An escaped 0x1a or a type that we do not know: not the start of a frame
                skip = 2 if kind == ESCAPE else 1
                self.skipped_bytes += skip
                start += skip
                continue
            end, content = _unescape(buffer, start + 2, wanted)
            if content is None:
                if end < len(buffer):  # a new message began inside this one
                    self.skipped_bytes += end - start
                    start = end
                    continue
                break
            if kind == RECEIVER_ID:
                self._receiver_id = int.from_bytes(content, "big")
            else:
                data = own_bytes(bytes(content[7:]))
                yield BeastFrame(data, int.from_bytes(content[:6], "big"), content[6], self._receiver_id)
            start = end
        del buffer[:start]


def _unescape(buffer: bytearray, at: int, wanted: int) -> tuple[int, bytearray | None]:
    """`wanted` bytes from `at` with escapes undone, and where they end. None when they are cut short: by the end of the
    buffer (the position is its length), or by the start of another message (its position)."""
    if buffer.find(ESCAPE, at, at + wanted) < 0:
        if at + wanted > len(buffer):
            return len(buffer), None
        return at + wanted, buffer[at : at + wanted]
    content = bytearray()
    while len(content) < wanted:
        if at >= len(buffer):
            return len(buffer), None
        if buffer[at] == ESCAPE:
            if at + 1 >= len(buffer):
                return len(buffer), None
            if buffer[at + 1] != ESCAPE:
                return at, None
            at += 1
        content.append(buffer[at])
        at += 1
    return at, content


def beast_bytes(data: bytes, counter: int, signal: int) -> bytes:
    """One frame as Beast.

    Raises
    ------
    ValueError
        `data` is not 2, 7 or 14 bytes long.
    """
    if len(data) not in TYPES:
        raise ValueError(f"data: got {len(data)} bytes, expected 2, 7 or 14")
    content = (counter & COUNTER_MASK).to_bytes(6, "big") + bytes((signal,)) + data
    return bytes((ESCAPE, TYPES[len(data)])) + content.replace(b"\x1a", b"\x1a\x1a")


def receiver_id_bytes(receiver_id: int) -> bytes:
    """The message that says which receiver the following frames come from."""
    return bytes((ESCAPE, RECEIVER_ID)) + receiver_id.to_bytes(8, "big").replace(b"\x1a", b"\x1a\x1a")


def level_dbfs(signal: int | None) -> float | None:
    """Power of a signal byte, full scale 0 dB; None when it is not known."""
    return 20 * math.log10(signal / 255) if signal else None


def signal_byte(signal_dbfs: float | None) -> int:
    """Level as Beast counts it; 0 when unknown, at least 1 when known."""
    if signal_dbfs is None:
        return 0
    return min(255, max(1, round(10 ** (signal_dbfs / 20) * 255)))


def frame_to_beast(frame: Frame) -> bytes:
    """A frame of ours as Beast."""
    return beast_bytes(frame.data, frame.counter_12mhz, signal_byte(frame.signal_dbfs))
