"""BDS 4,0: selected vertical intention.

    bits  1–13  MCP/FCU selected altitude, 16 ft
         14–26  FMS selected altitude, 16 ft
         27–39  barometric pressure setting, 0.1 hPa above 800
         40–47  reserved, 0
         48–51  MCP/FCU modes: valid, VNAV, altitude hold, approach
         52–53  reserved, 0
         54–56  source of the target altitude: valid, which

Source: ICAO Doc 9871, table for BDS 4,0; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds40

from receiver.record import record


@record
class SelectedVerticalIntention:
    """None: not said. `modes` holds those of vnav, althold and approach that are on."""

    altitude_mcp_ft: int | None
    altitude_fms_ft: int | None
    qnh_hpa: float | None
    modes: frozenset[str] | None
    target_source: str | None

    bds = "4,0"


def fits_bds40(mb: int) -> bool:
    """Whether the 56 bits can be this register: reserved bits and unsaid fields are 0."""
    return bds40.is_bds40(mb)


def decode_bds40(mb: int) -> SelectedVerticalIntention:
    """Read the register; 56 bits that fit it."""
    raw = bds40.decode_bds40(mb)
    modes = None
    if "vnav_mode" in raw:
        names = (("vnav_mode", "vnav"), ("altitude_hold_mode", "althold"), ("approach_mode", "approach"))
        modes = frozenset(name for key, name in names if raw[key])
    return SelectedVerticalIntention(
        altitude_mcp_ft=raw.get("selected_altitude_mcp"),
        altitude_fms_ft=raw.get("selected_altitude_fms"),
        qnh_hpa=raw.get("baro_pressure_setting"),
        modes=modes,
        target_source=raw.get("target_altitude_source"),
    )
