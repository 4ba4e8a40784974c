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
from numpy.typing import NDArray

from dsp.compiled import kernel
from dsp.samples import SampleFormat

# half-width of the number format: what a carrier of full scale reaches
FULL_SCALE = {
    SampleFormat.CU8: 127.5,
    SampleFormat.CS8: 127.5,
    SampleFormat.CS16: 32767.5,
    SampleFormat.CF32: 1.0,
}
ZERO = {
    SampleFormat.CU8: 127.5,
    SampleFormat.CS8: -0.5,
    SampleFormat.CS16: -0.5,
    SampleFormat.CF32: 0.0,
}

CLIP = 0.995  # of full scale
ONSET = 8.0  # times the noise: a signal that begins as loud as that is seen without a preamble
BEYOND = 8.0  # of full scale: larger numbers are taken for that
BLOCK = 8  # samples: how finely the power behind a preamble is looked at

PULSES_US = (0.0, 1.0, 3.5, 4.5)
QUIET_US = (2.0, 2.5, 3.0, 5.5, 6.0, 6.5, 7.0, 7.5)


def to_float(
    iq: NDArray[np.generic],
    sample_format: SampleFormat,
    re: NDArray[np.float32],
    im: NDArray[np.float32],
) -> int:
    """Split interleaved samples into float32 I and Q with full scale 1; `re` and `im` have shape (n,), `iq` (2n,).

    The result is how many samples are clipped: above `CLIP` of full scale.
    """
    if sample_format is SampleFormat.CF32:
        # A file may hold anything; what is no number is silence
        iq = np.nan_to_num(np.clip(iq, -BEYOND, BEYOND), nan=0.0)
    zero, scale = (
        np.float32(ZERO[sample_format]),
        np.float32(1 / FULL_SCALE[sample_format]),
    )
    clipped: int = split(iq, zero, scale, np.float32(CLIP), re, im)
    return clipped


@kernel(fastmath=True)
def split(
    iq: NDArray[np.generic],
    zero: np.float32,
    scale: np.float32,
    most: np.float32,
    re: NDArray[np.float32],
    im: NDArray[np.float32],
) -> int:
    """The loop of `to_float`."""
    count: int = 0
    for k in range(re.shape[0]):
        x = (np.float32(iq[2 * k]) - zero) * scale
        y = (np.float32(iq[2 * k + 1]) - zero) * scale
        re[k] = x
        im[k] = y
        count += int((abs(x) > most) | (abs(y) > most))
    return count


@kernel(fastmath=True)
def pulse_energy(
    re: NDArray[np.float32],
    im: NDArray[np.float32],
    pulse: NDArray[np.float32],
    energy: NDArray[np.float32],
) -> None:
    """Energy of the best pulse that begins at each sample: energy[k]. Shapes (n,); the last few are not set.

    `pulse` holds 4 or 6 weights; the first is for the sample before the pulse's first. All arrays must be contiguous, or
    the loop takes eight times as long.
    """
    n = re.shape[0] - pulse.shape[0]
    out = energy[1 : n + 1]
    w0, w1, w2, w3 = pulse[0], pulse[1], pulse[2], pulse[3]
    # Slices before the loop: an index with an offset inside it does not vectorise
    r0, r1, r2, r3 = re[0:n], re[1 : n + 1], re[2 : n + 2], re[3 : n + 3]
    i0, i1, i2, i3 = im[0:n], im[1 : n + 1], im[2 : n + 2], im[3 : n + 3]
    if pulse.shape[0] == 4:
        for k in range(n):
            x = w0 * r0[k] + w1 * r1[k] + w2 * r2[k] + w3 * r3[k]
            y = w0 * i0[k] + w1 * i1[k] + w2 * i2[k] + w3 * i3[k]
            out[k] = x * x + y * y
    else:
        w4, w5 = pulse[4], pulse[5]
        r4, r5, i4, i5 = re[4 : n + 4], re[5 : n + 5], im[4 : n + 4], im[5 : n + 5]
        for k in range(n):
            x = w0 * r0[k] + w1 * r1[k] + w2 * r2[k] + w3 * r3[k] + w4 * r4[k] + w5 * r5[k]
            y = w0 * i0[k] + w1 * i1[k] + w2 * i2[k] + w3 * i3[k] + w4 * i4[k] + w5 * i5[k]
            out[k] = x * x + y * y


