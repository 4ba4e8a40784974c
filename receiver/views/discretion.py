"""What may be told of the air without telling where the antenna stands.

Distances and bearings from the antenna to aircraft whose place is told would give it away to the metre after three of
them. So they are taken from the published place (`StationSettings.published_location`), or left out when there is none;
and a farthest distance is rounded to half of what that place is rounded to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.station import StationSettings
from receiver.earth import bearing_deg, distance_nmi
from receiver.views.outlets import Air

DEGREE_NMI = 60.0


class Discretion:
    """Knows the published place only."""

    def __init__(self, station: StationSettings) -> None:
        self.location = station.published_location()
        self._step_nmi = DEGREE_NMI / 2 * 10.0**-station.location_accuracy

    def air(self, air: Air) -> Air:
        """The same air as it may be told."""
        objects = {icao: self.aircraft(found) for icao, found in air.objects.items()}
        return replace(air, objects=objects, statistics=self.statistics(air.statistics))

    def aircraft(self, found: dict[str, Any]) -> dict[str, Any]:
        """An aircraft object."""
        if "r_dst" not in found and "r_dir" not in found:
            return found
        out = {key: value for key, value in found.items() if key not in ("r_dst", "r_dir")}
        if self.location is not None and "lat" in found:
            place = (found["lat"], found["lon"])
            out["r_dst"] = round(distance_nmi(*self.location, *place), 1)
            out["r_dir"] = round(bearing_deg(*self.location, *place)) % 360
        return out

    def statistics(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The statistics: the farthest distance in coarse steps, or not at all."""
        out = dict(found)
        farthest = out.pop("max_distance_nmi", None)
        if farthest is not None and self.location is not None and math.isfinite(farthest):
            out["max_distance_nmi"] = round(round(farthest / self._step_nmi) * self._step_nmi, 3)
        return out
