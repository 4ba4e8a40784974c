"""One candidate: from a place where a preamble may be to a frame in a row of the output."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dsp.compiled import stage
from dsp.kernels.bits import EYE_BITS, SLOW, SUM, bank_of, filtered, gather, listen, mean_size, sharpen, timing
from dsp.kernels.carrier import (
    CARRIER_SPAN,
    FAR,
    carrier,
    coarse_turn,
    coherence,
    pilot_level,
    steady,
    turn_back,
    unwrapped,
)
from dsp.kernels.decide import LEAST_FIT, decide
from dsp.kernels.evidence import clear_fit, find_hits, likely_formats, no_hits, reliability
from dsp.kernels.expected import CLOSE, IN_DOUBT, REJECTED
from dsp.kernels.known import learn
from dsp.kernels.magnitude import hear_magnitude
from dsp.kernels.memory import (
    ACCEPTED,
    CANDIDATES,
    DOUBTFUL,
    EARLIEST,
    FAILED,
    GATED,
    LATEST,
    TRIED,
    Belief,
    Integers,
    Limits,
    Output,
    Samples,
    Scratch,
)
from dsp.kernels.places import SILENT, data_power, likeness, preamble_power
from dsp.kernels.rows import failed_before, put_off, remember, write

GATE_BITS = 24
AGAIN = (0, 2, -2, 4, -4)  # tenths of a sample: timings that are tried, one after the other
LOUD_FIT = 0.5  # `LEAST_FIT` for a loud DF17 or DF18 whose parity is right
LEAST_FIT_AGAIN = 0.70  # the same, for another timing to be worth a try
FORMAT_COST = 1.0  # of the mean soft bit: what bits of the format may cost that are taken for wrong
LATER_FIT = 0.85  # the fit of a frame that waits for its address to be believed
LOUD = 12.0  # preamble's power against the noise above which a poor fit is another signal's doing, not noise's
# Power of the preamble's pulses against the data's, as the filters see them. Echoes and pulses of Mode A/C replies add to a preamble; where
# neighbours leak (`SLOW`), a place within a frame does the same
PREAMBLE_LEAST, PREAMBLE_MOST, PREAMBLE_MOST_SLOW = 0.15, 12.0, 2.0
WEAKEST = 0.12  # of a strong preamble's mean pulse: below it a pulse is missing
SHARE_LEAST, SHARE_MOST = 0.3, 12.0  # power of the preamble's pulses against that of all the data
SHARE_LEAST_SLOW, SHARE_MOST_SLOW = 0.5, 4.5
LIKE_SLOW = 0.06  # less is asked for where neighbours leak: a half without a pulse is not silent
BROKEN_FIT = 0.8  # the fit that a frame without a whole preamble must have


class Candidate(NamedTuple):
    """A place that is worth to be listened to."""

    worth: bool  # there is a signal
    steady: bool  # … whose carrier is, so that its bits may be read by its phase
    loud: bool
    broken: bool  # its preamble is not whole
    base: int  # sample from which on bits are gathered
    whole: int  # sample that tenths are counted from
    centre: int  # tenths after it, where the first bit begins
    bank: int  # of filters, see `bank_of`
    preamble: float  # power of the preamble's pulses
    coarse: float  # what samples are turned back by at once, rad per µs; 0 for a carrier that is near
    off: np.float32  # what is left of the carrier's turn per bit, rad


NONE = Candidate(False, False, False, False, 0, 0, 0, 0, 0.0, 0.0, np.float32(0.0))


@stage()
def approach(samples: Samples, place: int, bare: bool, limits: Limits, work: Scratch, counters: Integers) -> Candidate:
    """Power, balance, coherence, carrier and timing of a place."""
    rate = samples.rate
    begin = 0.5 * place + 8.0 * rate
    whole = int(begin)
    base = whole - samples.before - 1
    if base < 0 or base + samples.place[111] + work.xr.shape[0] > samples.re.shape[0]:
        return NONE
    power, quietest = data_power(samples, place)
    if not power > limits.power or quietest - 1.0 < SILENT * (power - 1.0):
        return NONE
    counters[CANDIDATES] += 1
    preamble, weakest_pulse = preamble_power(samples, place)
    share = preamble / ((power - 1.0) * samples.noise)
    broken = bare or (preamble > 5 * samples.noise and weakest_pulse < WEAKEST * preamble)
    if broken:
        if not limits.broken:
            return NONE
    elif rate < SLOW:
        if share < SHARE_LEAST_SLOW or share > SHARE_MOST_SLOW:
            return NONE
    elif share < SHARE_LEAST or share > SHARE_MOST:
        return NONE
    if likeness(samples, place) < limits.like - (LIKE_SLOW if rate < SLOW else 0.0):
        return NONE
    tenths = int((begin - whole) * 10 + 0.5)
    loud = bare or preamble > LOUD * samples.noise
    unsteady = Candidate(True, False, loud, broken, base, whole, tenths, 0, preamble, 0.0, np.float32(0.0))
    gather(samples, base, 0, GATE_BITS, work.xr, work.xi)
    bank = 0
    filtered(samples, SUM, tenths, bank, GATE_BITS, work, work.sr, work.si)
    steadiness = coherence(work.sr, work.si, GATE_BITS)
    coarse = coarse_turn(samples, place >> 1, whole + int(GATE_BITS * rate))
    if abs(coarse) < FAR:
        coarse = 0.0
    else:
        turn_back(samples, coarse, 0, GATE_BITS, work)
        bank = bank_of(coarse)
        filtered(samples, SUM, tenths, bank, GATE_BITS, work, work.sr, work.si)
        turned = coherence(work.sr, work.si, GATE_BITS)
        if turned > steadiness:
            steadiness = turned
        else:  # another signal over this one
            coarse, bank = 0.0, 0
            gather(samples, base, 0, GATE_BITS, work.xr, work.xi)
    if steadiness < limits.gate:
        return unsteady
    counters[GATED] += 1
    gather(samples, base, GATE_BITS, EYE_BITS, work.xr, work.xi)
    if coarse != 0.0:
        turn_back(samples, coarse, GATE_BITS, EYE_BITS, work)
    filtered(samples, SUM, tenths, bank, EYE_BITS, work, work.sr, work.si)
    off = carrier(work.sr, work.si, EYE_BITS, CARRIER_SPAN, work.ur, work.ui, work.ar, work.ai)
    if coarse != 0.0:
        off = np.float32(unwrapped(off, coarse) - coarse)
        bank = bank_of(coarse + off)
    steady(samples, off, 0, EYE_BITS, work.xr, work.xi)
    centre = timing(samples, tenths, bank, loud, work)
    if abs(centre - tenths) > limits.farthest:
        return unsteady
    centre = min(max(centre, -EARLIEST), LATEST)
    return Candidate(True, True, loud, broken, base, whole, centre, bank, preamble, coarse, off)


@stage()
def first_look(samples: Samples, candidate: Candidate, bare: bool, work: Scratch) -> float:
    """The fit of the first bits at the likeliest timing; negative: by its phase this is no frame."""
    _, quality = listen(samples, candidate.centre, candidate.bank, EYE_BITS, work)
    if quality < LEAST_FIT and samples.rate >= SLOW:
        quality = max(quality, clear_fit(EYE_BITS, work))
    mean = mean_size(work.soft, EYE_BITS)
    most = PREAMBLE_MOST_SLOW if samples.rate < SLOW else PREAMBLE_MOST
    least = PREAMBLE_LEAST / 3 if candidate.broken else PREAMBLE_LEAST
    if (
        (quality < LEAST_FIT and not candidate.loud)
        or (candidate.broken and quality < BROKEN_FIT)
        or not (bare or least < candidate.preamble / (mean * mean) < most)
    ):
        return -quality
    return quality


@stage()
def doubted_fit(first_bit: float, rate: float, work: Scratch) -> float:
    """The fit that an all-call here must exceed.

    The same noise again, at another timing or from a place beside, is no new evidence, but for a timing that fits better.
    """
    doubted = 0.0
    for index in range(FAILED):
        if abs(first_bit - work.doubted[index, 0]) < rate:
            doubted = max(doubted, work.doubted[index, 1])
    return doubted


@stage()
def interpret(
    samples: Samples,
    candidate: Candidate,
    attempt: int,
    quality: float,
    gathered: int,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    out: Output,
    row: int,
    counters: Integers,
) -> tuple[int, float, int]:
    """Try the likeliest formats at one timing: (as `decide`, fit, bits that are gathered). A frame is in `out[row]`."""
    at = min(max(candidate.centre + AGAIN[attempt], -EARLIEST), LATEST)
    if attempt > 0 and samples.rate < SLOW:
        _, quality = listen(samples, at, candidate.bank, EYE_BITS, work)
    if attempt == 0 or samples.rate < SLOW:
        mean = mean_size(work.soft, EYE_BITS)
        work.formats[2] = likely_formats(work.soft, FORMAT_COST * mean, limits.formats, work.formats)
    start = candidate.whole + 0.1 * at
    now = (samples.origin + start) / (samples.rate * 1e6)
    first_bit = samples.origin + candidate.whole + 0.1 * candidate.centre
    doubted = doubted_fit(first_bit, samples.rate, work)
    ready = 0  # bits that were listened to
    turn, amplitude, best = np.float32(0.0), 0.0, REJECTED
    for hypothesis in range(work.formats[2]):
        df = work.formats[hypothesis]
        n = 112 if df >= 16 else 56
        if n > gathered:
            gather(samples, candidate.base, gathered, n, work.xr, work.xi)
            if candidate.coarse != 0.0:
                turn_back(samples, candidate.coarse, gathered, n, work)
            steady(samples, candidate.off, gathered, n, work.xr, work.xi)
            gathered = n
        if n != ready:
            counters[TRIED] += 1
            turn, quality = listen(samples, at, candidate.bank, n, work)
            turn = np.float32(unwrapped(turn, candidate.coarse))
            if samples.rate < SLOW:
                no_hits(n, work)
            else:
                find_hits(n, pilot_level(work.sr, work.si, n), work)
                if quality < LEAST_FIT:
                    quality = max(quality, clear_fit(n, work))
            amplitude = sharpen(samples, at, candidate.bank, n, work)
            ready = n
        if quality < LEAST_FIT and not (candidate.loud and quality > LOUD_FIT and (df == 17 or df == 18)):
            counters[DOUBTFUL] += 1
            continue
        if df == 11 and quality < doubted:
            continue
        reliability(n, amplitude, work)
        number = decide(n, df, quality, candidate.broken, now, limits, belief, work, counters)
        if number == IN_DOUBT:
            doubted = quality + 0.01
            remember(work.doubted, first_bit, doubted)
            continue
        if number == CLOSE:
            best = CLOSE
        if number < 0:
            if attempt == 0 and hypothesis == 0 and quality >= LATER_FIT and df != 17 and df != 18 and df != 11:
                put_off(samples, start, n, df, turn, work, out)
            continue
        counters[ACCEPTED] += 1
        write(samples, start, n, turn, number, work, out, row)
        learn(work.hard, n, df, number, now, belief)
        return number, quality, gathered
    return best, quality, gathered


@stage()
def hear_phase(
    samples: Samples,
    candidate: Candidate,
    bare: bool,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    out: Output,
    row: int,
    counters: Integers,
) -> tuple[bool, float]:
    """Demodulate a place by the phase of its carrier: whether there is a frame in `out[row]`, and how well the bits fit."""
    quality = first_look(samples, candidate, bare, work)
    if quality < 0:
        counters[DOUBTFUL] += 1
        return False, -quality
    gathered, close = EYE_BITS, True
    for attempt in range(limits.timings + 2 if samples.rate < SLOW else limits.timings):
        if attempt > 0:
            # A loud one that another signal disturbs is worth the try: no more than its parity is looked at
            disturbed = candidate.loud and quality < LEAST_FIT
            if not (close or disturbed or samples.rate < SLOW) or (quality < LEAST_FIT_AGAIN and not candidate.loud):
                break
        number, quality, gathered = interpret(
            samples, candidate, attempt, quality, gathered, limits, belief, work, out, row, counters
        )
        if number >= 0:
            return True, quality
        close = number == CLOSE
    return False, quality


@stage()
def hear(
    samples: Samples,
    place: int,
    bare: bool,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    out: Output,
    row: int,
    counters: Integers,
) -> bool:
    """Demodulate the frame whose preamble may be at `place` (half samples), or is missing (`bare`). True: it is in `out[row]`."""
    candidate = approach(samples, place, bare, limits, work, counters)
    if not candidate.worth:
        return False
    first_bit = samples.origin + candidate.whole + 0.1 * candidate.centre
    if not candidate.loud and failed_before(first_bit, candidate.preamble, samples.rate, work):
        return False
    quality = 0.0
    if candidate.steady:
        found, quality = hear_phase(samples, candidate, bare, limits, belief, work, out, row, counters)
        if found:
            return True
    if not candidate.broken and hear_magnitude(samples, place, quality, limits, belief, work, out, row, counters):
        return True
    remember(work.failed, first_bit, candidate.preamble)
    return False
