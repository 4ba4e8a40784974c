"""BDS 0,8: identification and category (type codes 1–4).

    bits  1– 5  type code: 4 is category set A, 3 set B, 2 set C, 1 set D
          6– 8  category within its set, 0 when not said
          9–56  eight characters of six bits

Source: ICAO Doc 9871, table for BDS 0,8; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyModeS.decoder.bds import bds08

from receiver.decode.callsign import valid_callsign


@dataclass(frozen=True, slots=True)
class Identification:
    """`callsign` without its padding, letters, digits and inner spaces only; None when it is empty or holds anything
    else. `category` is A0–D7; a 0 says nothing but the set."""

    callsign: str | None
    category: str

    bds = "0,8"


def decode_bds08(me: int) -> Identification:
    """Read the register; any 56 bits with a type code of 1–4."""
    raw = bds08.decode_bds08(me)
    within = raw["category"]
    return Identification(
        callsign=valid_callsign(raw["callsign"]),
        category=f"{'DCBA'[(me >> 51) - 1]}{within}",
    )
