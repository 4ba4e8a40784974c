"""Parity, trust and repair: what becomes of the soft bits of one frame."""

from __future__ import annotations

import math

from dsp.compiled import stage
from dsp.kernels.evidence import LN2, doubt
from dsp.kernels.expected import (
    CLOSE,
    IN_DOUBT,
    REJECTED,
    SURE_REPLY,
    expect_all_call,
    expect_reply,
    expect_squitter,
    interrogator,
)
from dsp.kernels.introduce import introduce
from dsp.kernels.known import find, plausible
from dsp.kernels.memory import DOUBTFUL, IMPLAUSIBLE, UNBELIEVED, UNREPAIRED, Belief, Integers, Limits, Scratch
from dsp.kernels.parity import remainder

LEAST_FIT = 0.66  # see `dsp.kernels.bits.fit`


@stage()
def harden(df: int, n: int, work: Scratch) -> int:
    """The bits as their odds say, where these differ from the soft bits: another signal's pulse lay there. How many do."""
    many = 0
    for bit in range(5):  # the format is settled
        work.odds[bit] = abs(work.odds[bit]) * (1.0 if work.hard[bit] else -1.0)
    for bit in range(5, n):
        one = 1 if work.odds[bit] > 0 else 0
        many += int(one != work.hard[bit])
        work.hard[bit] = one
    return many


@stage()
def decide(
    n: int,
    df: int,
    quality: float,
    broken: bool,
    now: float,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    counters: Integers,
) -> int:
    """Parity, repair and trust for one format: bits that were wrong, REJECTED, IN_DOUBT or CLOSE. `work.hard` holds the frame."""
    soft, hard = work.soft, work.hard
    for bit in range(n):
        hard[bit] = 1 if soft[bit] > 0 else 0
    for bit in range(5):
        hard[bit] = (df >> (4 - bit)) & 1
    syndrome = remainder(hard, n)
    in_clear = df == 17 or df == 18 or df == 11
    if in_clear and syndrome == 0:
        if df != 11:
            return 0
        return 0 if interrogator(0, belief, work) == 0 else IN_DOUBT
    if quality < LEAST_FIT:
        counters[DOUBTFUL] += 1
        return REJECTED
    if not in_clear and syndrome != 0:
        slot = find(belief.icao, syndrome)
        if slot >= 0:
            fits = plausible(df, hard, slot, now, belief)
            if fits == 2 or quality >= 0.8:
                return 0
            if fits == 1 and doubt(work.odds, 5, n) < 24 * LN2 - math.log(belief.many[0] + 1) - SURE_REPLY:
                return 0
            counters[IMPLAUSIBLE] += 1
            return REJECTED
    if harden(df, n, work) > 0:
        syndrome = remainder(hard, n)
        if in_clear and syndrome == 0:
            if df != 11:
                return 0
            return 0 if interrogator(0, belief, work) == 0 else IN_DOUBT
    if belief.many[0] == 0:
        number = REJECTED
    elif df == 11:
        number = expect_all_call(syndrome, belief, work)
    elif in_clear:
        number = expect_squitter(df, syndrome, limits, belief, work)
    else:
        number = expect_reply(df, n, syndrome, now, limits, belief, work)
    if number == REJECTED and in_clear and not broken:
        number = introduce(df, n, syndrome, quality, now, limits, belief, work)
        if number == CLOSE:
            counters[UNBELIEVED] += 1
            return number
    if number < 0:
        counters[UNREPAIRED] += 1
    return number
