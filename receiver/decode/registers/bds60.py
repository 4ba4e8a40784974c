"""BDS 6,0: heading and speed report.

    bits  1–12  magnetic heading: valid, sign, 90/512°
         13–23  indicated airspeed: valid, 1 kt
         24–34  Mach number: valid, 2.048/512
         35–45  barometric vertical rate: valid, sign, 32 ft/min
         46–56  inertial vertical velocity: valid, sign, 32 ft/min

Source: ICAO Doc 9871, table for BDS 6,0; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds60

from receiver.record import record


@record
class HeadingAndSpeed:
    """None: not said."""

    mag_heading_deg: float | None
    ias_kt: int | None
    mach: float | None
    vertical_rate_baro_fpm: int | None
    vertical_rate_inertial_fpm: int | None

    bds = "6,0"


def fits_bds60(mb: int) -> bool:
    """Whether the 56 bits can be this register: unsaid fields are 0, speeds and rates are possible."""
    return bds60.is_bds60(mb)


def decode_bds60(mb: int) -> HeadingAndSpeed:
    """Read the register; 56 bits that fit it."""
    raw = bds60.decode_bds60(mb)
    return HeadingAndSpeed(
        mag_heading_deg=raw.get("magnetic_heading"),
        ias_kt=raw.get("indicated_airspeed"),
        mach=raw.get("mach"),
        vertical_rate_baro_fpm=raw.get("baro_vertical_rate"),
        vertical_rate_inertial_fpm=raw.get("inertial_vertical_rate"),
    )
