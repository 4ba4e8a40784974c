"""The payload of `squitter/<station>/heard/<hex>`: what a station received of one aircraft within a second.

```
 byte  0      version, 1
       1      uncertainty of the clock, a code (`uncertainty_of`); 255: unknown
       2  2   number of the counter: another number is another counter, at no known distance from this one
       4  8   counter of the first record, in ticks of 1/120 MHz
      12  8   UTC of counter 0, signed, in µs since 1970
      20  4   records of each kind, a byte a kind, in the order of the table
      24      records, kind by kind, oldest first within a kind

 record 0  4   ticks since the header's counter
        4  1   bit 7: bits were corrected; bits 0–6: level, 0 unknown, else −(n − 1)/2 dBFS
        5      content

 kind    formats         content                                              bytes
 reply   DF0, 4, 5       the frame without its last three bytes                  4
 call    DF11            first byte, interrogator code                           2
 long    DF16, 20, 21    the frame without its last three bytes                 11
 squit   DF17, 18        first byte, ME                                          8
```

All numbers are big-endian. The address is the topic's: it is put back into the frame, and the parity is computed. So a
record takes 7 to 16 bytes where Beast takes 16 or 23, no frame has a wrong parity, and no message tells of another
aircraft than its topic says: a broker's access rules hold for its content, too.

A tick is a hundredth of the 12 MHz counter's tenth: the demodulator knows a tenth of a sample (42 ns at 2.4 MS/s), the
counter of Beast 83 ns.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from receiver.decode.parity import remainder

VERSION = 1
TICKS_HZ = 120_000_000
TICKS_PER_COUNT = 10  # of a 12 MHz counter
MOST_OF_A_KIND = 255
LONGEST_S = (2**32 - 1) / TICKS_HZ
UNKNOWN = 255

_HEADER = struct.Struct(">BBHQq4B")
_RECORD = 5  # bytes before the content
KINDS = {0: 0, 4: 0, 5: 0, 11: 1, 16: 2, 20: 2, 21: 2, 17: 3, 18: 3}
"""Kind by downlink format."""
CONTENT = (4, 2, 11, 8)
"""Bytes of content by kind."""
_HIGHEST_CODE = 0x4F  # of an interrogator: 16 II codes and 64 SI codes; more is no reply to anybody
_NO_ADDRESS = frozenset({0, 0xFFFFFF})
_FINEST_S = 1e-7  # uncertainty of code 0; eight codes are a factor of two


class HeardError(ValueError):
    """A payload that is none; the text says why."""


class Record(NamedTuple):
    """One reception.

    Attributes
    ----------
    data
        7 or 14 bytes with right parity.
    ticks
        The station's counter, 1/120 MHz.
    level_dbfs
        None: not known. Kept to half a decibel, −63…0.
    is_clean
        No bit was corrected.
    """

    data: bytes
    ticks: int
    level_dbfs: float | None
    is_clean: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What all records of a message have in common.

    Attributes
    ----------
    clock
        Number of the counter, 16 bits.
    anchor_us
        UTC of counter 0, µs.
    uncertainty_s
        How well the station knows that; None: not at all.
    ticks, last_ticks
        Of the first and of the last record.
    counts
        Records of each kind.
    """

    clock: int
    anchor_us: int
    uncertainty_s: float | None
    ticks: int
    last_ticks: int
    counts: tuple[int, int, int, int]


def address_of(data: bytes) -> int | None:
    """The address under which a frame is published; None for one that is not (wrong parity, no address in it, a format
    that nobody decodes). Of a reply it is the remainder of its parity, whatever that is worth."""
    if len(data) not in (7, 14):
        return None
    df = data[0] >> 3
    kind = KINDS.get(df)
    if kind is None or (len(data) == 14) is not (kind >= 2):
        return None
    left = remainder(data)
    if kind in (0, 2):
        return None if left in _NO_ADDRESS else left
    if left > (_HIGHEST_CODE if kind == 1 else 0):
        return None
    address = int.from_bytes(data[1:4], "big")
    return None if address in _NO_ADDRESS else address


def uncertainty_code(seconds: float | None) -> int:
    """The code of an uncertainty, rounded up; unknown for None and what no code can say."""
    if seconds is None or not 0.0 <= seconds < math.inf:
        return UNKNOWN
    return (
        max(0, math.ceil(round(8.0 * math.log2(max(seconds, _FINEST_S) / _FINEST_S), 6)))
        if seconds < 300.0
        else UNKNOWN
    )


