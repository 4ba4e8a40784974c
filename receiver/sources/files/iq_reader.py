"""Recorded IQ of any common format as a source of samples.

What the file is comes from its header (WAV, SigMF, SDRangel), else from its name (`receiver.sources.files.names`), else
from the options; an option always wins. What was taken from a name is said (`Recording.notes`). gzip, xz, bzip2 and
zstandard are opened on the fly; `-` is standard input.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import sys
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import zstandard
from numpy.typing import NDArray

from dsp.samples import SampleBlock, SampleFormat
from receiver.errors import SquitterError, UsageError
from receiver.sources.files.names import said_by_name
from receiver.sources.files.shift import Shift, offset_of
from receiver.wire.numbers import NAMES, NumberFormat
from receiver.wire.sdriq import SdriqError, read_sdriq_header
from receiver.wire.sigmf import SigmfError, SigmfMeta, SigmfRun, parse_sigmf
from receiver.wire.wav import WavError, read_wav_header

BLOCK_SAMPLES = 131_072
LEAST_RATE_HZ = 2_000_000
FIRST_BYTES = 80_000_000

UNPACK_ERRORS = (EOFError, zstandard.ZstdError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)
"""What reading damaged packed files raises."""

PACKED = re.compile(r"\.(gz|zst|xz|bz2)$", re.IGNORECASE)
_SIGMF = (".sigmf-meta", ".sigmf-data", ".sigmf")
NUMBERS_OF_SHIFTED = SampleFormat.CF32


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a recording before its first sample; `notes` say what was taken for granted."""

    number_format: NumberFormat
    sample_rate_hz: float
    runs: tuple[SigmfRun, ...] = (SigmfRun(0, 0),)
    start_utc_s: float | None = None
    data_bytes: int | None = None
    channels: int = 1
    notes: tuple[str, ...] = ()
    has_header: bool = True


