"""BDS 6,1: aircraft status (type code 28).

    bits  1– 5  28
          6– 8  subtype: 1 emergency and priority status, 2 ACAS resolution advisory broadcast

    subtype 1:  9–11  emergency state
               12–24  Mode A code
                  56  TIS-B and ADS-R: IMF
    subtype 2:  9–56  as BDS 3,0

Source: ICAO Doc 9871, tables for BDS 6,1; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyModeS.decoder.bds import bds61

from receiver.decode.bits import field
from receiver.decode.registers.bds30 import ResolutionAdvisory, decode_bds30

EMERGENCY_STATES = ("none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "reserved")


@dataclass(frozen=True, slots=True)
class EmergencyStatus:
    """`emergency` is one of `EMERGENCY_STATES`; `squawk` four octal digits, None when the field is 0."""

    emergency: str
    squawk: str | None

    bds = "6,1"


def decode_bds61(me: int) -> EmergencyStatus | ResolutionAdvisory | None:
    """Read the register; any 56 bits with a type code of 28. None for reserved subtypes."""
    subtype = field(me, 6, 8)
    if subtype == 2:
        return decode_bds30(0x30 << 48 | me & 0xFFFFFFFFFFFF)
    if subtype != 1:
        return None
    raw = bds61.decode_bds61(me)
    return EmergencyStatus(
        emergency=EMERGENCY_STATES[raw["emergency_state"]],
        squawk=raw["squawk"] if field(me, 12, 24) else None,
    )
