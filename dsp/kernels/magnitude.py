"""The second chance of a frame whose bits are clear in magnitude and not in phase.

No standard asks a transponder for a phase that is steady from pulse to pulse, and some have none: within a pulse their carrier is steady,
between pulses it jumps. What is left are two energies a bit, of the pulse's first half and of its second (`dsp.filters`), and what noise
makes of them: the half without a pulse holds noise (its amplitude is Rayleigh distributed), the other a pulse in noise (Rice).
"""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.bits import EYE_BITS, gather, soft_pulses
from dsp.kernels.carrier import coarse_turn, steady
from dsp.kernels.decide import decide
from dsp.kernels.evidence import MOST_SURE, doubt, likely_formats
from dsp.kernels.known import learn
from dsp.kernels.memory import (
    ACCEPTED,
    EARLIEST,
    LATEST,
    TRIED,
    Belief,
    Floats,
    Integers,
    Limits,
    Output,
    Samples,
    Scratch,
)
from dsp.kernels.rows import put_off, write

LEAST_CONTRAST = 0.46  # noise alone has 0.37, and more than this once in a thousand times; 7 dB have 0.55
STEADY_FIT = (
    0.34,
    0.74,
    0.93,
)  # the fit that 19 of 20 steady carriers exceed: at no contrast, what contrast adds, and at most
STEP = 3  # tenths of a sample between the timings at which the eye is looked at
HIT = 0.008  # share of half bits that another signal hits
LOUDER = 3.0  # … with so many times the frame's power, as an order of magnitude
LEAST = 1e-300  # keeps a quotient finite
CAP = 2.5  # times the power of a pulse: what is above is another signal's, and says nothing of this one's noise
CLEAR = 1.0  # nats of doubt below which a frame counts as one that fits well


@stage(fastmath=True)
def halves(samples: Samples, tenths: int, n: int, work: Scratch) -> None:
    """Energies of both halves of the first n bits at one timing, into `work.early` and `work.late`."""
    soft_pulses(work.xr, work.xi, samples.early[tenths + EARLIEST], n, work.sr, work.si)
    soft_pulses(work.xr, work.xi, samples.late[tenths + EARLIEST], n, work.dr, work.di)
    early, late = work.early[:n], work.late[:n]
    sr, si, dr, di = work.sr[:n], work.si[:n], work.dr[:n], work.di[:n]
    for bit in range(n):
        early[bit] = sr[bit] * sr[bit] + si[bit] * si[bit]
        late[bit] = dr[bit] * dr[bit] + di[bit] * di[bit]


@stage(fastmath=True)
def contrast(early: Floats, late: Floats, n: int) -> float:
    """How clear the bits are: mean difference of the halves' amplitudes over the rms of a bit. 1 without noise, 0.37 for noise alone."""
    total, power = np.float32(0.0), np.float32(1e-20)
    for bit in range(n):
        total += abs(math.sqrt(early[bit]) - math.sqrt(late[bit]))
        power += early[bit] + late[bit]
    return total / math.sqrt(power * n)


@stage()
def eye_timing(samples: Samples, tenths: int, work: Scratch) -> float:
    """Tenths after the base where the first bit begins: where the contrast is largest. As `dsp.kernels.bits.timing`."""
    eyes = work.eyes
    best = 2
    for look in range(4):
        step = 1 + look if look < 3 else best + (1 if best > 2 else -1)
        if look == 3 and best == 2:
            break
        halves(samples, tenths + STEP * (step - 2), EYE_BITS, work)
        eyes[step] = contrast(work.early, work.late, EYE_BITS)
        if look == 0 or eyes[step] > eyes[best]:
            best = step
    fine = 0.0
    if 0 < best < 4:
        bend = eyes[best - 1] - 2 * eyes[best] + eyes[best + 1]
        if bend < 0:
            fine = 0.5 * (eyes[best - 1] - eyes[best + 1]) / bend
    return math.floor(tenths + STEP * (best - 2 + fine) + 0.5)


@stage(fastmath=True)
def levels(early: Floats, late: Floats, n: int, cap: float) -> tuple[float, float]:
    """Power of a pulse and of the noise in a half bit, by moments; energies above `cap` count as that.

    Of a pulse of power P in noise of power N, the sum T of the halves has the mean P + 2N, their difference D the mean square P² + 2PN + 2N².
    """
    total, square = 0.0, 0.0
    for bit in range(n):
        a, b = min(early[bit], cap), min(late[bit], cap)
        total += a + b
        square += (a - b) * (a - b)
    mean = total / n
    noise = 0.5 * (mean - math.sqrt(max(2 * square / n - mean * mean, 0.0)))
    return max(mean - 2 * noise, 1e-20), max(noise, 1e-4 * mean + 1e-20)


@helper()
def bessel(x: float) -> float:
    """e^−x·I₀(x), x ≥ 0 (Abramowitz and Stegun 9.8.1, 9.8.2)."""
    if x < 3.75:
        t = (x / 3.75) ** 2
        return math.exp(-x) * (
            1.0
            + t * (3.5156229 + t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813)))))
        )
    t = 3.75 / x
    return (
        0.39894228
        + t
        * (
            0.01328592
            + t
            * (
                0.00225319
                + t
                * (
                    -0.00157565
                    + t * (0.00916281 + t * (-0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377))))
                )
            )
        )
    ) / math.sqrt(x)


