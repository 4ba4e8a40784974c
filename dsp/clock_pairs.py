"""Pairs of clocks that count the same seconds at rates of their own, kept in step by what both have received: the arithmetic behind
`receiver.mlat.clocks`, compiled.

A pair's state is offset and rate, with a Kalman filter whose noise is a crystal's: white in phase, and a rate that wanders.

Source: R. E. Kalman, 1960; C. Zucca, P. Tavella, “The Clock Model and Its Relationship with the Allan and Related Variances”, 2005 (noise).
"""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, kernel
from dsp.multilateration import AIR_M_S, Flags, Matrix, Rows, Vector

# Columns of a table of pairs of clocks: the second's reading less the first's, as the first's goes on
PAIR_AT, PAIR_OFFSET, PAIR_RATE, PAIR_P00, PAIR_P01, PAIR_P11, PAIR_NOISE, PAIR_SURPRISE, PAIR_COUNT = range(9)
PAIR_SIZE = 9
PHASE_NOISE = (0.5e-9) ** 2  # s² a second: a crystal's, from one moment to the next
RATE_NOISE = (1.5e-9) ** 2  # a second: its frequency drifts so much, with its temperature
MOST_SURPRISE = 400.0  # times more noise of the rate when the clock is a worse one
GATE = 6.0  # standard deviations; that many by chance never


@helper()
def predicted(pairs: Matrix, row: int, at: float) -> tuple[float, float, float, float, float]:
    """Offset, rate and their covariance when the first clock reads `at`, as (offset, p00, p01, p11, seconds)."""
    pair = pairs[row]
    t = at - pair[PAIR_AT]
    s = abs(t)
    wander = RATE_NOISE * pair[PAIR_SURPRISE]
    p11 = pair[PAIR_P11] + wander * s
    p01 = pair[PAIR_P01] + t * pair[PAIR_P11] + 0.5 * wander * s * t
    p00 = pair[PAIR_P00] + 2 * t * pair[PAIR_P01] + t * t * pair[PAIR_P11] + wander * s**3 / 3 + PHASE_NOISE * s
    return pair[PAIR_OFFSET] + t * pair[PAIR_RATE], p00, p01, p11, t


@kernel()
def offset_variance(pairs: Matrix, row: int, at: float) -> float:
    """How uncertain a pair's offset is when its first clock reads `at`, s²."""
    return max(predicted(pairs, row, at)[1], 0.0)


@helper()
def ways_of(stations: Matrix, place: Vector, delays: Vector) -> None:
    """Seconds from a place to each station."""
    for i in range(stations.shape[0]):
        dx, dy, dz = place[0] - stations[i, 0], place[1] - stations[i, 1], place[2] - stations[i, 2]
        delays[i] = math.sqrt(dx * dx + dy * dy + dz * dz) / AIR_M_S


