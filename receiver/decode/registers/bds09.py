"""BDS 0,9: airborne velocity (type code 19).

    bits  1– 5  19
          6– 8  subtype: 1 over ground, 2 the same in steps of 4 kt, 3 through the air, 4 the same in steps of 4 kt
             9  intent change; TIS-B and ADS-R: IMF
         11–13  accuracy of the velocity (NUCr, NACv)
         14–35  subtypes 1, 2: east-west and north-south speed; 3, 4: heading and airspeed
            36  source of the vertical rate: 0 geometric, 1 barometric
         37–46  vertical rate, 64 ft/min
         49–56  geometric height above barometric altitude, 25 ft

Source: ICAO Doc 9871, tables for BDS 0,9; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pyModeS.decoder.bds import bds09

from receiver.decode.bits import field, flag


@dataclass(frozen=True, slots=True)
class Velocity:
    """Speed, direction, climb. `heading_deg` is true or magnetic as BDS 6,5 says (HRD). None: not said."""

    subtype: int
    nac_v: int
    ground_speed_kt: float | None
    track_deg: float | None
    ias_kt: int | None
    tas_kt: int | None
    heading_deg: float | None
    vertical_rate_baro_fpm: int | None
    vertical_rate_geom_fpm: int | None
    geom_minus_baro_ft: int | None

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
    )