def uncertainty_of(code: int) -> float | None:
    """The uncertainty (s) that a code stands for; None: unknown."""
    return None if code == UNKNOWN else _FINEST_S * 2.0 ** (code / 8.0)


def level_code(level_dbfs: float | None) -> int:
    """Seven bits of a level."""
    return 0 if level_dbfs is None or math.isnan(level_dbfs) else min(127, max(1, 1 + round(-2.0 * level_dbfs)))


def encode(clock: int, anchor_utc_s: float, uncertainty_s: float | None, records: Sequence[Record]) -> bytes:
    """The payload of records of one aircraft, all of whose `address_of` is the topic's address.

    Raises
    ------
    ValueError
        There are none, more than 255 of a kind, or they span more than 35 s.
    """
    if not records:
        raise ValueError("records: got none, expected at least one")
    first = min(record.ticks for record in records)
    kinds: tuple[list[bytes], ...] = ([], [], [], [])
    for data, ticks, level_dbfs, is_clean in sorted(records, key=lambda record: record.ticks):
        kind = KINDS[data[0] >> 3]
        if kind == 3:
            content = data[:1] + data[4:11]
        elif kind == 1:
            content = bytes((data[0], remainder(data)))
        else:
            content = data[:-3]
        if ticks - first > 0xFFFFFFFF:
            raise ValueError(f"records: span {(ticks - first) / TICKS_HZ:.0f} s, expected at most {LONGEST_S:.0f}")
        level = level_code(level_dbfs) | (0 if is_clean else 0x80)
        kinds[kind].append((ticks - first).to_bytes(4, "big") + bytes((level,)) + content)
    if max(map(len, kinds)) > MOST_OF_A_KIND:
        raise ValueError(f"records: got {max(map(len, kinds))} of a kind, expected at most {MOST_OF_A_KIND}")
    head = _HEADER.pack(
        VERSION,
        uncertainty_code(uncertainty_s),
        clock & 0xFFFF,
        first,
        round(anchor_utc_s * 1e6),
        *map(len, kinds),
    )
    return head + b"".join(record for kind in kinds for record in kind)


def head_of(payload: bytes) -> Head:
    """The head of a payload, whose length is right.

    Raises
    ------
    HeardError
        It is no payload, or of another version.
    """
    if len(payload) < _HEADER.size:
        raise HeardError(f"got {len(payload)} bytes, expected at least {_HEADER.size}")
    version, code, clock, ticks, anchor_us, *counts = _HEADER.unpack_from(payload)
    if version != VERSION:
        raise HeardError(f"got version {version}, expected {VERSION}: update the hub or the station")
    expected = _HEADER.size + sum(n * (_RECORD + size) for n, size in zip(counts, CONTENT, strict=True))
    if len(payload) != expected:
        raise HeardError(f"got {len(payload)} bytes, expected {expected} for {sum(counts)} records")
    if ticks >= 1 << 62:
        raise HeardError("got a counter of more than 62 bits")
    last, at = 0, _HEADER.size
    for n, size in zip(counts, CONTENT, strict=True):
        if n:
            at += n * (_RECORD + size)
            last = max(last, int.from_bytes(payload[at - _RECORD - size : at - size - 1], "big"))
    count = (counts[0], counts[1], counts[2], counts[3])
    return Head(clock, anchor_us, uncertainty_of(code), ticks, ticks + last, count)


@dataclass(frozen=True, slots=True)
class Records:
    """Records of many messages, one row each, in no order.

    Attributes
    ----------
    message
        int64: the number of the message that it came in, as `Gatherer.add` counts.
    ticks
        int64: the station's counter, 1/120 MHz.
    level_dbfs
        float32: NaN when not known.
    is_clean
        bool: no bit was corrected.
    data
        uint8 (n, 16): the frame; a short one fills the first seven, the rest is 0.
    n_bytes
        uint8: 7 or 14.
    """

    message: NDArray[np.int64]
    ticks: NDArray[np.int64]
    level_dbfs: NDArray[np.float32]
    is_clean: NDArray[np.bool_]
    data: NDArray[np.uint8]
    n_bytes: NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.ticks.shape[0])


