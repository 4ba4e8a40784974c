"""Recorded IQ of any common format as a source of samples.

What the file is comes from its header (WAV, SigMF), else from its name (`g0_1090M_2400k.cu8`, `modes1_2000k_uc8.bin`),
else from the options; an option always wins. gzip and zstandard are opened on the fly; `-` is standard input.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import zstandard

from dsp.samples import SampleBlock, SampleFormat
from receiver.errors import SquitterError, UsageError
from receiver.wire.sigmf import SigmfError, SigmfMeta, SigmfRun, parse_sigmf
from receiver.wire.wav import WavError, read_wav_header

BLOCK_SAMPLES = 131_072
LEAST_RATE_HZ = 2_000_000

FORMAT_NAMES = {
    "cu8": SampleFormat.CU8, "uc8": SampleFormat.CU8, "u8": SampleFormat.CU8,
    "cs8": SampleFormat.CS8, "sc8": SampleFormat.CS8, "s8": SampleFormat.CS8,
    "cs16": SampleFormat.CS16, "sc16": SampleFormat.CS16, "s16": SampleFormat.CS16,
    "cf32": SampleFormat.CF32, "fc32": SampleFormat.CF32, "cfile": SampleFormat.CF32, "f32": SampleFormat.CF32,
}  # fmt: skip
"""What people call the formats, in names and options."""

UNPACK_ERRORS = (EOFError, zstandard.ZstdError, gzip.BadGzipFile)
"""What reading a damaged `.gz` or `.zst` raises."""

_RATE = re.compile(r"(?:^|[_\-. ])(\d+(?:\.\d+)?)\s*(k|m|msps|ksps|ms|sps)(?=[_\-. ]|$)", re.IGNORECASE)
_SIGMF = (".sigmf-meta", ".sigmf-data", ".sigmf")


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a recording before its first sample."""

    sample_format: SampleFormat
    sample_rate_hz: float
    runs: tuple[SigmfRun, ...] = (SigmfRun(0, 0),)
    start_utc_s: float | None = None
    data_bytes: int | None = None


