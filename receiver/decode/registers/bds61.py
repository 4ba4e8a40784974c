"""BDS 6,1: aircraft status (type code 28).

    bits  1– 5  28
          6– 8  subtype: 1 emergency and priority status, 2 ACAS resolution advisory broadcast

    subtype 1:  9–11  emergency state
               12–24  Mode A code
                  56  TIS-B and ADS-R: IMF
    subtype 2:  9–56  as BDS 3,0 (version 2 and above; undefined before)

| state | version 0 | 1 and 2 | 3 |
|---|---|---|---|
| 0 | none | none | none |
| 1 | general | general | general |
| 2 | lifeguard, medical | the same | unmanned aircraft: lost link |
| 3 | minimum fuel | the same | the same |
| 4 | no communications | the same | the same |
| 5 | unlawful interference | the same | the same |
| 6 | reserved | downed | in distress, reported by the aircraft's own systems |
| 7 | reserved | reserved | in distress, reported by the crew |

Source: ICAO Doc 9871, tables for BDS 6,1; bit numbers as pyModeS 3.6 documents them; ED-102B tables 2-97, N-7 and N-19
by way of the issues of SeRo Systems' lib1090.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds61

from receiver.decode.bits import field
from receiver.decode.registers.bds30 import ResolutionAdvisory, decode_bds30
from receiver.record import record

_STATES_OF_VERSION_0 = ("none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "reserved", "reserved")
_STATES_OF_VERSION_3 = ("none", "general", "lostlink", "minfuel", "nordo", "unlawful", "distress", "distress")
EMERGENCY_STATES = ("none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "reserved")


@record
class EmergencyStatus:
    """`state` is 0–7: what it means depends on the version (`emergency_of`); `squawk` four octal digits, None when the
    field is 0."""

    state: int
    squawk: str | None

    bds = "6,1"


def emergency_of(state: int, version: int | None) -> str:
    """The emergency in a word, by the version of ADS-B; None: it is not known, and read as 2."""
    if version is None or version in (1, 2):
        return EMERGENCY_STATES[state]
    return (_STATES_OF_VERSION_3 if version else _STATES_OF_VERSION_0)[state]


def decode_bds61(me: int) -> EmergencyStatus | ResolutionAdvisory | None:
    """Read the register; any 56 bits with a type code of 28. None for reserved subtypes."""
    subtype = field(me, 6, 8)
    if subtype == 2:
        return decode_bds30(0x30 << 48 | me & 0xFFFFFFFFFFFF)
    if subtype != 1:
        return None
    raw = bds61.decode_bds61(me)
    return EmergencyStatus(
        state=raw["emergency_state"],
        squawk=raw["squawk"] if field(me, 12, 24) else None,
    )
