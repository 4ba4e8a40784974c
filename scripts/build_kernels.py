"""Compile the kernels for every Python at hand, for x86-64 and aarch64, and put them where wheels and images take them from.

    python scripts/build_kernels.py [--python python3.12 …] [--out dsp/built] [--no-arm]

For each Python an environment with the locked numpy, numba and llvmlite is made below `build/pythons`. On x86-64 two sets
for x86-64 (generic, x86-64-v3) and one for aarch64 (generic) come out; on aarch64 one. Each set is then loaded by a fresh process
that must compile nothing and hear the frames of a made sky. Sets of older sources are removed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
NEEDED = ("numpy", "numba", "llvmlite")
CPUS = {"x86_64": ("generic", "x86-64-v3"), "aarch64": ("generic",)}
CHECK = """
import json, sys
from dsp.warm_up import kernels, warm_up_everything
warm_up_everything()
found = kernels()
print(json.dumps([sum(one.signatures for one in found), sum(one.compiled for one in found)]))
"""


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", action="append", help="a Python to compile with (default: every one that is found)")
    parser.add_argument("--out", type=Path, default=ROOT / "dsp" / "built")
    parser.add_argument("--no-arm", action="store_true", help="for this machine only")
    arguments = parser.parse_args()
    pythons = arguments.python or find_pythons()
    if not pythons:
        raise SystemExit(f"no Python {', '.join(VERSIONS)} is on the path")
    made = set()
    for python in pythons:
        made |= build(environment(python), arguments.out.resolve(), with_arm=not arguments.no_arm)
    for folder in arguments.out.iterdir():
        if folder.is_dir() and folder.name.split("-")[0] not in {name.split("-")[0] for name in made}:
            shutil.rmtree(folder)  # of other sources


def find_pythons() -> list[str]:
    """One of each version: of the path, and of pyenv."""
    found: dict[str, str] = {}
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    places = [shutil.which(f"python{version}") for version in VERSIONS]
    places += [str(path) for path in sorted(pyenv.glob("3.*/bin/python"))]
    for place in places:
        if place is None:
            continue
        asked = subprocess.run(
            [place, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if asked.returncode == 0 and asked.stdout.strip() in VERSIONS:
            found.setdefault(asked.stdout.strip(), place)
    return [found[version] for version in VERSIONS if version in found]


def environment(python: str) -> Path:
    """The Python of an environment that has what compiles kernels, locked."""
    version = subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True, check=True
    ).stdout.strip()
    folder = ROOT / "build" / "pythons" / version
    own = folder / "bin" / "python"
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text())
    lock = "\n".join(block for block in blocks if block.split("==")[0] in NEEDED) + "\n"
    stamp = folder / "lock"
    if not own.exists() or not stamp.exists() or stamp.read_text() != lock:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        (folder / "wanted").write_text(lock)
        subprocess.run(
            [own, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r",
             str(folder / "wanted")], check=True,
        )  # fmt: skip
        stamp.write_text(lock)
    return own


def build(python: Path, out: Path, *, with_arm: bool) -> set[str]:
    """Names of the sets that one Python has made."""
    machine = platform.machine()
    signatures = python.parents[1] / "signatures"
    out.mkdir(parents=True, exist_ok=True)
    before = {path.name for path in out.iterdir()}
    script = [str(python), str(ROOT / "scripts" / "compile_kernels.py"), str(out)]
    for cpu in CPUS[machine]:
        subprocess.run([*script, cpu, "--signatures", str(signatures)], check=True)
        check(python, out, cpu)
    if with_arm and machine == "x86_64":
        subprocess.run([*script, "generic", "--signatures", str(signatures), "--for", "aarch64"], check=True)
    return {path.name for path in out.iterdir()} - before or before


def check(python: Path, out: Path, cpu: str) -> None:
    """A fresh process loads the set and compiles nothing."""
    variables = {"NUMBA_CACHE_DIR": str(out), "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(python), "-c", CHECK], env={**os.environ, **variables}, capture_output=True, text=True, check=True
    )
    loaded, compiled = (int(part) for part in re.findall(r"\d+", done.stdout.splitlines()[-1]))
    if compiled or not loaded:
        raise SystemExit(f"{cpu}: {compiled} of {loaded} kernels were compiled again; expected none")


if __name__ == "__main__":
    sys.exit(main())
