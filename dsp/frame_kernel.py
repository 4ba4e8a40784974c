"""From a place where a preamble may be to a frame whose parity is right: power, coherence, timing, carrier, bits, repair.

One file, because numba does not notice an edited callee in another one. Each stage is a function that can be read beside
docs/demodulator.md; `hear` is the way of one candidate through them, `demodulate` that of a window.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dsp.crc import bit_syndromes
from dsp.front_end import BLOCK, block_power, candidates, preamble_metric, pulse_energy

SYNDROMES_112 = bit_syndromes(112)
SYNDROMES_56 = bit_syndromes(56)


def _turned(syndromes: NDArray[np.uint32], bits: range) -> NDArray[np.int64]:
    """What turning a set of bits does to the remainder, by the set as a number whose last bit is the last of `bits`."""
    table = np.zeros(1 << len(bits), np.int64)
    for index, bit in enumerate(reversed(bits)):
        table[1 << index : 2 << index] = table[: 1 << index] ^ int(syndromes[bit])
    return table


# Bits 5–7 (capability), and bytes 1–3 (address; altitude or identity in its last 13 bits)
TURNED_HEAD = np.stack([_turned(syndromes, range(5, 8)) for syndromes in (SYNDROMES_56, SYNDROMES_112)])
TURNED_BYTE = np.stack(
    [
        np.stack([_turned(syndromes, range(8 * byte, 8 * byte + 8)) for byte in (1, 2, 3)])
        for syndromes in (SYNDROMES_56, SYNDROMES_112)
    ]
)
LN2 = math.log(2.0)
FORMATS = np.array([17, 11, 4, 20, 0, 5, 21, 18, 16], np.int64)

PREAMBLE_US = (0.0, 1.0, 3.5, 4.5)
EARLIEST, LATEST = 10, 19  # tenths before and after its base that a gathering serves
GATE_BITS = 24
AGAIN = (0, 2, -2, 4, -4)  # tenths of a sample: timings that are tried, one after the other
SLOW = 2.2  # samples per µs below which neighbours leak so much that a second round and two timings more are worth it
LEAST_FIT = 0.66  # see `fit`
LOUD_FIT = 0.5  # the same, for a loud DF17 or DF18 whose parity is right
LEAST_FIT_AGAIN = 0.70  # the same, for another timing to be worth a try
FORMAT_COST = 1.0  # of the mean soft bit: what bits of the format may cost that are taken for wrong
LATER = 32  # last rows of the output: frames of a window that wait for their address to be believed
LATER_FIT = 0.85  # the fit that such a frame must have
LOUD = 12.0  # preamble's power against the noise above which a poor fit is another signal's doing, not noise's
PREAMBLE_LEAST, PREAMBLE_MOST = 0.15, 2.0  # power of the preamble's pulses against the data's, as the filters see them
EYE_BITS = 56
POWER_US = 32.0  # of the data that the power gate listens to
CARRIER_SPAN = 10  # bits to each side that the carrier's phase is averaged over
SORTED = 48  # least reliable bits that are put in order
WEAKEST = 0.12  # of a strong preamble's mean pulse: below it a pulse is missing
SHARE_LEAST, SHARE_MOST = 0.5, 4.5  # power of the preamble's pulses against that of all the data
BROKEN_FIT = 0.8  # the fit that a frame without a whole preamble must have
FAILED = 8  # how many places that failed are remembered

# Evidence, in nats (see "What may be repaired" in docs/demodulator.md). A margin of m leaves a chance of e^−m to err
MOST_SURE = 14.0  # of one bit: what is not noise does not keep to noise's statistics
SURE_WHAT = 5.0  # what the frame says
SURE_WHO = 8.0  # whose it is, where the address is in clear
SURE_REPLY = 8.0  # … where it lies over the parity
SURE_HEAD = 2.0  # that an address in clear is a believed one, before anything else is tried
SURE_NEW = 8.0  # a frame with one flip that introduces its address
HEAD_NEW = 8.0  # what another capability than the last costs, its own three bits included
HOPE = 0.5  # less than that, and neither another timing nor another frame of the address will help
SURE_SUSPECT = 3.0  # each of two frames that introduce their address by repair
CLEAR_FIT = 0.74  # the fit of a frame that one flip makes right
PARITY_ONLY = 4.0  # what flips of nothing but the parity may cost: beyond, it is rather another aircraft's clean frame
AGAIN_S = 1e-3  # within which a frame may be the same one, read once more
SUSPECT_S = 60.0  # how long an address found by repair waits for a second frame
END_BITS = 12  # of a short frame, whose noise is looked at by itself
CODE_DOUBT = 0.005  # chance that the interrogator's code is another
CODE_FLOOR = 0.1  # above e^−MOST_SURE · 500 / CODE_DOUBT, or one strong new code is never enough: how often a code that was never heard counts as heard
ALTITUDE_STEPS = (0, 1, -1, 2, -2)  # of 25 ft, that an aircraft which changes its height may be from its last
MOVED_S = 20.0  # how long it counts as one that does

# What `decide` says of a frame that it does not give
REJECTED = -1
IN_DOUBT = -2  # an all-call whose interrogator's code is not sure
CLOSE = -3  # another timing may do
NOTHING = -99999  # an altitude that is not known
SLOTS = 8192  # rows of the believed: open addressing by address

# Why a candidate gave no frame (index into `counters`), and what is counted besides
CANDIDATES, GATED, TRIED, UNREPAIRED, UNBELIEVED, DOUBTFUL, IMPLAUSIBLE, ACCEPTED = range(8)


class Belief(NamedTuple):
    """The table of `dsp.trust`, and the slots that are in use."""

    icao: NDArray[np.int64]
    time_s: NDArray[np.float64]
    head: NDArray[np.int64]  # (2, SLOTS): bits 5–7 of DF11 and DF17, of DF18
    altitude: NDArray[np.int64]
    squawk: NDArray[np.int64]
    seen_s: NDArray[np.float64]
    codes: NDArray[np.float64]  # how often each interrogator's code was heard, of late
    moved_s: NDArray[np.float64]  # when the altitude was another than before
    suspect: NDArray[np.int64]
    suspect_parity: NDArray[np.int64]
    suspect_s: NDArray[np.float64]
    active: NDArray[np.int64]
    many: NDArray[np.int64]  # (1,): how many of `active` are set


class Samples(NamedTuple):
    """A window of samples, its pulse energies, and what the filters of its rate are."""

    re: NDArray[np.float32]
    im: NDArray[np.float32]
    energy: NDArray[np.float32]  # (2, n): at k and k + 1/2
    origin: int  # stream index of sample 0
    rate: float  # samples per µs
    noise: float  # mean of the energies without signal
    s: NDArray[np.float32]
    d: NDArray[np.float32]
    e: NDArray[np.float32]
    leak: NDArray[np.float32]
    place: NDArray[np.int64]  # first sample of each bit after the frame's first
    before: int
    pulse: NDArray[np.float32]  # matched filters of one pulse
    shape: NDArray[np.float32]  # a pulse after the receiver, `fine` values a sample
    shape_edge: int
    fine: int
    pulses: NDArray[np.int64]  # preamble pulses and quiet slots, half samples
    quiet: NDArray[np.int64]


class Limits(NamedTuple):
    """What an effort allows. See `dsp.effort`."""

    factor: float  # mean preamble pulse against mean quiet slot
    floor: float  # sum of the four pulses' energies against the noise
    power: float  # of the data behind a preamble against the noise
    gate: float  # coherence of S
    farthest: int  # tenths of a sample that the eye may be widest from where the preamble is
    timings: int
    formats: int
    second: int  # bits beyond the 24 that are flipped in pairs
    broken: int  # whether to try where a pulse of the preamble is missing
    beneath: int  # whether to look beneath frames


class Scratch(NamedTuple):
    """Memory of one candidate."""

    xr: NDArray[np.float32]
    xi: NDArray[np.float32]
    sr: NDArray[np.float32]
    si: NDArray[np.float32]
    dr: NDArray[np.float32]
    di: NDArray[np.float32]
    ur: NDArray[np.float32]
    ui: NDArray[np.float32]
    decided: NDArray[np.float32]
    soft: NDArray[np.float32]
    odds: NDArray[np.float32]
    free: NDArray[np.float32]
    bytes: NDArray[np.float32]
    hard: NDArray[np.uint8]
    order: NDArray[np.int64]
    chosen: NDArray[np.int64]
    basis: NDArray[np.int64]
    mask: NDArray[np.int64]
    unit: NDArray[np.int64]
    table: NDArray[np.int64]
    weight: NDArray[np.float32]
    others: NDArray[np.int64]
    other_mask: NDArray[np.int64]
    flips: NDArray[np.int64]
    formats: NDArray[np.int64]
    eyes: NDArray[np.float32]
    failed: NDArray[np.float64]  # (FAILED, 2): places that gave nothing, and their preambles' power
    doubted: NDArray[np.float64]  # the same of all-calls in doubt, and the fit that they must exceed
    metric: NDArray[np.float32]
    power: NDArray[np.float32]
    places: NDArray[np.int64]
    envelope: NDArray[np.float32]
    model: NDArray[np.float32]


class Output(NamedTuple):
    """The frames of a window, one row each."""

    start: NDArray[np.float64]
    data: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    signal: NDArray[np.float32]
    turn: NDArray[np.float32]
    flips: NDArray[np.uint8]
    beneath: NDArray[np.uint8]


def scratch(rate: float, columns: int) -> Scratch:
    """Memory for candidates at a rate in samples per µs, of filters of so many columns."""
    length = math.ceil(122 * rate) + 64

    def floats(*shape: int) -> NDArray[np.float32]:
        return np.zeros(shape, np.float32)

    def integers(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    return Scratch(
        xr=floats(columns, 112),
        xi=floats(columns, 112),
        sr=floats(112),
        si=floats(112),
        dr=floats(112),
        di=floats(112),
        ur=floats(112),
        ui=floats(112),
        decided=floats(112),
        soft=floats(112),
        odds=floats(112),
        free=floats(112),
        bytes=floats(7, 256),
        hard=np.zeros(112, np.uint8),
        order=integers(112),
        chosen=integers(24),
        basis=integers(24),
        mask=integers(24),
        unit=integers(24),
        table=integers(3, 256),
        weight=floats(4, 64),
        others=integers(112),
        other_mask=integers(112),
        flips=integers(32),
        formats=integers(2),
        eyes=floats(5),
        failed=np.full((FAILED, 2), -1e9),
        doubted=np.full((FAILED, 2), -1e9),
        metric=floats(2, 4 * length),
        power=floats(length),
        places=integers(8 * length),
        envelope=floats(length),
        model=floats(2, length),
    )


def output(rows: int) -> Output:
    """Memory for `rows` frames."""
    return Output(
        np.zeros(rows, np.float64), np.zeros((rows, 14), np.uint8), np.zeros(rows, np.uint8),
        np.zeros(rows, np.float32), np.zeros(rows, np.float32), np.zeros(rows, np.uint8), np.zeros(rows, np.uint8),
    )  # fmt: skip


# ---- gates


@njit(nogil=True, cache=True, error_model="numpy")
def power_blocks(rate):
    """Blocks of samples that make up `POWER_US`."""
    return max(1, int(POWER_US * rate / BLOCK + 0.5))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def data_power(samples, place, rate):
    """Mean energy of the first data bits behind a preamble at `place`, against the noise: 1 without a signal."""
    first = place // 2 + int(8 * rate)
    last = min(first + int(POWER_US * rate), samples.energy.shape[1])
    row = samples.energy[0, first:last]
    total = np.float32(0.0)
    for k in range(row.shape[0]):
        total += row[k]
    return total / (row.shape[0] * samples.noise + 1e-30)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def coherence(sr, si, n):
    """How steadily S turns from bit to bit: 1 for a carrier, about 1/sqrt(n) for noise."""
    x = np.float32(0.0)
    y = np.float32(0.0)
    power = np.float32(1e-20)
    for bit in range(n - 1):
        x += sr[bit + 1] * sr[bit] + si[bit + 1] * si[bit]
        y += si[bit + 1] * sr[bit] - sr[bit + 1] * si[bit]
        power += sr[bit] * sr[bit] + si[bit] * si[bit]
    return math.sqrt(x * x + y * y) / power


# ---- soft bits


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def gather(samples, base, first, last, xr, xi):
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


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def steady(samples, turn, first, last, xr, xi):
    """Turn what was gathered back by the carrier's `turn` per bit, within each bit: the same for every bit, by its taps.

    What turns from bit to bit is left for `carrier`. So the filters meet a pulse that is hardly off its carrier, and need not
    be as blunt as one that must serve ±350 kHz: worth 0.4 dB.
    """
    step = -turn / samples.rate
    middle = samples.before + 0.5 + 0.5 * samples.rate
    for tap in range(xr.shape[0]):
        c = np.float32(math.cos(step * (tap - middle)))
        s = np.float32(math.sin(step * (tap - middle)))
        re, im = xr[tap, first:last], xi[tap, first:last]
        for bit in range(last - first):
            t = re[bit] * c - im[bit] * s
            im[bit] = re[bit] * s + im[bit] * c
            re[bit] = t


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def soft_pulses(xr, xi, weights, n, outr, outi):
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


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def carrier(sr, si, n, span, ur, ui):
    """Carrier phase at every bit (unit vectors ur, ui) from the pilot S; the result is its turn per bit, rad.

    The turn comes from the lag-1 product of S, for each half of the frame (some transmitters drift by 100 kHz within
    one), and is taken out; what is left is averaged over ±span bits.
    """
    half = n // 2
    x0 = np.float32(0.0)
    y0 = np.float32(0.0)
    x1 = np.float32(0.0)
    y1 = np.float32(0.0)
    for bit in range(half):
        x0 += sr[bit + 1] * sr[bit] + si[bit + 1] * si[bit]
        y0 += si[bit + 1] * sr[bit] - sr[bit + 1] * si[bit]
    for bit in range(half, n - 1):
        x1 += sr[bit + 1] * sr[bit] + si[bit + 1] * si[bit]
        y1 += si[bit + 1] * sr[bit] - sr[bit + 1] * si[bit]
    middle = math.atan2(y0 + y1, x0 + x1)
    drift = math.atan2(y1 * x0 - x1 * y0, x1 * x0 + y1 * y0) / half  # per bit
    # (cr, ci) turns with the carrier; its step turns with the drift
    turn = middle - 0.5 * drift * n
    for index in range(2):
        cr = np.float32(1.0)
        ci = np.float32(0.0)
        pr = np.float32(math.cos(turn))
        pi = np.float32(math.sin(turn))
        qr = np.float32(math.cos(drift))
        qi = np.float32(math.sin(drift))
        wr = np.float32(0.0)
        wi = np.float32(0.0)
        if index == 1:
            for bit in range(min(span, n)):
                wr += sr[bit]
                wi += si[bit]
        for bit in range(n):
            if index == 0:
                # S turned back, in place
                t = sr[bit] * cr + si[bit] * ci
                si[bit] = si[bit] * cr - sr[bit] * ci
                sr[bit] = t
            else:
                if bit + span < n:
                    wr += sr[bit + span]
                    wi += si[bit + span]
                if bit - span - 1 >= 0:
                    wr -= sr[bit - span - 1]
                    wi -= si[bit - span - 1]
                size = np.float32(1.0) / np.float32(math.sqrt(wr * wr + wi * wi) + 1e-20)
                ur[bit] = (wr * cr - wi * ci) * size
                ui[bit] = (wr * ci + wi * cr) * size
            t = cr * pr - ci * pi
            ci = cr * pi + ci * pr
            cr = t
            t = pr * qr - pi * qi
            pi = pr * qi + pi * qr
            pr = t
    return middle


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def against(ur, ui, dr, di, n, soft):
    """Soft bits Re(conj(u)·D): positive for a one."""
    for bit in range(n):
        soft[bit] = ur[bit] * dr[bit] + ui[bit] * di[bit]


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def eye_opening(ur, ui, dr, di, n):
    """Sum of |Re(conj(u)·D)|: largest when the filters stand on the bits."""
    total = np.float32(0.0)
    for bit in range(n):
        total += abs(ur[bit] * dr[bit] + ui[bit] * di[bit])
    return total


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def mean_size(soft, n):
    """Mean |soft|: the amplitude of a pulse."""
    total = np.float32(0.0)
    for bit in range(n):
        total += abs(soft[bit])
    return total / n


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def pilot_level(sr, si, n):
    """Amplitude of a pulse by S, which `carrier` has turned back: mean length of sums over eight bits."""
    total = np.float32(0.0)
    for first in range(0, n, 8):
        x = np.float32(0.0)
        y = np.float32(0.0)
        for bit in range(first, first + 8):
            x += sr[bit]
            y += si[bit]
        total += math.sqrt(x * x + y * y)
    return total / n


@njit(nogil=True, cache=True, error_model="numpy")
def preamble_power(samples, place):
    """Power of a preamble's pulses without the noise, and of the weakest with it."""
    total, least = 0.0, 1e30
    for index in range(4):
        p = place + samples.pulses[index]
        one = samples.energy[p & 1, p >> 1]
        total += one
        least = min(least, one)
    return 0.25 * total - samples.noise, least


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def fit(soft, dr, di, n):
    """How well the bits fit a carrier: mean |soft| over the rms of D. 1 without noise, 0.56 for noise alone."""
    total = np.float32(0.0)
    power = np.float32(1e-20)
    for bit in range(n):
        total += abs(soft[bit])
        power += dr[bit] * dr[bit] + di[bit] * di[bit]
    return total / math.sqrt(power * n)


