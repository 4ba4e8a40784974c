"""TIS-B coarse airborne position and velocity (DF18, CF3): a radar's short report, without a type code.

    bits     1  IMF: 0 the address is an ICAO address, 1 a Mode A code and a track number
          2– 3  surveillance status
          4– 7  service volume (which ground station)
          8–19  barometric altitude
            20  whether the ground track is valid
         21–25  ground track, 11.25°
         26–31  ground speed, 32 kt
            32  CPR format: 0 even, 1 odd
         33–44  CPR latitude, 12 bits
         45–56  CPR longitude, 12 bits

Source: DO-260B 2.2.17.3.5, by way of SeRo Systems' lib1090.
"""

from __future__ import annotations

from receiver.decode.altitude import altitude_from_code_12
from receiver.decode.bits import field, flag
from receiver.record import record


@record
class CoarsePosition:
    """`ground_speed_kt` is the middle of a step of 32 kt. None: not said."""

    surveillance_status: int
    altitude_ft: int | None
    track_deg: float | None
    ground_speed_kt: int | None
    cpr_odd: bool
    cpr_latitude: int
    cpr_longitude: int

    bds = "TIS-B coarse"


def decode_tisb_coarse(me: int) -> CoarsePosition:
    """Read the 56 bits."""
    speed = field(me, 26, 31)
    # 1 means below 16 kt, n above it 16 + 32·(n − 2) to 16 + 32·(n − 1)
    return CoarsePosition(
        surveillance_status=field(me, 2, 3),
        altitude_ft=altitude_from_code_12(field(me, 8, 19)),
        track_deg=field(me, 21, 25) * 11.25 if flag(me, 20) else None,
        ground_speed_kt=None if speed == 0 else 8 if speed == 1 else 32 * (speed - 1),
        cpr_odd=flag(me, 32),
        cpr_latitude=field(me, 33, 44),
        cpr_longitude=field(me, 45, 56),
    )
