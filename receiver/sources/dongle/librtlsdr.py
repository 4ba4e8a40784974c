"""Finding a librtlsdr that pyrtlsdr can use, and saying what to do when there is none.

pyrtlsdr binds every function when it is imported and fails on the first one missing. The library that pyrtlsdrlib
brings has all of them (librtlsdr 0.9 with RTL-SDR Blog V4). Debian's librtlsdr 0.6 lacks eight, none of which Squitter
needs, so they are given a body that does nothing. SQUITTER_LIBRTLSDR names another library file.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import types
from typing import Any

from receiver.errors import SquitterError

SYSTEM_NAMES = ("librtlsdr.so.2", "librtlsdr.so.0", "librtlsdr.so", "librtlsdr.dylib")


class TolerantLibrary:
    """A loaded library whose missing functions do nothing and return 0 (done)."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        self.path = path
        self.missing: list[str] = []

    def __getattr__(self, name: str) -> Any:
        try:
            function: Any = getattr(self._library, name)
        except AttributeError:
            self.missing.append(name)
            function = ctypes.CFUNCTYPE(ctypes.c_int)(lambda *_: 0)
        setattr(self, name, function)
        return function


def load_rtlsdr() -> Any:
    """The `rtlsdr` package of pyrtlsdr over the first library that works.

    Order: SQUITTER_LIBRTLSDR, pyrtlsdrlib's own, the system's.

    Raises
    ------
    SquitterError
        No library could be loaded; says which were tried.
    """
    tried: list[str] = []
    chosen = os.environ.get("SQUITTER_LIBRTLSDR")
    if not chosen:
        try:
            return importlib.import_module("rtlsdr")
        except (ImportError, OSError, AttributeError) as error:
            tried.append(f"pyrtlsdrlib: {error}")
            for name in [name for name in sys.modules if name.split(".")[0] in ("rtlsdr", "pyrtlsdrlib")]:
                del sys.modules[name]
    for path in [chosen] if chosen else SYSTEM_NAMES:
        try:
            library = TolerantLibrary(path)
        except OSError as error:
            tried.append(f"{path}: {error}")
            continue
        # pyrtlsdr asks the module of this name first; ours hands it the library that was found
        loader = types.ModuleType("pyrtlsdrlib")
        loader.load_librtlsdr = lambda library=library: library  # type: ignore[attr-defined]
        sys.modules["pyrtlsdrlib"] = loader
        return importlib.import_module("rtlsdr")
    raise SquitterError(f"no usable librtlsdr ({'; '.join(tried)}): pip install pyrtlsdrlib")