class Recording:
    """A `SampleSource` over a file.

    Attributes
    ----------
    size_bytes
        Size on disk, None for standard input.
    """

    kind = "recording"

    def __init__(
        self,
        name: str,
        stream: BinaryIO,
        raw: BinaryIO | None,
        size_bytes: int | None,
        described: Described,
        start_utc_s: float | None,
    ) -> None:
        self.name = name
        self.size_bytes = size_bytes
        self.sample_format = described.sample_format
        self.sample_rate_hz = described.sample_rate_hz
        self.start_utc_s = start_utc_s if start_utc_s is not None else (described.start_utc_s or 0.0)
        self._described = described
        self._stream = stream
        self._raw = raw
        self._closing = threading.Event()

    def position_bytes(self) -> int:
        """How much of the file on disk has been read, for a progress bar."""
        if self._raw is None:
            return 0
        return (self.size_bytes or 0) if self._raw.closed else self._raw.tell()

    def close(self) -> None:
        """Stop `blocks`, from any thread."""
        self._closing.set()

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield the samples.

        Raises
        ------
        SquitterError
            The file is empty, is cut short inside its compression, or cannot be read.
        """
        width = self.sample_format.bytes_per_sample
        left = self._described.data_bytes
        runs = self._described.runs
        run = 0
        in_file = 0  # complex samples of the file so far
        in_stream = runs[0].global_index
        try:
            while not self._closing.is_set():
                gap = 0
                if run + 1 < len(runs) and in_file == runs[run + 1].sample_start:
                    run += 1
                    gap = max(0, runs[run].global_index - in_stream)
                    in_stream += gap
                want = BLOCK_SAMPLES * width
                if run + 1 < len(runs):
                    want = min(want, (runs[run + 1].sample_start - in_file) * width)
                if left is not None:
                    want = min(want, left)
                data = self._read(want)
                if left is not None:
                    left -= len(data)
                count = len(data) // width  # half a sample at the end is none
                if count:
                    iq = np.frombuffer(data, self.sample_format.dtype, count * 2)
                    yield SampleBlock(iq, in_stream, gap)
                    in_file += count
                    in_stream += count
                if len(data) < want or want == 0:
                    break
        finally:
            self._stream.close()
            if self._raw is not None:
                self._raw.close()
        if in_file == 0 and not self._closing.is_set():
            raise SquitterError(f"{self.name}: empty, expected {self.sample_format} samples")

    def _read(self, count: int) -> bytes:
        """`count` bytes, fewer only at the end (a pipe gives what it has)."""
        parts: list[bytes] = []
        while count:
            try:
                data = self._stream.read(count)
            except UNPACK_ERRORS as error:
                raise SquitterError(f"{self.name}: cannot be unpacked to its end: {error}") from error
            except OSError as error:
                raise SquitterError(f"{self.name}: {error.strerror or error}") from error
            if not data:
                break
            parts.append(data)
            count -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def sample_format_named(text: str) -> SampleFormat:
    """The format of a name as people write it.

    Raises
    ------
    UsageError
        Nobody calls a format so.
    """
    found = FORMAT_NAMES.get(text.lower())
    if found is None:
        raise UsageError(f"--format: got {text!r}, expected one of {', '.join(FORMAT_NAMES)}")
    return found


def open_recording(
    path: str,
    *,
    rate_hz: float | None = None,
    sample_format: SampleFormat | None = None,
    start_utc_s: float | None = None,
) -> Recording:
    """Open a recording.

    Parameters
    ----------
    path
        A file, or `-` for standard input.
    rate_hz, sample_format
        What the options say; they win over header and name.
    start_utc_s
        UTC of the first sample. None: what the header says, else 0, so that a replay is the same each time.

    Raises
    ------
    UsageError
        Rate or format are not known; the text says which option to add.
    SquitterError
        The file cannot be opened or is not what it claims to be.
    """
    if path == "-":
        return _describe("standard input", sys.stdin.buffer, None, None, rate_hz, sample_format, start_utc_s)
    file = Path(path)
    if file.is_dir():
        raise SquitterError(f"{path}: is a directory, expected a recording")
    meta: SigmfMeta | None = None
    if file.name.lower().endswith(_SIGMF[:2]):
        meta = _read_meta(file.with_name(file.name[: -len(".sigmf-data")] + ".sigmf-meta"))
        file = file.with_name(file.name[: -len(".sigmf-data")] + ".sigmf-data")
    try:
        raw: BinaryIO = file.open("rb")
    except OSError as error:
        raise SquitterError(f"{file}: {error.strerror}") from None
    try:
        return _open_file(path, file, raw, meta, rate_hz, sample_format, start_utc_s)
    except BaseException:
        raw.close()
        raise


def _open_file(
    path: str,
    file: Path,
    raw: BinaryIO,
    meta: SigmfMeta | None,
    rate_hz: float | None,
    sample_format: SampleFormat | None,
    start_utc_s: float | None,
) -> Recording:
    lower = file.name.lower()
    size = os.fstat(raw.fileno()).st_size
    if size == 0 and file.is_file():
        raise SquitterError(f"{file}: empty")
    stream = unpacked(raw, lower)
    if lower.endswith(".sigmf"):
        meta, stream = _open_archive(path, raw)
    if meta is not None:
        described = Described(
            sample_format or meta.sample_format, rate_hz or meta.sample_rate_hz, meta.runs, meta.start_utc_s
        )
        _check_rate(path, described.sample_rate_hz)
        return Recording(path, stream, raw, size, described, start_utc_s)
    return _describe(path, stream, raw, size, rate_hz, sample_format, start_utc_s)


def unpacked(raw: BinaryIO, lower: str) -> BinaryIO:
    """The stream of a file by its name in lower case: `.gz` and `.zst` are unpacked on the fly."""
    if lower.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if lower.endswith(".zst"):
        return cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=True))
    return raw


def _read_meta(file: Path) -> SigmfMeta:
    try:
        return parse_sigmf(file.read_bytes())
    except OSError as error:
        raise SquitterError(f"{file}: {error.strerror}; SigMF needs both .sigmf-meta and .sigmf-data") from None
    except SigmfError as error:
        raise SquitterError(f"{file}: {error}") from None


def _open_archive(path: str, raw: BinaryIO) -> tuple[SigmfMeta, BinaryIO]:
    """The first recording of a `.sigmf` archive (tar)."""
    try:
        archive = tarfile.open(fileobj=raw, mode="r:")  # noqa: SIM115 - the stream of the member needs it open
        names = {Path(member.name).suffix: member for member in archive.getmembers() if member.isfile()}
        meta, data = archive.extractfile(names[".sigmf-meta"]), archive.extractfile(names[".sigmf-data"])
        assert meta is not None
        assert data is not None
        return parse_sigmf(meta.read()), cast(BinaryIO, data)
    except (tarfile.TarError, KeyError) as error:
        raise SquitterError(f"{path}: not a SigMF archive with .sigmf-meta and .sigmf-data ({error})") from None
    except SigmfError as error:
        raise SquitterError(f"{path}: {error}") from None


def _describe(
    name: str,
    stream: BinaryIO,
    raw: BinaryIO | None,
    size: int | None,
    rate_hz: float | None,
    sample_format: SampleFormat | None,
    start_utc_s: float | None,
) -> Recording:
    """A recording that is no SigMF: WAV by its first bytes, else raw."""
    plain_name = re.sub(r"\.(gz|zst)$", "", name.lower())
    if plain_name.endswith(".wav"):
        try:
            header = read_wav_header(stream)
        except WavError as error:
            raise SquitterError(f"{name}: {error}") from None
        except (OSError, EOFError, zstandard.ZstdError) as error:
            raise SquitterError(f"{name}: cannot be read: {error}") from None
        described = Described(
            sample_format or header.sample_format,
            rate_hz or header.sample_rate_hz,
            start_utc_s=header.start_utc_s,
            data_bytes=header.data_bytes,
        )
    else:
        base = re.split(r"[/\\]", plain_name)[-1]
        found_rate = rate_hz or rate_in_name(base)
        found_format = sample_format or format_in_name(base)
        missing = [
            *(["--rate (samples a second, e.g. --rate 2.4M)"] if found_rate is None else []),
            *(["--format (e.g. --format cu8)"] if found_format is None else []),
        ]
        if found_rate is None or found_format is None:
            raise UsageError(f"{name}: neither header nor name say what it is: add {' and '.join(missing)}")
        described = Described(found_format, found_rate)
    _check_rate(name, described.sample_rate_hz)
    return Recording(name, stream, raw, size, described, start_utc_s)


def _check_rate(name: str, rate_hz: float) -> None:
    if rate_hz < LEAST_RATE_HZ:
        raise SquitterError(f"{name}: {rate_hz:g} samples a second, expected at least {LEAST_RATE_HZ} for Mode S")


def format_in_name(base: str) -> SampleFormat | None:
    """The format that a file's name tells; `.bin` alone tells nothing but is an RTL-SDR's by custom."""
    words = re.split(r"[_\-. ]", base)
    for word in reversed(words):
        if word in FORMAT_NAMES:
            return FORMAT_NAMES[word]
    return SampleFormat.CU8 if words[-1] == "bin" else None


def rate_in_name(base: str) -> float | None:
    """The sample rate that a file's name tells: 2400k, 2.4M, 2400000sps; a number of MHz such as 1090M is none."""
    for match in _RATE.finditer(base):
        unit = match[2].lower()
        rate = float(match[1]) * (1e6 if unit in ("m", "msps", "ms") else 1e3 if unit in ("k", "ksps") else 1.0)
        if 1e6 <= rate <= 100e6:
            return rate
    return None


def parse_rate(text: str) -> float:
    """Samples a second as people write them: 2400000, 2.4e6, 2400k, 2.4M.

    Raises
    ------
    UsageError
        It is no rate.
    """
    match = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([kM]?)\s*", text, re.IGNORECASE)
    try:
        if match is None:
            raise ValueError
        rate = float(match[1]) * {"": 1.0, "k": 1e3, "m": 1e6}[match[2].lower()]
    except ValueError:
        raise UsageError(f"--rate: got {text!r}, expected samples a second such as 2400000 or 2.4M") from None
    if not 1e5 <= rate <= 1e9:
        raise UsageError(f"--rate: got {text!r}, expected samples a second such as 2400000 or 2.4M")
    return rate
