"""Where compiled kernels are kept, and under which name.

The folder's name is made of all that the compiled code depends on: the sources of all kernels, numba, Python, the processor. So an edit to
a kernel that only other files call is noticed, kernels of different machines lie beside each other, and kernels that were
compiled elsewhere are found by the same name.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llvmlite import binding
from numba.core import caching

from dsp import kernel_names, shipped
from dsp.kernel_names import SOURCES

log = logging.getLogger(__name__)


def target(environ: Mapping[str, str] = os.environ) -> str:
    """The processor that numba compiles for: `NUMBA_CPU_NAME` (`generic`, `x86-64-v3` …), or the one that is there."""
    return environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()


def name(environ: Mapping[str, str] = os.environ, sources: Path = SOURCES) -> str:
    """Name of the folder, for instance `0123456789abcdef-numba0.68.1-py3.11-x86_64-generic`."""
    return kernel_names.name(target(environ), sources)


def place(environ: Mapping[str, str] = os.environ, sources: Path = SOURCES) -> Path:
    """The folder in which folders of that name are kept: the first of these that can be written.

    `NUMBA_CACHE_DIR`, which is what the user chose; beside the sources; the cache of the service (`CACHE_DIRECTORY`, systemd's)
    or of its user (`XDG_CACHE_HOME`, `HOME`); a folder that lasts as long as the process.
    """
    chosen = environ.get("NUMBA_CACHE_DIR")
    if chosen and _writable(Path(chosen)):
        return Path(chosen)
    places = [sources / "__pycache__"]
    if environ.get("CACHE_DIRECTORY"):  # colon-separated
        places.append(Path(environ["CACHE_DIRECTORY"].split(":")[0]) / "numba")
    if environ.get("XDG_CACHE_HOME"):
        places.append(Path(environ["XDG_CACHE_HOME"]) / "squitter" / "numba")
    if environ.get("HOME"):
        places.append(Path(environ["HOME"]) / ".cache" / "squitter" / "numba")
    found = next((folder for folder in places if _writable(folder)), None)
    if found is None:
        # Compiled at each start, but it starts. Never a place under /tmp that others could have filled: it holds code
        found = Path(tempfile.mkdtemp(prefix="squitter-numba-"))
        atexit.register(shutil.rmtree, found, ignore_errors=True)
        log.warning(
            "Compiled kernels cannot be kept, every start compiles again; set NUMBA_CACHE_DIR to a folder that can be written"
        )
    elif chosen:
        log.warning(
            "NUMBA_CACHE_DIR cannot be written, compiled kernels are kept elsewhere: folder=%s chosen=%s", found, chosen
        )
    return found


@functools.cache
def folder() -> Path:
    """Where this process finds and keeps its compiled kernels; those that came with the package are brought there."""
    found = place() / name()
    shipped.bring(found)
    return found


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


class _Locator(caching._CacheLocator):
    """Tells numba: everything lies in `folder`, whose name says already that it is fresh."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        self._module = str(py_func.__module__)

    def get_cache_path(self) -> str:
        return str(folder())

    def get_source_stamp(self) -> str:
        return folder().name

    def get_disambiguator(self) -> str:
        return self._module

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator:
        return cls(py_func)


class _Implementation(caching.CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012


class KernelCache(caching.FunctionCache):
    """numba's own, in our folder."""

    _impl_class = _Implementation
