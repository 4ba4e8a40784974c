"""BDS 0,6: surface position (type codes 5–8).

    bits  1– 5  type code: integrity of the position
          6–12  movement: ground speed, in steps that grow with it
            13  whether the ground track is valid
         14–20  ground track (or heading, as the operational status says), 360/128°
            21  time synchronised; TIS-B and ADS-R: IMF
            22  CPR format: 0 even, 1 odd
         23–39  CPR latitude
         40–56  CPR longitude

Source: ICAO Doc 9871, table for BDS 0,6; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds06

from receiver.record import record


@record
class SurfacePosition:
    """Speed, direction and one half of a position on the ground. `track_deg` may be a heading: BDS 6,5 says which."""

    type_code: int
    ground_speed_kt: float | None
    track_deg: float | None
    cpr_odd: bool
    cpr_latitude: int
    cpr_longitude: int

    bds = "0,6"


def decode_bds06(me: int) -> SurfacePosition:
    """Read the register; any 56 bits with a type code of 5–8."""
    raw = bds06.decode_bds06(me)
    return SurfacePosition(
        type_code=me >> 51,
        ground_speed_kt=raw["groundspeed"],
        track_deg=raw["track"],
        cpr_odd=bool(raw["cpr_format"]),
        cpr_latitude=raw["cpr_lat"],
        cpr_longitude=raw["cpr_lon"],
    )