class Gatherer:
    """Collects payloads and decodes them together: numpy pays for many, a message has five records."""

    def __init__(self) -> None:
        self._pieces: tuple[list[bytes], ...] = ([], [], [], [])
        self._counts: list[tuple[int, int, int, int]] = []
        self._ticks: list[int] = []
        self._addresses: list[int] = []

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, payload: bytes, address: int) -> Head:
        """Take in a payload; its number is how many came before since the last `take`. Raises HeardError."""
        head = head_of(payload)
        at = _HEADER.size
        for pieces, count, size in zip(self._pieces, head.counts, CONTENT, strict=True):
            if count:
                end = at + count * (_RECORD + size)
                pieces.append(payload[at:end])
                at = end
        self._counts.append(head.counts)
        self._ticks.append(head.ticks)
        self._addresses.append(address)
        return head

    def take(self) -> Records:
        """The records of all of them; those whose format does not belong to their kind are left out."""
        counts = np.array(self._counts, np.int64).reshape(-1, 4)
        ticks = np.array(self._ticks, np.int64)
        addresses = np.array(self._addresses, np.uint32)
        number = np.arange(counts.shape[0])
        parts = [
            _unpack(kind, b"".join(pieces), np.repeat(number, counts[:, kind]), ticks, addresses)
            for kind, pieces in enumerate(self._pieces)
        ]
        for pieces in self._pieces:
            pieces.clear()
        self._counts, self._ticks, self._addresses = [], [], []
        columns = zip(*parts, strict=True)
        return Records(*(np.concatenate(column) for column in columns))


def decode(payload: bytes, address: int) -> tuple[Head, list[Record]]:
    """One payload, records oldest first. Raises HeardError."""
    gatherer = Gatherer()
    head = gatherer.add(payload, address)
    found = gatherer.take()
    records = [
        Record(
            found.data[row, : found.n_bytes[row]].tobytes(),
            int(found.ticks[row]),
            None if np.isnan(found.level_dbfs[row]) else float(found.level_dbfs[row]),
            bool(found.is_clean[row]),
        )
        for row in np.argsort(found.ticks, kind="stable")
    ]
    return head, records


_FORMATS = np.full(32, -1, np.int8)
_FORMATS[list(KINDS)] = list(KINDS.values())


def _unpack(
    kind: int, joined: bytes, message: NDArray[np.int64], ticks: NDArray[np.int64], addresses: NDArray[np.uint32]
) -> tuple[NDArray[np.generic], ...]:
    """The columns of `Records` for one kind."""
    size = CONTENT[kind]
    rows = np.frombuffer(joined, np.uint8).reshape(-1, _RECORD + size)
    right = _FORMATS[rows[:, _RECORD] >> 3] == kind
    if kind == 1:
        right &= rows[:, _RECORD + 1] <= _HIGHEST_CODE
    if not right.all():
        rows, message = rows[right], message[right]
    address = addresses[message]
    since = rows[:, :4].astype(np.int64) @ np.array([1 << 24, 1 << 16, 1 << 8, 1], np.int64)
    level = rows[:, 4] & 0x7F
    level_dbfs = np.where(level == 0, np.float32(np.nan), (1.0 - level.astype(np.float32)) / 2.0)
    content = rows[:, _RECORD:]
    data = np.zeros((rows.shape[0], 16), np.uint8)
    overlay = address if kind in (0, 2) else np.zeros(rows.shape[0], np.uint32)
    if kind in (0, 2):
        data[:, :size] = content
    else:
        data[:, 0] = content[:, 0]
        for byte in range(3):
            data[:, 1 + byte] = address >> (16 - 8 * byte) & 0xFF
        if kind == 3:
            data[:, 4:11] = content[:, 1:]
        else:
            overlay = content[:, 1].astype(np.uint32)
    n_bytes = 14 if kind >= 2 else 7
    parity = overlay.copy()
    for byte in range(n_bytes - 3):
        parity ^= _PARITY[byte + 14 - n_bytes][data[:, byte]]
    for byte in range(3):
        data[:, n_bytes - 3 + byte] = parity >> (16 - 8 * byte) & 0xFF
    return (
        message,
        ticks[message] + since,
        level_dbfs.astype(np.float32),
        rows[:, 4] < 0x80,
        data,
        np.full(rows.shape[0], n_bytes, np.uint8),
    )


def _parity_tables() -> NDArray[np.uint32]:
    """uint32 (11, 256): what each value of each byte before the parity of a long frame leaves."""
    zeros: Iterable[int] = range(11)
    return np.array(
        [[remainder(bytes(at) + bytes((value,)) + bytes(13 - at)) for value in range(256)] for at in zeros], np.uint32
    )


_PARITY = _parity_tables()
