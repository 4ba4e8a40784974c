"""Kernels that came compiled with the package: a fresh machine need not compile for minutes.

`scripts/build_kernels.py` makes them, for processors that every machine of a kind has: `generic`, and `x86-64-v3` (AVX2) beside
it on x86-64, where `generic` is 3 to 14 % slower. On aarch64 `generic` costs nothing. They lie in `dsp/built`; where there
are none that suit, numba compiles for the very processor.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

from dsp import kernel_names

BUILT = kernel_names.SOURCES / "built"
V3_FLAGS = frozenset(
    {"avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}
)  # x86-64 psABI, level 3, as Linux names them


def choose(environ: MutableMapping[str, str] = os.environ, built: Path = BUILT, cpuinfo: str | None = None) -> None:
    """Have numba compile for a processor whose kernels came along. Must be called before numba is imported.

    Parameters
    ----------
    environ
        Gets `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES`, unless the user has chosen a processor.
    cpuinfo
        What stands in /proc/cpuinfo.
    """
    if "NUMBA_CPU_NAME" in environ or not built.is_dir():
        return
    for cpu in suitable(_cpuinfo() if cpuinfo is None else cpuinfo):
        if (built / kernel_names.name(cpu)).is_dir():
            environ["NUMBA_CPU_NAME"], environ["NUMBA_CPU_FEATURES"] = cpu, ""
            return


def suitable(cpuinfo: str, machine: str | None = None) -> list[str]:
    """Processors, by LLVM's names, whose code runs here; the fastest first."""
    flags = next((line.partition(":")[2].split() for line in cpuinfo.splitlines() if line.startswith("flags")), [])
    v3 = (machine or platform.machine()) == "x86_64" and V3_FLAGS.issubset(flags)
    return ["x86-64-v3", "generic"] if v3 else ["generic"]


def bring(folder: Path, built: Path = BUILT) -> bool:
    """Put the kernels that came along where new ones are kept, too; whether that was done.

    The package itself may belong to somebody else, and numba must be able to add to what it uses.
    """
    came = built / folder.name
    if folder.exists() or not came.is_dir():
        return False
    scratch = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".built-", dir=folder.parent))
        shutil.copytree(came, scratch / folder.name)
        (scratch / folder.name).rename(folder)
    except OSError:  # another process was faster, or there is no room: then they are compiled
        return folder.exists()
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return True


def _cpuinfo() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/cpuinfo").read_text(errors="replace")
    return ""
