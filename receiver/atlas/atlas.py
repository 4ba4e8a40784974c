"""Where a position is, in words, and what the map around it looks like. All from files in the package."""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from receiver.atlas.answers import Aerodrome, Area, Box, Land, NearPlace, Place
from receiver.atlas.details import Detail, Details
from receiver.atlas.files import UNIT, Texts, arrays, base_map_file, names, waters
from receiver.atlas.geometry import Outlines, areas_within, land_rings, lines_within
from receiver.atlas.lakes import lakes
from receiver.atlas.points import Points
from receiver.atlas.regions import BORDER, COAST, REGION, Regions
from receiver.earth import bearing_deg, wrap_deg

CREDIT = "Natural Earth · GSHHG · OurAirports · © OpenStreetMap · GeoNames (CC BY 4.0)"
"""Who is to be named beside a picture or map that is drawn from the atlas."""

LANGUAGES = ("en", "es")
AERODROME_KM = 15.0
NEAR_KM = 50.0
FAR_KM = 600.0
WATER_WEIGHT = 11.0
"""A lake or reservoir goes before the town on its shore above the water, not beside it."""
MOST_PEOPLE = 1_000_000
"""Above this a city is named from no further away."""
WEIGHT_POWER = 0.3
"""A place is worth naming from afar as its population to this power: a town of 25,000 at 12 km goes before a city of
500,000 at 60 km ..."""
TOWN, VILLAGE_WEIGHT = 15_000, 0.6
"""... and a smaller place than this by so much less: it also goes before a village of 6,000 at 4 km."""
BESIDE_KM = 3.0
"""Added to every distance: what lies so close is as near as what lies below."""

_SURROUNDINGS = ((0.0, 0.0), (0.03, 0.0), (0.0, 0.03), (-0.03, 0.0), (0.0, -0.03))
"""Where to look for a town's region, degrees: in it and some 3 km around."""

LineKind = Literal["coast", "border", "region"]
AreaKind = Literal["land", "lake"]
_LINES = {"coast": COAST, "border": BORDER, "region": REGION}


