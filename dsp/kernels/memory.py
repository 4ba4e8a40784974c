"""What the kernels work on: a window of samples, what an effort allows, the believed, memory of a candidate, rows of frames."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Arrays as kernels take them: contiguous, with so many dimensions
Bits = Annotated[NDArray[np.uint8], 1]
Bits2 = Annotated[NDArray[np.uint8], 2]
Integers = Annotated[NDArray[np.int64], 1]
Integers2 = Annotated[NDArray[np.int64], 2]
Floats = Annotated[NDArray[np.float32], 1]
Floats2 = Annotated[NDArray[np.float32], 2]
Floats3 = Annotated[NDArray[np.float32], 3]
Floats4 = Annotated[NDArray[np.float32], 4]
Doubles = Annotated[NDArray[np.float64], 1]
Doubles2 = Annotated[NDArray[np.float64], 2]

EARLIEST, LATEST = 10, 19  # tenths before and after its base that a gathering serves
FAILED = 8  # how many places that failed are remembered
LATER = 32  # last rows of the output: frames of a window that wait for their address to be believed

# Why a candidate gave no frame (index into `counters`), and what is counted besides
CANDIDATES, GATED, TRIED, UNREPAIRED, UNBELIEVED, DOUBTFUL, IMPLAUSIBLE, ACCEPTED = range(8)


class Belief(NamedTuple):
    """The table of `dsp.trust`, and the slots that are in use."""

    icao: Integers
    time_s: Doubles
    head: Integers2  # (2, SLOTS): bits 5–7 of DF11 and DF17, of DF18
    altitude: Integers
    squawk: Integers
    seen_s: Doubles
    codes: Doubles  # how often each interrogator's code was heard, of late
    moved_s: Doubles  # when the altitude was another than before
    suspect: Integers
    suspect_parity: Integers
    suspect_s: Doubles
    active: Integers
    many: Integers  # (1,): how many of `active` are set


class Samples(NamedTuple):
    """A window of samples, its pulse energies, and what the filters of its rate are."""

    re: Floats
    im: Floats
    energy: Floats2  # (2, n): at k and k + 1/2
    origin: int  # stream index of sample 0
    rate: float  # samples per µs
    noise: float  # mean of the energies without signal
    s: Floats3
    d: Floats3
    e: Floats3
    leak: Floats4
    far: Annotated[NDArray[np.float32], 6]  # [bank, S D or E, real or imaginary]
    far_leak: Annotated[NDArray[np.float32], 5]
    early: Floats3  # a pulse in the first half of a bit, whatever its phase
    late: Floats3  # … in the second
    place: Integers  # first sample of each bit after the frame's first
    before: int
    pulse: Floats2  # matched filters of one pulse
    shape: Floats  # a pulse after the receiver, `fine` values a sample
    shape_edge: int
    fine: int
    pulses: Integers  # preamble pulses and quiet slots, half samples
    quiet: Integers


class Limits(NamedTuple):
    """What an effort allows. See `dsp.effort`."""

    factor: float  # mean preamble pulse against mean quiet slot
    floor: float  # sum of the four pulses' energies against the noise
    power: float  # of the data behind a preamble against the noise
    like: float  # `places.likeness`
    gate: float  # coherence of S
    farthest: int  # tenths of a sample that the eye may be widest from where the preamble is
    timings: int
    formats: int
    second: int  # bits beyond the 24 that are flipped in pairs
    broken: int  # whether to try where a pulse of the preamble is missing
    beneath: int  # whether to look beneath frames


class Scratch(NamedTuple):
    """Memory of one candidate."""

    xr: Floats2
    xi: Floats2
    sr: Floats
    si: Floats
    dr: Floats
    di: Floats
    ur: Floats
    ui: Floats
    ar: Floats
    ai: Floats
    hit: Floats
    early: Floats  # energies of both halves of each bit
    late: Floats
    turn_r: Floats
    turn_i: Floats
    decided: Floats
    soft: Floats
    odds: Floats
    free: Floats
    bytes: Floats2
    hard: Bits
    order: Integers
    chosen: Integers
    basis: Integers
    mask: Integers
    unit: Integers
    table: Integers2
    weight: Floats2
    others: Integers
    other_mask: Integers
    flips: Integers
    formats: Integers
    eyes: Floats
    failed: Doubles2  # (FAILED, 2): places that gave nothing, and their preambles' power
    doubted: Doubles2  # the same of all-calls in doubt, and the fit that they must exceed
    metric: Floats2
    power: Floats
    places: Integers
    envelope: Floats
    model: Floats2


class Output(NamedTuple):
    """The frames of a window, one row each."""

    start: Doubles
    data: Bits2
    bits: Bits
    signal: Floats
    turn: Floats
    flips: Bits
    beneath: Bits
    apart: Bits  # its phase is not steady: it was read by magnitude


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
        ar=floats(112),
        ai=floats(112),
        hit=floats(112),
        early=floats(112),
        late=floats(112),
        turn_r=floats(112),
        turn_i=floats(112),
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
        formats=integers(3),
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
        np.zeros(rows, np.uint8),
    )  # fmt: skip
