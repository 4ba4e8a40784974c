"""Frames made bit by bit, as the standards draw them."""

from __future__ import annotations

from typing import Any

import pytest

from receiver.decode import Decoder, Message
from receiver.wire.frame import Frame

GENERATOR = 0x1FFF409  # Annex 10 vol. IV, 3.1.2.3.3


def long_division(data: bytes) -> int:
    """Remainder of the parity polynomial, one bit after the other: the slow twin of `parity.remainder`."""
    value = int.from_bytes(data, "big")
    for bit in range(8 * len(data) - 1, 23, -1):
        if value >> bit & 1:
            value ^= GENERATOR << (bit - 24)
    return value


def bits(*fields: tuple[int, int], width: int = 56) -> int:
    """A register of (value, width in bits), the first sent first; together they must be `width` bits."""
    out = used = 0
    for value, size in fields:
        assert 0 <= value < 1 << size, (value, size)
        out = out << size | value
        used += size
    assert used == width, used
    return out


def frame(content: bytes, overlay: int = 0) -> Frame:
    """The content (4 or 11 bytes) with its parity, overlaid with an address or an interrogator's code."""
    return Frame(content + (long_division(content + bytes(3)) ^ overlay).to_bytes(3, "big"), 1.0)


def squitter(me: int, first_byte: int = 0x8D, address: int = 0x4840D6) -> Frame:
    """A DF17 (or what the first byte says) with a register."""
    return frame(bytes((first_byte,)) + address.to_bytes(3, "big") + me.to_bytes(7, "big"))


def decoded(what: str | Frame) -> Message:
    """The message of a frame that must have one."""
    message = Decoder().decode(Frame(bytes.fromhex(what), 1.0) if isinstance(what, str) else what)
    assert message is not None
    return message


def refused(what: bytes | Frame) -> str:
    """The reason why a frame that must not have a message has none."""
    decoder = Decoder()
    assert decoder.decode(Frame(what, 1.0) if isinstance(what, bytes) else what) is None
    assert not decoder.statistics.messages
    (reason,) = decoder.statistics.rejected
    return reason


def about(value: float, within: float = 1e-6) -> Any:
    """The value, or nearly so: what a tuple can be compared with."""
    return pytest.approx(value, abs=within)