@helper()
def pulse_likelihoods(energy: float, power: float, noise: float) -> tuple[float, float]:
    """How likely half a bit of this energy is with a pulse and with none, both times the same.

    Another signal may have hit it (`HIT`): the louder it is beyond a pulse of this frame, the less it says.
    """
    ratio, size = energy / noise, math.sqrt(energy * power) / noise
    # Times e^−ratio: Rice's density with a pulse, Rayleigh's without, and that of a hit
    near = math.sqrt(ratio) - math.sqrt(power / noise)
    pulse = bessel(2 * size) * math.exp(-near * near)
    loud = HIT / (1 - HIT) * noise / (LOUDER * power) * math.exp(-energy / (LOUDER * power))
    return pulse + loud + LEAST, math.exp(-ratio) + loud + LEAST


@stage()
def magnitude_odds(n: int, work: Scratch) -> tuple[float, float]:
    """Log odds of every bit from the energies of its halves, into `work.odds` and `work.soft`; (power of a pulse, noise)."""
    early, late, odds, soft = work.early, work.late, work.odds, work.soft
    mean = 0.0
    for bit in range(n):
        mean += math.sqrt(max(early[bit], late[bit]))
    mean /= n
    cap = CAP * mean * mean
    power, noise = levels(early, late, n, cap)
    for look in range(2):
        one, none, count = 0.0, 0.0, 0
        for bit in range(n):
            a, b = early[bit], late[bit]
            early_pulse, early_none = pulse_likelihoods(a, power, noise)
            late_pulse, late_none = pulse_likelihoods(b, power, noise)
            value = math.log(early_pulse / early_none * (late_none / late_pulse))
            soft[bit] = value
            odds[bit] = min(max(value, -MOST_SURE), MOST_SURE)
            if look == 0 and a < cap and b < cap:
                likely = 1.0 / (1.0 + math.exp(-odds[bit]))
                one += likely * a + (1 - likely) * b
                none += likely * b + (1 - likely) * a
                count += 1
        if look == 0 and count > n // 2:
            # What the bits say of the noise, now that they are more or less known
            noise = max(none / count, 1e-4 * mean * mean + 1e-20)
            power = max(one / count - noise, 1e-20)
    return power, noise


@stage()
def hear_magnitude(
    samples: Samples,
    place: int,
    fit: float,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    out: Output,
    row: int,
    counters: Integers,
) -> bool:
    """Demodulate what may be a frame by magnitude alone. `fit`: how well its first bits fit a carrier. True: it is in `out[row]`."""
    rate = samples.rate
    begin = 0.5 * place + 8.0 * rate
    whole = int(begin)
    base = whole - samples.before - 1
    tenths = int((begin - whole) * 10 + 0.5)
    gather(samples, base, 0, EYE_BITS, work.xr, work.xi)
    halves(samples, tenths, EYE_BITS, work)
    if contrast(work.early, work.late, EYE_BITS) < LEAST_CONTRAST - 0.04:
        return False
    off = coarse_turn(samples, place >> 1, whole + int(EYE_BITS * rate))
    steady(samples, np.float32(off), 0, EYE_BITS, work.xr, work.xi)
    centre = int(eye_timing(samples, tenths, work))
    if abs(centre - tenths) > limits.farthest:
        return False
    centre = min(max(centre, -EARLIEST), LATEST)
    halves(samples, centre, EYE_BITS, work)
    clear = contrast(work.early, work.late, EYE_BITS)
    # A steady carrier with this contrast would fit: then it is not the phase that keeps the frame from being read
    if clear < LEAST_CONTRAST or fit > min(STEADY_FIT[0] + STEADY_FIT[1] * clear, STEADY_FIT[2]):
        return False
    magnitude_odds(EYE_BITS, work)
    mean = 0.0
    for bit in range(EYE_BITS):
        mean += abs(work.soft[bit])
    count = likely_formats(work.soft, mean / EYE_BITS, limits.formats, work.formats)
    start = whole + 0.1 * centre
    now = (samples.origin + start) / (rate * 1e6)
    gathered = EYE_BITS
    for hypothesis in range(count):
        df = work.formats[hypothesis]
        n = 112 if df >= 16 else 56
        if n > gathered:
            gather(samples, base, gathered, n, work.xr, work.xi)
            steady(samples, np.float32(off), gathered, n, work.xr, work.xi)
            gathered = n
        counters[TRIED] += 1
        halves(samples, centre, n, work)
        power, _ = magnitude_odds(n, work)
        sure = doubt(work.odds, 5, n) < CLEAR
        number = decide(n, df, 0.85 if sure else 0.7, False, now, limits, belief, work, counters)
        if number < 0:
            if hypothesis == 0 and sure and df != 17 and df != 18 and df != 11:
                put_off(samples, start, n, df, np.float32(off), work, out)
            continue
        counters[ACCEPTED] += 1
        write(samples, start, n, np.float32(off), number, work, out, row)
        out.apart[row] = 1
        out.signal[row] = 10 * math.log10(power + 1e-24)
        learn(work.hard, n, df, number, now, belief)
        return True
    return False
