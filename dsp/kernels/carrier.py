"""The carrier: how steady it is, how it turns from bit to bit, and its phase at every bit."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, stage
from dsp.kernels.memory import Floats, Floats2, Samples, Scratch

CARRIER_SPAN = 10  # bits to each side that the carrier's phase is averaged over
FAR = (
    2 * math.pi * 0.12
)  # rad per µs, 120 kHz: beyond it samples are turned back before anything else is done with them


@stage(fastmath=True)
def coarse_turn(samples: Samples, first: int, last: int) -> float:
    """How far the carrier turns in a µs, rad: from one sample to the next, so it is unambiguous to half the sample rate.

    Samples between pulses hold noise, whose product with its neighbour has no phase of its own.
    """
    re, im = samples.re[first:last], samples.im[first:last]
    re_next, im_next = samples.re[first + 1 : last + 1], samples.im[first + 1 : last + 1]
    x = np.float32(0.0)
    y = np.float32(0.0)
    for k in range(last - first):
        x += re_next[k] * re[k] + im_next[k] * im[k]
        y += im_next[k] * re[k] - re_next[k] * im[k]
    return math.atan2(y, x) * samples.rate


@helper()
def unwrapped(turn: float, near: float) -> float:
    """The angle that differs from `turn` by whole turns and lies nearest to `near`."""
    return turn + 2 * math.pi * math.floor((near - turn) / (2 * math.pi) + 0.5)


@stage(fastmath=True)
def turn_back(samples: Samples, turn: float, first: int, last: int, work: Scratch) -> None:
    """Turn what was gathered back by `turn` per µs, as if the carrier were that much nearer to the tuned frequency.

    What turns from bit to bit is left for `carrier`, as in `steady`; here it is counted from the bits' begins, not from the samples next
    to them: at 1 MHz those are 2.6 rad apart.
    """
    step = turn / samples.rate
    bit_r, bit_i = work.turn_r[: last - first], work.turn_i[: last - first]
    for bit in range(first, last):
        late = step * (bit * samples.rate - samples.place[bit])
        bit_r[bit - first] = math.cos(late)
        bit_i[bit - first] = math.sin(late)
    middle = samples.before + 0.5 + 0.5 * samples.rate
    for tap in range(work.xr.shape[0]):
        c = np.float32(math.cos(-step * (tap - middle)))
        s = np.float32(math.sin(-step * (tap - middle)))
        re, im = work.xr[tap, first:last], work.xi[tap, first:last]
        for bit in range(last - first):
            cr = c * bit_r[bit] - s * bit_i[bit]
            ci = c * bit_i[bit] + s * bit_r[bit]
            t = re[bit] * cr - im[bit] * ci
            im[bit] = re[bit] * ci + im[bit] * cr
            re[bit] = t


@stage(fastmath=True)
def coherence(sr: Floats, si: Floats, n: int) -> np.float32:
    """How steadily S turns from bit to bit: 1 for a carrier, about 1/sqrt(n) for noise."""
    x = np.float32(0.0)
    y = np.float32(0.0)
    power = np.float32(1e-20)
    for bit in range(n - 1):
        x += sr[bit + 1] * sr[bit] + si[bit + 1] * si[bit]
        y += si[bit + 1] * sr[bit] - sr[bit + 1] * si[bit]
        power += sr[bit] * sr[bit] + si[bit] * si[bit]
    return math.sqrt(x * x + y * y) / power


@stage(fastmath=True)
def steady(samples: Samples, turn: np.float32, first: int, last: int, xr: Floats2, xi: Floats2) -> None:
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


@stage(fastmath=True)
def carrier(sr: Floats, si: Floats, n: int, span: int, ur: Floats, ui: Floats, ar: Floats, ai: Floats) -> np.float32:
    """Carrier phase at every bit (unit vectors ur, ui) from the pilot S; the result is its turn per bit, rad.

    S against that phase is left in ar, ai: the amplitude of a pulse, and nothing across.

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
                ar[bit] = (sr[bit] * wr + si[bit] * wi) * size
                ai[bit] = (si[bit] * wr - sr[bit] * wi) * size
            t = cr * pr - ci * pi
            ci = cr * pi + ci * pr
            cr = t
            t = pr * qr - pi * qi
            pi = pr * qi + pi * qr
            pr = t
    return middle


@stage(fastmath=True)
def pilot_level(sr: Floats, si: Floats, n: int) -> float:
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
