"""Evidence: what the soft bits say, as log odds in nats. A margin of m leaves a chance of e^−m to err."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.carrier import pilot_level
from dsp.kernels.memory import Floats, Floats2, Integers, Scratch

LN2 = math.log(2.0)
FORMATS = np.array([17, 11, 4, 20, 0, 5, 21, 18, 16], np.int64)
MOST_SURE = 14.0  # of one bit: what is not noise does not keep to noise's statistics
HIT = 10.0  # times what is usual beside the pilot, from where on a bit is hit: of noise, one in e^10
BELOW = 0.418  # (e − 2) / (e − 1)
HITS_MOST = 0.35  # of the bits
HIT_NOISE = 2.0
HIT_SPILL = 0.1  # of the other pulse's power, that is not where it should be
HIT_SURE = 5.0  # nats, at most
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
def find_hits(n: int, amplitude: float, work: Scratch) -> int:
    """Bits that another signal's pulse lies over, into `work.hit` (1, else 0); the result is how many.

    S holds one pulse whichever bit it is: where it differs from that by more than noise and neighbours make it, something was added. What they make it is
    the mean over the bits that are not hit. Where most bits are, none is: that is no pulse but another frame, or no frame at all.
    """
    ar, ai, hit = work.ar[:n], work.ai[:n], work.hit[:n]
    level = np.float32(amplitude)
    usual = np.float32(1e30)
    many = 0
    for look in range(4):
        total, many = np.float32(1e-20), 0
        clean = np.float32(1e-20)
        for bit in range(n):
            beside = (ar[bit] - level) ** 2 + ai[bit] ** 2
            hit[bit] = np.float32(1.0) if beside > usual else np.float32(0.0)
            many += int(beside > usual)
            clean += np.float32(1.0) - hit[bit]
            total += beside * (np.float32(1.0) - hit[bit])
        # First below the mean of all, as many hits raise that; of noise, what lies below its mean has BELOW of it
        usual = total / clean
        if look > 0:
            usual *= np.float32(HIT / BELOW) if look == 1 else np.float32(HIT)
    if many > HITS_MOST * n:
        for bit in range(n):
            hit[bit] = 0.0
        many = 0
    return many


@stage()
def no_hits(n: int, work: Scratch) -> None:
    """No bit is hit: below 2.2 samples per µs neighbours leak into S as much as other signals do."""
    for bit in range(n):
        work.hit[bit] = 0.0


@stage(fastmath=True)
def clear_fit(n: int, work: Scratch) -> float:
    """`bits.fit` over the bits that are not hit."""
    find_hits(n, pilot_level(work.sr, work.si, n), work)
    soft, dr, di, hit = work.soft[:n], work.dr[:n], work.di[:n], work.hit[:n]
    total, power, clean = np.float32(0.0), np.float32(1e-20), np.float32(1e-20)
    for bit in range(n):
        clear = np.float32(1.0) - hit[bit]
        total += clear * abs(soft[bit])
        power += clear * (dr[bit] * dr[bit] + di[bit] * di[bit])
        clean += clear
    return total / math.sqrt(power * clean)


@stage(fastmath=True)
def reliability(n: int, amplitude: float, work: Scratch) -> None:
    """How much likelier a one than a zero every bit is, nats, into `work.odds`.

    The noise is what the quadrature of D holds, where a carrier in phase leaves nothing; bits that are hit (`find_hits`) do not
    count for it and are weighed by themselves (`weigh_hit`).
    """
    ur, ui, dr, di, hit = work.ur[:n], work.ui[:n], work.dr[:n], work.di[:n], work.hit[:n]
    soft, odds = work.soft[:n], work.odds[:n]
    hits = 0
    across, along, size = np.float32(1e-20), np.float32(0.0), np.float32(0.0)
    for bit in range(n):
        hits += int(hit[bit] > 0)
        q = ur[bit] * di[bit] - ui[bit] * dr[bit]
        clear = np.float32(1.0) - hit[bit]
        across += clear * q * q
        along += clear * soft[bit] * soft[bit]
        size += clear * abs(soft[bit])
    clean = n - hits
    # A strong signal is disturbed by its own echoes and neighbours more than by noise, and along the carrier
    noise = max(across, along - size * size / clean)
    scale = np.float32(2.0 * clean) * amplitude / noise
    for bit in range(n):
        odds[bit] = min(max(scale * soft[bit], np.float32(-MOST_SURE)), np.float32(MOST_SURE))
    if hits > 0:
        for bit in range(n):
            if hit[bit] > 0:
                odds[bit] = weigh_hit(bit, amplitude, noise / clean, work)
    if n == 56:
        # Where another signal begins over the last bits they are worth less: they hold the interrogator's code
        mean, end = size / clean, np.float32(0.0)
        for bit in range(n - END_BITS, n):
            q = ur[bit] * di[bit] - ui[bit] * dr[bit]
            end += q * q + (abs(soft[bit]) - mean) ** 2
        louder = end / END_BITS / ((across + along - size * mean) / clean)
        if louder > 1.5:
            for bit in range(n - END_BITS, n):
                if hit[bit] == 0:
                    odds[bit] = min(max(scale / louder * soft[bit], np.float32(-MOST_SURE)), np.float32(MOST_SURE))


@helper()
def weigh_hit(bit: int, amplitude: float, noise: float, work: Scratch) -> float:
    """How much likelier a one than a zero a bit is that another signal's pulse lies over, nats.

    That pulse is what S has beyond the bit's own. It lies in one of the halves, so D has it as well, with one sign or the other: of the four
    combinations with a one or a zero each has its distance from what was received.
    """
    along = work.soft[bit]
    across = work.ur[bit] * work.di[bit] - work.ui[bit] * work.dr[bit]
    more, aside = work.ar[bit] - amplitude, work.ai[bit]
    one = min(
        (along - amplitude - more) ** 2 + (across - aside) ** 2, (along - amplitude + more) ** 2 + (across + aside) ** 2
    )
    zero = min(
        (along + amplitude - more) ** 2 + (across - aside) ** 2, (along + amplitude + more) ** 2 + (across + aside) ** 2
    )
    # S and D both bring their noise, and a pulse seldom ends where a half does
    odds = (zero - one) / (2 * HIT_NOISE * noise + HIT_SPILL * (more * more + aside * aside))
    return min(max(odds, -HIT_SURE), HIT_SURE)


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