@kernel(fastmath=True)
def preamble_metric(
    energy: NDArray[np.float32],
    first: int,
    n: int,
    half: int,
    pulses: NDArray[np.int64],
    quiet: NDArray[np.int64],
    factor: float,
    floor: float,
    noise: float,
    metric: NDArray[np.float32],
) -> None:
    """Sum of the four pulse energies where it stands out of the eight quiet slots and the noise, else 0.

    For preambles that begin at k + half/2, k in 0…n−1. `pulses` and `quiet` are offsets in half samples, counted from
    there; `factor` is how many times the mean pulse must exceed the mean quiet slot; `floor` the least sum.
    """
    p0 = energy[(half + pulses[0]) & 1, first + ((half + pulses[0]) >> 1) :]
    p1 = energy[(half + pulses[1]) & 1, first + ((half + pulses[1]) >> 1) :]
    p2 = energy[(half + pulses[2]) & 1, first + ((half + pulses[2]) >> 1) :]
    p3 = energy[(half + pulses[3]) & 1, first + ((half + pulses[3]) >> 1) :]
    q0 = energy[(half + quiet[0]) & 1, first + ((half + quiet[0]) >> 1) :]
    q1 = energy[(half + quiet[1]) & 1, first + ((half + quiet[1]) >> 1) :]
    q2 = energy[(half + quiet[2]) & 1, first + ((half + quiet[2]) >> 1) :]
    q3 = energy[(half + quiet[3]) & 1, first + ((half + quiet[3]) >> 1) :]
    q4 = energy[(half + quiet[4]) & 1, first + ((half + quiet[4]) >> 1) :]
    q5 = energy[(half + quiet[5]) & 1, first + ((half + quiet[5]) >> 1) :]
    q6 = energy[(half + quiet[6]) & 1, first + ((half + quiet[6]) >> 1) :]
    q7 = energy[(half + quiet[7]) & 1, first + ((half + quiet[7]) >> 1) :]
    need = np.float32(factor * 0.5)  # four pulses against eight slots
    beyond = np.float32((4.0 - 4.0 * factor) * noise)
    least = np.float32(floor * noise)
    out = metric[:n]
    for k in range(n):
        total = p0[k] + p1[k] + p2[k] + p3[k]
        quiet_total = q0[k] + q1[k] + q2[k] + q3[k] + q4[k] + q5[k] + q6[k] + q7[k]
        good = (total > need * quiet_total + beyond) & (total > least)
        out[k] = total if good else np.float32(0.0)


@kernel(fastmath=True)
def block_power(energy: NDArray[np.float32], n_blocks: int, span: int, power: NDArray[np.float32]) -> None:
    """Mean energy over `span` blocks of `BLOCK` samples from each block on: power[j], j in 0…n_blocks−span."""
    count = n_blocks - span + 1
    scale = np.float32(1.0 / (BLOCK * span))
    for j in range(n_blocks):
        total = np.float32(0.0)
        for k in range(BLOCK * j, BLOCK * (j + 1)):
            total += energy[k]
        power[j] = total * scale
    # A sum that runs along, in place; the blocks that it has left behind are not needed any more
    total_of_span = 0.0
    for j in range(min(span, n_blocks)):
        total_of_span += power[j]
    for j in range(count):
        left = power[j]
        power[j] = total_of_span
        if j + span < n_blocks:
            total_of_span += power[j + span] - left


