"""Kernels that came along: chosen by what the processor can, brought to where they can be added to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dsp import kernel_names, shipped
from dsp.shipped import V3_FLAGS, bring, choose, suitable

NEW = f"flags\t\t: fpu sse2 {' '.join(sorted(V3_FLAGS))} avx512f\n"
OLD = "flags\t\t: fpu sse2 ssse3\n"


@pytest.mark.parametrize(
    ("cpuinfo", "machine", "cpus"),
    [
        (NEW, "x86_64", ["x86-64-v3", "generic"]),
        (OLD, "x86_64", ["generic"]),
        (NEW.replace(" fma ", " "), "x86_64", ["generic"]),
        ("Features\t: fp asimd\n", "aarch64", ["generic"]),
        ("", "x86_64", ["generic"]),
    ],
)
def test_only_what_runs_here_is_suitable(cpuinfo: str, machine: str, cpus: list[str]) -> None:
    assert suitable(cpuinfo, machine) == cpus


def test_the_fastest_set_that_is_there_is_chosen_and_the_users_word_counts(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    choose(environ, tmp_path / "none", NEW)
    assert environ == {}
    (tmp_path / kernel_names.name("generic")).mkdir()
    choose(environ, tmp_path, NEW)
    assert environ == {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    chosen = {"NUMBA_CPU_NAME": "skylake"}
    choose(chosen, tmp_path, NEW)
    assert chosen == {"NUMBA_CPU_NAME": "skylake"}


def test_a_set_of_other_sources_or_of_another_python_is_not_chosen(tmp_path: Path) -> None:
    (tmp_path / ("0" * 16 + kernel_names.name("generic")[16:])).mkdir()
    environ: dict[str, str] = {}
    choose(environ, tmp_path, NEW)
    assert environ == {}


def test_kernels_are_brought_once_and_whole(tmp_path: Path) -> None:
    built, kept = tmp_path / "built", tmp_path / "cache" / "set"
    (built / "set").mkdir(parents=True)
    (built / "set" / "a.nbi").write_bytes(b"index")
    assert bring(kept, built)
    assert (kept / "a.nbi").read_bytes() == b"index"
    (kept / "a.nbi").write_bytes(b"newer")
    assert not bring(kept, built)
    assert (kept / "a.nbi").read_bytes() == b"newer"
    assert [path.name for path in kept.parent.iterdir()] == ["set"]


def test_without_room_for_them_they_are_compiled(tmp_path: Path) -> None:
    built = tmp_path / "built"
    (built / "set").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    assert not bring(tmp_path / "file" / "set", built)


SETS = sorted(shipped.BUILT.glob(f"{kernel_names.source_hash()}-*")) if shipped.BUILT.is_dir() else []


@pytest.mark.skipif(not SETS, reason="no kernels of these sources are built (make kernels)")
@pytest.mark.parametrize("folder", SETS, ids=lambda path: path.name.partition("-")[2])
def test_a_set_that_was_built_loads_without_compiling(folder: Path, tmp_path: Path) -> None:
    prefix = kernel_names.name("").rstrip("-")
    if not folder.name.startswith(prefix):
        pytest.skip("for another Python or processor; `make kernels` and `make test-arm` load it")
    variables = {
        "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_CPU_NAME": folder.name.removeprefix(f"{prefix}-"), "NUMBA_CPU_FEATURES": "",
    }  # fmt: skip
    code = "from dsp.warm_up import warm_up, kernels; warm_up(); print(sum(k.compiled for k in kernels()))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0"]