@njit(nogil=True, cache=True, error_model="numpy")
def likely_formats(soft, most, count, formats):
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
    found = (best <= most) + (second <= most)
    return min(found, count)


# ---- repair


@njit(nogil=True, cache=True, error_model="numpy")
def weakest(soft, first, n, order):
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


@njit(nogil=True, cache=True, error_model="numpy")
def solve_basis(syndromes, soft, total, work):
    """Choose the 24 least reliable bits whose syndromes are independent, and make any syndrome solvable by them.

    Gaussian elimination over GF(2), greedily by reliability. Afterwards `solve` gives the one subset of the chosen bits
    with a given syndrome, and `cost` what flipping it costs. The bits not chosen go to `others`, each with the subset
    that has the same syndrome. The result is how many others there are, or −1 when 24 bits do not suffice.
    """
    basis, mask, chosen = work.basis, work.mask, work.chosen
    basis[:] = 0
    rank = 0
    n_others = 0
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


@njit(nogil=True, cache=True, error_model="numpy")
def solve(table, syndrome):
    """The subset of the chosen bits with this syndrome, as a mask."""
    return table[0, syndrome & 0xFF] ^ table[1, syndrome >> 8 & 0xFF] ^ table[2, syndrome >> 16]


@njit(nogil=True, cache=True, error_model="numpy")
def cost(weight, subset):
    """Sum of |soft| over a subset of the chosen bits."""
    return (
        weight[0, subset & 0x3F]
        + weight[1, subset >> 6 & 0x3F]
        + weight[2, subset >> 12 & 0x3F]
        + weight[3, subset >> 18]
    )


