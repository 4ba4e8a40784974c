"""BDS 6,2: target state and status (type code 29).

    bits  1– 5  29
          6– 7  subtype: 0 as version 1 sends it, 1 as version 2 does

    subtype 1:     8  SIL supplement: 0 per hour, 1 per sample
                   9  source of the selected altitude: 0 MCP/FCU, 1 FMS
               10–20  selected altitude, 32 ft, 0 not said
               21–29  barometric pressure setting less 800, 0.8 hPa, 0 not said
               30–39  selected heading: valid, 360/512°
               40–43  NACp
                  44  NICbaro
               45–46  SIL
                  47  whether the modes are valid
               48–50  autopilot, VNAV, altitude hold
                  51  ADS-R: IMF
               52–54  approach, ACAS working, LNAV
    subtype 0:  8– 9  source of the target altitude: 1 MCP/FCU, 2 holding, 3 FMS
                  11  0 (1 marks the old version of this message)
               14–15  vertical mode: 1 acquiring, 2 holding
               16–25  target altitude, 100 ft above −1000
               26–27  source of the target heading, 0 none, 3 FMS
               28–36  target heading or track, 1°
                  37  0 heading, 1 track
               38–39  horizontal mode: 1 acquiring, 2 holding
               40–43  NACp
                  44  NICbaro
               45–46  SIL
               52–53  ACAS: 1 not working, 2 working, 3 resolution advisory
               54–56  emergency state

Source: ICAO Doc 9871, tables for BDS 6,2, DO-260A/B 2.2.3.2.7.1; subtype 1 as pyModeS 3.6 documents it.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds62

from receiver.decode.bits import field, flag
from receiver.decode.registers.bds61 import EMERGENCY_STATES
from receiver.record import record


@record
class TargetState:
    """None: not said. `modes` holds those of autopilot, vnav, althold, approach, lnav and tcas that are on."""

    subtype: int
    altitude_mcp_ft: int | None
    altitude_fms_ft: int | None
    qnh_hpa: float | None
    heading_deg: float | None
    modes: frozenset[str] | None
    nac_p: int
    nic_baro: int
    sil: int
    sil_type: str
    emergency: str | None

    bds = "6,2"


def decode_bds62(me: int) -> TargetState | None:
    """Read the register; any 56 bits with a type code of 29. None for reserved subtypes."""
    subtype = field(me, 6, 7)
    if subtype == 1:
        return _version_2(me)
    if subtype == 0 and not flag(me, 11):
        return _version_1(me)
    return None


def _version_2(me: int) -> TargetState:
    raw = bds62.decode_bds62(me)
    altitude = raw["selected_altitude"]
    from_fms = flag(me, 9)
    modes = None
    if flag(me, 47):
        names = (
            ("autopilot", "autopilot"),
            ("vnav_mode", "vnav"),
            ("altitude_hold_mode", "althold"),
            ("approach_mode", "approach"),
            ("lnav_mode", "lnav"),
            ("tcas_operational", "tcas"),
        )
        modes = frozenset(name for key, name in names if raw[key])
    return TargetState(
        subtype=1,
        altitude_mcp_ft=None if from_fms else altitude,
        altitude_fms_ft=altitude if from_fms else None,
        qnh_hpa=raw["baro_pressure_setting"],
        heading_deg=raw["selected_heading"],
        modes=modes,
        nac_p=raw["nac_p"],
        nic_baro=raw["nic_baro"],
        sil=raw["sil"],
        sil_type="persample" if flag(me, 8) else "perhour",
        emergency=None,
    )


def _version_1(me: int) -> TargetState:
    source = field(me, 8, 9)
    altitude = field(me, 16, 25) * 100 - 1000
    vertical, horizontal = field(me, 14, 15), field(me, 38, 39)
    heading_source = field(me, 26, 27)
    acas = field(me, 52, 53)
    modes: set[str] = set()
    if vertical in (1, 2):
        modes.add("vnav" if source == 3 else "althold" if (source, vertical) == (2, 2) else "autopilot")
    if horizontal in (1, 2):
        modes.add("lnav" if heading_source == 3 else "autopilot")
    if acas >= 2:
        modes.add("tcas")
    heading = field(me, 28, 36)
    return TargetState(
        subtype=0,
        altitude_mcp_ft=altitude if source == 1 else None,
        altitude_fms_ft=altitude if source == 3 else None,
        qnh_hpa=None,
        # a target track is no heading
        heading_deg=float(heading) if heading_source and not flag(me, 37) and heading < 360 else None,
        modes=frozenset(modes) if modes or acas else None,
        nac_p=field(me, 40, 43),
        nic_baro=field(me, 44, 44),
        sil=field(me, 45, 46),
        sil_type="unknown",
        emergency=EMERGENCY_STATES[field(me, 54, 56)],
    )
