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
FAR_HZ = (450e3, 700e3, 950e3)  # banks for carriers that far off; of those below the frequency they are the conjugates
FAR_SPREAD_HZ = 100e3
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
    far, far_leak
        float32 (3, 3, 2, 30, columns, 112): s, d, e for carriers at each of `FAR_HZ`, real and imaginary part, for samples that
        have been turned back by that; and their leaks.
    early, late
        As s, for a pulse in the first or the second half of a bit whose phase has nothing to do with its neighbours'.
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
    far: NDArray[np.float32]
    far_leak: NDArray[np.float32]
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
    return _pulse(response, 0.5e-6 * rate_hz * fine), len(response) // 2, fine


def _pulse(response: NDArray[Any], width: float) -> NDArray[Any]:
    """A rectangle of so many grid points after an impulse response."""
    rectangle = np.ones(math.ceil(width))
    rectangle[-1] -= math.ceil(width) - width
    return np.convolve(response, rectangle)


def solve_filters(rate_hz: float) -> FilterBank:
    """Solve the banks of a sample rate, Hz."""
    samples_per_bit = rate_hz * 1e-6
    values, edge, fine = pulse_response(rate_hz)
    s, d, e, mean_leak, swing_leak = _solve(rate_hz, 0.0, np.linspace(-OFFSET_HZ, OFFSET_HZ, 15))
    taps = s.shape[1]
    pulse_taps = 4 if samples_per_bit <= 4 else 6
    pulse_before = 1
    pulse = np.zeros((2, pulse_taps), np.float32)
    for half in range(2):
        times = np.arange(pulse_taps) - pulse_before - half / 2
        matched = np.interp(times * fine + edge, np.arange(len(values)), values, left=0.0, right=0.0)
        pulse[half] = matched / np.linalg.norm(matched)
    place = np.rint(np.arange(112) * samples_per_bit * PHASES).astype(np.int64) // PHASES
    far = np.zeros((len(FAR_HZ), 3, 2, EARLIEST + LATEST + 1, taps + 3, 112), np.float32)
    far_leak = np.zeros((len(FAR_HZ), 2, EARLIEST + LATEST + 1, 5, 112), np.float32)
    for index, centre in enumerate(FAR_HZ):
        *banks, far_mean, far_swing = _solve(rate_hz, centre, np.linspace(-FAR_SPREAD_HZ, FAR_SPREAD_HZ, 5))
        for which, bank in enumerate(banks):
            far[index, which, 0] = _per_bit(samples_per_bit, bank.real)
            far[index, which, 1] = _per_bit(samples_per_bit, bank.imag)
        far_leak[index] = _leaks(samples_per_bit, far_mean.real), _leaks(samples_per_bit, far_swing.real)
    halves = _solve_halves(rate_hz, taps)
    return FilterBank(
        rate_hz,
        _per_bit(samples_per_bit, s.real),
        _per_bit(samples_per_bit, d.real),
        _per_bit(samples_per_bit, e.real),
        np.stack([_leaks(samples_per_bit, mean_leak.real), _leaks(samples_per_bit, swing_leak.real)]),
        far,
        far_leak,
        _per_bit(samples_per_bit, halves[0]),
        _per_bit(samples_per_bit, halves[1]),
        place,
        _before(samples_per_bit, taps),
        pulse,
        values.astype(np.float32),
        edge,
        fine,
    )


def _solve_halves(rate_hz: float, taps: int) -> NDArray[np.float64]:
    """A pulse of one half of a bit alone, (2, 10, taps): its neighbours have phases of their own, and each is there every second time."""
    samples_per_bit = rate_hz * 1e-6
    values, edge, fine = pulse_response(rate_hz)
    before = _before(samples_per_bit, taps)
    neighbours = np.arange(-2 * math.ceil(before / samples_per_bit) - 4, 2 * math.ceil(taps / samples_per_bit) + 4) / 2
    noise = NOISE_POWER * _colour(rate_hz, taps)
    halves = np.zeros((2, PHASES, taps))
    for phase in range(PHASES):
        n = np.arange(taps) - before - phase / PHASES
        at = (n - neighbours[:, None] * samples_per_bit) * fine + edge
        pulses = np.interp(at, np.arange(len(values)), values, left=0.0, right=0.0)
        covariance = noise + 0.5 * pulses.T @ pulses
        for half in range(2):
            own = pulses[np.flatnonzero(neighbours == half / 2)[0]]
            weights = np.linalg.solve(covariance, own)
            halves[half, phase] = weights / (weights @ own)
    return halves


def _colour(rate_hz: float, taps: int) -> NDArray[np.float64]:
    """The noise's colour, (taps, taps): the passband's autocorrelation at whole samples."""
    response, fine = passband(rate_hz)
    correlation = np.correlate(response, response, "full")
    centre = len(response) - 1
    at = centre + np.abs(np.subtract.outer(np.arange(taps), np.arange(taps))) * fine
    inside = at < len(correlation)
    colour: NDArray[np.float64] = np.where(inside, correlation[np.minimum(at, len(correlation) - 1)], 0.0)
    return np.asarray(colour / correlation[centre], np.float64)