@njit(nogil=True, cache=True, error_model="numpy")
def cheapest(syndrome, soft, n_others, second, limit, work):
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


@njit(nogil=True, cache=True, error_model="numpy")
def flip(subset, a, b, work):
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


# ---- trust


@njit(nogil=True, cache=True, error_model="numpy")
def slot_of(icao, rows):
    """The row, of a power of two of them, where an address is looked for first (multiplicative hashing)."""
    return (icao * 2654435761) >> 8 & (rows - 1)


@njit(nogil=True, cache=True, error_model="numpy")
def find(icaos, icao):
    """Slot of an address, or −1."""
    slot = slot_of(icao, SLOTS)
    for _ in range(SLOTS):
        held = icaos[slot]
        if held == icao:
            return slot
        if held == 0:
            return -1
        slot = (slot + 1) & (SLOTS - 1)
    return -1


@njit(nogil=True, cache=True, error_model="numpy")
def field(hard, first, last):
    """Bits first…last−1 as a number."""
    value = 0
    for bit in range(first, last):
        value = (value << 1) | int(hard[bit])
    return value


@njit(nogil=True, cache=True, error_model="numpy")
def altitude_25ft(code):
    """Feet of a 13-bit altitude code with the Q bit; `NOTHING` without it, with metres, or when it is empty."""
    if code == 0 or code & 0x40 or not code & 0x10:
        return NOTHING
    n = ((code & 0x1F80) >> 2) | ((code & 0x20) >> 1) | (code & 0xF)
    return 25 * n - 1000


