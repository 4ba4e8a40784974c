"""What a believed aircraft is expected to say, tried for each of them: all-calls, squitters, replies.

Each of these functions returns how many bits of `work.hard` it has turned, or one of `REJECTED`, `IN_DOUBT`, `CLOSE`.
"""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.evidence import LN2, address_cost, byte_costs, doubt
from dsp.kernels.known import altitude_code
from dsp.kernels.memory import Belief, Floats2, Limits, Scratch
from dsp.kernels.parity import TURNED_BYTE, TURNED_HEAD, field, turned_address
from dsp.kernels.repair import cheapest, cost, flip, solve, solve_basis, turn_over, weakest

# What is said of a frame that is not given
REJECTED = -1
IN_DOUBT = -2  # an all-call whose interrogator's code is not sure
CLOSE = -3  # another timing may do

# Evidence, in nats (see "What may be repaired" in docs/demodulator.md)
SURE_WHAT = 5.0  # what the frame says
SURE_WHO = 8.0  # whose it is, where the address is in clear
SURE_REPLY = 8.0  # … where it lies over the parity
SURE_HEAD = 2.0  # that an address in clear is a believed one, before anything else is tried
HEAD_NEW = 8.0  # what another capability than the last costs, its own three bits included
HOPE = 0.5  # less than that, and neither another timing nor another frame of the address will help
PARITY_ONLY = 4.0  # what flips of nothing but the parity may cost: beyond, it is rather another aircraft's clean frame
CODE_DOUBT = 0.005  # chance that the interrogator's code is another
ALTITUDE_STEPS = (0, 1, -1, 2, -2)  # of 25 ft, that an aircraft which changes its height may be from its last
MOVED_S = 20.0  # how long it counts as one that does


@helper()
def head_price(head: int, last: int, costs: Floats2) -> tuple[int, np.float32]:
    """Bits of the capability to be turned towards the last one heard, and what that costs. A new one is left, at a price."""
    if last < 0:
        return 0, np.float32(3 * LN2)  # nothing is expected: no evidence
    z = head ^ last
    if costs[0, z] > HEAD_NEW:
        return 0, np.float32(HEAD_NEW)
    return z, costs[0, z]


@stage()
def interrogator(rest: int, belief: Belief, work: Scratch) -> int:
    """The interrogator's code of a DF11 that has none once the bits `rest` of its last seven are turned: −1 when in doubt."""
    byte_costs(work.odds, 6, work.bytes[6])
    costs = work.bytes[6]
    whole, top, code = 0.0, 0.0, -1
    for k in range(80):
        likely = math.exp(-costs[rest ^ k]) * belief.codes[k]
        whole += likely
        if likely > top:
            top, code = likely, k
    if top < (1.0 - CODE_DOUBT) * whole:
        return -1
    return code


@stage()
def expect_all_call(syndrome: int, belief: Belief, work: Scratch) -> int:
    """The DF11 of a believed address: all of it is known but the interrogator's code. The bits that were wrong, or as `decide`."""
    odds, hard = work.odds, work.hard
    for byte in range(7):
        byte_costs(odds, byte, work.bytes[byte])
    costs = work.bytes
    address, head = field(hard, 8, 32), field(hard, 5, 8)
    best, best_slot = np.float32(1e9), -1
    best_x, best_z, best_target = 0, 0, 0
    for index in range(belief.many[0]):
        slot = belief.active[index]
        x = address ^ belief.icao[slot]
        near = address_cost(costs, x)
        if near >= best:
            continue
        z, price = head_price(head, belief.head[0, slot], costs)
        total = near + price
        target = syndrome ^ TURNED_HEAD[0, z] ^ turned_address(0, x)
        total += costs[4, target >> 16] + costs[5, target >> 8 & 0xFF] + costs[6, target & 0x80]
        if total < best:
            best, best_slot, best_x, best_z, best_target = total, slot, x, z, target
    if best_slot < 0:
        return REJECTED
    spare = 44 * LN2 - math.log(belief.many[0]) - best - doubt(odds, 5, 49)
    if spare < SURE_WHO:
        return CLOSE if spare > 0 else REJECTED
    code = interrogator(best_target & 0x7F, belief, work)
    if code < 0:
        return IN_DOUBT
    return turn_over(best_x, best_z, best_target ^ code, work)