@kernel()
def preambles(
    energy: NDArray[np.float32],
    n: int,
    pulses: NDArray[np.int64],
    quiet: NDArray[np.int64],
    factor: float,
    floor: float,
    noise: float,
    power: NDArray[np.float32],
    behind: int,
    least: float,
    ahead: int,
    metric: NDArray[np.float32],
) -> None:
    """`preamble_metric` for places k in 0…n−1, both halves, where somebody will look at it; of noise that is next to nowhere.

    Parameters
    ----------
    power, behind, least
        As `candidates`, which looks where enough power follows.
    ahead
        As `onsets`, which looks where it is loud, and so many samples before. 0: it will not.
    """
    loud = np.float32(ONSET * noise)
    before = ahead // BLOCK + 2  # blocks
    first, last = -1, -1  # of a run of samples
    for block in range(0, n + BLOCK, BLOCK):
        wanted = block < n and power[(block + behind) // BLOCK] > least
        if ahead > 0 and block < n and not wanted:
            for later in range(block // BLOCK, block // BLOCK + before):
                wanted |= power[later] >= loud
        if wanted and first < 0:
            first = max(0, block - 2)
        if wanted:
            last = min(n, block + BLOCK + 2)
        if first >= 0 and (block >= n or block - 2 > last):
            for half in range(2):
                preamble_metric(
                    energy,
                    first,
                    last - first,
                    half,
                    pulses,
                    quiet,
                    factor,
                    floor,
                    noise,
                    metric[half, first:],
                )
            first = -1


@kernel()
def candidates(
    even: NDArray[np.float32],
    odd: NDArray[np.float32],
    n: int,
    power: NDArray[np.float32],
    behind: int,
    least: float,
    places: NDArray[np.int64],
) -> int:
    """Half-sample indices (2k + half) of the local maxima of the metric that signal follows.

    Parameters
    ----------
    even, odd, n
        The metric at k and k + 1/2, k in 0…n−1.
    power, behind, least
        What `block_power` gives must be above `least` so many samples behind a place.

    Returns
    -------
    How many, at most len(places).
    """
    count = 0
    most = places.shape[0] - 2 * BLOCK
    for block in range(0, n - 1, BLOCK):
        if power[(block + behind) // BLOCK] <= least:
            continue
        if count > most:
            break
        for k in range(max(block, 1), min(block + BLOCK, n - 1)):
            e, o = even[k], odd[k]
            if e > 0.0 and e >= odd[k - 1] and e > o and e >= even[k - 1] and e > even[k + 1]:
                places[count] = 2 * k
                count += 1
            if o > 0.0 and o >= e and o > even[k + 1] and o >= odd[k - 1] and o > odd[k + 1]:
                places[count] = 2 * k + 1
                count += 1
    return count


@kernel()
def onsets(
    even: NDArray[np.float32],
    odd: NDArray[np.float32],
    n: int,
    power: NDArray[np.float32],
    noise: float,
    metric: NDArray[np.float32],
    ahead: int,
    places: NDArray[np.int64],
) -> int:
    """Half-sample indices of first pulses after silence that no preamble explains: that of a frame may have been lost.

    Parameters
    ----------
    even, odd, n
        Pulse energies at k and k + 1/2; places k in 0…n−1.
    power
        What `block_power` gives.
    noise
        Mean energy of the noise. Silence is less than three times that, and what follows is loud: `ONSET` times.
    metric, ahead
        (2, n): the preamble's. It is zero here, and so many samples before, where it would be if this were data.

    Returns
    -------
    How many, at most len(places).
    """
    count = 0
    silence = max(BLOCK - 1, ahead * 3 // 8)  # 3 µs: longer than between the pulses of a preamble
    for block in range((ahead // BLOCK + 3) * BLOCK, n - BLOCK, BLOCK):
        loud = power[block // BLOCK]
        if loud < ONSET * noise or count == places.shape[0]:
            continue
        before = np.float32(0.0)
        for k in range(block - 1 - silence, block - 1):
            before += even[k]
        if before > 3 * silence * noise:
            continue
        for k in range(block - 1, block + BLOCK - 1):
            if max(even[k], odd[k]) > 0.5 * loud:
                # The pulse is where its energy is largest
                place = 2 * k
                if odd[k] > even[k] and odd[k] >= even[k + 1]:
                    place += 1
                elif even[k + 1] > even[k]:
                    place += 2
                seen = np.float32(0.0)
                for near in range(k - 1, k + 3):
                    seen += metric[0, near] + metric[1, near]
                    seen += metric[0, near - ahead] + metric[1, near - ahead]
                if seen == 0.0:
                    places[count] = place
                    count += 1
                break
    return count
