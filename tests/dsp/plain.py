"""The kernels as plain Python: the same sources, imported once more without numba's compiler.

A test that calls a stage directly calls it here. That compiled stages do the same is what `test_compiled.py` looks at.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import SimpleNamespace
from typing import Any

from numba import config

COPIED = ("dsp.compiled", "dsp.front_end", "dsp.kernels")


def _load() -> Any:
    def ours() -> dict[str, Any]:
        return {name: module for name, module in sys.modules.items() if name.startswith(COPIED)}

    kept = ours()
    parents = {name: getattr(sys.modules.get("dsp"), name, None) for name in ("compiled", "front_end", "kernels")}
    for name in kept:
        del sys.modules[name]
    names: dict[str, Any] = {}
    compiling = config.DISABLE_JIT
    config.DISABLE_JIT = 1
    try:
        package = importlib.import_module("dsp.kernels")
        for module in pkgutil.iter_modules(package.__path__):
            names |= vars(importlib.import_module(f"dsp.kernels.{module.name}"))
    finally:
        config.DISABLE_JIT = compiling
        for name in ours():
            del sys.modules[name]
        sys.modules.update(kept)
        for name, parent in parents.items():
            if parent is not None:
                setattr(sys.modules["dsp"], name, parent)
    return SimpleNamespace(**names)


kernel = _load()
