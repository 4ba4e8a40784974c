"""IQ in WAV files, as SDR#, HDSDR and SDR++ write them: two channels, I left, Q right.

Read by hand because the usual readers refuse or convert what these programs write: 8-bit samples, sizes of 0 or
0xFFFFFFFF when the program was killed, RF64 and BW64 for long recordings or sizes that have wrapped at 4 GiB, 24 and 32
bits, the `auxi` chunk with time and frequency of the recording; RIFX, where all numbers are big-endian, and Sony's Wave64.

Source: Microsoft's RIFF/WAVEFORMATEX layout; EBU Tech 3306 (RF64, `ds64`), ITU-R BS.2088 (BW64); `auxi` begins with the
SYSTEMTIME of its start and end in UTC and the centre frequency in Hz; Sony, “Wave64”: names of 16 bytes, sizes of 8 that
count the 24 before the content, too, and are filled to a multiple of 8.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from receiver.wire.numbers import (
    CF32,
    CF32_BE,
    CF64,
    CF64_BE,
    CS16,
    CS16_BE,
    CS24,
    CS24_BE,
    CS32,
    CS32_BE,
    CU8,
    NumberFormat,
)

FORMAT_PCM, FORMAT_FLOAT, FORMAT_EXTENSIBLE = 1, 3, 0xFFFE
MUSIC_RATES_HZ = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
LARGEST_CHUNK = 1 << 20  # of those that are read into memory
_WAVE64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_WAVE64_NAME = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"  # behind the four letters of every other name
_BIG_ENDIAN = {CS16: CS16_BE, CS24: CS24_BE, CS32: CS32_BE, CF32: CF32_BE, CF64: CF64_BE}


class WavError(ValueError):
    """Not a WAV file with IQ samples; the text says why."""


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What a WAV file says of its samples.

    Attributes
    ----------
    data_bytes
        Size of the samples; None: to the end of the file.
    start_utc_s, frequency_hz
        From `auxi`; None when it has none.
    """

    number_format: NumberFormat
    sample_rate_hz: float
    data_bytes: int | None
    start_utc_s: float | None
    frequency_hz: float | None = None


def read_wav_header(stream: BinaryIO, size_bytes: int | None = None) -> WavHeader:
    """Read up to the first sample; the stream stands there afterwards. It need not be seekable.

    Parameters
    ----------
    size_bytes
        Of the whole file, where it is known: a size of the samples that has wrapped at 4 GiB is told by it.

    Raises
    ------
    WavError
        It is no RIFF/RF64 file, is cut short before its samples, or is not IQ (music, mono, an odd format).
    """
    begin = _exactly(stream, 12, "header")
    if begin == _WAVE64[:12]:
        return _read_wave64(stream)
    riff, wave = begin[:4], begin[8:]
    if riff not in (b"RIFF", b"RIFX", b"RF64", b"BW64") or wave != b"WAVE":
        raise WavError(f"not a WAV file: begins with {riff!r}, expected b'RIFF', b'RIFX', b'RF64', b'BW64' or b'riff'")
    order = ">" if riff == b"RIFX" else "<"
    said = _Said(order)
    read = 12
    while True:
        name, size = struct.unpack(order + "4sI", _exactly(stream, 8, "chunk header before the samples"))
        read += 8
        if name == b"data":
            break
        read += size + size % 2
        said.take(name, _content(stream, size, size % 2, name))
    data_bytes = said.long_size if riff in (b"RF64", b"BW64") and size == 0xFFFFFFFF else size
    # 0 and all ones: the program was stopped before it could write the size
    known = None if data_bytes in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF, None) else data_bytes
    if known is not None and size_bytes is not None and known < 1 << 32:
        known += max(0, size_bytes - read - known) >> 32 << 32  # the size has wrapped
    return said.header(known)


