"""Where numba keeps what it has compiled. It must be said before numba is imported.

numba writes beside the sources, else into the user's cache, and refuses to be imported when it may write into neither: a
service of its own user in a read-only installation has neither.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "dsp"


def keep_compiled_code(environ: MutableMapping[str, str] = os.environ, sources: Path = SOURCES) -> None:
    """Set NUMBA_CACHE_DIR when it is needed and not set."""
    if "NUMBA_CACHE_DIR" in environ or os.access(sources, os.W_OK):
        return
    for place in _places(environ):
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            environ["NUMBA_CACHE_DIR"] = str(place)
            return
    # Compiled at each start, but it starts. Never a place under /tmp that others could have filled: it holds code.
    environ["NUMBA_CACHE_DIR"] = folder = tempfile.mkdtemp(prefix="squitter-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _places(environ: Mapping[str, str]) -> list[Path]:
    places = []
    if environ.get("CACHE_DIRECTORY"):  # systemd's, colon-separated
        places.append(Path(environ["CACHE_DIRECTORY"].split(":")[0]) / "numba")
    if environ.get("XDG_CACHE_HOME"):
        places.append(Path(environ["XDG_CACHE_HOME"]) / "squitter" / "numba")
    if environ.get("HOME"):
        places.append(Path(environ["HOME"]) / ".cache" / "squitter" / "numba")
    return places
