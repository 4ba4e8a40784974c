"""The name of a set of compiled kernels, known before numba is imported."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
KERNEL = re.compile(r"^@(kernel|stage|helper)\b", re.MULTILINE)


def source_hash(sources: Path = SOURCES) -> str:
    """Of every file below `sources` that holds kernels, and of what compiles them: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*.py")):
        content = path.read_bytes()
        if path.name in ("compiled.py", "references.py") or KERNEL.search(content.decode()):
            digest.update(path.relative_to(sources).as_posix().encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:16]


def name(cpu: str, sources: Path = SOURCES) -> str:
    """Of the kernels of these sources for this Python and a processor by LLVM's name: for instance
    `0123456789abcdef-numba0.68.1-py3.11-x86_64-generic`.
    """
    numba, python = metadata.version("numba"), f"py{sys.version_info.major}.{sys.version_info.minor}"
    return f"{source_hash(sources)}-numba{numba}-{python}-{platform.machine()}-{cpu}"
