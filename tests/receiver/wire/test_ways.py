"""Whether the frames of a stream are those of several receivers."""

from __future__ import annotations

from receiver.wire.copies import Ways

SQUITTER = bytes.fromhex("8D4840D6202CC371C32CE0576098")
REPLY = bytes.fromhex("28000AAA5B22B4")


def test_one_receiver_hears_no_squitter_again_so_soon() -> None:
    ways = Ways()
    for second in range(100):
        assert not ways.are_several(SQUITTER, second * 0.4)
        assert not ways.are_several(REPLY, second * 0.4)
        assert not ways.are_several(REPLY, second * 0.4 + 0.2), "a reply may come again at any time"


def test_a_squitter_that_comes_again_at_once_was_received_by_two_and_is_remembered_for_some_minutes() -> None:
    ways = Ways()
    assert not ways.are_several(SQUITTER, 100.0)
    assert ways.are_several(SQUITTER, 100.2)
    assert ways.are_several(REPLY, 200.0)
    assert not ways.are_several(REPLY, 1000.0)


def test_memory_is_bounded() -> None:
    ways = Ways()
    for number in range(50_000):
        ways.are_several(b"\x8d" + number.to_bytes(13, "big"), number * 0.001)
    assert len(ways._recent) + len(ways._older) <= 8192
