"""Soft bits: samples laid out by bit, filters over all bits at once, timing, and the neighbours taken off.

S is the sum of both halves of a bit, the pulse whichever bit it is; D is their difference, plus or minus the pulse. See `dsp.filters`.
"""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.carrier import CARRIER_SPAN, carrier, pilot_level
from dsp.kernels.memory import EARLIEST, Floats, Floats2, Samples, Scratch

EYE_BITS = 56
FAR_FROM = (0.33, 0.575, 0.825)  # MHz from which on each bank of `dsp.filters.FAR_HZ` serves
SUM, DIFFERENCE, SHARPER = range(3)  # S, D and E of `dsp.filters`
SLOW = 2.2  # samples per µs below which neighbours leak so much that a second round and two timings more are worth it


@stage(fastmath=True)
def gather(samples: Samples, base: int, first: int, last: int, xr: Floats2, xi: Floats2) -> None:
    """Samples around bits first…last−1 of a frame whose first bit begins near sample `base`: x[tap, bit].

    So laid out, a filter is a sum of rows, which vectorises over the bits; and one gathering serves every timing from
    one sample before `base` to two after it.
    """
    columns = xr.shape[0]
    for bit in range(first, last):
        k = base + samples.place[bit]
        re = samples.re[k : k + columns]
        im = samples.im[k : k + columns]
        for tap in range(columns):
            xr[tap, bit] = re[tap]
            xi[tap, bit] = im[tap]


@stage(fastmath=True)
def soft_pulses(xr: Floats2, xi: Floats2, weights: Floats2, n: int, outr: Floats, outi: Floats) -> None:
    """One filter (S or D, see `dsp.filters`) over the first n bits of what was gathered."""
    yr, yi = outr[:n], outi[:n]
    row, re, im = weights[0, :n], xr[0, :n], xi[0, :n]
    for bit in range(n):
        yr[bit] = row[bit] * re[bit]
        yi[bit] = row[bit] * im[bit]
    for tap in range(1, xr.shape[0]):
        row, re, im = weights[tap, :n], xr[tap, :n], xi[tap, :n]
        for bit in range(n):
            yr[bit] += row[bit] * re[bit]
            yi[bit] += row[bit] * im[bit]


@stage(fastmath=True)
def far_pulses(
    xr: Floats2, xi: Floats2, real: Floats2, imaginary: Floats2, sign: np.float32, n: int, outr: Floats, outi: Floats
) -> None:
    """The same with complex weights, whose imaginary part counts with `sign`."""
    yr, yi = outr[:n], outi[:n]
    for bit in range(n):
        yr[bit] = 0.0
        yi[bit] = 0.0
    for tap in range(xr.shape[0]):
        row_r, row_i, re, im = real[tap, :n], imaginary[tap, :n], xr[tap, :n], xi[tap, :n]
        for bit in range(n):
            w = sign * row_i[bit]
            yr[bit] += row_r[bit] * re[bit] - w * im[bit]
            yi[bit] += row_r[bit] * im[bit] + w * re[bit]


@helper()
def bank_of(turn: float) -> int:
    """Which of the banks of `dsp.filters.FAR_HZ` serves a carrier that turns by so many rad per µs: 0 none of them, −1… the conjugates."""
    size = abs(turn) / (2 * math.pi)
    bank = 0
    for index in range(len(FAR_FROM)):
        if size > FAR_FROM[index]:
            bank = index + 1
    return bank if turn > 0 else -bank


@stage()
def filtered(
    samples: Samples, which: int, tenths: int, bank: int, n: int, work: Scratch, outr: Floats, outi: Floats
) -> None:
    """S, D or E of the first n bits at a timing, by the filters of a bank."""
    at = tenths + EARLIEST
    if bank != 0:
        far = samples.far[abs(bank) - 1, which]
        sign = np.float32(1.0 if bank > 0 else -1.0)
        far_pulses(work.xr, work.xi, far[0, at], far[1, at], sign, n, outr, outi)
    elif which == SUM:
        soft_pulses(work.xr, work.xi, samples.s[at], n, outr, outi)
    elif which == DIFFERENCE:
        soft_pulses(work.xr, work.xi, samples.d[at], n, outr, outi)
    else:
        soft_pulses(work.xr, work.xi, samples.e[at], n, outr, outi)


@stage(fastmath=True)
def against(ur: Floats, ui: Floats, dr: Floats, di: Floats, n: int, soft: Floats) -> None:
    """Soft bits Re(conj(u)·D): positive for a one."""
    for bit in range(n):
        soft[bit] = ur[bit] * dr[bit] + ui[bit] * di[bit]


@stage(fastmath=True)
def eye_opening(ur: Floats, ui: Floats, dr: Floats, di: Floats, n: int) -> np.float32:
    """Sum of |Re(conj(u)·D)|: largest when the filters stand on the bits."""
    total = np.float32(0.0)
    for bit in range(n):
        total += abs(ur[bit] * dr[bit] + ui[bit] * di[bit])
    return total


