"""Repair: ordered statistics decoding, the cheapest set of bits whose turning makes the parity right."""

from __future__ import annotations

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.memory import Floats, Floats2, Integers, Integers2, Scratch
from dsp.kernels.parity import SYNDROMES_56, SYNDROMES_112

SORTED = 48  # least reliable bits that are put in order


@stage()
def weakest(soft: Floats, first: int, n: int, order: Integers) -> int:
    """Put first…n−1 into `order`, the `SORTED` bits of least |soft| first and in order."""
    count = 0
    total = n - first
    tail = total
    for bit in range(first, n):
        size = abs(soft[bit])
        if count == SORTED and size >= abs(soft[order[count - 1]]):
            tail -= 1
            order[tail] = bit
            continue
        if count < SORTED:
            count += 1
        else:
            tail -= 1
            order[tail] = order[count - 1]
        place = count - 1
        while place > 0 and abs(soft[order[place - 1]]) > size:
            order[place] = order[place - 1]
            place -= 1
        order[place] = bit
    return total


@helper()
def solve(table: Integers2, syndrome: int) -> int:
    """The subset of the chosen bits with this syndrome, as a mask."""
    return table[0, syndrome & 0xFF] ^ table[1, syndrome >> 8 & 0xFF] ^ table[2, syndrome >> 16]


@helper()
def cost(weight: Floats2, subset: int) -> np.float32:
    """Sum of |soft| over a subset of the chosen bits."""
    return (
        weight[0, subset & 0x3F]
        + weight[1, subset >> 6 & 0x3F]
        + weight[2, subset >> 12 & 0x3F]
        + weight[3, subset >> 18]
    )


@stage()
def solve_basis(length: int, soft: Floats, total: int, work: Scratch) -> int:
    """Choose the 24 least reliable bits whose syndromes are independent, and make any syndrome solvable by them.

    Gaussian elimination over GF(2), greedily by reliability. Afterwards `solve` gives the one subset of the chosen bits
    with a given syndrome, and `cost` what flipping it costs. The bits not chosen go to `others`, each with the subset
    that has the same syndrome. The result is how many others there are, or −1 when 24 bits do not suffice.
    """
    basis, mask, chosen = work.basis, work.mask, work.chosen
    basis[:] = 0
    rank = 0
    n_others = 0
    syndromes = SYNDROMES_112 if length == 112 else SYNDROMES_56
    for index in range(total):
        bit = work.order[index]
        value = np.int64(syndromes[bit])
        if rank < 24:
            combination = np.int64(1) << rank
            left = value
            for pivot in range(23, -1, -1):
                if left >> pivot & 1:
                    if basis[pivot] == 0:
                        basis[pivot] = left
                        mask[pivot] = combination
                        chosen[rank] = bit
                        rank += 1
                        left = -1
                        break
                    left ^= basis[pivot]
                    combination ^= mask[pivot]
            if left < 0:
                continue
        work.others[n_others] = bit
        n_others += 1
    if rank < 24:
        return -1
    # The subset with syndrome 2^pivot, from the lowest: a basis vector has only lower bits below its own
    unit = work.unit
    for pivot in range(24):
        combination = mask[pivot]
        for lower in range(pivot):
            if basis[pivot] >> lower & 1:
                combination ^= unit[lower]
        unit[pivot] = combination
    for byte in range(3):
        row = work.table[byte]
        row[0] = 0
        for bit in range(8):
            one = unit[8 * byte + bit]
            for low in range(1 << bit):
                row[(1 << bit) + low] = row[low] ^ one
    for part in range(4):
        row_f = work.weight[part]
        row_f[0] = 0.0
        for bit in range(6):
            one_f = abs(soft[chosen[6 * part + bit]])
            for low in range(1 << bit):
                row_f[(1 << bit) + low] = row_f[low] + one_f
    for index in range(n_others):
        work.other_mask[index] = solve(work.table, np.int64(syndromes[work.others[index]]))
    return n_others


@stage()
def cheapest(
    syndrome: int, soft: Floats, n_others: int, second: int, limit: np.float32, work: Scratch
) -> tuple[np.float32, int, int, int]:
    """The cheapest repair: a subset of the chosen bits, and at most two others. (cost, subset, other, other) or −1.

    Ordered statistics decoding: order 0 and 1 over all others, order 2 over the first `second` of them.
    """
    start = solve(work.table, syndrome)
    best = cost(work.weight, start)
    best_subset = start
    best_a = np.int64(-1)
    best_b = np.int64(-1)
    best = min(best, limit)
    if best == limit:
        best_subset = np.int64(-1)
    for a in range(n_others):
        cost_a = abs(soft[work.others[a]])
        if cost_a >= best:
            if a < SORTED - 24:
                break
            continue
        with_a = start ^ work.other_mask[a]
        total = cost_a + cost(work.weight, with_a)
        if total < best:
            best, best_subset, best_a, best_b = total, with_a, a, np.int64(-1)
        if a >= second:
            continue
        for b in range(a):
            cost_b = cost_a + abs(soft[work.others[b]])
            if cost_b >= best:
                break
            with_b = with_a ^ work.other_mask[b]
            total = cost_b + cost(work.weight, with_b)
            if total < best:
                best, best_subset, best_a, best_b = total, with_b, a, np.int64(b)
    return best, best_subset, best_a, best_b


@stage()
def flip(subset: int, a: int, b: int, work: Scratch) -> int:
    """Flip the bits of a repair in `hard`, list them in `flips`; the result is how many."""
    count = 0
    for index in range(24):
        if subset >> index & 1:
            work.flips[count] = work.chosen[index]
            count += 1
    for other in (a, b):
        if other >= 0:
            work.flips[count] = work.others[other]
            count += 1
    for index in range(count):
        work.hard[work.flips[index]] ^= 1
    return count


@stage()
def turn_over(x: int, z: int, tail: int, work: Scratch) -> int:
    """Turn bits of address, capability and the 24 of a DF11's parity; the result is how many."""
    hard = work.hard
    count = 0
    for bit in range(24):
        if x >> bit & 1:
            hard[31 - bit] ^= 1
            count += 1
        if tail >> bit & 1:
            hard[55 - bit] ^= 1
            count += 1
    for bit in range(3):
        if z >> bit & 1:
            hard[7 - bit] ^= 1
            count += 1
    return count
