"""IQ files of SDRangel (`.sdriq`): 32 bytes before the samples say what they are.

    bytes  0– 3  samples a second
           4–11  centre frequency, Hz
          12–19  time of the first sample, ms since 1970, UTC
          20–23  bits of a sample: 16 in two bytes, or 24 in four
          24–27  0
          28–31  CRC-32 of the 28 bytes before

All little-endian. Source: SDRangel, `FileRecord::Header` and its documentation of the file input.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from receiver.wire.numbers import CS16, CS24_IN_32, NumberFormat

_LAYOUT = struct.Struct("<IQQII")
_LATEST_MS = 10**14  # the year 5138


class SdriqError(ValueError):
    """Not such a file; the text says why."""


@dataclass(frozen=True, slots=True)
class SdriqHeader:
    """What the header says. `start_utc_s` is None when it is 0, or nonsense."""

    number_format: NumberFormat
    sample_rate_hz: float
    frequency_hz: float
    start_utc_s: float | None


def read_sdriq_header(stream: BinaryIO) -> SdriqHeader:
    """Read the header; the stream stands at the first sample afterwards.

    Raises
    ------
    SdriqError
        The file is too short, or the header's check sum or its sample size is not right.
    """
    raw = stream.read(32)
    if len(raw) != 32:
        raise SdriqError(f"ends after {len(raw)} bytes, expected a header of 32")
    if zlib.crc32(raw[:28]) != int.from_bytes(raw[28:], "little"):
        raise SdriqError("the check sum of the header is wrong: is it a file of SDRangel, and complete?")
    rate, frequency, start_ms, bits, _ = _LAYOUT.unpack(raw[:28])
    formats = {16: CS16, 24: CS24_IN_32}
    if bits not in formats:
        raise SdriqError(f"samples of {bits} bits, expected 16 or 24")
    return SdriqHeader(
        formats[bits], float(rate), float(frequency), start_ms / 1000.0 if 0 < start_ms < _LATEST_MS else None
    )
