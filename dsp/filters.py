"""Filters solved once per sample rate: they turn samples around a bit into its pulse, at any tenth of a sample.

A bit is 1 µs; its pulse is in the first half for a one, in the second for a zero:

```
        bit = 1            bit = 0                 S = first half + second half: the pulse, whichever bit it is
     ┌────┐                     ┌────┐             D = first half − second half: plus or minus the pulse
     │    │                     │    │
  ───┘    └─────── │ ───────────┘    └──
     0   0.5   1 µs
```

At 2.4 MS/s a half is 1.2 samples and the tuner rounds every pulse, so neighbours leak into each other. S and D are
therefore linear estimates with the least mean square error over random bits to both sides, noise of the tuner's colour
and carriers up to ±350 kHz off (filters solved at zero offset fail beyond ±150 kHz).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.kernels.memory import EARLIEST, LATEST

PHASES = 10  # filters per sample: timing is good to a tenth
OFFSET_HZ = 200e3
NOISE_POWER = 0.25  # of the solved-for noise against a pulse of power 1: 6 dB, where it matters
LEFT = 0.15  # of a neighbour's power after its decision has been taken off
HALF_BAND = 0.48  # of the sample rate: where the assumed passband has fallen to half amplitude
WIDEST_BAND_HZ = 1.6e6  # a wider receiver adds noise, not signal


@dataclass(frozen=True, slots=True)
class FilterBank:
    """The filters of one sample rate, laid out for all bits of a frame at once.

    Attributes
    ----------
    s, d
        float32 (30, columns, 112): [t] is for a frame whose first bit begins t − 10 tenths after a sample k. Column c of
        bit b weighs sample k + place[b] − before − 1 + c.
    e, leak
        D again for when the neighbours are decided: e suppresses them less and so lets in less noise. What they leak into
        it is float32 leak[which, t, k, b]: from bit b + k − 2, whatever it is (0), and times its sign (1).
    early, late
        The same for a pulse in the first or the second half of a bit, whose phase has nothing to do with its neighbours'.
    place
        int64 (112,): whole samples from the first bit to each.
    pulse
        float32 (2, 4) or (2, 6): a matched filter for one pulse that begins at a sample, or half a sample after it, scaled
        to noise of the same power as the samples'.
    shape, shape_edge, fine
        A pulse after the receiver, `fine` values a sample, and the index of its rising edge.
    before
        Samples before the bit's start that the filters reach back to.
    """

    rate_hz: float
    s: NDArray[np.float32]
    d: NDArray[np.float32]
    e: NDArray[np.float32]
    leak: NDArray[np.float32]
    early: NDArray[np.float32]
    late: NDArray[np.float32]
    place: NDArray[np.int64]
    before: int
    pulse: NDArray[np.float32]
    shape: NDArray[np.float32]
    shape_edge: int
    fine: int


def passband(rate_hz: float) -> tuple[NDArray[np.float64], int]:
    """The impulse response that the filters assume of the tuner, on a grid of 1/`fine` sample, and `fine`.

    A Gaussian-windowed sinc with its half-amplitude point at `HALF_BAND` of the rate, or at `WIDEST_BAND_HZ`.
    """
    fine = 2 * PHASES
    cutoff = min(HALF_BAND, WIDEST_BAND_HZ / rate_hz)  # cycles per sample
    reach = max(3.0, 1.6 / cutoff)
    t = np.arange(-round(reach * fine), round(reach * fine) + 1) / fine
    response = 2 * cutoff * np.sinc(2 * cutoff * t) * np.exp(-0.5 * (t / (reach / 2.2)) ** 2)
    return response / response.sum(), fine


def pulse_response(rate_hz: float) -> tuple[NDArray[np.float64], int, int]:
    """A pulse of 0.5 µs and amplitude 1 after the passband: (values, index of its rising edge, grid points a sample)."""
    response, fine = passband(rate_hz)
    width = 0.5e-6 * rate_hz * fine
    rectangle = np.ones(math.ceil(width))
    rectangle[-1] -= math.ceil(width) - width
    return np.convolve(response, rectangle), len(response) // 2, fine


def solve_filters(rate_hz: float) -> FilterBank:
    """Solve the bank of a sample rate, Hz."""
    samples_per_bit = rate_hz * 1e-6
    values, edge, fine = pulse_response(rate_hz)
    response, _ = passband(rate_hz)

    def pulse_at(times: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """The pulse at `times` samples after its rising edge."""
        at: NDArray[np.float64] = np.interp(times * fine + edge, np.arange(len(values)), values, left=0.0, right=0.0)
        return at

    taps = max(8, math.ceil(3.3 * samples_per_bit))
    taps += taps % 2
    before = round((taps - samples_per_bit) / 2)
    # Colour of the noise: the passband's autocorrelation at whole samples
    correlation = np.correlate(response, response, "full")
    centre = len(response) - 1
    lags = np.arange(taps) * fine
    colour = np.where(
        centre + lags < len(correlation), correlation[np.minimum(centre + lags, len(correlation) - 1)], 0.0
    )
    noise = NOISE_POWER * colour[np.abs(np.subtract.outer(np.arange(taps), np.arange(taps)))] / colour[0]
    s, d, e, early, late = (np.zeros((PHASES, taps), np.float32) for _ in range(5))
    mean_leak, swing_leak = (np.zeros((PHASES, 5), np.float32) for _ in range(2))
    neighbours = range(-math.ceil(before / samples_per_bit) - 2, math.ceil(taps / samples_per_bit) + 2)
    offsets = np.linspace(-OFFSET_HZ, OFFSET_HZ, 15) / rate_hz
    for phase in range(PHASES):
        n = np.arange(taps) - before - phase / PHASES  # samples after the start of the bit
        sums = {j: pulse_at(n - j * samples_per_bit) for j in neighbours}
        lates = {j: pulse_at(n - (j + 0.5) * samples_per_bit) for j in neighbours}
        covariance = noise.astype(complex)
        cancelled = noise.astype(complex)
        towards_s, towards_d = np.zeros(taps, complex), np.zeros(taps, complex)
        for offset in offsets:
            turn = np.exp(2j * np.pi * offset * (n - samples_per_bit / 2)) / math.sqrt(len(offsets))
            mean = sum((sums[j] + lates[j]) / 2 for j in neighbours) * turn
            covariance = covariance + np.outer(mean, mean.conj())
            for j in neighbours:
                swing = (sums[j] - lates[j]) / 2 * turn
                covariance = covariance + np.outer(swing, swing.conj())
                cancelled = cancelled + np.outer(swing, swing.conj()) * (1.0 if abs(j) in (0, 3, 4) else LEFT)
            towards_s += mean / math.sqrt(len(offsets))
            towards_d += (sums[0] - lates[0]) / 2 * turn / math.sqrt(len(offsets))
        # The offsets are symmetric, so all of this is real
        for bank, towards in ((s, towards_s.real), (d, towards_d.real)):
            weights = np.linalg.solve(covariance.real, towards)
            bank[phase] = weights / (weights @ towards)  # unbiased: a pulse of amplitude 1 gives 1
        weights = np.linalg.solve(cancelled.real, towards_d.real)
        e[phase] = weights / (weights @ towards_d.real)
        # A pulse of one half alone: the others have phases of their own, and each is there every second time
        apart = noise.copy()
        for j in neighbours:
            apart += 0.5 * (np.outer(sums[j], sums[j]) + np.outer(lates[j], lates[j]))
        for bank, towards in ((early, sums[0]), (late, lates[0])):
            weights = np.linalg.solve(apart, towards)
            bank[phase] = weights / (weights @ towards)
        for k in range(5):
            j = k - 2
            near = np.mean([np.cos(2 * np.pi * o * (n - samples_per_bit / 2)) for o in offsets[5:10]], axis=0)
            mean_leak[phase, k] = e[phase] @ ((sums[j] + lates[j]) / 2 * near)
            swing_leak[phase, k] = e[phase] @ ((sums[j] - lates[j]) / 2 * near)
    pulse_taps = 4 if samples_per_bit <= 4 else 6
    pulse_before = 1
    pulse = np.zeros((2, pulse_taps), np.float32)
    for half in range(2):
        matched = pulse_at(np.arange(pulse_taps) - pulse_before - half / 2)
        pulse[half] = matched / np.linalg.norm(matched)
    place, (s, d, e, early, late) = _per_bit(samples_per_bit, s, d, e, early, late)
    leak = np.stack([_leaks(samples_per_bit, mean_leak), _leaks(samples_per_bit, swing_leak)])
    return FilterBank(rate_hz, s, d, e, leak, early, late, place, before, pulse, values.astype(np.float32), edge, fine)


def _per_bit(
    samples_per_bit: float, *banks: NDArray[np.float32]
) -> tuple[NDArray[np.int64], list[NDArray[np.float32]]]:
    """Spread filters by tenths, (10, taps), over the bits of a frame and every timing that `gather` serves."""
    tenths = np.rint(np.arange(112) * samples_per_bit * PHASES).astype(np.int64)
    place = tenths // PHASES
    timings = EARLIEST + LATEST + 1
    spread = []
    for bank in banks:
        taps = bank.shape[1]
        wide = np.zeros((timings, taps + 3, 112), np.float32)
        for timing in range(timings):
            at = timing - EARLIEST + tenths % PHASES
            for bit in range(112):
                shift = 1 + at[bit] // PHASES
                wide[timing, shift : shift + taps, bit] = bank[at[bit] % PHASES]
        spread.append(wide)
    return place, spread


def _leaks(samples_per_bit: float, leak: NDArray[np.float32]) -> NDArray[np.float32]:
    """Spread what leaks, (10, 5) by tenths, to (30, 5, 112)."""
    tenths = np.rint(np.arange(112) * samples_per_bit * PHASES).astype(np.int64)
    at = np.arange(EARLIEST + LATEST + 1)[:, None] - EARLIEST + tenths
    return np.ascontiguousarray(leak[at % PHASES].transpose(0, 2, 1))