@stage()
def expect_squitter(df: int, syndrome: int, limits: Limits, belief: Belief, work: Scratch) -> int:
    """A DF17 or DF18 of a believed address: what is not known are 56 bits and their parity. The bits that were wrong, or as `decide`."""
    odds, hard = work.odds, work.hard
    kind = 1 if df == 18 else 0
    for byte in range(4):
        byte_costs(odds, byte, work.bytes[byte])
    costs = work.bytes
    address, head = field(hard, 8, 32), field(hard, 5, 8)
    nearest = np.float32(1e9)
    for index in range(belief.many[0]):
        slot = belief.active[index]
        x = address ^ belief.icao[slot]
        total = address_cost(costs, x)
        nearest = min(nearest, total)
    if nearest + doubt(odds, 8, 32) > 24 * LN2 - math.log(belief.many[0]) - SURE_HEAD:
        return REJECTED
    wide = doubt(odds, 32, 112)
    most = 24 * LN2 - HOPE - wide
    if most <= 0:
        return REJECTED
    for bit in range(32):
        work.free[bit] = 1e9
    for bit in range(32, 112):
        work.free[bit] = odds[bit]
    n_others = solve_basis(112, work.free, weakest(work.free, 5, 112, work.order), work)
    best, best_slot, known = np.float32(1e9), -1, np.float32(0.0)
    best_x, best_z, best_target = 0, 0, 0
    for index in range(belief.many[0]):
        slot = belief.active[index]
        x = address ^ belief.icao[slot]
        near = address_cost(costs, x)
        if near >= min(best, nearest + 12):
            continue
        z, price = head_price(head, belief.head[kind, slot], costs)
        total = near + price
        target = syndrome ^ TURNED_HEAD[1, z] ^ turned_address(1, x)
        total += cost(work.weight, solve(work.table, target))
        if total < best:
            best, best_slot, best_x, best_z, best_target = total, slot, x, z, target
            known = near + price
    if best_slot < 0:
        return REJECTED
    spent, subset, a, b = cheapest(best_target, work.free, n_others, limits.second, np.float32(most), work)
    if subset < 0:
        return REJECTED
    if (
        most - spent < SURE_WHAT - HOPE
        or known + spent + wide + doubt(odds, 5, 32) > 51 * LN2 - math.log(belief.many[0]) - SURE_WHO
    ):
        return CLOSE
    return turn_over(best_x, best_z, 0, work) + flip(subset, a, b, work)


@stage()
def expect_reply(df: int, n: int, syndrome: int, now: float, limits: Limits, belief: Belief, work: Scratch) -> int:
    """An address/parity frame of a believed address, with the altitude or squawk it had last. Result as `decide`."""
    odds, hard = work.odds, work.hard
    long = 1 if n == 112 else 0
    for byte in range(2, 4):
        byte_costs(odds, byte, work.bytes[byte])
    costs = work.bytes
    code = field(hard, 19, 32)
    expected = belief.squawk if df == 5 or df == 21 else belief.altitude
    wide = doubt(odds, 5, 19) + doubt(odds, 32, n)
    if 24 * LN2 - HOPE - wide <= 0:
        return REJECTED
    for bit in range(n):
        work.free[bit] = 1e9 if 19 <= bit < 32 else odds[bit]
    n_others = solve_basis(n, work.free, weakest(work.free, 5, n, work.order), work)
    best, best_slot = np.float32(1e9), -1
    best_y, best_target = 0, 0
    count = 0
    for index in range(belief.many[0]):
        slot = belief.active[index]
        if expected[slot] < 0:
            continue
        steps = len(ALTITUDE_STEPS) if df != 5 and df != 21 and abs(now - belief.moved_s[slot]) < MOVED_S else 1
        count += steps
        for index_step in range(steps):
            y = code ^ (altitude_code(expected[slot], ALTITUDE_STEPS[index_step]) if index_step else expected[slot])
            total = costs[2, y >> 8] + costs[3, y & 0xFF]
            if total >= best:
                continue
            target = syndrome ^ TURNED_BYTE[long, 1, y >> 8] ^ TURNED_BYTE[long, 2, y & 0xFF] ^ belief.icao[slot]
            total += cost(work.weight, solve(work.table, target))
            if total < best:
                best, best_slot, best_y, best_target = total, slot, y, target
    if best_slot < 0:
        return REJECTED
    known = costs[2, best_y >> 8] + costs[3, best_y & 0xFF]
    most = 24 * LN2 - math.log(count) - HOPE - wide
    spent, subset, a, b = cheapest(best_target, work.free, n_others, limits.second, np.float32(most), work)
    if subset < 0:
        return REJECTED
    if (
        most - spent < SURE_WHAT - HOPE
        or known + spent + wide + doubt(odds, 19, 32) > 37 * LN2 - math.log(count) - SURE_REPLY
    ):
        return CLOSE
    number = flip(subset, a, b, work)
    if best_y == 0 and spent > PARITY_ONLY and number <= 2:
        elsewhere = False
        for index in range(number):
            elsewhere |= work.flips[index] < n - 24
        if not elsewhere:
            return CLOSE
    return turn_over(best_y, 0, 0, work) + number