class Recording:
    """A `SampleSource` over a file.

    Attributes
    ----------
    size_bytes
        Size on disk, None for standard input.
    notes
        What was taken for granted, in words: a rate from the name, a frequency that was moved.
    has_header
        Whether a header says how the samples are stored.
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
        frequency_hz: float | None = None,
    ) -> None:
        rate = described.sample_rate_hz
        if rate < LEAST_RATE_HZ:
            raise SquitterError(f"{name}: {rate:g} samples a second, expected at least {LEAST_RATE_HZ} for Mode S")
        self.name = name
        self.size_bytes = size_bytes
        self.sample_rate_hz = rate
        self.start_utc_s = start_utc_s if start_utc_s is not None else (described.start_utc_s or 0.0)
        self.number_format = described.number_format
        self._offsets = tuple(offset_of(name, frequency_hz or run.frequency_hz, rate) for run in described.runs)
        self._shifts = any(self._offsets)
        self.sample_format = NUMBERS_OF_SHIFTED if self._shifts else described.number_format.sample_format
        self.has_header = described.has_header
        self.notes = described.notes
        if self._shifts:
            moved = ", ".join(f"{offset / 1e6:+g} MHz" for offset in dict.fromkeys(self._offsets) if offset)
            self.notes = (*self.notes, f"moved to 1090 MHz, which lies {moved} from what it was tuned to")
        self._described = described
        self._stream = stream
        self._raw = raw
        self._closing = threading.Event()
        self._scale: float | None = None
        self._reopen: Callable[[], Recording] | None = None

    def position_bytes(self) -> int:
        """How much of the file on disk has been read, for a progress bar."""
        if self._raw is None:
            return 0
        return (self.size_bytes or 0) if self._raw.closed else self._raw.tell()

    def close(self) -> None:
        """Stop `blocks`, from any thread."""
        self._closing.set()

    def assumed(self) -> str:
        """How the samples are read, in words."""
        return f"{self.sample_rate_hz / 1e6:g} MS/s {self.number_format.name}"

    def first_bytes(self) -> bytes | None:
        """The first samples as they stand in the file, a second or so; None where it cannot be read again."""
        if self._reopen is None:
            return None
        again = self._reopen()
        width = again.number_format.bytes_per_sample * self._described.channels
        try:
            first = self._described.runs[0]
            again._skip(first.header_bytes + first.sample_start * width)
            return again._read(min(round(self.sample_rate_hz) * width, FIRST_BYTES))
        except SquitterError:
            return None
        finally:
            again._stream.close()
            if again._raw is not None:
                again._raw.close()

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield the samples.

        Raises
        ------
        SquitterError
            The file is empty, is cut short inside its compression, or cannot be read.
        """
        width = self.number_format.bytes_per_sample * self._described.channels
        runs = self._described.runs
        left = self._described.data_bytes
        if left is not None:
            left = max(0, left - runs[0].sample_start * width)
        run = 0
        in_file = runs[0].sample_start  # complex samples of the file so far
        in_stream = runs[0].global_index
        shift = Shift(self._offsets[0], self.sample_rate_hz)
        try:
            self._skip(runs[0].header_bytes + in_file * width)
            while not self._closing.is_set():
                gap = 0
                if run + 1 < len(runs) and in_file == runs[run + 1].sample_start:
                    run += 1
                    gap = max(0, runs[run].global_index - in_stream)
                    in_stream += gap
                    self._skip(runs[run].header_bytes)
                    shift = Shift(self._offsets[run], self.sample_rate_hz)
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
                    iq = self._numbers(data[: count * width])
                    yield SampleBlock(
                        shift.moved(iq, self.number_format.sample_format) if self._shifts else iq, in_stream, gap
                    )
                    in_file += count
                    in_stream += count
                if len(data) < want or want == 0:
                    break
        finally:
            self._stream.close()
            if self._raw is not None:
                self._raw.close()
        if in_file == runs[0].sample_start and not self._closing.is_set():
            raise SquitterError(f"{self.name}: empty, expected {self.number_format.name} samples")

    def _numbers(self, data: bytes) -> NDArray[np.generic]:
        """Samples of the first channel as they are handed out."""
        numbers = self.number_format
        if self._described.channels > 1:
            one = numbers.bytes_per_sample
            data = np.frombuffer(data, np.uint8).reshape(-1, self._described.channels, one)[:, 0].tobytes()
        if numbers.is_float and self._scale is None:
            self._scale = _scale_of(numbers.numbers(data))
            if self._scale != 1.0:
                self.notes = (*self.notes, f"its floats reach ±{1 / self._scale:g}, taken for full scale")
        return numbers.numbers(data, self._scale or 1.0)

    def _skip(self, count: int) -> None:
        """Pass over bytes that are no samples."""
        while count > 0 and (data := self._read(min(count, 1 << 20))):
            count -= len(data)

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


def _scale_of(numbers: NDArray[np.generic]) -> float:
    """What floats are to be multiplied by: some programs write 8- or 16-bit integers as floats without scaling them."""
    finite = numbers[np.isfinite(numbers)]
    peak = float(np.abs(finite).max()) if finite.size else 0.0
    return 1.0 if peak <= 4.0 else 1 / 128.0 if peak <= 256.0 else 1 / 32768.0


def number_format_named(text: str) -> NumberFormat:
    """The format of a name as people write it.

    Raises
    ------
    UsageError
        Nobody calls a format so.
    """
    found = NAMES.get(text.lower())
    if found is None:
        raise UsageError(f"--format: got {text!r}, expected one of {', '.join(NAMES)}")
    return found


