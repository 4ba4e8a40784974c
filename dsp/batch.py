"""What the demodulator hands out: a batch of frames as parallel arrays, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Found(IntEnum):
    """How a frame was found."""

    DIRECT = 0  # its parity was right as received
    REPAIRED = 1  # some of its least reliable bits were flipped until the parity was right
    BENEATH = 2  # it appeared after a stronger frame was subtracted


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """Frames of one call of `Demodulator.feed`. All arrays have one row a frame, ordered by `sample`.

    Attributes
    ----------
    sample
        float64: the start of the frame (rising edge of the first preamble pulse), in samples since the source's first
        sample, good to about a tenth of a sample.
    data
        uint8 (n, 14): the bytes of the frame; a short frame fills the first seven, the rest is 0.
    n_bits
        uint8: 56 or 112.
    signal_dbfs, noise_dbfs
        float32: mean pulse power of the frame and the noise floor around it, 0 dBFS = a carrier of full scale.
    carrier_offset_hz
        float32: carrier against the tuned frequency.
    corrected_bits
        uint8: bits flipped by repair.
    found
        uint8: a `Found`.
    """

    sample: NDArray[np.float64]
    data: NDArray[np.uint8]
    n_bits: NDArray[np.uint8]
    signal_dbfs: NDArray[np.float32]
    noise_dbfs: NDArray[np.float32]
    carrier_offset_hz: NDArray[np.float32]
    corrected_bits: NDArray[np.uint8]
    found: NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.sample.shape[0])

    @classmethod
    def empty(cls) -> FrameBatch:
        """A batch without frames."""
        return cls(
            sample=np.zeros(0, np.float64),
            data=np.zeros((0, 14), np.uint8),
            n_bits=np.zeros(0, np.uint8),
            signal_dbfs=np.zeros(0, np.float32),
            noise_dbfs=np.zeros(0, np.float32),
            carrier_offset_hz=np.zeros(0, np.float32),
            corrected_bits=np.zeros(0, np.uint8),
            found=np.zeros(0, np.uint8),
        )