@njit(nogil=True, cache=True, error_model="numpy")
def altitude_code(code, steps):
    """The code with the Q bit that is so many steps of 25 ft above another."""
    n = (((code & 0x1F80) >> 2) | ((code & 0x20) >> 1) | (code & 0xF)) + steps
    if n < 0 or n > 2047:
        return code
    return ((n & 0x7E0) << 2) | ((n & 0x10) << 1) | 0x10 | (n & 0xF)


@njit(nogil=True, cache=True, error_model="numpy")
def plausible(df, hard, slot, now, belief):
    """Altitude or squawk of a frame against what is known of the address: 2 it agrees, 1 nothing is known, 0 it does not."""
    code = field(hard, 19, 32)
    if df == 5 or df == 21:
        known = belief.squawk[slot]
        if known < 0:
            return 1
        return 2 if known == code else 0
    known = altitude_25ft(belief.altitude[slot]) if belief.altitude[slot] > 0 else NOTHING
    if known == NOTHING:
        return 1
    altitude = altitude_25ft(code)
    if altitude == NOTHING:
        return 0
    # 6,000 ft/min is more than any airliner's climb
    return 2 if abs(altitude - known) <= 200 + 100 * abs(now - belief.seen_s[slot]) else 0


@njit(nogil=True, cache=True, error_model="numpy")
def remainder(hard, n):
    """Syndrome of the frame in `hard`."""
    syndromes = SYNDROMES_112 if n == 112 else SYNDROMES_56
    value = np.int64(0)
    for bit in range(n):
        if hard[bit]:
            value ^= np.int64(syndromes[bit])
    return value


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def reliability(n, amplitude, work):
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


@njit(nogil=True, cache=True, error_model="numpy")
def doubt(odds, first, last):
    """Σ ln(1 + e^−|odds|) over bits: how many sets of flips there are, each counted by its likelihood, as a logarithm."""
    total = 1.0
    for bit in range(first, last):
        total *= 1.0 + math.exp(-abs(odds[bit]))
    return math.log(total)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def byte_costs(odds, byte, table):
    """What turning each set of the bits of a byte costs."""
    table[0] = 0.0
    for bit in range(8):
        one = abs(odds[8 * byte + 7 - bit])
        low = table[: 1 << bit]
        high = table[1 << bit : 2 << bit]
        for index in range(1 << bit):
            high[index] = low[index] + one


@njit(nogil=True, cache=True, error_model="numpy")
def address_cost(costs, x):
    """What turning a set of bits of the address costs."""
    return costs[1, x >> 16] + costs[2, x >> 8 & 0xFF] + costs[3, x & 0xFF]