@stage(fastmath=True)
def mean_size(soft: Floats, n: int) -> float:
    """Mean |soft|: the amplitude of a pulse."""
    total = np.float32(0.0)
    for bit in range(n):
        total += abs(soft[bit])
    return total / n


@stage(fastmath=True)
def fit(soft: Floats, dr: Floats, di: Floats, n: int) -> float:
    """How well the bits fit a carrier: mean |soft| over the rms of D. 1 without noise, 0.56 for noise alone."""
    total = np.float32(0.0)
    power = np.float32(1e-20)
    for bit in range(n):
        total += abs(soft[bit])
        power += dr[bit] * dr[bit] + di[bit] * di[bit]
    return total / math.sqrt(power * n)


@stage()
def timing(samples: Samples, tenths: int, bank: int, loud: bool, work: Scratch) -> int:
    """Where the first bit begins, in tenths after the base: where the eye is widest, at steps of 0.3 sample.

    Uses the carrier phase that `carrier` has left in `work`; a parabola through the best step and its neighbours.
    """
    eyes = work.eyes
    reach = 2
    count = 2 * reach + 1
    best = reach
    # The middle three first; one that is widest at its edge has a neighbour beyond to be looked at
    for look in range(4):
        step = reach - 1 + look if look < 3 else best + (1 if best > reach else -1)
        if look == 3 and best == reach:
            break
        filtered(samples, DIFFERENCE, tenths + 3 * (step - reach), bank, EYE_BITS, work, work.dr, work.di)
        if samples.rate < SLOW and not loud:
            # All bits at one phase, and on it depends how much noise the filter lets in: that widens the eye as well
            against(work.ur, work.ui, work.dr, work.di, EYE_BITS, work.soft)
            eyes[step] = fit(work.soft, work.dr, work.di, EYE_BITS)
        else:
            eyes[step] = eye_opening(work.ur, work.ui, work.dr, work.di, EYE_BITS)
        if look == 0 or eyes[step] > eyes[best]:
            best = step
    fine = 0.0
    if 0 < best < count - 1:
        bend = eyes[best - 1] - 2 * eyes[best] + eyes[best + 1]
        if bend < 0:
            fine = 0.5 * (eyes[best - 1] - eyes[best + 1]) / bend
    return math.floor(tenths + 3 * (best - reach + fine) + 0.5)


@stage()
def listen(samples: Samples, tenths: int, bank: int, n: int, work: Scratch) -> tuple[np.float32, float]:
    """Soft bits of the first n bits at one timing; the result is (carrier's turn per bit, fit)."""
    filtered(samples, SUM, tenths, bank, n, work, work.sr, work.si)
    filtered(samples, DIFFERENCE, tenths, bank, n, work, work.dr, work.di)
    turn = carrier(work.sr, work.si, n, CARRIER_SPAN, work.ur, work.ui, work.ar, work.ai)
    against(work.ur, work.ui, work.dr, work.di, n, work.soft)
    quality = fit(work.soft, work.dr, work.di, n)
    return turn, quality


@stage(fastmath=True)
def cancel_neighbours(samples: Samples, tenths: int, bank: int, n: int, amplitude: float, work: Scratch) -> None:
    """Soft bits again, with what the decided neighbours leak into each taken off.

    A neighbour counts by its soft bit, held between −1 and 1 pulse: what is not sure is not taken off.
    """
    decided, soft = work.decided[:n], work.soft[:n]
    for bit in range(n):
        decided[bit] = min(max(soft[bit] / amplitude * np.float32(1.5), np.float32(-1.0)), np.float32(1.0))
    filtered(samples, SHARPER, tenths, bank, n, work, work.dr, work.di)
    leak = samples.far_leak[abs(bank) - 1] if bank != 0 else samples.leak
    against(work.ur, work.ui, work.dr, work.di, n, soft)
    for k in range(5):
        shift = k - 2
        first = max(0, -shift)
        last = n - max(0, shift)
        always = leak[0, tenths + EARLIEST, k, first:last]
        signed = leak[1, tenths + EARLIEST, k, first:last]
        near = decided[first + shift : last + shift]
        mine = soft[first:last]
        own = np.float32(0.0) if shift == 0 else np.float32(1.0)
        for index in range(last - first):
            mine[index] -= amplitude * (always[index] + own * signed[index] * near[index])


@stage()
def sharpen(samples: Samples, tenths: int, bank: int, n: int, work: Scratch) -> float:
    """Take the neighbours off what `listen` has left in `work`; the result is the amplitude of a pulse."""
    amplitude = pilot_level(work.sr, work.si, n)
    cancel_neighbours(samples, tenths, bank, n, amplitude, work)
    if samples.rate < SLOW:
        cancel_neighbours(samples, tenths, bank, n, amplitude, work)
    return amplitude
