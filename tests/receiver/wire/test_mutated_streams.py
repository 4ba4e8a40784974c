"""A share of the streams that `python -m benchmarks.mutated_streams` tries a million of."""

from __future__ import annotations

from benchmarks.mutated_streams import parts_of, try_streams
from tests.shared_data import shared


def test_streams_with_mistakes_neither_raise_nor_hang_nor_hide_what_follows() -> None:
    parts = parts_of(shared("truth/beast/ulss7_1522782148.beast").read_bytes())
    assert len(parts) > 10_000
    out = try_streams(parts, 5_000, seed=2)
    assert out.streams == 5_000
    assert out.frames > 15_000
