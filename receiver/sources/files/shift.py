"""Recordings that were not tuned to 1,090 MHz: moved there, or refused with the offset named."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.samples import SampleFormat
from receiver.errors import SquitterError
from receiver.wire.numbers import as_float

MODE_S_HZ = 1_090e6
NEAR_HZ = 20e3  # crystals are off by as much: no need to move
EDGE_HZ = 250e3  # what is nearer to the edge of the band was filtered away


def offset_of(name: str, frequency_hz: float | None, sample_rate_hz: float) -> float:
    """How far above the centre of the recording 1,090 MHz lies, Hz; 0 when there is nothing to move.

    Raises
    ------
    SquitterError
        1,090 MHz was not recorded.
    """
    if not frequency_hz:
        return 0.0
    offset_hz = MODE_S_HZ - frequency_hz
    if abs(offset_hz) > sample_rate_hz / 2 - EDGE_HZ:
        raise SquitterError(
            f"{name}: tuned to {frequency_hz / 1e6:g} MHz at {sample_rate_hz / 1e6:g} MS/s: 1090 MHz is "
            f"{abs(offset_hz) / 1e6:g} MHz {'above' if offset_hz > 0 else 'below'} its centre, outside of what was "
            f"recorded (±{(sample_rate_hz / 2 - EDGE_HZ) / 1e6:g} MHz). If it was tuned otherwise, say so: "
            "--frequency 1090M"
        )
    return offset_hz if abs(offset_hz) > NEAR_HZ else 0.0


class Shift:
    """Moves a frequency to the centre, block after block with a steady phase."""

    def __init__(self, offset_hz: float, sample_rate_hz: float) -> None:
        self._turns_per_sample = -offset_hz / sample_rate_hz
        self._turns = 0.0

    def moved(self, iq: NDArray[np.generic], sample_format: SampleFormat) -> NDArray[np.float32]:
        """The samples as 32-bit floats, full scale 1."""
        samples = as_float(iq, sample_format).view(np.complex64)
        turns = self._turns + self._turns_per_sample * np.arange(len(samples), dtype=np.float64)
        self._turns = (self._turns + self._turns_per_sample * len(samples)) % 1.0
        moved: NDArray[np.complex64] = samples * np.exp(2j * np.pi * turns).astype(np.complex64)
        return moved.view(np.float32)
