"""BDS 2,0: aircraft identification.

    bits  1– 8  0x20
          9–56  eight characters of six bits

Source: ICAO Doc 9871, table for BDS 2,0; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds20

from receiver.decode.callsign import valid_callsign
from receiver.record import record


@record
class AircraftIdentification:
    """`callsign` without its padding; None when it is blank."""

    callsign: str | None

    bds = "2,0"


def fits_bds20(mb: int) -> bool:
    """Whether the 56 bits can be this register: eight valid characters."""
    return bds20.is_bds20(mb)


def decode_bds20(mb: int) -> AircraftIdentification:
    """Read the register; 56 bits that fit it."""
    return AircraftIdentification(callsign=valid_callsign(bds20.decode_bds20(mb)["callsign"]))