def _read_wave64(stream: BinaryIO) -> WavHeader:
    rest = _exactly(stream, 28, "header")
    if rest[:4] != _WAVE64[12:] or rest[12:16] != b"wave":
        raise WavError("not a WAV file: begins as Wave64 does, and does not go on so")
    said = _Said("<")
    while True:
        name, size = struct.unpack("<16sQ", _exactly(stream, 24, "chunk header before the samples"))
        if size < 24:
            raise WavError(f"chunk {name[:4]!r} has a size of {size}, expected at least 24")
        if name[4:] == _WAVE64_NAME and name[:4] == b"data":
            return said.header(size - 24 or None)
        said.take(name[:4], _content(stream, size - 24, -size % 8, name[:4]))


class _Said:
    """What the chunks before the samples say."""

    def __init__(self, order: str) -> None:
        self._order = order
        self._number_format: NumberFormat | None = None
        self._rate = 0
        self.long_size: int | None = None
        self._start: float | None = None
        self._frequency: float | None = None

    def take(self, name: bytes, content: bytes) -> None:
        """Take in one chunk."""
        if name == b"fmt ":
            self._number_format, self._rate = _format(content, self._order)
        elif name == b"ds64" and len(content) >= 16:
            self.long_size = struct.unpack_from("<Q", content, 8)[0]
        elif name == b"auxi":
            self._start, self._frequency = _start(content, self._order), _frequency(content, self._order)

    def header(self, data_bytes: int | None) -> WavHeader:
        """All of it, with the size of the samples."""
        if self._number_format is None:
            raise WavError("no `fmt ` chunk before the samples")
        return WavHeader(self._number_format, float(self._rate), data_bytes, self._start, self._frequency)


def _content(stream: BinaryIO, size: int, padding: int, name: bytes) -> bytes:
    """A chunk's content; of one that is too large to be one of ours nothing."""
    what = f"chunk {name!r}"
    if size <= LARGEST_CHUNK:
        return _exactly(stream, size + padding, what)[:size]
    left = size + padding
    while left:
        left -= len(_exactly(stream, min(left, LARGEST_CHUNK), what))
    return b""


def _exactly(stream: BinaryIO, count: int, what: str) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise WavError(f"the file ends in its {what}")
    return data


def _format(content: bytes, order: str) -> tuple[NumberFormat, int]:
    if len(content) < 16:
        raise WavError(f"`fmt ` chunk has {len(content)} bytes, expected at least 16")
    kind, channels, rate, _, align, bits = struct.unpack_from(order + "HHIIHH", content)
    if kind == FORMAT_EXTENSIBLE and len(content) >= 26:
        kind = struct.unpack_from(order + "H", content, 24)[0]
    if channels != 2:
        raise WavError(f"{channels} channel(s), expected 2 (I and Q)")
    if rate in MUSIC_RATES_HZ:
        raise WavError(f"{rate} samples a second is sound, expected IQ of 2000000 or more")
    formats = {
        (FORMAT_PCM, 8): CU8,
        (FORMAT_PCM, 16): CS16,
        (FORMAT_PCM, 24): CS32 if align == 8 else CS24,  # in containers of four bytes it stands in the upper three
        (FORMAT_PCM, 32): CS32,
        (FORMAT_FLOAT, 32): CF32,
        (FORMAT_FLOAT, 64): CF64,
    }
    if (kind, bits) not in formats:
        raise WavError(f"format {kind} with {bits} bits, expected PCM of 8, 16, 24 or 32 bits or floats of 32 or 64")
    found = formats[kind, bits]
    return _BIG_ENDIAN.get(found, found) if order == ">" else found, rate


def _start(content: bytes, order: str) -> float | None:
    """The SYSTEMTIME at the start of `auxi`; nonsense there is as good as nothing."""
    if len(content) < 16:
        return None
    year, month, _, day, hour, minute, second, milli = struct.unpack_from(order + "8H", content)
    try:
        utc_s = datetime(year, month, day, hour, minute, second, milli * 1000, tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return utc_s if utc_s > 0.0 else None


def _frequency(content: bytes, order: str) -> float | None:
    """The centre frequency behind the two times of `auxi`, Hz."""
    if len(content) < 36:
        return None
    return float(struct.unpack_from(order + "I", content, 32)[0]) or None
