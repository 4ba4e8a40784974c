"""The archives of map tiles that a page may ask for: the package's own and the owner's region."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from receiver.atlas.archive import Archive
from receiver.errors import SquitterError

log = logging.getLogger(__name__)


class Map(NamedTuple):
    """One archive: where it is, what changes with its content, the finest zoom that it has."""

    path: Path
    tag: str
    max_zoom: int
    bounds: tuple[float, float, float, float]


class Maps:
    """Looks at each archive once; one that cannot be used is named in the log and left out.

    Parameters
    ----------
    files
        By name: "base", "region"; None: there is no such file.
    """

    def __init__(self, files: Mapping[str, Path | None]) -> None:
        self._maps: dict[str, Map] = {}
        for name, path in files.items():
            if path is None:
                continue
            path = path.expanduser()
            try:
                archive = Archive(path)
            except SquitterError as error:
                log.error("%s", error)
                continue
            found = path.stat()
            self._maps[name] = Map(path, f"{found.st_mtime_ns:x}-{found.st_size:x}", archive.max_zoom, archive.bounds)
            archive.close()

    def path(self, name: str) -> Path | None:
        """The file of that name; None when there is none."""
        found = self._maps.get(name)
        return None if found is None else found.path

    def told(self) -> dict[str, Any]:
        """What a page is told: address, finest zoom and bounds (west, south, east, north) by name."""
        return {
            name: {"address": f"map/{name}.pmtiles?{one.tag}", "max_zoom": one.max_zoom, "bounds": one.bounds}
            for name, one in self._maps.items()
        }
