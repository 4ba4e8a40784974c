"""Overlaps: a frame that was found is modulated again and taken away from the samples."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import stage
from dsp.front_end import PULSES_US, pulse_energy
from dsp.kernels.memory import Output, Samples, Scratch


@stage(fastmath=True)
def refresh(samples: Samples, first: int, last: int) -> None:
    """Pulse energies again where samples have changed. As `dsp.front_end.pulse_energy`."""
    taps = samples.pulse.shape[1]
    a = max(1, first - taps)
    b = min(samples.energy.shape[1] - taps, last + 1)
    for half in range(2):
        row = samples.pulse[half]
        pulse_energy(
            samples.re[a - 1 : b + taps - 1], samples.im[a - 1 : b + taps - 1], row, samples.energy[half, a - 1 : b]
        )


@stage(fastmath=True)
def subtract(samples: Samples, work: Scratch, out: Output, row: int) -> None:
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
            at_us = PULSES_US[pulse]
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
