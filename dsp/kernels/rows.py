"""Frames into rows of the output, at once or put off until their address is believed; places that failed."""

from __future__ import annotations

import math

from dsp.compiled import stage
from dsp.kernels.carrier import pilot_level
from dsp.kernels.known import find, learn
from dsp.kernels.memory import ACCEPTED, FAILED, LATER, Belief, Doubles2, Integers, Output, Samples, Scratch
from dsp.kernels.parity import field, remainder


@stage()
def remember(last: Doubles2, at: float, value: float) -> None:
    """Put a place and what belongs to it into the last of a few rows, and drop the first."""
    for index in range(FAILED - 1):
        last[index, 0] = last[index + 1, 0]
        last[index, 1] = last[index + 1, 1]
    last[FAILED - 1, 0] = at
    last[FAILED - 1, 1] = value


@stage()
def failed_before(first_bit: float, preamble: float, rate: float, work: Scratch) -> bool:
    """Whether a place lies whole bits behind one that failed and was louder: within the same frame."""
    for index in range(FAILED):
        since = (first_bit - work.failed[index, 0]) / rate
        if 4.0 < since < 50.0 and preamble < work.failed[index, 1] and abs(since - math.floor(since + 0.5)) < 0.1:
            return True
    return False


@stage()
def write(
    samples: Samples, start: float, n: int, turn: float, number: int, work: Scratch, out: Output, row: int
) -> None:
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
    out.apart[row] = 0


@stage()
def put_off(samples: Samples, start: float, n: int, df: int, turn: float, work: Scratch, out: Output) -> None:
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


@stage()
def take_up(samples: Samples, belief: Belief, work: Scratch, out: Output, row: int, counters: Integers) -> int:
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
        for byte in range(14):
            out.data[row, byte] = out.data[later, byte]
        out.bits[row] = n
        out.signal[row] = out.signal[later]
        out.turn[row] = out.turn[later]
        out.flips[row] = 0
        out.beneath[row] = 0
        out.apart[row] = out.apart[later]
        counters[ACCEPTED] += 1
        learn(work.hard, n, field(work.hard, 0, 5), 0, out.start[later] / (samples.rate * 1e6), belief)
        row += 1
    return row
