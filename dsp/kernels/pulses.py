"""Overlaps with a frame of unsteady phase: it is taken away pulse by pulse, each with a phase of its own."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.front_end import PULSES_US
from dsp.kernels.memory import Output, Samples, Scratch
from dsp.kernels.overlap import refresh

ROUNDS = 2  # neighbours overlap after the receiver's filter: what one leaves is another's
AROUND = 8  # pulses to each side that say how strong one is


@helper()
def pulse_place(out: Output, row: int, pulse: int) -> float:
    """When a pulse of a frame begins, µs after its first."""
    if pulse < len(PULSES_US):
        return PULSES_US[pulse]
    bit = pulse - len(PULSES_US)
    one = out.data[row, bit >> 3] >> (7 - (bit & 7)) & 1
    return 8.0 + bit + (0.0 if one else 0.5)


@helper(fastmath=True)
def take_pulse(
    samples: Samples, at: float, turn: float, fitted: bool, gain_r: np.float32, gain_i: np.float32
) -> tuple[np.float32, np.float32]:
    """Take a pulse that begins at `at` away from the samples, with the gain that fits best, or with a given one; the result is the gain."""
    re, im, shape, edge, fine = samples.re, samples.im, samples.shape, samples.shape_edge, samples.fine
    begin = math.ceil(at - edge / fine)
    offset = round((begin - at) * fine) + edge
    if offset < 0:
        offset += fine
        begin += 1
    count = (shape.shape[0] - offset + fine - 1) // fine
    if fitted:
        gain_r, gain_i, power = np.float32(0.0), np.float32(0.0), np.float32(1e-20)
        for k in range(count):
            size = shape[offset + k * fine]
            c, s = size * np.float32(math.cos(turn * k)), size * np.float32(math.sin(turn * k))
            gain_r += re[begin + k] * c + im[begin + k] * s
            gain_i += im[begin + k] * c - re[begin + k] * s
            power += size * size
        gain_r /= power
        gain_i /= power
    for k in range(count):
        size = shape[offset + k * fine]
        c, s = size * np.float32(math.cos(turn * k)), size * np.float32(math.sin(turn * k))
        re[begin + k] -= gain_r * c - gain_i * s
        im[begin + k] -= gain_i * c + gain_r * s
    return gain_r, gain_i


@stage(fastmath=True)
def subtract_pulses(samples: Samples, work: Scratch, out: Output, row: int) -> None:
    """Take a frame away from the samples: each of its pulses with a phase of its own, and as strong as its neighbours.

    A pulse that had its own strength, too, would take away what lies beneath it.
    """
    work.failed[:, 0] = -1e9  # what could not be read may be now
    pulses = len(PULSES_US) + int(out.bits[row])
    rate = samples.rate
    start = out.start[row] - samples.origin
    reach = samples.shape_edge // samples.fine + 1
    first, last = int(start) - reach, int(start + (8 + out.bits[row]) * rate) + reach + 3
    if first < 0 or last >= samples.re.shape[0]:
        return
    turn = out.turn[row] / rate
    gain_r, gain_i = work.model[0], work.model[1]
    nothing = np.float32(0.0)
    for look in range(ROUNDS):
        for pulse in range(pulses):
            at = start + pulse_place(out, row, pulse) * rate
            x, y = take_pulse(samples, at, turn, True, nothing, nothing)
            gain_r[pulse] = x if look == 0 else gain_r[pulse] + x
            gain_i[pulse] = y if look == 0 else gain_i[pulse] + y
    for pulse in range(pulses):
        total, count = 0.0, 0
        for near in range(max(0, pulse - AROUND), min(pulses, pulse + AROUND + 1)):
            total += math.sqrt(gain_r[near] * gain_r[near] + gain_i[near] * gain_i[near])
            count += 1
        own = math.sqrt(gain_r[pulse] * gain_r[pulse] + gain_i[pulse] * gain_i[pulse]) + 1e-20
        more = np.float32(total / count / own - 1.0)
        at = start + pulse_place(out, row, pulse) * rate
        take_pulse(samples, at, turn, False, more * gain_r[pulse], more * gain_i[pulse])
    refresh(samples, first, last)
