"""A share of the streams that `python -m benchmarks.mutated_streams` tries a million of."""

from __future__ import annotations

import pytest

from benchmarks.mutated_streams import parts_of, try_streams
from tests.recordings import KINDS, beast_bytes_of


@pytest.mark.parametrize("kind", KINDS)
def test_streams_with_mistakes_neither_raise_nor_hang_nor_hide_what_follows(kind: str) -> None:
    parts = parts_of(beast_bytes_of(kind))
    assert len(parts) > 10_000
    out = try_streams(parts, 5_000, seed=2)
    assert out.streams == 5_000
    assert out.frames > 15_000
