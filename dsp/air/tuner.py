"""The tuner: its passband, the colour that this gives the noise, and the faults of its converter.

The passband acts on what arrives, carrier and all: an aircraft that is off frequency is cut on one side. It is drawn as
a flat top with a slope over the whole band, between two edges that fall along raised cosines and need not lie evenly
around the middle. Beyond half the sample rate it is not zero: what is left there is folded back, as in cheap tuners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REACH = 8  # samples that a pulse rings to either side
FINE_HZ = 12e6  # at least so finely are pulses drawn
REFERENCE_HZ = 2.4e6  # noise power and signal-to-noise ratios are told in this band


@dataclass(frozen=True, slots=True)
class Tuner:
    """What is imperfect about the receiver.

    Attributes
    ----------
    noise_dbfs
        Noise power in 2.4 MHz as it is in the middle of the band; None for none. −36 is 1.4 steps of an 8-bit converter
        (standard deviation of I and of Q).
    low_edge, high_edge
        Where the amplitude has fallen to a half, below and above the tuned frequency, as a share of the sample rate;
        0.1–0.6.
    tilt_db
        How much stronger +fs/2 is than −fs/2.
    dc_i, dc_q
        Offsets, 1 = full scale.
    iq_gain_db, iq_phase_deg
        Q against I: gain, and how far their angle is from 90°.
    """

    noise_dbfs: float | None = -36.0
    low_edge: float = 0.48
    high_edge: float = 0.48
    tilt_db: float = 0.0
    dc_i: float = 0.0
    dc_q: float = 0.0
    iq_gain_db: float = 0.0
    iq_phase_deg: float = 0.0

    def __post_init__(self) -> None:
        for name in ("low_edge", "high_edge"):
            if not 0.1 <= getattr(self, name) <= 0.6:
                raise ValueError(f"{name}: got {getattr(self, name):g}, expected 0.1 to 0.6")

    def amplitude(self, frequency: NDArray[np.floating]) -> NDArray[np.float64]:
        """Of the passband, 1 in the middle; `frequency` as a share of the sample rate."""
        out: NDArray[np.float64] = 10.0 ** (self.tilt_db * np.clip(frequency, -0.7, 0.7) / 20.0)
        for edge, side in ((self.low_edge, -frequency), (self.high_edge, frequency)):
            roll_off = min(0.14, 0.8 * edge)
            into = np.clip((side - edge) / roll_off + 0.5, 0.0, 1.0)
            out = out * (0.5 + 0.5 * np.cos(np.pi * into))
        return out


def fineness(sample_rate_hz: float) -> int:
    """Points to a sample on the grid on which pulses are drawn."""
    return max(2, math.ceil(FINE_HZ / sample_rate_hz - 1e-9))


def channel_taps(tuner: Tuner, factor: int) -> NDArray[np.complex128]:
    """Impulse response at `factor` points a sample, from −REACH to REACH samples; of sum 1."""
    n = 4096
    frequency = np.fft.fftfreq(n) * factor
    impulse = np.fft.ifft(tuner.amplitude(frequency))
    reach = REACH * factor
    return _cut(impulse, reach, 5.0, 1.0)


def noise_taps(tuner: Tuner, factor: int) -> NDArray[np.complex128]:
    """Filter at the sample rate that colours white noise as `channel_taps` and the sampling after it do."""
    fine = np.abs(np.fft.fft(channel_taps(tuner, factor), 1024 * factor)) ** 2
    folded = fine.reshape(factor, 1024).sum(axis=0)  # the power that sampling folds onto each frequency
    impulse = np.fft.ifft(np.sqrt(folded))
    return _cut(impulse, REACH, 3.0, math.sqrt(folded[0]))


def _cut(impulse: NDArray[np.complexfloating], reach: int, beta: float, total: float) -> NDArray[np.complex128]:
    """The middle of an impulse response that begins with its centre, faded out by a Kaiser window, of a given sum."""
    taps = np.concatenate([impulse[-reach:], impulse[: reach + 1]]) * np.kaiser(2 * reach + 1, beta)
    scaled: NDArray[np.complex128] = taps * (total / taps.sum())
    return scaled
