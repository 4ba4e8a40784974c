"""How old each value of one aircraft is, who said it and in which register: what the page shows beside the value."""

from __future__ import annotations

from typing import Any

from receiver.tracking.sighting import LIFETIME_S, Sighting, Slot

# Keys of aircraft.json, by slot.
_KEYS: dict[Slot, tuple[str, ...]] = {
    Slot.CALLSIGN: ("flight",),
    Slot.CATEGORY: ("category",),
    Slot.SQUAWK: ("squawk",),
    Slot.EMERGENCY: ("emergency",),
    Slot.POSITION: ("lat", "lon", "nic", "rc", "r_dst", "r_dir"),
    Slot.ALTITUDE_BARO: ("alt_baro",),
    Slot.ALTITUDE_GEOM: ("alt_geom",),
    Slot.GROUND_SPEED: ("gs",),
    Slot.TRACK: ("track",),
    Slot.TRACK_RATE: ("track_rate",),
    Slot.ROLL: ("roll",),
    Slot.IAS: ("ias",),
    Slot.TAS: ("tas",),
    Slot.MACH: ("mach",),
    Slot.TRUE_HEADING: ("true_heading",),
    Slot.MAG_HEADING: ("mag_heading",),
    Slot.RATE_BARO: ("baro_rate",),
    Slot.RATE_GEOM: ("geom_rate",),
    Slot.NAV_QNH: ("nav_qnh",),
    Slot.NAV_ALTITUDE_MCP: ("nav_altitude_mcp",),
    Slot.NAV_ALTITUDE_FMS: ("nav_altitude_fms",),
    Slot.NAV_HEADING: ("nav_heading",),
    Slot.NAV_MODES: ("nav_modes",),
    Slot.QUALITY: ("version", "nac_p", "nac_v", "sil", "sil_type", "gva", "sda", "nic_baro"),
    Slot.ALERT: ("alert",),
    Slot.SPI: ("spi",),
    Slot.ACAS_RA: ("acas_ra",),
    Slot.WIND: ("wd", "ws"),
    Slot.TEMPERATURE: ("oat", "tat"),
}


def ages(sighting: Sighting, now: float) -> dict[str, dict[str, Any]]:
    """`{key: {age, by, register}}` for every value that is known and has not expired."""
    out: dict[str, dict[str, Any]] = {}
    for slot, keys in _KEYS.items():
        value = sighting.values[slot]
        lifetime = LIFETIME_S[slot]
        if value is None or (lifetime and now - value.time_s > lifetime):
            continue
        told = {
            "age": round(max(0.0, now - value.time_s), 1),
            "by": value.source.value,
            "register": value.register,
        }
        for key in keys:
            out[key] = told
    on_ground = sighting.values[Slot.ON_GROUND]
    if on_ground is not None and on_ground.value:
        out["alt_baro"] = {
            "age": round(max(0.0, now - on_ground.time_s), 1),
            "by": on_ground.source.value,
            "register": on_ground.register,
        }
    return out