def _before(samples_per_bit: float, taps: int) -> int:
    return round((taps - samples_per_bit) / 2)


Complex = NDArray[np.complex128]


def _solve(
    rate_hz: float, centre_hz: float, offsets_hz: NDArray[np.float64]
) -> tuple[Complex, Complex, Complex, Complex, Complex]:
    """S, D and E by tenths, (10, taps); what leaks into E from the five nearest bits, whatever they are and by their sign, (10, 5).

    For carriers at `centre_hz` and so far beside it, whose samples have been turned back by `centre_hz`: seen from there the passband is not
    symmetric, it cuts one side of a pulse.
    """
    samples_per_bit = rate_hz * 1e-6
    response, fine = passband(rate_hz)
    turned = response * np.exp(
        -2j * np.pi * centre_hz / rate_hz * (np.arange(len(response)) - len(response) // 2) / fine
    )
    values, edge = _pulse(turned, 0.5e-6 * rate_hz * fine), len(response) // 2

    def pulse_at(times: NDArray[np.floating[Any]]) -> Complex:
        """The pulse at `times` samples after its rising edge."""
        at: Complex = np.interp(times * fine + edge, np.arange(len(values)), values, left=0.0, right=0.0)
        return at

    taps = max(8, math.ceil(3.3 * samples_per_bit))
    taps += taps % 2
    before = _before(samples_per_bit, taps)
    lags = np.subtract.outer(np.arange(taps), np.arange(taps))
    noise: NDArray[Any] = NOISE_POWER * _colour(rate_hz, taps) * np.exp(-2j * np.pi * centre_hz / rate_hz * lags)
    s, d, e = (np.zeros((PHASES, taps), complex) for _ in range(3))
    mean_leak, swing_leak = (np.zeros((PHASES, 5), complex) for _ in range(2))
    neighbours = range(-math.ceil(before / samples_per_bit) - 2, math.ceil(taps / samples_per_bit) + 2)
    offsets = offsets_hz / rate_hz
    some = offsets[len(offsets) // 3 : -(len(offsets) // 3)]
    for phase in range(PHASES):
        n = np.arange(taps) - before - phase / PHASES  # samples after the start of the bit
        sums = {j: pulse_at(n - j * samples_per_bit) for j in neighbours}
        lates = {j: pulse_at(n - (j + 0.5) * samples_per_bit) for j in neighbours}
        covariance, cancelled = noise.copy(), noise.copy()
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
        if centre_hz == 0.0:  # the offsets are symmetric, so all of this is real
            covariance, cancelled = covariance.real + 0j, cancelled.real + 0j
            towards_s, towards_d = towards_s.real + 0j, towards_d.real + 0j
        for bank, matrix, towards in (
            (s, covariance, towards_s),
            (d, covariance, towards_d),
            (e, cancelled, towards_d),
        ):
            weights = np.linalg.solve(matrix, towards).conj()
            bank[phase] = weights / (weights @ towards)  # unbiased: a pulse of amplitude 1 gives 1
        near = np.mean([np.cos(2 * np.pi * o * (n - samples_per_bit / 2)) for o in some], axis=0)
        for k in range(5):
            j = k - 2
            mean_leak[phase, k] = e[phase] @ ((sums[j] + lates[j]) / 2 * near)
            swing_leak[phase, k] = e[phase] @ ((sums[j] - lates[j]) / 2 * near)
    return s, d, e, mean_leak, swing_leak


def _per_bit(samples_per_bit: float, bank: NDArray[np.float64]) -> NDArray[np.float32]:
    """Spread filters by tenths, (10, taps), over the bits of a frame and every timing that `gather` serves."""
    tenths = np.rint(np.arange(112) * samples_per_bit * PHASES).astype(np.int64)
    timings = EARLIEST + LATEST + 1
    taps = bank.shape[1]
    wide = np.zeros((timings, taps + 3, 112), np.float32)
    for timing in range(timings):
        at = timing - EARLIEST + tenths % PHASES
        for bit in range(112):
            shift = 1 + at[bit] // PHASES
            wide[timing, shift : shift + taps, bit] = bank[at[bit] % PHASES]
    return wide


def _leaks(samples_per_bit: float, leak: NDArray[np.float64]) -> NDArray[np.float32]:
    """Spread what leaks, (10, 5) by tenths, to (30, 5, 112)."""
    tenths = np.rint(np.arange(112) * samples_per_bit * PHASES).astype(np.int64)
    at = np.arange(EARLIEST + LATEST + 1)[:, None] - EARLIEST + tenths
    return np.ascontiguousarray(leak[at % PHASES].transpose(0, 2, 1).astype(np.float32))
