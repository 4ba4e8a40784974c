"""BDS 0,8: identification and category (type codes 1–4).

    bits  1– 5  type code: 4 is category set A, 3 set B, 2 set C, 1 set D
          6– 8  category within its set, 0 when not said
          9–56  eight characters of six bits

Source: ICAO Doc 9871, table for BDS 0,8; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.callsign import callsign_from_bits
from receiver.record import record


@record
class Identification:
    """`callsign` as sent, without its padding; None when it is empty. Mostly letters and digits, but any printable
    character of ASCII may be in it. `category` is A0–D7; a 0 says nothing but the set."""

    callsign: str | None
    category: str

    bds = "0,8"


def decode_bds08(me: int) -> Identification:
    """Read the register; any 56 bits with a type code of 1–4."""
    return Identification(
        callsign=callsign_from_bits(me & 0xFFFFFFFFFFFF),
        category=f"{'DCBA'[(me >> 51) - 1]}{me >> 48 & 7}",
    )
