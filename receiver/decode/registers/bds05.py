"""BDS 0,5: airborne position (type codes 0, 9–18 and 20–22).

    bits  1– 5  type code: kind of altitude and integrity of the position
          6– 7  surveillance status (0 none, 1 permanent alert, 2 temporary alert, 3 special position identification)
             8  version 0 and 1: single antenna flag; version 2: NIC supplement B; TIS-B and ADS-R: IMF
          9–20  altitude
            21  time synchronised
            22  CPR format: 0 even, 1 odd
         23–39  CPR latitude
         40–56  CPR longitude

Source: ICAO Doc 9871, table for BDS 0,5; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds05

from receiver.decode.altitude import altitude_from_code_12
from receiver.decode.bits import field, flag
from receiver.record import record


@record
class AirbornePosition:
    """Altitude and one half of a position.

    `altitude_ft` is barometric for type codes 0 and 9–18, height above the ellipsoid for 20–22
    (`altitude_is_geometric`). With type code 0 there is no position: `cpr_latitude` and `cpr_longitude` mean nothing.
    """

    type_code: int
    surveillance_status: int
    nic_supplement_b: bool
    altitude_ft: int | None
    altitude_is_geometric: bool
    cpr_odd: bool
    cpr_latitude: int
    cpr_longitude: int

    bds = "0,5"


def decode_bds05(me: int) -> AirbornePosition:
    """Read the register; any 56 bits with a type code of 0, 9–18 or 20–22."""
    type_code = field(me, 1, 5)
    raw = bds05.decode_bds05(me, tc=type_code)
    # pyModeS reads the GNSS height of 20–22 as metres and gives none for type code 0; both carry the same 12-bit code
    # as the barometric altitude does.
    return AirbornePosition(
        type_code=type_code,
        surveillance_status=raw["surveillance_status"],
        nic_supplement_b=flag(me, 8),
        altitude_ft=altitude_from_code_12(field(me, 9, 20)),
        altitude_is_geometric=type_code >= 20,
        cpr_odd=bool(raw["cpr_format"]),
        cpr_latitude=raw["cpr_lat"],
        cpr_longitude=raw["cpr_lon"],
    )
