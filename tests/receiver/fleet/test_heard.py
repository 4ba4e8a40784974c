"""The payload of a station's `heard` messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.decode.parity import remainder
from receiver.fleet import heard
from receiver.fleet.heard import Gatherer, HeardError, Record, address_of, decode, encode

SQUITTER = bytes.fromhex("8D4840D6202CC371C32CE0576098")
ADDRESS = 0x4840D6


def frame(df: int, content: bytes, address: int, code: int) -> bytes:
    """A frame with right parity, as an aircraft sends it."""
    kind = heard.KINDS[df]
    first = bytes((df << 3 | content[0] & 7,))
    if kind in (0, 2):
        body, overlay = first + content[1 : heard.CONTENT[kind]], address
    else:
        body = first + address.to_bytes(3, "big") + (content[1:8] if kind == 3 else b"")
        overlay = code if kind == 1 else 0
    parity = remainder(body + bytes(3)) ^ overlay
    return body + parity.to_bytes(3, "big")


addresses = st.integers(1, 0xFFFFFE)
records = st.tuples(
    st.sampled_from(sorted(heard.KINDS)),
    st.binary(min_size=11, max_size=11),
    st.integers(0, 0x4F),
    st.integers(0, 30 * heard.TICKS_HZ),
    st.none() | st.integers(-126, 0).map(lambda half: half / 2),
    st.booleans(),
)


@settings(max_examples=60)
@given(
    addresses,
    st.lists(records, min_size=1, max_size=40),
    st.integers(0, 2**50),
    st.integers(0, 0xFFFF),
    st.floats(0, 4e9),
    st.none() | st.floats(0, 250),
)
def test_what_is_encoded_is_decoded(
    address: int,
    rows: list[tuple[int, bytes, int, int, float | None, bool]],
    begin: int,
    clock: int,
    anchor_utc_s: float,
    uncertainty_s: float | None,
) -> None:
    sent = [
        Record(frame(df, content, address, code), begin + ticks, level, is_clean)
        for df, content, code, ticks, level, is_clean in rows
    ]
    assert {address_of(record.data) for record in sent} == {address}
    head, found = decode(encode(clock, anchor_utc_s, uncertainty_s, sent), address)
    assert sorted(found, key=repr) == sorted(sent, key=repr)
    assert [record.ticks for record in found] == sorted(record.ticks for record in sent)
    assert head.clock == clock
    assert abs(head.anchor_us / 1e6 - anchor_utc_s) <= 1e-6
    if uncertainty_s is None:
        assert head.uncertainty_s is None
    else:
        assert head.uncertainty_s is not None
        assert uncertainty_s <= head.uncertainty_s * (1 + 1e-6) <= max(1.1 * uncertainty_s, 1.1e-7)


@settings(max_examples=60)
@given(st.binary(max_size=120))
def test_rubbish_is_refused_or_read_as_right_frames(payload: bytes) -> None:
    try:
        _, found = decode(payload, ADDRESS)
    except HeardError:
        return
    assert all(address_of(record.data) == ADDRESS for record in found)


def test_damage_is_noticed_by_length_and_version() -> None:
    payload = encode(1, 1.7e9, 0.1, [Record(SQUITTER, 7, -3.0, True)])
    with pytest.raises(HeardError, match="expected 37 for 1 records"):
        decode(payload[:-1], ADDRESS)
    with pytest.raises(HeardError, match="version 9"):
        decode(b"\x09" + payload[1:], ADDRESS)
    with pytest.raises(HeardError, match="got 0 bytes"):
        decode(b"", ADDRESS)


def test_a_message_tells_of_no_other_aircraft_than_its_topic() -> None:
    payload = encode(1, 1.7e9, 0.1, [Record(SQUITTER, 7, -3.0, True)])
    _, found = decode(payload, 0x123456)
    assert address_of(found[0].data) == 0x123456


def test_many_messages_are_decoded_together() -> None:
    gatherer = Gatherer()
    other = frame(11, bytes(11), 0xABCDEF, 3)
    gatherer.add(encode(1, 1.7e9, 0.1, [Record(SQUITTER, 7, -3.0, True), Record(SQUITTER, 9, None, False)]), ADDRESS)
    gatherer.add(encode(1, 1.7e9, 0.1, [Record(other, 5, -3.0, True)]), 0xABCDEF)
    found = gatherer.take()
    assert sorted(zip(found.message.tolist(), found.ticks.tolist(), strict=True)) == [(0, 7), (0, 9), (1, 5)]
    assert len(gatherer) == 0
    assert len(gatherer.take()) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x12\x34",
        SQUITTER[:-1] + b"\x00",
        SQUITTER[:7],
        bytes.fromhex("5D4840D6C6C5F1")[:-1] + b"\x00",
        bytes(14),
        bytes((24 << 3,)) + bytes(13),
    ],
)
def test_what_has_no_address_is_not_published(data: bytes) -> None:
    assert address_of(data) is None


def test_it_takes_less_than_beast() -> None:
    one_second = [Record(SQUITTER, 20_000_000 * n, -20.0, True) for n in range(6)]
    topic = 5 + len("squitter/home/heard/4840d6")
    assert len(encode(1, 1.7e9, 0.1, one_second)) + topic <= 1.3 * 6 * 23