@njit(nogil=True, cache=True, error_model="numpy")
def turned_address(long, x):
    """What that does to the remainder of a short frame (0) or a long one (1)."""
    return TURNED_BYTE[long, 0, x >> 16] ^ TURNED_BYTE[long, 1, x >> 8 & 0xFF] ^ TURNED_BYTE[long, 2, x & 0xFF]


@njit(nogil=True, cache=True, error_model="numpy")
def head_price(head, last, costs):
    """Bits of the capability to be turned towards the last one heard, and what that costs. A new one is left, at a price."""
    if last < 0:
        return 0, np.float32(3 * LN2)  # nothing is expected: no evidence
    z = head ^ last
    if costs[0, z] > HEAD_NEW:
        return 0, np.float32(HEAD_NEW)
    return z, costs[0, z]


@njit(nogil=True, cache=True, error_model="numpy")
def expect_all_call(syndrome, belief, work):
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


@njit(nogil=True, cache=True, error_model="numpy")
def interrogator(rest, belief, work):
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


@njit(nogil=True, cache=True, error_model="numpy")
def turn_over(x, z, tail, work):
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


@njit(nogil=True, cache=True, error_model="numpy")
def expect_squitter(df, syndrome, limits, belief, work):
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
    work.free[:32] = 1e9
    work.free[32:] = odds[32:]
    n_others = solve_basis(SYNDROMES_112, work.free, weakest(work.free, 5, 112, work.order), work)
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


@njit(nogil=True, cache=True, error_model="numpy")
def expect_reply(df, n, syndrome, now, limits, belief, work):
    """An address/parity frame of a believed address, with the altitude or squawk it had last. Result as `decide`."""
    odds, hard = work.odds, work.hard
    long = 1 if n == 112 else 0
    syndromes = SYNDROMES_112 if n == 112 else SYNDROMES_56
    for byte in range(2, 4):
        byte_costs(odds, byte, work.bytes[byte])
    costs = work.bytes
    code = field(hard, 19, 32)
    expected = belief.squawk if df == 5 or df == 21 else belief.altitude
    wide = doubt(odds, 5, 19) + doubt(odds, 32, n)
    if 24 * LN2 - HOPE - wide <= 0:
        return REJECTED
    work.free[:n] = odds[:n]
    work.free[19:32] = 1e9
    n_others = solve_basis(syndromes, work.free, weakest(work.free, 5, n, work.order), work)
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


@njit(nogil=True, cache=True, error_model="numpy")
def introduce(df, n, syndrome, quality, now, limits, belief, work):
    """A repaired frame of an address that is not believed: it counts when the address was found so before. Result as `decide`."""
    odds = work.odds
    most = 24 * LN2 - doubt(odds, 5, n) - HOPE
    if most <= 0:
        return REJECTED
    syndromes = SYNDROMES_112 if n == 112 else SYNDROMES_56
    n_others = solve_basis(syndromes, odds, weakest(odds, 5, n, work.order), work)
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


@njit(nogil=True, cache=True, error_model="numpy")
def decide(n, df, quality, amplitude, broken, now, limits, belief, work, counters):
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
        reliability(n, amplitude, work)
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
            reliability(n, amplitude, work)
            if fits == 1 and doubt(work.odds, 5, n) < 24 * LN2 - math.log(belief.many[0] + 1) - SURE_REPLY:
                return 0
            counters[IMPLAUSIBLE] += 1
            return REJECTED
    reliability(n, amplitude, work)
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


@njit(nogil=True, cache=True, error_model="numpy")
def enter(icao, now, belief):
    """Believe an address that is not believed yet; the result is its slot."""
    slot = slot_of(icao, SLOTS)
    while belief.icao[slot] != 0:
        slot = (slot + 1) & (SLOTS - 1)
    belief.icao[slot] = icao
    belief.active[belief.many[0]] = slot
    belief.many[0] += 1
    belief.time_s[slot] = now
    belief.head[:, slot] = -1
    belief.altitude[slot] = -1
    belief.squawk[slot] = -1
    belief.seen_s[slot] = now
    belief.moved_s[slot] = -1e9
    return slot


@njit(nogil=True, cache=True, error_model="numpy")
def learn(hard, n, df, number, now, belief):
    """Remember who was heard, how high and with which squawk. Here a clean frame introduces its address; see `introduce`."""
    icao = field(hard, 8, 32) if df == 11 or df == 17 or df == 18 else remainder(hard, n)
    if icao == 0:
        return
    slot = find(belief.icao, icao)
    if slot < 0:
        if number != 0 or (df != 17 and df != 18 and df != 11) or belief.many[0] > SLOTS - 64:
            return
        slot = enter(icao, now, belief)
    belief.time_s[slot] = now
    if df == 5 or df == 21:
        belief.squawk[slot] = field(hard, 19, 32)
        return
    if df == 11:
        for k in range(80):
            belief.codes[k] = 0.998 * belief.codes[k] + 0.002 * CODE_FLOOR
        belief.codes[remainder(hard, n)] += 1.0
    if df == 11 or df == 17 or df == 18:
        belief.head[1 if df == 18 else 0, slot] = field(hard, 5, 8)
    code = 0
    if df == 0 or df == 4 or df == 16 or df == 20:
        code = field(hard, 19, 32)
    elif df == 17 or df == 18:
        kind = field(hard, 32, 37)
        if kind < 9 or kind > 18:
            return
        code = field(hard, 40, 52)
        code = ((code & 0xFC0) << 1) | (code & 0x3F)  # 12 bits have no M bit
    if altitude_25ft(code) != NOTHING:
        if belief.altitude[slot] != code and belief.altitude[slot] >= 0:
            belief.moved_s[slot] = now
        belief.altitude[slot] = code
        belief.seen_s[slot] = now


# ---- one candidate


@njit(nogil=True, cache=True, error_model="numpy")
def timing(samples, tenths, loud, work):
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
        at = tenths + 3 * (step - reach) + EARLIEST
        soft_pulses(work.xr, work.xi, samples.d[at], EYE_BITS, work.dr, work.di)
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


