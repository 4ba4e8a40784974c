"""Test message (type code 23), in which version 1 sends its Mode A code.

    bits  1– 5  23
          6– 8  subtype: 7 Mode A code, all others are not for the public
          9–21  Mode A code

Source: DO-260A 2.2.3.2.7.3 (subtype 7), by way of readsb and the issues of SeRo Systems' lib1090.
"""

from __future__ import annotations

from receiver.decode.bits import field
from receiver.decode.squawk import squawk_from_code
from receiver.record import record


@record
class ModeACode:
    """`squawk` is four octal digits."""

    squawk: str

    bds = "TC23"


def decode_test_message(me: int) -> ModeACode | None:
    """Read the message; any 56 bits with a type code of 23. None for other subtypes and a code of 0."""
    code = field(me, 9, 21)
    return ModeACode(squawk_from_code(code)) if field(me, 6, 8) == 7 and code else None
