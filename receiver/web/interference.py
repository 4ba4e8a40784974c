"""Where satellite navigation is disturbed: which share of the aircraft says that it is unsure of its position, by cell and hour.

One aircraft proves nothing, its receiver may be broken; so one is taken off. NACp 2 and less is an uncertainty of 4 nmi and
more, or unknown (DO-260B, table 2-71). Aircraft that send no NACp are not counted.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from receiver.views.outlets import Air

CELL_DEG = 1.0
HOUR_S = 3600.0
HOURS = 48
EVERY_S = 10.0
UNSURE_NAC_P = 2

Cell = tuple[int, int]  # row and column, degrees


class Interference:
    """Counts aircraft, each once an hour and cell; what is older than two days is forgotten."""

    def __init__(self) -> None:
        self._hours: dict[int, dict[Cell, list[int]]] = {}  # hour -> cell -> aircraft, unsure ones
        self._counted: dict[tuple[str, Cell], bool] = {}  # of this hour: whether it was unsure there
        self._hour = -1
        self._looked_s = -math.inf

    def second(self, air: Air) -> None:
        """Take how things are now."""
        if 0.0 <= air.now - self._looked_s < EVERY_S:
            return
        self._looked_s = air.now
        hour = int(air.now // HOUR_S)
        if hour != self._hour:
            self._hour = hour
            self._counted.clear()
            self._hours = {old: cells for old, cells in self._hours.items() if hour - HOURS < old <= hour}
        cells = self._hours.setdefault(hour, defaultdict(lambda: [0, 0]))
        for icao, one in air.objects.items():
            nac_p = one.get("nac_p")
            if nac_p is None or "lat" not in one or one.get("alt_baro") == "ground":
                continue
            cell = (math.floor(one["lat"] / CELL_DEG), math.floor(one["lon"] / CELL_DEG))
            unsure, before = nac_p <= UNSURE_NAC_P, self._counted.get((icao, cell))
            if before is None:
                cells[cell][0] += 1
            if unsure and not before:
                cells[cell][1] += 1
            self._counted[icao, cell] = unsure or bool(before)

    def told(self) -> dict[str, Any]:
        """GeoJSON: a square a cell, with its hours (UTC s, aircraft, unsure ones) and the share of all of them."""
        cells: dict[Cell, list[tuple[float, int, int]]] = defaultdict(list)
        for hour in sorted(self._hours):
            for cell, (aircraft, unsure) in self._hours[hour].items():
                cells[cell].append((hour * HOUR_S, aircraft, unsure))
        features = []
        for (row, column), hours in sorted(cells.items()):
            aircraft, unsure = sum(one[1] for one in hours), sum(one[2] for one in hours)
            south, west = row * CELL_DEG, column * CELL_DEG
            ring = [[west, south], [west + CELL_DEG, south], [west + CELL_DEG, south + CELL_DEG]]
            ring += [[west, south + CELL_DEG], [west, south]]
            share = max(0, unsure - 1) / aircraft
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                    "properties": {"aircraft": aircraft, "unsure": unsure, "share": round(share, 3), "hours": hours},
                }
            )
        return {"type": "FeatureCollection", "features": features}