@njit(nogil=True, cache=True, error_model="numpy")
def listen(samples, tenths, n, work):
    """Soft bits of the first n bits at one timing; the result is (carrier's turn per bit, fit)."""
    soft_pulses(work.xr, work.xi, samples.s[tenths + EARLIEST], n, work.sr, work.si)
    soft_pulses(work.xr, work.xi, samples.d[tenths + EARLIEST], n, work.dr, work.di)
    turn = carrier(work.sr, work.si, n, CARRIER_SPAN, work.ur, work.ui)
    against(work.ur, work.ui, work.dr, work.di, n, work.soft)
    quality = fit(work.soft, work.dr, work.di, n)
    return turn, quality


@njit(nogil=True, cache=True, error_model="numpy")
def sharpen(samples, tenths, n, work):
    """Take the neighbours off what `listen` has left in `work`; the result is the amplitude of a pulse."""
    amplitude = pilot_level(work.sr, work.si, n)
    cancel_neighbours(samples, tenths, n, amplitude, work)
    if samples.rate < SLOW:
        cancel_neighbours(samples, tenths, n, amplitude, work)
    return amplitude


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def cancel_neighbours(samples, tenths, n, amplitude, work):
    """Soft bits again, with what the decided neighbours leak into each taken off.

    A neighbour counts by its soft bit, held between −1 and 1 pulse: what is not sure is not taken off.
    """
    decided, soft = work.decided[:n], work.soft[:n]
    for bit in range(n):
        decided[bit] = min(max(soft[bit] / amplitude * np.float32(1.5), np.float32(-1.0)), np.float32(1.0))
    soft_pulses(work.xr, work.xi, samples.e[tenths + EARLIEST], n, work.dr, work.di)
    against(work.ur, work.ui, work.dr, work.di, n, soft)
    for k in range(5):
        shift = k - 2
        first = max(0, -shift)
        last = n - max(0, shift)
        always = samples.leak[0, tenths + EARLIEST, k, first:last]
        signed = samples.leak[1, tenths + EARLIEST, k, first:last]
        near = decided[first + shift : last + shift]
        mine = soft[first:last]
        own = np.float32(0.0) if shift == 0 else np.float32(1.0)
        for index in range(last - first):
            mine[index] -= amplitude * (always[index] + own * signed[index] * near[index])


@njit(nogil=True, cache=True, error_model="numpy")
def hear(samples, place, bare, limits, belief, work, out, row, counters):
    """Demodulate the frame whose preamble may be at `place` (half samples), or is missing (`bare`). True: it is in `out[row]`."""
    rate = samples.rate
    begin = 0.5 * place + 8.0 * rate
    whole = int(begin)
    base = whole - samples.before - 1
    if base < 0 or base + samples.place[111] + work.xr.shape[0] > samples.re.shape[0]:
        return False
    power = data_power(samples, place, rate)
    if not power > limits.power:
        return False
    counters[CANDIDATES] += 1
    preamble, weakest_pulse = preamble_power(samples, place)
    share = preamble / ((power - 1.0) * samples.noise)
    broken = bare or (preamble > 5 * samples.noise and weakest_pulse < WEAKEST * preamble)
    if broken:
        if not limits.broken:
            return False
    elif share < SHARE_LEAST or share > SHARE_MOST:
        return False
    tenths = int((begin - whole) * 10 + 0.5)
    gather(samples, base, 0, GATE_BITS, work.xr, work.xi)
    soft_pulses(work.xr, work.xi, samples.s[tenths + EARLIEST], GATE_BITS, work.sr, work.si)
    if coherence(work.sr, work.si, GATE_BITS) < limits.gate:
        return False
    counters[GATED] += 1
    gather(samples, base, GATE_BITS, EYE_BITS, work.xr, work.xi)
    soft_pulses(work.xr, work.xi, samples.s[tenths + EARLIEST], EYE_BITS, work.sr, work.si)
    off = carrier(work.sr, work.si, EYE_BITS, CARRIER_SPAN, work.ur, work.ui)
    steady(samples, off, 0, EYE_BITS, work.xr, work.xi)
    loud = bare or preamble > LOUD * samples.noise
    centre = timing(samples, tenths, loud, work)
    if abs(centre - tenths) > limits.farthest:
        return False
    centre = min(max(centre, -EARLIEST), LATEST)
    first_bit = samples.origin + whole + 0.1 * centre
    for index in range(FAILED):
        since = (first_bit - work.failed[index, 0]) / rate
        if (
            not loud
            and 4.0 < since < 50.0
            and preamble < work.failed[index, 1]
            and abs(since - math.floor(since + 0.5)) < 0.1
        ):
            return False
    _, quality = listen(samples, centre, EYE_BITS, work)
    mean = mean_size(work.soft, EYE_BITS)
    least = PREAMBLE_LEAST / 3 if broken else PREAMBLE_LEAST
    if (
        (quality < LEAST_FIT and not loud)
        or (broken and quality < BROKEN_FIT)
        or not (bare or least < preamble / (mean * mean) < PREAMBLE_MOST)
    ):
        counters[DOUBTFUL] += 1
        return False
    formats = likely_formats(work.soft, FORMAT_COST * mean, limits.formats, work.formats)
    gathered, close = EYE_BITS, True
    # The same noise again, at another timing or from a place beside, is no new evidence, but for a timing that fits better
    doubted = 0.0
    for index in range(FAILED):
        if abs(first_bit - work.doubted[index, 0]) < rate:
            doubted = max(doubted, work.doubted[index, 1])
    timings = limits.timings + 2 if rate < SLOW else limits.timings
    for attempt in range(timings):
        if attempt > 0:
            # A loud one that another signal disturbs is worth the try: no more than its parity is looked at
            disturbed = loud and quality < LEAST_FIT
            if not (close or disturbed or rate < SLOW) or (quality < LEAST_FIT_AGAIN and not loud):
                break
        close = False
        at = min(max(centre + AGAIN[attempt], -EARLIEST), LATEST)
        if attempt > 0 and rate < SLOW:
            _, quality = listen(samples, at, EYE_BITS, work)
            mean = mean_size(work.soft, EYE_BITS)
            formats = likely_formats(work.soft, FORMAT_COST * mean, limits.formats, work.formats)
        start = whole + 0.1 * at
        now = (samples.origin + start) / (rate * 1e6)
        ready = 0  # bits that were listened to
        turn, amplitude = 0.0, np.float32(0.0)
        for hypothesis in range(formats):
            df = work.formats[hypothesis]
            n = 112 if df >= 16 else 56
            if n > gathered:
                gather(samples, base, gathered, n, work.xr, work.xi)
                steady(samples, off, gathered, n, work.xr, work.xi)
                gathered = n
            if n != ready:
                counters[TRIED] += 1
                turn, quality = listen(samples, at, n, work)
                amplitude = sharpen(samples, at, n, work)
                ready = n
            if quality < LEAST_FIT and not (loud and quality > LOUD_FIT and (df == 17 or df == 18)):
                counters[DOUBTFUL] += 1
                continue
            if df == 11 and quality < doubted:
                continue
            number = decide(n, df, quality, amplitude, broken, now, limits, belief, work, counters)
            if number == IN_DOUBT:
                doubted = quality + 0.01
                remember(work.doubted, first_bit, doubted)
                continue
            close |= number == CLOSE
            if number < 0:
                if attempt == 0 and hypothesis == 0 and quality >= LATER_FIT and df != 17 and df != 18 and df != 11:
                    put_off(samples, start, n, df, turn, work, out)
                continue
            counters[ACCEPTED] += 1
            write(samples, start, n, turn, number, work, out, row)
            learn(work.hard, n, df, number, now, belief)
            return True
    remember(work.failed, first_bit, preamble)
    return False


