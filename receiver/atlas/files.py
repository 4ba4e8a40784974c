"""The files beside this module, as `scripts/build_atlas` writes them."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNIT = 10_000
"""Coordinates in the files are whole numbers of 1e-4 degrees (11 m)."""


def arrays(name: str) -> dict[str, NDArray[Any]]:
    """All arrays of one .npz file."""
    with resources.files(__package__).joinpath("data", f"{name}.npz").open("rb") as file, np.load(file) as npz:
        return {key: npz[key] for key in npz.files}


@cache
def names() -> dict[str, Any]:
    """Names of countries (by ISO code: English, Spanish) and regions (code, English, perhaps Spanish; from 1)."""
    text = resources.files(__package__).joinpath("data", "names.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def waters() -> list[dict[str, Any]]:
    """Lakes and reservoirs that matter and that are in no public list of towns."""
    text = resources.files(__package__).joinpath("data", "waters.toml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["water"]
    return rows


def base_map_file() -> Path:
    """The base map of the package: vector tiles in a PMTiles archive."""
    return Path(str(resources.files(__package__).joinpath("data", "base.pmtiles")))


class Texts:
    """A block of lines, each decoded when it is asked for: seventy thousand strings would cost five megabytes."""

    def __init__(self, block: NDArray[np.uint8]) -> None:
        self._bytes = block.tobytes()
        self._ends = np.append(np.flatnonzero(block == ord("\n")), len(block)).astype(np.int32)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> str:
        start = int(self._ends[index - 1]) + 1 if index else 0
        return self._bytes[start : int(self._ends[index])].decode()
