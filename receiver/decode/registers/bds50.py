"""BDS 5,0: track and turn report.

    bits  1–11  roll angle: valid, sign, 45/256°
         12–23  true track: valid, sign, 90/512°
         24–34  ground speed: valid, 2 kt
         35–45  rate of turn: valid, sign, 8/256 °/s
         46–56  true airspeed: valid, 2 kt

Source: ICAO Doc 9871, table for BDS 5,0; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds50

from receiver.decode.bits import field, flag
from receiver.record import record


@record
class TrackAndTurn:
    """None: not said. `roll_deg` is negative with the left wing down."""

    roll_deg: float | None
    track_deg: float | None
    ground_speed_kt: int | None
    track_rate_deg_s: float | None
    tas_kt: int | None

    bds = "5,0"


def fits_bds50(mb: int) -> bool:
    """Whether the 56 bits can be this register: unsaid fields are 0, speeds and roll are possible."""
    return bds50.is_bds50(mb)


def decode_bds50(mb: int) -> TrackAndTurn:
    """Read the register; 56 bits that fit it."""
    raw = bds50.decode_bds50(mb)
    # The rate of turn with all its bits set is what some aircraft send for “not available”.
    unavailable = flag(mb, 35) and field(mb, 37, 45) == 0x1FF
    return TrackAndTurn(
        roll_deg=raw.get("roll"),
        track_deg=raw.get("true_track"),
        ground_speed_kt=raw.get("groundspeed"),
        track_rate_deg_s=None if unavailable else raw.get("track_rate"),
        tas_kt=raw.get("true_airspeed"),
    )