def open_recording(
    path: str,
    *,
    rate_hz: float | None = None,
    number_format: NumberFormat | None = None,
    start_utc_s: float | None = None,
    frequency_hz: float | None = None,
) -> Recording:
    """Open a recording.

    Parameters
    ----------
    path
        A file, or `-` for standard input.
    rate_hz, number_format, frequency_hz
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
    options = Options(rate_hz, number_format, start_utc_s, frequency_hz)
    if path == "-":
        return _describe("standard input", sys.stdin.buffer, None, None, options)
    file = Path(path)
    if file.is_dir():
        raise SquitterError(f"{path}: is a directory, expected a recording")
    meta: SigmfMeta | None = None
    if file.name.lower().endswith(_SIGMF[:2]):
        base = file.name[: -len(".sigmf-data")]
        meta = _read_meta(file.with_name(base + ".sigmf-meta"))
        file = file.with_name(meta.dataset or base + ".sigmf-data")
    try:
        raw: BinaryIO = file.open("rb")
    except OSError as error:
        raise SquitterError(f"{file}: {error.strerror}") from None
    try:
        recording = _open_file(path, file, raw, meta, options)
        recording._reopen = lambda: open_recording(
            path, rate_hz=rate_hz, number_format=number_format, start_utc_s=start_utc_s, frequency_hz=frequency_hz
        )
        return recording
    except BaseException:
        raw.close()
        raise


@dataclass(frozen=True, slots=True)
class Options:
    """What the person says; it wins over header and name."""

    rate_hz: float | None = None
    number_format: NumberFormat | None = None
    start_utc_s: float | None = None
    frequency_hz: float | None = None


def _open_file(path: str, file: Path, raw: BinaryIO, meta: SigmfMeta | None, options: Options) -> Recording:
    size = os.fstat(raw.fileno()).st_size
    if size == 0 and file.is_file():
        raise SquitterError(f"{file}: empty")
    stream = unpacked(raw, file.name.lower())
    data_size: int | None = size
    if PACKED.sub("", file.name.lower()).endswith(".sigmf"):
        meta, stream, data_size = _open_archive(path, raw)
    elif stream is not raw:
        data_size = None
    if meta is None:
        return _describe(path, stream, raw, size, options)
    described = Described(
        options.number_format or meta.number_format,
        options.rate_hz or meta.sample_rate_hz,
        meta.runs,
        meta.start_utc_s,
        _data_bytes(path, meta, data_size),
        meta.channels,
        (f"{meta.channels} channels, of which the first is read",) if meta.channels > 1 else (),
    )
    return Recording(path, stream, raw, size, described, options.start_utc_s, options.frequency_hz)


def _data_bytes(path: str, meta: SigmfMeta, size: int | None) -> int | None:
    """Bytes of samples in a file of that size; None: to its end."""
    if not meta.trailing_bytes:
        return None
    if size is None:
        raise SquitterError(f"{path}: core:trailing_bytes: cannot be located in a packed file; unpack it first")
    headers = sum(run.header_bytes for run in meta.runs)
    return max(0, size - headers - meta.trailing_bytes)


def unpacked(raw: BinaryIO, lower: str) -> BinaryIO:
    """The stream of a file by its name in lower case: `.gz`, `.xz`, `.bz2` and `.zst` are unpacked on the fly."""
    if lower.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if lower.endswith(".xz"):
        return cast(BinaryIO, lzma.LZMAFile(raw))
    if lower.endswith(".bz2"):
        return cast(BinaryIO, bz2.BZ2File(raw))
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


def _open_archive(path: str, raw: BinaryIO) -> tuple[SigmfMeta, BinaryIO, int]:
    """The first recording of a `.sigmf` archive (tar, packed or not), its samples and how many bytes they take."""
    try:
        archive = tarfile.open(fileobj=raw, mode="r:*")  # noqa: SIM115 - the stream of the member needs it open
        members = {member.name: member for member in archive.getmembers() if member.isfile()}
        meta_name = next(name for name in members if name.endswith(".sigmf-meta"))
        text = archive.extractfile(members[meta_name])
        assert text is not None
        meta = parse_sigmf(text.read())
        data_name = meta_name[: -len("meta")] + "data"
        if meta.dataset is not None:
            data_name = str(Path(meta_name).with_name(meta.dataset))
        data = archive.extractfile(members[data_name])
        assert data is not None
        return meta, cast(BinaryIO, data), members[data_name].size
    except (tarfile.TarError, KeyError, StopIteration, *UNPACK_ERRORS) as error:
        raise SquitterError(f"{path}: not a SigMF archive with .sigmf-meta and .sigmf-data ({error})") from None
    except SigmfError as error:
        raise SquitterError(f"{path}: {error}") from None


def _describe(name: str, stream: BinaryIO, raw: BinaryIO | None, size: int | None, options: Options) -> Recording:
    """A recording that is no SigMF: one with a header by its name, else raw."""
    plain_name = PACKED.sub("", name.lower())
    said = said_by_name(name)
    frequency_hz = said.frequency_hz
    try:
        if plain_name.endswith((".wav", ".rf64", ".bw64")):
            wav = read_wav_header(stream, size if stream is raw else None)
            described = Described(
                wav.number_format, wav.sample_rate_hz, start_utc_s=wav.start_utc_s, data_bytes=wav.data_bytes
            )
            frequency_hz = frequency_hz or wav.frequency_hz
        elif plain_name.endswith(".sdriq"):
            sdriq = read_sdriq_header(stream)
            described = Described(sdriq.number_format, sdriq.sample_rate_hz, start_utc_s=sdriq.start_utc_s)
            frequency_hz = sdriq.frequency_hz
        else:
            described = _described_by_name(name, options)
    except (WavError, SdriqError) as error:
        raise SquitterError(f"{name}: {error}") from None
    except (OSError, *UNPACK_ERRORS) as error:
        raise SquitterError(f"{name}: cannot be read: {error}") from None
    described = replace(
        described,
        number_format=options.number_format or described.number_format,
        sample_rate_hz=options.rate_hz or described.sample_rate_hz,
        start_utc_s=described.start_utc_s if described.start_utc_s is not None else said.start_utc_s,
        runs=(SigmfRun(0, 0, 0, frequency_hz),),
    )
    return Recording(name, stream, raw, size, described, options.start_utc_s, options.frequency_hz)


def _described_by_name(name: str, options: Options) -> Described:
    said = said_by_name(name)
    rate_hz = options.rate_hz or said.rate_hz
    number_format = options.number_format or said.number_format
    missing = [
        *(["--rate (samples a second, e.g. --rate 2.4M)"] if rate_hz is None else []),
        *(["--format (e.g. --format cu8)"] if number_format is None else []),
    ]
    if rate_hz is None or number_format is None:
        reason = "neither header nor name say what it is"
        if rate_hz is None and len(said.rates) > 1:
            reason = f"its name could mean {' or '.join(f'{rate / 1e6:g} MS/s' for rate in said.rates)}"
        raise UsageError(f"{name}: {reason}: add {' and '.join(missing)}")
    taken = [
        *([f"{rate_hz / 1e6:g} MS/s"] if options.rate_hz is None else []),
        *([number_format.name] if options.number_format is None else []),
        *([f"{said.frequency_hz / 1e6:g} MHz"] if said.frequency_hz and options.frequency_hz is None else []),
    ]
    return Described(
        number_format, rate_hz, notes=(f"{', '.join(taken)}, from the name",) if taken else (), has_header=False
    )


_EXAMPLES = {"--rate": "samples a second such as 2400000 or 2.4M", "--frequency": "Hz such as 1090M"}


def parse_rate(text: str, option: str = "--rate") -> float:
    """Samples a second, or Hz, as people write them: 2400000, 2.4e6, 2400k, 2.4M, 1.09G.

    Raises
    ------
    UsageError
        It is no rate.
    """
    match = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([kMG]?)(?:Hz)?\s*", text, re.IGNORECASE)
    try:
        if match is None:
            raise ValueError
        rate = float(match[1]) * {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}[match[2].lower()]
    except ValueError:
        raise UsageError(f"{option}: got {text!r}, expected {_EXAMPLES[option]}") from None
    if not 1e5 <= rate <= 1e10:
        raise UsageError(f"{option}: got {text!r}, expected {_EXAMPLES[option]}")
    return rate
