"""One window: its places in order, what is found subtracted, and all around it searched again."""

from __future__ import annotations

from dsp.compiled import stage
from dsp.kernels.hear import hear
from dsp.kernels.memory import LATER, Belief, Integers, Limits, Output, Samples, Scratch
from dsp.kernels.overlap import subtract
from dsp.kernels.places import bare_place, known, search, whole_preamble
from dsp.kernels.pulses import subtract_pulses
from dsp.kernels.rows import take_up


@stage()
def all_places(
    samples: Samples,
    places: Integers,
    bare: Integers,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    out: Output,
    first_place: int,
    last_place: int,
    resume: int,
    counters: Integers,
) -> tuple[int, int]:
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
            if known(out, row, place, samples) or not whole_preamble(samples, place):
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
        if out.apart[row - 1]:
            subtract_pulses(samples, work, out, row - 1)
        else:
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


@stage(entry=True)
def demodulate(
    samples: Samples,
    places: Integers,
    bare: Integers,
    limits: Limits,
    belief: Belief,
    work: Scratch,
    out: Output,
    first_place: int,
    last_place: int,
    resume: int,
    counters: Integers,
) -> tuple[int, int]:
    """`all_places`, called from Python."""
    return all_places(samples, places, bare, limits, belief, work, out, first_place, last_place, resume, counters)
