"""Evidence: what the soft bits say, as log odds in nats. A margin of m leaves a chance of e^−m to err."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.memory import Floats, Floats2, Integers, Scratch

LN2 = math.log(2.0)
FORMATS = np.array([17, 11, 4, 20, 0, 5, 21, 18, 16], np.int64)
MOST_SURE = 14.0  # of one bit: what is not noise does not keep to noise's statistics
END_BITS = 12  # of a short frame, whose noise is looked at by itself


@stage()
def likely_formats(soft: Floats, most: float, count: int, formats: Integers) -> int:
    """The downlink formats that fit the first five bits best, into `formats`: at most `count`, 1 or 2.

    A format whose bits are against the soft ones by more than `most` in sum is not taken.
    """
    best, second = 1e30, 1e30
    for index in range(FORMATS.shape[0]):
        df = FORMATS[index]
        total = 0.0
        for bit in range(5):
            if ((df >> (4 - bit)) & 1) != (soft[bit] > 0):
                total += abs(soft[bit])
        if total < best:
            best, second = total, best
            formats[1] = formats[0]
            formats[0] = df
        elif total < second:
            second = total
            formats[1] = df
    found = int(best <= most) + int(second <= most)
    return min(found, count)


@stage(fastmath=True)
def reliability(n: int, amplitude: float, work: Scratch) -> None:
    """How much likelier a one than a zero every bit is, nats, into `work.odds`.

    The noise is what the quadrature of D holds, where a carrier in phase leaves nothing.
    """
    ur, ui, dr, di = work.ur[:n], work.ui[:n], work.dr[:n], work.di[:n]
    soft, odds = work.soft[:n], work.odds[:n]
    across, along, size = np.float32(1e-20), np.float32(0.0), np.float32(0.0)
    for bit in range(n):
        q = ur[bit] * di[bit] - ui[bit] * dr[bit]
        across += q * q
        along += soft[bit] * soft[bit]
        size += abs(soft[bit])
    # A strong signal is disturbed by its own echoes and neighbours more than by noise, and along the carrier
    noise = max(across, along - size * size / n)
    scale = np.float32(2.0 * n) * amplitude / noise
    for bit in range(n):
        odds[bit] = min(max(scale * soft[bit], np.float32(-MOST_SURE)), np.float32(MOST_SURE))
    if n == 56:
        # Where another signal begins over the last bits they are worth less: they hold the interrogator's code
        mean, end = size / n, np.float32(0.0)
        for bit in range(n - END_BITS, n):
            q = ur[bit] * di[bit] - ui[bit] * dr[bit]
            end += q * q + (abs(soft[bit]) - mean) ** 2
        louder = end / END_BITS / ((across + along - size * mean) / n)
        if louder > 1.5:
            for bit in range(n - END_BITS, n):
                odds[bit] = min(max(scale / louder * soft[bit], np.float32(-MOST_SURE)), np.float32(MOST_SURE))


@stage()
def doubt(odds: Floats, first: int, last: int) -> float:
    """Σ ln(1 + e^−|odds|) over bits: how many sets of flips there are, each counted by its likelihood, as a logarithm."""
    total = 1.0
    for bit in range(first, last):
        total *= 1.0 + math.exp(-abs(odds[bit]))
    return math.log(total)


@stage(fastmath=True)
def byte_costs(odds: Floats, byte: int, table: Floats) -> None:
    """What turning each set of the bits of a byte costs."""
    table[0] = 0.0
    for bit in range(8):
        one = abs(odds[8 * byte + 7 - bit])
        low = table[: 1 << bit]
        high = table[1 << bit : 2 << bit]
        for index in range(1 << bit):
            high[index] = low[index] + one


@helper()
def address_cost(costs: Floats2, x: int) -> np.float32:
    """What turning a set of bits of the address costs."""
    return costs[1, x >> 16] + costs[2, x >> 8 & 0xFF] + costs[3, x & 0xFF]
