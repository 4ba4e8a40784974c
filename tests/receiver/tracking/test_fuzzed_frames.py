"""A share of the frames that `python -m benchmarks.fuzzed_frames` tries ten million of."""

from __future__ import annotations

import pytest

from benchmarks.fuzzed_frames import frames_of, try_frames
from tests.shared_data import shared


def real_frames() -> list[bytes]:
    return frames_of(shared("truth/beast/ulss7_1522782148.beast").read_bytes())


def test_nonsense_neither_raises_nor_hangs_nor_gets_out_as_what_cannot_be() -> None:
    out = try_frames(real_frames(), 60_000, seed=2)
    assert out.frames == 60_000
    assert out.messages > 30_000
    assert out.sightings > 25_000
    assert out.written > 400
    assert {"parity", "length", "unused_format", "comm_d", "military", "management", "interrogator"} <= set(
        out.rejected
    )
    assert {"global", "quarantined", "out_of_range"} <= set(out.positions)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_more_nonsense() -> None:
    assert try_frames(real_frames(), 2_000_000, seed=3).sightings > 800_000
