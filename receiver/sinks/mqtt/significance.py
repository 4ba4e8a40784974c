"""Whether an aircraft object is worth a message after the last one that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# These change with every message or by the mere passing of time.
IGNORED = frozenset({"now", "messages", "seen", "seen_pos", "rssi", "lastPosition", "r_dst", "r_dir", "calc_track"})

# Less than this is jitter; everything that is not listed counts when it differs at all. About 50 m, one knot, one
# degree; altitude is coded in steps of 25 ft, and a level aircraft flickers between two of them, as climb rates do
# between two steps of 64 ft/min.
THRESHOLDS = {
    "lat": 0.0005,
    "lon": 0.0005,
    "alt_baro": 50,
    "alt_geom": 100,
    "gs": 1.5,
    "ias": 3,
    "tas": 4,
    "mach": 0.008,
    "track": 1.0,
    "true_heading": 1.5,
    "mag_heading": 1.5,
    "track_rate": 0.3,
    "roll": 2.0,
    "baro_rate": 128,
    "geom_rate": 128,
    "wd": 10,
    "ws": 5,
    "oat": 2,
    "tat": 2,
    "nav_qnh": 0.5,
    "nav_heading": 1.0,
    "rc": 1,
}
_CIRCULAR = frozenset({"track", "true_heading", "mag_heading", "wd", "nav_heading"})

ATTRIBUTES = frozenset(
    [
        "callsign",
        "category",
        "squawk",
        "emergency",
        "position",
        "latitude_deg",
        "longitude_deg",
        "altitude_baro_ft",
        "altitude_geom_ft",
        "on_ground",
        "ground_speed_kt",
        "track_deg",
        "track_rate_deg_s",
        "roll_deg",
        "ias_kt",
        "tas_kt",
        "mach",
        "true_heading_deg",
        "mag_heading_deg",
        "vertical_rate_baro_fpm",
        "vertical_rate_geom_fpm",
        "nav_qnh_hpa",
        "nav_altitude_mcp_ft",
        "nav_altitude_fms_ft",
        "nav_heading_deg",
        "nav_modes",
        "nic",
        "rc_m",
        "adsb_version",
        "nac_p",
        "nac_v",
        "sil",
        "sil_type",
        "gva",
        "sda",
        "nic_baro",
        "alert",
        "spi",
        "acas_ra",
    ]
)
"""Attributes of a sighting whose change may be worth a message."""


def is_significant(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether somebody who knows `before` should be told `after` (two aircraft objects)."""
    if before.keys() - IGNORED != after.keys() - IGNORED:
        return True
    for key, new in after.items():
        if key in IGNORED:
            continue
        old = before[key]
        if old == new:
            continue
        least = THRESHOLDS.get(key)
        if least is None or isinstance(old, str) or isinstance(new, str):
            return True
        change = abs(new - old)
        if key in _CIRCULAR:
            change = min(change, 360.0 - change)
        if change >= least:
            return True
    return False