@njit(nogil=True, cache=True, error_model="numpy")
def remember(last, at, value):
    """Put a place and what belongs to it into the last of a few rows, and drop the first."""
    for index in range(FAILED - 1):
        last[index, 0] = last[index + 1, 0]
        last[index, 1] = last[index + 1, 1]
    last[FAILED - 1, 0] = at
    last[FAILED - 1, 1] = value


@njit(nogil=True, cache=True, error_model="numpy")
def write(samples, start, n, turn, number, work, out, row):
    """Put a frame into a row of the output."""
    amplitude = pilot_level(work.sr, work.si, n)
    out.start[row] = samples.origin + start - 8.0 * samples.rate
    for byte in range(14):
        out.data[row, byte] = field(work.hard, 8 * byte, 8 * byte + 8) if byte < n // 8 else 0
    out.bits[row] = n
    out.signal[row] = 20 * math.log10(amplitude + 1e-12)
    out.turn[row] = turn
    out.flips[row] = number
    out.beneath[row] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def put_off(samples, start, n, df, turn, work, out):
    """Keep an address/parity frame whose address is not believed, if it may be by the end of the window."""
    row = out.start.shape[0] - LATER
    while row < out.start.shape[0] and out.bits[row] > 0:
        row += 1
    if row == out.start.shape[0]:
        return
    for bit in range(n):
        work.hard[bit] = 1 if work.soft[bit] > 0 else 0
    for bit in range(5):
        work.hard[bit] = (df >> (4 - bit)) & 1
    write(samples, start, n, turn, 0, work, out, row)


@njit(nogil=True, cache=True, error_model="numpy")
def take_up(samples, belief, work, out, row, counters):
    """Frames that were put off and whose address is believed now, to the others; the result is the number of rows."""
    for later in range(out.start.shape[0] - LATER, out.start.shape[0]):
        n = int(out.bits[later])
        if n == 0 or row >= out.start.shape[0] - LATER:
            break
        for bit in range(n):
            work.hard[bit] = out.data[later, bit >> 3] >> (7 - (bit & 7)) & 1
        icao = remainder(work.hard, n)
        if icao == 0 or find(belief.icao, icao) < 0:  # 0: a frame in clear, whole bits beside its place
            continue
        taken = False
        for index in range(row):
            taken |= abs(out.start[index] - out.start[later]) < 1.2 * samples.rate
        if taken:
            continue
        out.start[row] = out.start[later]
        out.data[row] = out.data[later]
        out.bits[row] = n
        out.signal[row] = out.signal[later]
        out.turn[row] = out.turn[later]
        out.flips[row] = 0
        out.beneath[row] = 0
        counters[ACCEPTED] += 1
        learn(work.hard, n, field(work.hard, 0, 5), 0, out.start[later] / (samples.rate * 1e6), belief)
        row += 1
    return row


