"""BDS 1,0: data link capability report.

    bits  1– 8  0x10
             9  continues in BDS 1,1
            16  ACAS working
            33  sends its call sign
        37–40   ACAS: hybrid surveillance, resolution advisories, version

Source: ICAO Doc 9871, table for BDS 1,0; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds10

from receiver.record import record


@record
class DataLinkCapability:
    """What the transponder can do, as far as anybody here cares."""

    acas_operational: bool
    acas_resolution_advisory: bool
    sends_identification: bool

    bds = "1,0"


def fits_bds10(mb: int) -> bool:
    """Whether the 56 bits can be this register."""
    return bds10.is_bds10(mb)


def decode_bds10(mb: int) -> DataLinkCapability:
    """Read the register; 56 bits that fit it."""
    raw = bds10.decode_bds10(mb)
    return DataLinkCapability(
        acas_operational=raw["acas_operational"],
        acas_resolution_advisory=raw["acas_resolution_advisory"],
        sends_identification=raw["aircraft_identification_capability"],
    )
