"""IQ in WAV files, as SDR#, HDSDR and SDR++ write them: two channels, I left, Q right.

Read by hand because the usual readers refuse or convert what these programs write: 8-bit samples, sizes of 0 or
0xFFFFFFFF when the program was killed, RF64 and BW64 for long recordings or sizes that have wrapped at 4 GiB, 24 and 32
bits, the `auxi` chunk with time and frequency of the recording.

Source: Microsoft's RIFF/WAVEFORMATEX layout; EBU Tech 3306 (RF64, `ds64`), ITU-R BS.2088 (BW64); `auxi` begins with the
SYSTEMTIME of its start and end in UTC and the centre frequency in Hz.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from receiver.wire.numbers import CF32, CF64, CS16, CS24, CS32, CU8, NumberFormat

FORMAT_PCM, FORMAT_FLOAT, FORMAT_EXTENSIBLE = 1, 3, 0xFFFE
MUSIC_RATES_HZ = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
LARGEST_CHUNK = 1 << 20  # of those that are read into memory


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
    riff, _, wave = struct.unpack("<4sI4s", _exactly(stream, 12, "header"))
    if riff not in (b"RIFF", b"RF64", b"BW64") or wave != b"WAVE":
        raise WavError(f"not a WAV file: begins with {riff!r}, expected b'RIFF', b'RF64' or b'BW64'")
    number_format: NumberFormat | None = None
    rate = 0
    long_size: int | None = None
    start: float | None = None
    frequency: float | None = None
    read = 12
    while True:
        name, size = struct.unpack("<4sI", _exactly(stream, 8, "chunk header before the samples"))
        read += 8
        if name == b"data":
            break
        if size > LARGEST_CHUNK:
            raise WavError(f"chunk {name!r} has {size} bytes before the samples, expected less than {LARGEST_CHUNK}")
        content = _exactly(stream, size + size % 2, f"chunk {name!r}")
        read += len(content)
        if name == b"fmt ":
            number_format, rate = _format(content)
        elif name == b"ds64" and len(content) >= 16:
            long_size = struct.unpack_from("<Q", content, 8)[0]
        elif name == b"auxi":
            start, frequency = _start(content), _frequency(content)
    if number_format is None:
        raise WavError("no `fmt ` chunk before the samples")
    data_bytes = long_size if riff != b"RIFF" and size == 0xFFFFFFFF else size
    # 0 and all ones: the program was stopped before it could write the size
    known = None if data_bytes in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF, None) else data_bytes
    if known is not None and size_bytes is not None and known < 1 << 32:
        known += max(0, size_bytes - read - known) >> 32 << 32  # the size has wrapped
    return WavHeader(number_format, float(rate), known, start, frequency)


def _exactly(stream: BinaryIO, count: int, what: str) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise WavError(f"the file ends in its {what}")
    return data


def _format(content: bytes) -> tuple[NumberFormat, int]:
    if len(content) < 16:
        raise WavError(f"`fmt ` chunk has {len(content)} bytes, expected at least 16")
    kind, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", content)
    if kind == FORMAT_EXTENSIBLE and len(content) >= 26:
        kind = struct.unpack_from("<H", content, 24)[0]
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
    return formats[kind, bits], rate


def _start(content: bytes) -> float | None:
    """The SYSTEMTIME at the start of `auxi`; nonsense there is as good as nothing."""
    if len(content) < 16:
        return None
    year, month, _, day, hour, minute, second, milli = struct.unpack_from("<8H", content)
    try:
        return datetime(year, month, day, hour, minute, second, milli * 1000, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _frequency(content: bytes) -> float | None:
    """The centre frequency behind the two times of `auxi`, Hz."""
    if len(content) < 36:
        return None
    return float(struct.unpack_from("<I", content, 32)[0]) or None