@kernel()
def synchronise(
    readings: Vector,
    stations: Matrix,
    place: Vector,
    place_sigma_m: float,
    noise: Vector,
    rows: Rows,
    pairs: Matrix,
    gates: Vector,
    delays: Vector,
    surprise: Vector,
    agree: Flags,
) -> int:
    """Take one transmission from a known place into the pairs of clocks that timed it.

    Parameters
    ----------
    readings
        (k,): what each clock read at arrival, s.
    stations, place, place_sigma_m
        (k, 3), (3,): where they are and where it was sent, and how uncertain that is.
    noise
        (k,): variance of each arrival, s².
    rows
        (k, k): row of `pairs` for first and second, −1 when they are not matched yet (or the first comes later in the order).
    pairs
        (n, PAIR_SIZE), in and out.
    gates
        (2,): a least and a greatest gate, s.
    delays
        (k,) out: how long the way was, s.
    surprise
        (k,) out: how late each station was against those that agree, s; NaN when that cannot be said.
    agree
        (k,) out: whose arrivals agree. Pairs of those are updated.

    Returns
    -------
    How many agree: 0 when no two stations do.
    """
    ways_of(stations, place, delays)
    k = readings.shape[0]
    ux, uy, uz = 0.0, 0.0, 0.0
    for i in range(k):
        far = max(delays[i] * AIR_M_S, 1.0)
        ux += (stations[i, 0] - place[0]) / far / k
        uy += (stations[i, 1] - place[1]) / far / k
        uz += (stations[i, 2] - place[2]) / far / k
    variance = np.empty(k)
    for i in range(k):
        # of an error of the place only that counts by which the ways differ
        far = max(delays[i] * AIR_M_S, 1.0)
        dx, dy, dz = (
            (stations[i, 0] - place[0]) / far - ux,
            (stations[i, 1] - place[1]) / far - uy,
            (stations[i, 2] - place[2]) / far - uz,
        )
        variance[i] = noise[i] + (dx * dx + dy * dy + dz * dz) * (place_sigma_m / AIR_M_S) ** 2
    innovation = np.full((k, k), np.nan)
    spread = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            row = rows[i, j]
            if row < 0:
                continue
            sent = readings[i] - delays[i]
            offset, p00, _, _, _ = predicted(pairs, row, sent)
            left = (readings[j] - delays[j]) - sent - offset
            innovation[i, j], innovation[j, i] = left, -left
            spread[i, j] = spread[j, i] = p00 + variance[i] + variance[j]
    best, most, least = -1, 0, math.inf
    for i in range(k):
        count, total = 0, 0.0
        for j in range(k):
            if i != j and not math.isnan(innovation[i, j]):
                gate = min(max(GATE * math.sqrt(spread[i, j]), gates[0]), gates[1])
                if abs(innovation[i, j]) <= gate:
                    count += 1
                    total += innovation[i, j] ** 2 / spread[i, j]
        if count > most or (count == most and count and total < least):
            best, most, least = i, count, total
    for i in range(k):
        surprise[i] = np.nan
        agree[i] = False
    if best < 0:
        # nobody agrees with anybody: all against the one that is matched with most
        for i in range(k):
            count = 0
            for j in range(k):
                count += not math.isnan(innovation[i, j])
            if count > most:
                best, most = i, count
        if best >= 0:
            surprise[best] = 0.0
            for j in range(k):
                if j != best and not math.isnan(innovation[best, j]):
                    surprise[j] = innovation[best, j]
        return 0
    agree[best] = True
    surprise[best] = 0.0
    for j in range(k):
        if j != best and not math.isnan(innovation[best, j]):
            surprise[j] = innovation[best, j]
            agree[j] = abs(innovation[best, j]) <= min(max(GATE * math.sqrt(spread[best, j]), gates[0]), gates[1])
    for i in range(k):
        for j in range(k):
            row = rows[i, j]
            if row < 0 or not (agree[i] and agree[j]):
                continue
            sent = readings[i] - delays[i]
            offset, p00, p01, p11, t = predicted(pairs, row, sent)
            if t < 0:
                continue  # heard late: the filter has gone on
            left, expected = innovation[i, j], spread[i, j]
            pair = pairs[row]
            # robust: what is more than three deviations off counts as if it were three
            most_left = 3.0 * math.sqrt(expected)
            left = min(max(left, -most_left), most_left)
            g0, g1 = p00 / expected, p01 / expected
            pair[PAIR_AT] = sent
            pair[PAIR_OFFSET] = offset + g0 * left
            pair[PAIR_RATE] += g1 * left
            pair[PAIR_P00], pair[PAIR_P01], pair[PAIR_P11] = p00 * (1 - g0), p01 * (1 - g0), p11 - g1 * p01
            share = left * left / expected
            pair[PAIR_NOISE] += 0.02 * (left * left - pair[PAIR_NOISE])
            pair[PAIR_COUNT] += 1.0
            # A clock that surprises again and again wanders more than was thought
            grown = pair[PAIR_SURPRISE] * (1.0 + 0.02 * (share - 1.3))
            pair[PAIR_SURPRISE] = min(max(grown, 1.0), MOST_SURPRISE)
    return most + 1


@kernel()
def one_clock(readings: Vector, rows: Rows, pairs: Matrix, times: Vector, variances: Vector) -> int:
    """Readings of many clocks as one of them would have read, by the surest way through the pairs.

    Parameters
    ----------
    readings
        (k,): s.
    rows, pairs
        As for `synchronise`.
    times, variances
        (k,) out: s and s², by the clock of the station that is returned; NaN for those that no pairs lead to.

    Returns
    -------
    The station whose clock it is, −1 when no two are matched.
    """
    k = readings.shape[0]
    best, most, least = -1, 0, math.inf
    for i in range(k):
        count, total = 0, 0.0
        for j in range(k):
            row = rows[i, j] if rows[i, j] >= 0 else rows[j, i]
            if i != j and row >= 0:
                count += 1
                first = i if rows[i, j] >= 0 else j
                total += predicted(pairs, row, readings[first])[1]
        if count > most or (count == most and count and total < least):
            best, most, least = i, count, total
    for i in range(k):
        times[i], variances[i] = np.nan, np.inf
    if best < 0:
        return -1
    times[best], variances[best] = readings[best], 0.0
    done = np.zeros(k, np.bool_)
    for _ in range(k):
        near = -1
        for i in range(k):
            if not done[i] and variances[i] < math.inf and (near < 0 or variances[i] < variances[near]):
                near = i
        if near < 0:
            break
        done[near] = True
        for j in range(k):
            if done[j]:
                continue
            if rows[near, j] >= 0:
                # the pair goes by the first's reading, which is what is looked for: near enough, then exactly
                row = rows[near, j]
                about = readings[j] - predicted(pairs, row, readings[near])[0]
                offset, p00, _, _, _ = predicted(pairs, row, about)
                moved = readings[j] - offset
            elif rows[j, near] >= 0:
                offset, p00, _, _, _ = predicted(pairs, rows[j, near], readings[j])
                moved = readings[j] + offset
            else:
                continue
            if variances[near] + p00 < variances[j]:
                variances[j] = variances[near] + p00
                times[j] = moved + (times[near] - readings[near])
    return best
