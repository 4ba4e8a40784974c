"""IQ samples as they travel: in the receiver's own number format, in blocks, each with its place in time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class SampleFormat(StrEnum):
    """How one real number of an IQ pair is stored (little-endian). The names are SigMF's and rtl_433's."""

    CU8 = "cu8"  # unsigned 8 bit, zero at 127.5 (RTL-SDR)
    CS8 = "cs8"  # signed 8 bit (HackRF)
    CS16 = "cs16"  # signed 16 bit (Airspy, SDRplay, WAV)
    CF32 = "cf32"  # 32-bit float, full scale ±1 (GNU Radio)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The numpy dtype of one real number."""
        return np.dtype({"cu8": "u1", "cs8": "i1", "cs16": "<i2", "cf32": "<f4"}[self.value])

    @property
    def bytes_per_sample(self) -> int:
        """Bytes of one complex sample."""
        return 2 * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """A run of samples without a hole, and where it stands in the stream.

    Attributes
    ----------
    iq
        Interleaved I, Q, I, Q … in the source's own dtype, shape (2·n,), contiguous. The demodulator copies what it
        must keep: the source may reuse the memory after `feed` has returned.
    first_sample
        Index of the first complex sample, counted from 0 at the source's start *including* samples that were lost, so
        that it stays proportional to time.
    gap_before
        Samples known to be lost just before this block (0: it follows the previous one).
    """

    iq: NDArray[np.generic]
    first_sample: int
    gap_before: int = 0

    @property
    def n_samples(self) -> int:
        """Complex samples in the block."""
        return int(self.iq.shape[0] // 2)