# ---- overlaps


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def subtract(samples, work, out, row):
    """Take a frame away from the samples: the pulses it must have had, with the gain that fits best every 16 µs."""
    work.failed[:, 0] = -1e9  # what could not be read may be now
    n = int(out.bits[row])
    rate = samples.rate
    start = out.start[row] - samples.origin
    shape, edge, fine = samples.shape, samples.shape_edge, samples.fine
    reach = edge // fine + 1
    first = int(start) - reach
    length = int((8 + n) * rate) + 2 * reach + 3
    if first < 0 or first + length > samples.re.shape[0]:
        return
    envelope = work.envelope
    envelope[:length] = 0.0
    width = shape.shape[0]
    for pulse in range(4 + n):
        if pulse < 4:
            at_us = PREAMBLE_US[pulse]
        else:
            bit = pulse - 4
            one = out.data[row, bit >> 3] >> (7 - (bit & 7)) & 1
            at_us = 8.0 + bit + (0.0 if one else 0.5)
        at = start + at_us * rate
        # shape[edge + (k − at)·fine]
        k = math.ceil(at - edge / fine)
        index = round((k - at) * fine) + edge
        if index < 0:
            index += fine
            k += 1
        while index < width and k - first < length:
            envelope[k - first] += shape[index]
            index += fine
            k += 1
    # Model: envelope, turning with the carrier
    turn = out.turn[row] / rate
    mr, mi = work.model[0], work.model[1]
    cr = np.float32(1.0)
    ci = np.float32(0.0)
    pr = np.float32(math.cos(turn))
    pi = np.float32(math.sin(turn))
    for k in range(length):
        mr[k] = envelope[k] * cr
        mi[k] = envelope[k] * ci
        t = cr * pr - ci * pi
        ci = cr * pi + ci * pr
        cr = t
    pieces = max(1, round((8 + n) / 16.0))
    re, im = samples.re, samples.im
    for piece in range(pieces):
        a = length * piece // pieces
        b = length * (piece + 1) // pieces
        gr = np.float32(0.0)
        gi = np.float32(0.0)
        power = np.float32(1e-20)
        for k in range(a, b):
            gr += re[first + k] * mr[k] + im[first + k] * mi[k]
            gi += im[first + k] * mr[k] - re[first + k] * mi[k]
            power += envelope[k] * envelope[k]
        gr /= power
        gi /= power
        for k in range(a, b):
            re[first + k] -= gr * mr[k] - gi * mi[k]
            im[first + k] -= gr * mi[k] + gi * mr[k]
    refresh(samples, first, first + length)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def refresh(samples, first, last):
    """Pulse energies again where samples have changed. As `dsp.front_end.pulse_energy`."""
    taps = samples.pulse.shape[1]
    a = max(1, first - taps)
    b = min(samples.energy.shape[1] - taps, last + 1)
    for half in range(2):
        row = samples.pulse[half]
        pulse_energy(
            samples.re[a - 1 : b + taps - 1], samples.im[a - 1 : b + taps - 1], row, samples.energy[half, a - 1 : b]
        )


@njit(nogil=True, cache=True, error_model="numpy")
def search(samples, first, last, limits, work):
    """Places of first…last−1 (half samples) where a preamble may be, into `work.places`, as for a window; how many."""
    a = max(0, first // 2 - 1)
    n = last // 2 + 2 - a
    even, odd = samples.energy[0, a:], samples.energy[1, a:]
    for half in range(2):
        preamble_metric(
            even,
            odd,
            n,
            half,
            samples.pulses,
            samples.quiet,
            limits.factor,
            limits.floor,
            samples.noise,
            work.metric[half],
        )
    behind = int(8 * samples.rate) + BLOCK // 2
    span = power_blocks(samples.rate)
    block_power(even, (n + behind) // BLOCK + span + 1, span, work.power)
    count = candidates(work.metric[0], work.metric[1], n, work.power, behind, limits.power * samples.noise, work.places)
    kept = 0
    for index in range(count):
        place = work.places[index] + 2 * a
        if first <= place < last:
            work.places[kept] = place
            kept += 1
    return kept


@njit(nogil=True, cache=True, error_model="numpy")
def known(out, row, place, samples):
    """Whether a frame that begins at this place has been found already."""
    at = 0.5 * place + samples.origin
    near = False
    for index in range(max(0, row - 16), row):
        near |= abs(out.start[index] - at) < 1.2 * samples.rate
    return near


@njit(nogil=True, cache=True, error_model="numpy")
def bare_place(samples, pulse, half, out, row):
    """Where the preamble of a frame was whose first bit has its pulse at `pulse`, in that half of the bit; −1: it is known."""
    rate = samples.rate
    for index in range(row):
        since = 0.5 * pulse + samples.origin - out.start[index]
        if -rate < since < (8 + out.bits[index]) * rate:
            return -1
    return pulse - int((16 + half) * rate + 0.5)


@njit(nogil=True, cache=True, error_model="numpy")
def demodulate(samples, places, bare, limits, belief, work, out, first_place, last_place, resume, counters):
    """Try every place (half samples of this window) in order; the result is (frames, place up to which all is done).

    Each frame found is subtracted, and all around it is searched again before the search goes on behind it (`beneath`). Where
    a preamble was lost (`bare`) comes last. One loop, for `hear` is compiled into every place that calls it, and that is
    most of the minute that compiling takes.
    """
    rate = samples.rate
    row, skip = 0, resume
    most = out.start.shape[0] - LATER
    out.bits[most:] = 0
    index, bare_index = 0, 0
    beneath, count, end = 0, 0, 0  # the next of the places around a frame, how many there are, and where they end
    while row < most:
        inside, lost = beneath < count, False
        if inside:
            place = work.places[beneath]
            beneath += 1
            if known(out, row, place, samples):
                continue
        elif index < places.shape[0]:
            place = places[index]
            index += 1
            if place < skip or place >= last_place:
                continue
        elif limits.broken and bare_index < 2 * bare.shape[0]:
            pulse, half = bare[bare_index >> 1], bare_index & 1
            bare_index += 1
            place, lost = bare_place(samples, pulse, half, out, row), True
            if place < 0 or pulse < resume:
                continue
        else:
            break
        if not hear(samples, place, lost, limits, belief, work, out, row, counters):
            continue
        if inside and known(out, row, int(2 * (out.start[row] - samples.origin)), samples):
            continue
        out.beneath[row] = inside
        row += 1
        length = 2 * (8 + out.bits[row - 1]) * rate
        if lost:
            continue
        if not limits.beneath:
            skip = place + int(length) - 4
            continue
        subtract(samples, work, out, row - 1)
        if inside:
            end = max(end, min(last_place, int(place + length)))
            place += 1
        else:
            start = 2 * (out.start[row - 1] - samples.origin)
            place, end = max(first_place, int(start - 2 * 118 * rate)), min(last_place, int(start + length))
        beneath, count = 0, search(samples, place, end, limits, work)
        skip = max(skip, end)
    return take_up(samples, belief, work, out, row, counters), max(skip, last_place)
