"""A recording in which nothing was heard: would it be something if it were read otherwise?

A second of its samples is demodulated at the usual rates, as the usual formats, and with I and Q the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dsp.demodulator import Demodulator
from dsp.effort import Effort
from dsp.samples import SampleBlock, SampleFormat
from receiver.decode.parity import remainder
from receiver.wire.numbers import CF32, CS8, CS16, CU8, SIGMF, NumberFormat, as_float

RATES_HZ = (2.4e6, 2e6, 2.56e6, 2.88e6, 3.2e6, 4e6, 5e6, 6e6, 8e6, 10e6, 12e6, 16e6, 20e6)
FORMATS = (CU8, CS8, CS16, CF32, SIGMF["ci16_be"])
SECONDS = 1.0
LEAST_FRAMES = 2  # squitters whose parity is right: one in millions of anything


@dataclass(frozen=True, slots=True)
class Guess:
    """Another way to read the samples, and how many squitters that gives."""

    sample_rate_hz: float
    number_format: NumberFormat
    swapped: bool
    frames: int


def better_guess(data: bytes, rate_hz: float, number_format: NumberFormat, sure: bool = False) -> Guess | None:
    """The way that gives most, if any gives something.

    Parameters
    ----------
    data
        The samples of the first second or so, as they stand in the file.
    rate_hz, number_format
        How they were read in vain.
    sure
        A header said so: only the rate and the order of I and Q are tried.
    """
    best: Guess | None = None
    for rate, numbers, swapped in _ways(rate_hz, number_format, sure):
        if (rate, numbers, swapped) == (rate_hz, number_format, False):
            continue
        found = _squitters(data, rate, numbers, swapped)
        if found >= LEAST_FRAMES and (best is None or found > best.frames):
            best = Guess(rate, numbers, swapped, found)
    return best


def _ways(rate_hz: float, number_format: NumberFormat, sure: bool) -> Iterator[tuple[float, NumberFormat, bool]]:
    rates = dict.fromkeys((rate_hz, *RATES_HZ))
    for numbers in (number_format,) if sure else dict.fromkeys((number_format, *FORMATS)):
        for rate in rates:
            yield rate, numbers, False
    yield rate_hz, number_format, True


def _squitters(data: bytes, rate_hz: float, numbers: NumberFormat, swapped: bool) -> int:
    """Distinct extended squitters without an error."""
    width = numbers.bytes_per_sample
    count = min(len(data) // width, round(SECONDS * rate_hz))
    if count < 1000:
        return 0
    iq = numbers.numbers(data[: count * width])
    if numbers.sample_format is SampleFormat.CF32:
        finite = np.isfinite(iq)
        if not finite.all() or not 1e-6 < float(np.abs(iq).max()) < 1e6:
            return 0  # no floats
    if swapped:
        iq = np.ascontiguousarray(iq.reshape(-1, 2)[:, ::-1]).reshape(-1)
    # as floats, and as hard as `decode` tries: so that hardly a kernel has to be compiled for this
    iq = as_float(iq, numbers.sample_format)
    demodulator = Demodulator(rate_hz, SampleFormat.CF32, effort=Effort.THOROUGH)
    frames = set()
    for batch in (demodulator.feed(SampleBlock(iq, 0)), demodulator.flush()):
        for row, bits, repaired in zip(batch.data, batch.n_bits.tolist(), batch.corrected_bits.tolist(), strict=True):
            one = bytes(row)[: bits // 8]
            if len(one) == 14 and one[0] >> 3 in (17, 18) and not repaired and not remainder(one):
                frames.add(one)
    return len(frames)
