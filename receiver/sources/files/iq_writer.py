"""Writing samples as SigMF: the data as they come, the metadata beside it, never more than the disk can spare.

The metadata are written again every few seconds and replaced whole, so that a recording that was cut off can be read
up to there. A gap is told twice: each uninterrupted run is a capture of its own, and an annotation
names the gap for those who look at it in an editor. A change of gain is an annotation too.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from dsp.samples import SampleBlock, SampleFormat
from receiver.errors import SquitterError, UsageError
from receiver.wire.sigmf import SigmfRun, format_sigmf

MB = 1_000_000
CHECK_BYTES = 32 * MB  # how much is written between two looks at the disk
META_BYTES = 64 * MB  # … and between two versions of the metadata
SUFFIXES = (".sigmf-meta", ".sigmf-data", ".sigmf")


class DiskLimitError(SquitterError):
    """The disk must not be filled any further. What was written until then is a complete recording."""


def base_path(path: Path) -> Path:
    """The path without SigMF's suffixes: `x`, `x.sigmf-meta` and `x.sigmf-data` are the same recording."""
    return path.with_suffix("") if path.suffix in SUFFIXES else path


class IqFile:
    """One recording that is being written.

    Parameters
    ----------
    path
        With or without SigMF's suffix. Nothing is overwritten.
    sample_format, sample_rate_hz, frequency_hz
        Of the samples.
    start_utc_s
        UTC of the stream's sample 0.
    hardware, description
        For the metadata.
    free_bytes
        Stop before the disk has less left.
    most_bytes
        Stop when the data would be longer; None: no limit.

    Raises
    ------
    UsageError
        The file exists, or cannot be made.
    DiskLimitError
        There is no room to begin with.
    """

    def __init__(
        self,
        path: Path,
        sample_format: SampleFormat,
        sample_rate_hz: float,
        frequency_hz: float,
        start_utc_s: float,
        *,
        hardware: str = "",
        description: str = "",
        free_bytes: int = 500 * MB,
        most_bytes: int | None = None,
    ) -> None:
        base = base_path(path)
        self.data_path = base.with_name(base.name + ".sigmf-data")
        self.meta_path = base.with_name(base.name + ".sigmf-meta")
        self.samples = 0
        self.gaps = 0
        self.samples_missing = 0
        self._sample_format = sample_format
        self._described: dict[str, Any] = {
            "sample_format": sample_format,
            "sample_rate_hz": sample_rate_hz,
            "frequency_hz": frequency_hz,
            "start_utc_s": start_utc_s,
            "hardware": hardware,
            "description": description,
        }
        self._free_bytes = free_bytes
        self._most_bytes = most_bytes
        self._runs: list[SigmfRun] = []
        self._annotations: list[dict[str, Any]] = []
        self._next = 0
        self._gain_db: float | None = None
        self._checked_at = -CHECK_BYTES
        self._described_at = -META_BYTES  # the first version comes with the first block
        for existing in (self.data_path, self.meta_path):
            if existing.exists():
                raise UsageError(f"{existing}: exists already; choose another name")
        try:
            self._file = self.data_path.open("xb", buffering=0)
        except OSError as error:
            raise UsageError(f"{self.data_path}: {error.strerror}") from None
        try:
            self._check_room(0)
        except DiskLimitError:
            self._file.close()
            self.data_path.unlink()
            raise

    @property
    def seconds(self) -> float:
        """How much signal there is, without the gaps."""
        return self.samples / float(self._described["sample_rate_hz"])

    def write(self, block: SampleBlock, gain_db: float | None = None) -> None:
        """Append a block.

        Parameters
        ----------
        gain_db
            In force; a change is annotated.

        Raises
        ------
        DiskLimitError
            The limit is reached; `close` is still to be called.
        """
        if block.n_samples == 0:
            return
        data = block.iq.view(np.uint8).data
        self._check_room(len(data))
        if not self._runs or block.first_sample != self._next:
            if self._runs:
                missing = max(0, block.first_sample - self._next)
                self.gaps += 1
                self.samples_missing += missing
                self._annotate("gap", f"{missing} samples are missing before this one")
            self._runs.append(SigmfRun(self.samples, block.first_sample))
        if gain_db is not None and gain_db != self._gain_db:
            self._gain_db = gain_db
            self._annotate("gain", f"tuner gain {gain_db:g} dB from here")
        try:
            written = 0
            while written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError as error:
            self._file.truncate(self.samples * self._sample_format.bytes_per_sample)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise DiskLimitError(f"{self.data_path}: the disk is full ({error.strerror})") from None
            raise SquitterError(f"{self.data_path}: {error.strerror}") from None
        self.samples += block.n_samples
        self._next = block.first_sample + block.n_samples
        if self._bytes() - self._described_at >= META_BYTES:
            self._described_at = self._bytes()
            # Not flushed to the disk: on an SD card that may take seconds, and samples do not wait
            self._write_meta(flush=False)

    def close(self) -> None:
        """Write the metadata; an empty recording leaves no files."""
        if self._file.closed:
            return
        self._file.close()
        if self.samples == 0:
            self.data_path.unlink(missing_ok=True)
            return
        self._write_meta(flush=True)

    def _bytes(self) -> int:
        return self.samples * self._sample_format.bytes_per_sample

    def _check_room(self, more: int) -> None:
        size = self._bytes()
        if self._most_bytes is not None and size + more > self._most_bytes:
            raise DiskLimitError(f"{self.data_path}: {self._most_bytes / MB:g} MB is the most that it may take")
        if size - self._checked_at < CHECK_BYTES:
            return
        self._checked_at = size
        free = shutil.disk_usage(self.data_path.parent).free
        if free - max(more, CHECK_BYTES) < self._free_bytes:
            raise DiskLimitError(
                f"{self.data_path.parent}: {free / MB:,.0f} MB free, of which {self._free_bytes / MB:,.0f} MB are to "
                "stay free ([recording] free_mb); delete something or record elsewhere"
            )

    def _annotate(self, label: str, comment: str) -> None:
        self._annotations.append(
            {
                "core:sample_start": self.samples,
                "core:sample_count": 1,
                "core:label": label,
                "core:comment": comment,
                "core:generator": "Squitter",
            }
        )

    def _write_meta(self, *, flush: bool) -> None:
        described = self._described
        text = format_sigmf(
            described["sample_format"],
            described["sample_rate_hz"],
            described["frequency_hz"],
            described["start_utc_s"],
            self._runs,
            hardware=described["hardware"],
            description=described["description"],
            annotations=self._annotations,
        )
        temporary = self.meta_path.with_name(self.meta_path.name + ".new")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                if flush:
                    os.fsync(file.fileno())
            temporary.replace(self.meta_path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise DiskLimitError(f"{self.meta_path}: {error.strerror}") from None
