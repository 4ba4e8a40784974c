"""BDS 0,9: airborne velocity (type code 19).

    bits  1– 5  19
          6– 8  subtype: 1 over ground, 2 the same in steps of 4 kt, 3 through the air, 4 the same in steps of 4 kt
             9  intent change; TIS-B and ADS-R: IMF
         11–13  accuracy of the velocity (NUCr, NACv)
         14–35  subtypes 1, 2: east-west and north-south speed; 3, 4: heading and airspeed
            36  source of the vertical rate: 0 geometric, 1 barometric
         37–46  vertical rate, 64 ft/min
         49–56  geometric height above barometric altitude, 25 ft; from −3,137 to 3,137 ft

Version 3 (subtypes 1 and 2 only) goes on where the difference was left out: with bits 50–56 all 0, 47–48 are the NIC
supplement D; else bit 9 halves the step, and with bits 50–56 all 1, bits 10, 47–48 and 9 count on from 3,150 ft in
steps of 100.

TIS-B (fine, subtypes 1 and 2) differs:

             9  IMF
         10–13  NACp
            36  GEO: 1 with the difference of bits 49–56, 0 with NACv and SIL instead
         48–50  NACv (GEO 0)
         51–52  SIL (GEO 0)

Source: ICAO Doc 9871, tables for BDS 0,9; bit numbers as pyModeS 3.6 documents them; DO-260B 2.2.17.3.4 (TIS-B) and
ED-102B 2.2.3.2.6.1 (version 3) by way of SeRo Systems' lib1090.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pyModeS.decoder.bds import bds09

from receiver.decode.bits import field, flag
from receiver.record import record


@record
class Velocity:
    """Speed, direction, climb. `heading_deg` is true or magnetic as BDS 6,5 says (HRD). None: not said.

    `nic_supplement_d` and `fine_geom_minus_baro_ft` hold only if the aircraft is of version 3 or above.
    """

    subtype: int
    nac_v: int | None
    ground_speed_kt: float | None
    track_deg: float | None
    ias_kt: int | None
    tas_kt: int | None
    heading_deg: float | None
    vertical_rate_baro_fpm: int | None
    vertical_rate_geom_fpm: int | None
    geom_minus_baro_ft: int | None
    nic_supplement_d: int | None = None
    fine_geom_minus_baro_ft: int | None = None

    bds = "0,9"


def decode_bds09(me: int) -> Velocity | None:
    """Read the register; any 56 bits with a type code of 19. None for the reserved subtypes 0 and 5–7."""
    subtype = field(me, 6, 8)
    if not 1 <= subtype <= 4:
        return None
    raw = bds09.decode_bds09(me)
    speed = track = ias = tas = heading = None
    if subtype <= 2:
        # pyModeS cuts the speed to whole knots; the two components are worth more, and a standing aircraft has no track
        east, north = field(me, 15, 24), field(me, 26, 35)
        if east and north:
            scale = 4 if subtype == 2 else 1
            speed = math.hypot(east - 1, north - 1) * scale
            track = raw["track"] if speed else None
    else:
        heading = raw["heading"]
        if raw["airspeed_type"] == "TAS":
            tas = raw["airspeed"]
        else:
            ias = raw["airspeed"]
    rate = raw["vertical_rate"]
    is_baro = flag(me, 36)
    return Velocity(
        subtype=subtype,
        nac_v=raw["nac_v"],
        ground_speed_kt=speed,
        track_deg=track,
        ias_kt=ias,
        tas_kt=tas,
        heading_deg=heading,
        vertical_rate_baro_fpm=rate if is_baro else None,
        vertical_rate_geom_fpm=None if is_baro else rate,
        geom_minus_baro_ft=raw["geo_minus_baro"],
        nic_supplement_d=field(me, 47, 48) if field(me, 50, 56) == 0 else None,
        fine_geom_minus_baro_ft=_fine_difference(me),
    )


def _fine_difference(me: int) -> int | None:
    """Geometric height above barometric altitude as version 3 sends it, ft; None when it does not."""
    coarse, half, further = field(me, 50, 56), field(me, 9, 9), field(me, 10, 10) << 2 | field(me, 47, 48)
    if coarse == 0 or (coarse, half, further) == (1, 0, 0):
        return None
    if coarse == 0x7F:
        difference = 3150 + 100 * (further << 1 | half)
    elif further or (coarse == 1 and half == 0):
        return None  # reserved
    else:
        difference = int((coarse - 1) * 25 + half * 12.5)
    return -difference if flag(me, 49) else difference


def decode_tisb_velocity(me: int) -> Velocity | None:
    """Read the register as TIS-B sends it; any 56 bits with a type code of 19. None for subtypes but 1 and 2."""
    plain = decode_bds09(me)
    if plain is None or plain.subtype > 2:
        return None
    rate = plain.vertical_rate_baro_fpm if plain.vertical_rate_baro_fpm is not None else plain.vertical_rate_geom_fpm
    has_difference = flag(me, 36)
    return replace(
        plain,
        nac_v=None if has_difference else field(me, 48, 50),
        # a radar knows no height but the barometric one
        vertical_rate_baro_fpm=rate,
        vertical_rate_geom_fpm=None,
        geom_minus_baro_ft=plain.geom_minus_baro_ft if has_difference else None,
        nic_supplement_d=None,
        fine_geom_minus_baro_ft=None,
    )
