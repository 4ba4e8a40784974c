"""Frames with repaired bits of an address that nobody has introduced: two that differ introduce it."""

from __future__ import annotations

import numpy as np

from dsp.compiled import stage
from dsp.kernels.evidence import LN2, doubt
from dsp.kernels.expected import CLOSE, HOPE, REJECTED, SURE_WHAT, interrogator
from dsp.kernels.known import SLOTS, enter, find, slot_of
from dsp.kernels.memory import Belief, Limits, Scratch
from dsp.kernels.parity import field
from dsp.kernels.repair import cheapest, flip, solve_basis, weakest

SURE_NEW = 8.0  # a frame with one flip that introduces its address
SURE_SUSPECT = 3.0  # each of two frames that introduce their address by repair
CLEAR_FIT = 0.74  # the fit of a frame that one flip makes right
AGAIN_S = 1e-3  # within which a frame may be the same one, read once more
SUSPECT_S = 60.0  # how long an address found by repair waits for a second frame


@stage()
def introduce(
    df: int, n: int, syndrome: int, quality: float, now: float, limits: Limits, belief: Belief, work: Scratch
) -> int:
    """A repaired frame of an address that is not believed: it counts when the address was found so before. Result as `decide`."""
    odds = work.odds
    most = 24 * LN2 - doubt(odds, 5, n) - HOPE
    if most <= 0:
        return REJECTED
    n_others = solve_basis(n, odds, weakest(odds, 5, n, work.order), work)
    if n_others < 0:
        return REJECTED
    spent, subset, a, b = cheapest(syndrome, odds, n_others, limits.second, np.float32(most), work)
    if subset < 0:
        return REJECTED
    number = flip(subset, a, b, work)
    if df == 11:
        rest = 0
        for index in range(number):
            if work.flips[index] >= 49:
                rest |= 1 << (55 - work.flips[index])
        code = interrogator(rest, belief, work)
        if code < 0:
            return REJECTED
        for bit in range(7):
            work.hard[55 - bit] ^= code >> bit & 1
            if code >> bit & 1:
                number += -1 if rest >> bit & 1 else 1  # turned back, or turned
    icao = field(work.hard, 8, 32)
    if icao == 0 or belief.many[0] > SLOTS - 64 or find(belief.icao, icao) >= 0:
        return REJECTED
    margin = most + HOPE - spent
    if margin < SURE_SUSPECT:
        return CLOSE
    # A frame that repeats, read beside its place, gives the same wrong address each time: the second must say something else
    parity = field(work.hard, n - 24, n)
    row = slot_of(icao, belief.suspect.shape[0])
    same = belief.suspect[row] == icao
    since = abs(now - belief.suspect_s[row])
    if same and AGAIN_S < since < SUSPECT_S and parity != belief.suspect_parity[row]:
        enter(icao, now, belief)
        return number
    if not same or since > AGAIN_S:
        belief.suspect[row], belief.suspect_parity[row], belief.suspect_s[row] = icao, parity, now
    if df == 17 and number == 1 and work.flips[0] == work.order[0] and quality > CLEAR_FIT and margin > SURE_WHAT:
        if margin > SURE_NEW:
            enter(icao, now, belief)
        return number
    return CLOSE
