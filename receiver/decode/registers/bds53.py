"""BDS 5,3: air-referenced state vector. pyModeS 3 does not know it, so it is read here.

    bits  1–12  magnetic heading: valid, sign, 90/512°
         13–23  indicated airspeed: valid, 1 kt
         24–33  Mach number: valid, 0.008
         34–46  true airspeed: valid, 0.5 kt
         47–56  vertical rate: valid, sign, 64 ft/min

Source: ICAO Doc 9871, table for BDS 5,3, by way of the bit table in pyModeS 2.
"""

from __future__ import annotations

from receiver.decode.bits import field, flag
from receiver.record import record

# (bit that says valid, first and last bit of the field)
_GATES = ((1, 2, 12), (13, 14, 23), (24, 25, 33), (34, 35, 46), (47, 48, 56))


@record
class AirReferencedState:
    """None: not said."""

    mag_heading_deg: float | None
    ias_kt: int | None
    mach: float | None
    tas_kt: float | None
    vertical_rate_baro_fpm: int | None

    bds = "5,3"


def fits_bds53(mb: int) -> bool:
    """Whether the 56 bits can be this register: unsaid fields are 0, speeds are possible and agree with each other."""
    if mb == 0 or any(not flag(mb, gate) and field(mb, first, last) for gate, first, last in _GATES):
        return False
    state = decode_bds53(mb)
    if state.ias_kt is not None and state.ias_kt > 500:
        return False
    if state.mach is not None and state.mach > 1:
        return False
    if state.tas_kt is not None and state.tas_kt > 600:
        return False
    return state.vertical_rate_baro_fpm is None or abs(state.vertical_rate_baro_fpm) <= 8000


def decode_bds53(mb: int) -> AirReferencedState:
    """Read the register; any 56 bits."""
    heading = (field(mb, 3, 12) - (1024 if flag(mb, 2) else 0)) * 90 / 512 % 360
    rate = (field(mb, 49, 56) - (256 if flag(mb, 48) else 0)) * 64
    return AirReferencedState(
        mag_heading_deg=heading if flag(mb, 1) else None,
        ias_kt=field(mb, 14, 23) if flag(mb, 13) else None,
        mach=field(mb, 25, 33) * 0.008 if flag(mb, 24) else None,
        tas_kt=field(mb, 35, 46) * 0.5 if flag(mb, 34) else None,
        vertical_rate_baro_fpm=rate if flag(mb, 47) else None,
    )
