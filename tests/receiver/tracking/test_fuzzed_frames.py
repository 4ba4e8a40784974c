"""A share of the frames that `python -m benchmarks.fuzzed_frames` tries ten million of."""

from __future__ import annotations

import pytest

from benchmarks.fuzzed_frames import frames_of, try_frames
from tests.recordings import KINDS, beast_bytes_of


@pytest.mark.parametrize("kind", KINDS)
def test_nonsense_neither_raises_nor_hangs_nor_gets_out_as_what_cannot_be(kind: str) -> None:
    out = try_frames(frames_of(beast_bytes_of(kind)), 60_000, seed=2)
    assert out.frames == 60_000
    assert out.messages > 30_000
    assert out.sightings > 25_000
    assert out.written > 400
    assert {"parity", "length", "unused_format", "comm_d", "military", "management", "interrogator"} <= set(
        out.rejected
    )
    wanted = {"global", "out_of_range"} | ({"quarantined"} if kind == "real" else set())  # a made sky has no doubles
    assert wanted <= set(out.positions)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_more_nonsense(kind: str) -> None:
    assert try_frames(frames_of(beast_bytes_of(kind)), 2_000_000, seed=3).sightings > 800_000
