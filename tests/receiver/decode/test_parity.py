"""Parity against long division, and against frames that were heard."""

from __future__ import annotations

import random

import pytest

from receiver.decode.parity import remainder
from tests.receiver.decode.frames import long_division


@pytest.mark.parametrize("length", [7, 14])
def test_the_tables_give_what_long_division_gives(length: int) -> None:
    rng = random.Random(length)
    for _ in range(500):
        data = rng.randbytes(length)
        assert remainder(data) == long_division(data)


@pytest.mark.parametrize("length", [7, 14])
def test_every_single_bit_leaves_a_remainder_of_its_own(length: int) -> None:
    left = {remainder((1 << bit).to_bytes(length, "big")) for bit in range(8 * length)}
    assert len(left) == 8 * length
    assert 0 not in left


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ("8D4840D6202CC371C32CE0576098", 0),
        ("5F4001594B0FBB", 0),
        ("02A184999C5FE3", 0x504DD9),
        ("A0200233EA59BF163F57ECD3CB13", 0x400159),
    ],
)
def test_frames_that_were_heard_leave_nothing_or_the_address(heard: str, left: int) -> None:
    assert remainder(bytes.fromhex(heard)) == left
