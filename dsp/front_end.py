"""The first stages, over every sample: samples to floats, pulse energy at every half sample, places where a preamble may be.

```
 preamble   ┌┐ ┌┐      ┌┐ ┌┐                   data: 56 or 112 bits of 1 µs
           ─┘└─┘└──────┘└─┘└──────────────────┤
            0  1.0     3.5 4.5 µs             8.0
```

Source: ICAO Annex 10 volume IV, 3.1.2.1.5 (reply pulses and preamble).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dsp.samples import SampleFormat

# half-width of the number format: what a carrier of full scale reaches
FULL_SCALE = {SampleFormat.CU8: 127.5, SampleFormat.CS8: 127.5, SampleFormat.CS16: 32767.5, SampleFormat.CF32: 1.0}
ZERO = {SampleFormat.CU8: 127.5, SampleFormat.CS8: -0.5, SampleFormat.CS16: -0.5, SampleFormat.CF32: 0.0}

PULSES_US = (0.0, 1.0, 3.5, 4.5)
QUIET_US = (2.0, 2.5, 3.0, 5.5, 6.0, 6.5, 7.0, 7.5)


def to_float(
    iq: NDArray[np.generic], sample_format: SampleFormat, re: NDArray[np.float32], im: NDArray[np.float32]
) -> None:
    """Split interleaved samples into float32 I and Q with full scale 1; `re` and `im` have shape (n,), `iq` (2n,)."""
    zero, scale = np.float32(ZERO[sample_format]), np.float32(1 / FULL_SCALE[sample_format])
    np.subtract(iq[0::2], zero, out=re, casting="unsafe", dtype=np.float32)
    np.subtract(iq[1::2], zero, out=im, casting="unsafe", dtype=np.float32)
    re *= scale
    im *= scale


@njit(nogil=True, cache=True, fastmath=True)
def pulse_energy(
    re: NDArray[np.float32], im: NDArray[np.float32], pulse: NDArray[np.float32], energy: NDArray[np.float32]
) -> None:
    """Energy of the best pulse that begins at each half sample: energy[h, k] for k + h/2. Shape (2, n).

    `pulse` is (2, 4) or longer; sample 0 of a filter is the one before the pulse's first. The last few are not set.
    """
    taps = pulse.shape[1]
    n = re.shape[0] - taps
    for half in range(2):
        out = energy[half, 1 : n + 1]
        if taps == 4:
            w0, w1, w2, w3 = pulse[half, 0], pulse[half, 1], pulse[half, 2], pulse[half, 3]
            # Slices before the loop: an index with an offset inside it does not vectorise
            r0, r1, r2, r3 = re[0:n], re[1 : n + 1], re[2 : n + 2], re[3 : n + 3]
            i0, i1, i2, i3 = im[0:n], im[1 : n + 1], im[2 : n + 2], im[3 : n + 3]
            for k in range(n):
                x = w0 * r0[k] + w1 * r1[k] + w2 * r2[k] + w3 * r3[k]
                y = w0 * i0[k] + w1 * i1[k] + w2 * i2[k] + w3 * i3[k]
                out[k] = x * x + y * y
        else:
            for k in range(n):
                x = np.float32(0.0)
                y = np.float32(0.0)
                for tap in range(taps):
                    x += pulse[half, tap] * re[k + tap]
                    y += pulse[half, tap] * im[k + tap]
                out[k] = x * x + y * y


@njit(nogil=True, cache=True, fastmath=True)
def preamble_metric(
    even: NDArray[np.float32],
    odd: NDArray[np.float32],
    n: int,
    half: int,
    pulses: NDArray[np.int64],
    quiet: NDArray[np.int64],
    factor: float,
    floor: float,
    metric: NDArray[np.float32],
) -> None:
    """Sum of the four pulse energies where it stands out of the eight quiet slots and the noise, else 0.

    For preambles that begin at k + half/2, k in 0…n−1. `pulses` and `quiet` are offsets in half samples, counted from
    there; `factor` is how many times the mean pulse must exceed the mean quiet slot; `floor` the least sum.
    """
    p0 = _shifted(even, odd, half + pulses[0], n)
    p1 = _shifted(even, odd, half + pulses[1], n)
    p2 = _shifted(even, odd, half + pulses[2], n)
    p3 = _shifted(even, odd, half + pulses[3], n)
    q0 = _shifted(even, odd, half + quiet[0], n)
    q1 = _shifted(even, odd, half + quiet[1], n)
    q2 = _shifted(even, odd, half + quiet[2], n)
    q3 = _shifted(even, odd, half + quiet[3], n)
    q4 = _shifted(even, odd, half + quiet[4], n)
    q5 = _shifted(even, odd, half + quiet[5], n)
    q6 = _shifted(even, odd, half + quiet[6], n)
    q7 = _shifted(even, odd, half + quiet[7], n)
    need = np.float32(factor * 0.5)  # four pulses against eight slots
    least = np.float32(floor)
    out = metric[:n]
    for k in range(n):
        total = p0[k] + p1[k] + p2[k] + p3[k]
        quiet_total = q0[k] + q1[k] + q2[k] + q3[k] + q4[k] + q5[k] + q6[k] + q7[k]
        good = (total > need * quiet_total) & (total > least)
        out[k] = total if good else np.float32(0.0)


@njit(nogil=True, cache=True)
def _shifted(even: NDArray[np.float32], odd: NDArray[np.float32], offset: int, n: int) -> NDArray[np.float32]:
    """Energies at k + offset/2 for k in 0…n−1."""
    start = offset // 2
    return odd[start : start + n] if offset % 2 else even[start : start + n]


@njit(nogil=True, cache=True)
def candidates(even: NDArray[np.float32], odd: NDArray[np.float32], n: int, places: NDArray[np.int64]) -> int:
    """Half-sample indices (2k + half) of the local maxima of the metric; the result is how many, at most len(places)."""
    count = 0
    limit = places.shape[0]
    for k in range(1, n - 1):
        e, o = even[k], odd[k]
        if e == 0.0 and o == 0.0:
            continue
        if e > 0.0 and e >= odd[k - 1] and e > o and e >= even[k - 1] and e > even[k + 1] and count < limit:
            places[count] = 2 * k
            count += 1
        if o > 0.0 and o >= e and o > even[k + 1] and o >= odd[k - 1] and o > odd[k + 1] and count < limit:
            places[count] = 2 * k + 1
            count += 1
    return count
