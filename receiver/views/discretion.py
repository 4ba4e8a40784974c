"""What may be told of the air without telling where the antenna stands.

Distances and bearings from the antenna to aircraft whose place is told would give it away to the metre after three of
them. So they are taken from the published place (`StationSettings.published_location`), or left out when there is none;
and a farthest distance is rounded to half of what that place is rounded to. Signal levels fall with the distance, and a
model of them finds the antenna: they are told as they would be at the published place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from config.station import StationSettings
from receiver.earth import bearing_deg, distance_nmi
from receiver.views.outlets import Air
from receiver.wire.frame import Frame

DEGREE_NMI = 60.0
FEET_PER_NMI = 6076.1
NEAREST_NMI = 0.5  # levels are moved as if nobody were nearer
LEVEL_DECIMALS = 1


class Discretion:
    """Tells the published place only; the exact one is known for nothing but to take it out of signal levels."""

    def __init__(self, station: StationSettings) -> None:
        self.location = station.published_location()
        self.levels = station.signal_levels
        self._step_nmi = DEGREE_NMI / 2 * 10.0**-station.location_accuracy
        self._working = station.working_location()
        self._exact = None if station.latitude is None else (station.latitude, station.longitude or 0.0)
        if self.levels == "adjusted" and (self._exact is None or self._exact == self._working):
            self.levels = "measured"  # there is nothing to be taken out

    def air(self, air: Air) -> Air:
        """The same air as it may be told."""
        objects = {icao: self.aircraft(found) for icao, found in air.objects.items()}
        return replace(air, objects=objects, statistics=self.statistics(air.statistics))

    def aircraft(self, found: dict[str, Any]) -> dict[str, Any]:
        """An aircraft object."""
        has_level = self.levels != "measured" and "rssi" in found
        if "r_dst" not in found and "r_dir" not in found and not has_level:
            return found
        out = {key: value for key, value in found.items() if key not in ("r_dst", "r_dir")}
        if self.location is not None and "lat" in found and ("r_dst" in found or "r_dir" in found):
            place = (found["lat"], found["lon"])
            out["r_dst"] = round(distance_nmi(*self.location, *place), 1)
            out["r_dir"] = round(bearing_deg(*self.location, *place)) % 360
        if has_level:
            del out["rssi"]
            level = None if self.levels == "none" else self._level(found)
            if level is not None:
                out["rssi"] = level
        return out

    def frames(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """Frames for strangers: without their levels, unless those may be told as they were measured."""
        return frames if self.levels == "measured" else [replace(frame, signal_dbfs=None) for frame in frames]

    def statistics(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The statistics: the farthest distance in coarse steps, or not at all."""
        out = dict(found)
        farthest = out.pop("max_distance_nmi", None)
        if farthest is not None and self.location is not None and math.isfinite(farthest):
            out["max_distance_nmi"] = round(round(farthest / self._step_nmi) * self._step_nmi, 3)
        return out

    def _level(self, found: Mapping[str, Any]) -> float | None:
        """The level at the working place, in free space; as it is for an aircraft of which no place is told."""
        level: float = found["rssi"]
        place = found if "lat" in found else found.get("lastPosition")
        if place is None or self._exact is None or self._working is None:
            return level
        altitude = found.get("alt_baro", found.get("alt_geom", 0))
        height_nmi = (altitude if isinstance(altitude, int | float) else 0.0) / FEET_PER_NMI
        at = (place["lat"], place["lon"])
        near, told = (
            max(NEAREST_NMI, math.hypot(distance_nmi(*origin, *at), height_nmi))
            for origin in (self._exact, self._working)
        )
        return round(level + 20.0 * math.log10(near / told), LEVEL_DECIMALS)