class Atlas:
    """Look-ups and outlines. Cheap to make: each part is read when it is first asked for. Threads may share one.

    Parameters
    ----------
    map_file
        An archive of tiles of a region, for `details`; None: the package's own alone.
    """

    def __init__(self, map_file: Path | None = None) -> None:
        self._map_file = map_file
        self._land = lru_cache(maxsize=4096)(self._find_land)
        self._near = lru_cache(maxsize=1024)(self._find_near)

    def warm(self) -> None:
        """Reads what `land`, `near` and `aerodrome` need; some tenths of a second, best not on the event loop."""
        self.near(0.0, 0.0, "en")
        self.aerodrome(0.0, 0.0)

    def land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        """The country and its region there; None at sea.

        Borders are those of Natural Earth, 1:10m: good to some hundred metres. They show who governs a place, not who
        should; Crimea counts as Ukraine's.
        """
        return self._land(latitude_deg, longitude_deg, language)

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        """The place that a person would name there: near, and the larger the further away; None beyond 600 km.

        From a lake or reservoir the distance is that to its shore, as if it were round: 0 above it.
        """
        return self._near(latitude_deg, longitude_deg, language)

    def aerodrome(self, latitude_deg: float, longitude_deg: float) -> Aerodrome | None:
        """The nearest aerodrome within 15 km; None when there is none."""
        which, distance = self._aerodromes.points.within(latitude_deg, longitude_deg, AERODROME_KM)
        if not len(which):
            return None
        nearest = int(distance.argmin())
        index = int(which[nearest])
        elevation = int(self._aerodromes.elevation_ft[index])
        return Aerodrome(
            self._aerodromes.names[index],
            float(distance[nearest]),
            None if elevation == UNKNOWN_ELEVATION else float(elevation),
        )

    def country_name(self, code: str, language: str) -> str:
        """What a country is called; its ISO 3166 code when it has no name here."""
        spoken: list[str] | None = names()["countries"].get(code.upper())
        return code if spoken is None else spoken[LANGUAGES.index(language)]

    def lines(self, kind: LineKind, box: Box, tolerance_deg: float) -> list[NDArray[np.float64]]:
        """Coasts, borders between countries, or lines between regions in a box.

        Returns
        -------
        Pieces of shape (n, 2), longitude and latitude in degrees; longitudes run on beyond 180 in a box that does.
        """
        regions = self._regions
        return lines_within(regions.outlines, regions.kind == _LINES[kind], box, tolerance_deg)

    def areas(self, kind: AreaKind, box: Box, tolerance_deg: float) -> list[Area]:
        """Land or lakes to fill, cut a little beyond the box; the biggest first, so that holes are painted later."""
        outlines, hole = self._land_rings if kind == "land" else self._lakes
        return areas_within(outlines, hole, box, tolerance_deg)

    def details(self, box: Box, tolerance_deg: float) -> list[Detail]:
        """Lakes, rivers, roads and runways in a box, in the order in which they are painted."""
        return self._details.within(box, tolerance_deg)

    def places(self, box: Box, limit: int, apart_deg: float = 0.0) -> list[Place]:
        """Towns in a box, the most populous first, and after them lakes and reservoirs known by name.

        At most `limit`, a quarter of them waters; of towns nearer to each other than `apart_deg` only the larger.
        """
        table = self._places
        found = table.points.in_box(box)
        waters = [table.place(int(index)) for index in found[found >= table.towns][: limit // 4]]
        towns: list[Place] = []
        stretch = math.cos(math.radians(min(80.0, abs(box.south_deg + box.north_deg) / 2.0)))
        for index in found[found < table.towns]:
            if len(towns) + len(waters) >= limit:
                break
            town = table.place(int(index))
            if not any(_apart_deg(town, other, stretch) < apart_deg for other in towns):
                towns.append(town)
        return towns + waters

    @cached_property
    def _regions(self) -> Regions:
        return Regions()

    @cached_property
    def _land_rings(self) -> tuple[Outlines, NDArray[np.bool_]]:
        return land_rings(self._regions.outlines, self._regions.left, self._regions.right)

    @cached_property
    def _lakes(self) -> tuple[Outlines, NDArray[np.bool_]]:
        return lakes()

    @cached_property
    def _details(self) -> Details:
        own = [] if self._map_file is None else [self._map_file.expanduser()]
        return Details([base_map_file(), *own])

    @cached_property
    def _places(self) -> _Places:
        return _Places()

    @cached_property
    def _aerodromes(self) -> _Aerodromes:
        return _Aerodromes()

    def _find_land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        number = self._regions.number(latitude_deg, longitude_deg)
        if number == 0:
            return None
        code, *spoken = names()["regions"][number - 1]
        language_index = LANGUAGES.index(language)
        return Land(code, self.country_name(code, language), spoken[min(language_index, len(spoken) - 1)])

    def _find_near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        table = self._places
        reach_km = NEAR_KM
        while True:
            which, distance = table.points.within(latitude_deg, longitude_deg, reach_km)
            if len(which):
                beside = np.maximum(0.0, distance - table.radius_km[which]) + BESIDE_KM
                score = beside / table.weight[which]
                best = int(score.argmin())
                needed_km = float(score[best]) * MOST_PEOPLE**WEIGHT_POWER
                if needed_km <= reach_km or reach_km >= FAR_KM:
                    break
            elif reach_km >= FAR_KM:
                return None
            else:
                needed_km = reach_km * 4.0
            reach_km = min(FAR_KM, needed_km)
        place = table.place(int(which[best]))
        bearing = bearing_deg(place.latitude_deg, place.longitude_deg, latitude_deg, longitude_deg)
        region, country = self._around(place, table.country(int(which[best])), language)
        apart_km = max(0.0, float(distance[best]) - float(table.radius_km[which[best]]))
        return NearPlace(place.name, apart_km, bearing, region, country)

    def _around(self, place: Place, code: str, language: str) -> tuple[str, str]:
        """Region and country of a place; from its surroundings where an outline leaves it at sea or over the border."""
        for north, east in _SURROUNDINGS:
            land = self._land(place.latitude_deg + north, place.longitude_deg + east, language)
            if land is not None and (not code or land.code == code):
                return land.region, land.country
        return "", self.country_name(code, language) if code else ""


def _apart_deg(one: Place, other: Place, stretch: float) -> float:
    """How far apart two places of a box are, in degrees of latitude."""
    east = wrap_deg(one.longitude_deg - other.longitude_deg)
    return math.hypot(one.latitude_deg - other.latitude_deg, east * stretch)


class _Places:
    """Towns, the most populous first, then waters."""

    def __init__(self) -> None:
        data = arrays("places")
        rows = waters()
        here = [(round(row["latitude_deg"] * UNIT), round(row["longitude_deg"] * UNIT)) for row in rows]
        self.towns = len(data["position"])
        self._position = np.concatenate((data["position"], np.array(here, np.int32).reshape(-1, 2)))
        self._names = Texts(data["name"])
        self._waters = [row["name"] for row in rows]
        self._country = data["country"].tobytes()
        self._population = data["population"]
        self.points = Points(self._position)
        weight = np.clip(self._population, 500, MOST_PEOPLE) ** WEIGHT_POWER
        weight[self._population < TOWN] *= VILLAGE_WEIGHT
        self.weight = np.concatenate((weight, np.full(len(rows), WATER_WEIGHT))).astype(np.float32)
        self.radius_km = np.zeros(len(self.weight), np.float32)
        self.radius_km[self.towns :] = [math.sqrt(row["area_km2"] / math.pi) for row in rows]

    def place(self, index: int) -> Place:
        latitude, longitude = (self._position[index] / UNIT).tolist()
        if index >= self.towns:
            return Place(self._waters[index - self.towns], latitude, longitude, 0, "water")
        return Place(self._names[index], latitude, longitude, int(self._population[index]), "city")

    def country(self, index: int) -> str:
        """ISO code; "" for a water: it may lie in several."""
        return self._country[2 * index : 2 * index + 2].decode("ascii") if index < self.towns else ""


UNKNOWN_ELEVATION = -32_768


class _Aerodromes:
    def __init__(self) -> None:
        data = arrays("aerodromes")
        self.points = Points(data["position"])
        self.names = Texts(data["name"])
        self.elevation_ft: NDArray[np.int16] = data["elevation_ft"]
