"""Recorded IQ as a source of samples: pieces of the file, in the numbers and at the frequency that the demodulator takes.

`receiver.sources.files.opening` finds out what the file is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from dsp.samples import SampleBlock, SampleFormat
from receiver.errors import SquitterError
from receiver.sources.files.packed import UNPACK_ERRORS
from receiver.sources.files.shift import Shift, offset_of
from receiver.wire.numbers import NumberFormat
from receiver.wire.sigmf import SigmfRun

BLOCK_SAMPLES = 131_072
LEAST_RATE_HZ = 2_000_000
FIRST_BYTES = 80_000_000
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
    reopen
        Opens the same file once more; None where it cannot be read again.
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
        self.reopen: Callable[[], Recording] | None = None

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
        if self.reopen is None:
            return None
        again = self.reopen()
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
