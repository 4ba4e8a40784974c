"""The aircraft objects as the map tells them: distance and bearing from the published place, not from the antenna's.

Three exact distances of one aircraft give the antenna away. Who wants exact distances publishes an exact place
(`location_accuracy`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receiver.tracking.geometry import bearing_deg, distance_nmi


def told(objects: Mapping[str, dict[str, Any]], location: tuple[float, float] | None) -> dict[str, dict[str, Any]]:
    """The objects, by hex, with `r_dst` and `r_dir` from `location`; without both when that is None."""
    return {icao: _told(aircraft, location) for icao, aircraft in objects.items()}


def _told(aircraft: dict[str, Any], location: tuple[float, float] | None) -> dict[str, Any]:
    if "r_dst" not in aircraft and (location is None or "lat" not in aircraft):
        return aircraft
    out = {key: value for key, value in aircraft.items() if key not in ("r_dst", "r_dir")}
    if location is not None and "lat" in aircraft:
        place = (aircraft["lat"], aircraft["lon"])
        out["r_dst"] = round(distance_nmi(*location, *place), 1)
        out["r_dir"] = round(bearing_deg(*location, *place)) % 360
    return out
