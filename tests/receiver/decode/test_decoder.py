"""The envelope: what is refused, under which name, and that nothing is counted twice."""

from __future__ import annotations

import random

import pytest

from receiver.decode import Decoder
from receiver.wire.frame import Frame
from tests.receiver.decode.frames import decoded, frame, refused, squitter

LENGTHS = {0: 7, 4: 7, 5: 7, 11: 7, 16: 14, 17: 14, 18: 14, 19: 14, 20: 14, 21: 14, 24: 14}


@pytest.mark.parametrize("df", range(32))
@pytest.mark.parametrize("length", [7, 14])
def test_each_format_has_one_length_and_those_not_in_use_are_named(df: int, length: int) -> None:
    data = frame(bytes((df << 3,)) + bytes.fromhex("4840D6" if length == 7 else "4840D658C382D690C8AC"), 0 if df in (11, 17, 18) else 0x4840D6).data  # fmt: skip
    kind = 24 if df > 24 else df
    if kind not in LENGTHS:
        assert refused(data) == "unused_format"
    elif LENGTHS[kind] != length:
        assert refused(data) == "length"
    elif kind in (19, 24):
        assert refused(data) == {19: "military", 24: "comm_d"}[kind]
    else:
        assert decoded(Frame(data, 1.0)).icao == "4840d6"


@pytest.mark.parametrize("length", [0, 1, 3, 6, 8, 13, 15, 112])
def test_no_other_length_is_a_frame(length: int) -> None:
    assert refused(b"\x8d" * length) == "length"


def test_a_mode_a_reply_is_counted_as_such() -> None:
    assert refused(bytes.fromhex("1200")) == "mode_ac"


@pytest.mark.parametrize("text", ["8D4840D6202CC371C32CE0576099", "954840D6202CC371C32CE0576098"])
def test_an_extended_squitter_with_one_bit_wrong_is_refused(text: str) -> None:
    assert refused(bytes.fromhex(text)) == "parity"


def test_every_wrong_bit_of_an_extended_squitter_is_found() -> None:
    right = int("8D4840D6202CC371C32CE0576098", 16)
    for bit in range(112 - 5):
        assert refused((right ^ 1 << bit).to_bytes(14, "big")) == "parity"


@pytest.mark.parametrize("address", [0, 0xFFFFFF])
def test_addresses_that_nobody_has_are_refused(address: int) -> None:
    assert refused(squitter(0x202CC371C32CE0, address=address)) == "address"
    assert refused(frame(b"\x5d" + address.to_bytes(3, "big"))) == "address"
    assert refused(frame(bytes.fromhex("20001718"), address)) == "address"


@pytest.mark.parametrize("overlay", range(0x80))
def test_the_overlay_of_an_all_call_reply_is_an_interrogator_or_refused(overlay: int) -> None:
    one = frame(bytes.fromhex("5D4840D6"), overlay)
    if overlay < 0x50:
        assert decoded(one).interrogator == overlay  # type: ignore[attr-defined]
    else:
        assert refused(one) == "interrogator"


@pytest.mark.parametrize("overlay", [0x80, 0x1000, 0x800000, 0xFFFFFF])
def test_an_overlay_of_more_than_seven_bits_is_wrong_parity(overlay: int) -> None:
    assert refused(frame(bytes.fromhex("5D4840D6"), overlay)) == "parity"


def test_each_frame_is_counted_once_under_its_format_or_its_reason() -> None:
    decoder, rng = Decoder(), random.Random(3)
    frames = [Frame(rng.randbytes(rng.choice((2, 7, 14))), 1.0) for _ in range(3000)]
    messages = [message for one in frames if (message := decoder.decode(one)) is not None]
    assert sum(decoder.statistics.messages.values()) == len(messages) > 100
    assert sum(decoder.statistics.rejected.values()) == 3000 - len(messages)


def test_a_frame_is_clean_when_nothing_was_flipped_and_nothing_lay_over_it() -> None:
    data = bytes.fromhex("8D4840D6202CC371C32CE0576098")
    clean = {
        (found, corrected): decoded(Frame(data, 1.0, found=found, corrected_bits=corrected)).is_clean
        for found in ("direct", "network", "repaired", "beneath")
        for corrected in (0, 1)
    }
    assert {key for key, is_clean in clean.items() if is_clean} == {("direct", 0), ("network", 0)}
