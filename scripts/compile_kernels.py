"""Compile every kernel for one processor with the Python that runs this, into a folder: called by `build_kernels.py`.

    python scripts/compile_kernels.py OUT CPU [--signatures FILE] [--for aarch64]

On the machine's own architecture the kernels are compiled by using them, and the types that Python hands them are written to
the signatures file. For another architecture (`--for`) numba is given LLVM's target of that one, and the kernels are compiled for
the types in the file, never called.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import time
from pathlib import Path

TRIPLES = {"aarch64": "aarch64-unknown-linux-gnu"}


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("cpu")
    parser.add_argument("--signatures", type=Path, required=True)
    parser.add_argument("--for", dest="machine", choices=sorted(TRIPLES))
    arguments = parser.parse_args()
    os.environ |= {
        "NUMBA_CACHE_DIR": str(arguments.out), "NUMBA_CPU_NAME": arguments.cpu, "NUMBA_CPU_FEATURES": "",
    }  # fmt: skip
    if arguments.machine:
        pretend(arguments.machine)
        compile_for_types(pickle.loads(arguments.signatures.read_bytes()))
    else:
        arguments.signatures.write_bytes(pickle.dumps(compile_by_use()))
    from dsp.kernel_cache import folder

    size = sum(path.stat().st_size for path in folder().iterdir())
    print(
        f"{folder().name}: {len(list(folder().iterdir()))} files, {size / 1e6:.1f} MB, {time.process_time():.0f} s CPU"
    )


def pretend(machine: str) -> None:
    """Let numba and llvmlite take this for another machine."""
    import platform

    from llvmlite import binding

    triple = TRIPLES[machine]
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    binding.Target.from_default_triple = classmethod(lambda cls: cls.from_triple(triple))
    binding.get_process_triple = lambda: triple
    platform.machine = lambda: machine


def compile_by_use() -> dict[str, list[object]]:
    """The types that each kernel is called with."""
    from dsp import compiled
    from dsp.warm_up import warm_up_everything

    warm_up_everything()
    return {full_name(kernel): list(kernel.signatures) for kernel in compiled.KERNELS}


def compile_for_types(signatures: dict[str, list[object]]) -> None:
    """All stages, and each kernel for its types."""
    import dsp.warm_up  # noqa: F401  # imports every kernel
    from dsp import compiled

    for stage in compiled.STAGES:
        stage.load()
    for kernel in compiled.KERNELS:
        for types in signatures.get(full_name(kernel), []):
            kernel.compile(types)


def full_name(kernel: object) -> str:
    """Module and name of a dispatcher's function."""
    function = kernel.py_func  # type: ignore[attr-defined]
    return f"{function.__module__}.{function.__qualname__}"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
