"""Places where a frame may begin: the power behind a preamble, the search around a frame, first bits whose preamble was lost."""

from __future__ import annotations

import math

import numpy as np

from dsp.compiled import helper, kernel, stage
from dsp.front_end import BLOCK, block_power, candidates, preamble_metric
from dsp.kernels.memory import Limits, Output, Samples, Scratch

POWER_US = 32.0  # of the data that the power gate listens to
PARTS, PART_US = 5, 8.0  # of the data, none of which may be silent: a Mode A/C reply ends after 21 µs
# What is asked of a preamble beneath a frame that was subtracted: against the noise, weakest pulse against the mean, against the data
WHOLE_LEAST, WHOLE_WEAKEST, WHOLE_SHARE = 1.8, 0.1, (0.65, 4.0)
LIKE_BITS = 56
CLEAR = 0.58  # what contrast counts for beside evenness, see `likeness`
SILENT = 0.02  # of the mean part's power, both without the noise: less is silence


@kernel()
def power_blocks(rate: float) -> int:
    """Blocks of samples that make up `POWER_US`."""
    return max(1, int(POWER_US * rate / BLOCK + 0.5))


@helper(fastmath=True)
def data_power(samples: Samples, place: int) -> tuple[float, float]:
    """Mean energy of the data behind a preamble at `place`, and that of their quietest `PART_US`, both against the noise: 1 without a signal."""
    rate = samples.rate
    first = place // 2 + int(8 * rate)
    length = int(PART_US * rate + 0.5)
    whole, least = np.float32(0.0), np.float32(1e30)
    for part in range(PARTS):
        row = samples.energy[0, first + part * length : first + (part + 1) * length]
        total = np.float32(0.0)
        for k in range(row.shape[0]):
            total += row[k]
        whole += total
        least = min(least, total)
    scale = 1.0 / (length * samples.noise + 1e-30)
    return whole * scale / PARTS, least * scale


@stage(fastmath=True)
def likeness(samples: Samples, place: int) -> float:
    """How much the energies behind a preamble at `place` look like those of a frame, without filters, carrier or timing.

    Each bit of a frame has a pulse in one half, and all pulses are about as strong: that is *contrast*, mean difference of the halves'
    amplitudes over their sum, and *evenness*, mean amplitude over the root of the mean power. Mode A/C replies lack both.
    """
    rate = samples.rate
    apart, total, power = np.float32(0.0), np.float32(0.0), np.float32(1e-20)
    begin = place + 16.0 * rate + 0.5
    for bit in range(LIKE_BITS):
        p, q = int(begin + 2.0 * rate * bit), int(begin + 2.0 * rate * bit + rate)
        one, zero = samples.energy[p & 1, p >> 1], samples.energy[q & 1, q >> 1]
        early, late = math.sqrt(one), math.sqrt(zero)
        apart += abs(early - late)
        total += early + late
        power += one + zero
    return total / math.sqrt(LIKE_BITS * power) + CLEAR * apart / total


@helper()
def preamble_power(samples: Samples, place: int) -> tuple[float, float]:
    """Power of a preamble's pulses without the noise, and of the weakest with it."""
    total, least = 0.0, 1e30
    for index in range(4):
        p = place + samples.pulses[index]
        one = samples.energy[p & 1, p >> 1]
        total += one
        least = min(least, one)
    return 0.25 * total - samples.noise, least


@helper()
def whole_preamble(samples: Samples, place: int) -> bool:
    """Whether the preamble at `place` is whole and as strong as what follows: of what a subtracted frame leaves, little is."""
    preamble, weakest = preamble_power(samples, place)
    share = preamble / ((data_power(samples, place)[0] - 1.0) * samples.noise + 1e-30)
    return (
        preamble > WHOLE_LEAST * samples.noise
        and weakest > WHOLE_WEAKEST * preamble
        and WHOLE_SHARE[0] < share < WHOLE_SHARE[1]
    )


@stage()
def search(samples: Samples, first: int, last: int, limits: Limits, work: Scratch) -> int:
    """Places of first…last−1 (half samples) where a preamble may be, into `work.places`, as for a window; how many."""
    a = max(0, first // 2 - 1)
    n = last // 2 + 2 - a
    even = samples.energy[0, a:]
    for half in range(2):
        preamble_metric(
            samples.energy,
            a,
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


@helper()
def known(out: Output, row: int, place: int, samples: Samples) -> bool:
    """Whether a frame that begins at this place has been found already."""
    at = 0.5 * place + samples.origin
    near = False
    for index in range(max(0, row - 16), row):
        near |= abs(out.start[index] - at) < 1.2 * samples.rate
    return near


@helper()
def bare_place(samples: Samples, pulse: int, half: int, out: Output, row: int) -> int:
    """Where the preamble of a frame was whose first bit has its pulse at `pulse`, in that half of the bit; −1: it is known."""
    rate = samples.rate
    for index in range(row):
        since = 0.5 * pulse + samples.origin - out.start[index]
        if -rate < since < (8 + out.bits[index]) * rate:
            return -1
    return pulse - int((16 + half) * rate + 0.5)
