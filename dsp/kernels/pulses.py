"""Overlaps with a frame of unsteady phase: it is taken away pulse by pulse, each with a gain of its own."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import stage
from dsp.front_end import PULSES_US
from dsp.kernels.memory import Output, Samples
from dsp.kernels.overlap import refresh

ROUNDS = 2  # neighbours overlap after the receiver's filter: what one leaves is another's


@stage(fastmath=True)
def subtract_pulses(samples: Samples, out: Output, row: int) -> None:
    """Take a frame away from the samples: each of its pulses with the gain that fits best."""
    n = int(out.bits[row])
    rate, shape, edge, fine = samples.rate, samples.shape, samples.shape_edge, samples.fine
    start = out.start[row] - samples.origin
    reach = edge // fine + 1
    width = shape.shape[0]
    first, last = int(start) - reach, int(start + (8 + n) * rate) + reach + 3
    if first < 0 or last >= samples.re.shape[0]:
        return
    turn = out.turn[row] / rate
    re, im = samples.re, samples.im
    for _ in range(ROUNDS):
        for pulse in range(4 + n):
            if pulse < 4:
                at_us = PULSES_US[pulse]
            else:
                bit = pulse - 4
                one = out.data[row, bit >> 3] >> (7 - (bit & 7)) & 1
                at_us = 8.0 + bit + (0.0 if one else 0.5)
            at = start + at_us * rate
            begin = math.ceil(at - edge / fine)
            offset = round((begin - at) * fine) + edge
            if offset < 0:
                offset += fine
                begin += 1
            count = (width - offset + fine - 1) // fine
            gr, gi, power = np.float32(0.0), np.float32(0.0), np.float32(1e-20)
            for k in range(count):
                size = shape[offset + k * fine]
                c = size * np.float32(math.cos(turn * k))
                s = size * np.float32(math.sin(turn * k))
                x, y = re[begin + k], im[begin + k]
                gr += x * c + y * s
                gi += y * c - x * s
                power += size * size
            gr /= power
            gi /= power
            for k in range(count):
                size = shape[offset + k * fine]
                c = size * np.float32(math.cos(turn * k))
                s = size * np.float32(math.sin(turn * k))
                re[begin + k] -= gr * c - gi * s
                im[begin + k] -= gi * c + gr * s
    refresh(samples, first, last)
