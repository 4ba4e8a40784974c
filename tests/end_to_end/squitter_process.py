"""`squitter` as its user starts it: a process of its own, bounded in time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

COMMAND = (sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())")


def environment(home: Path) -> dict[str, str]:
    """An environment without anybody's settings, whose home is a folder of the test's."""
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH", "NUMBA_CACHE_DIR")
    }
    return {**kept, "HOME": str(home), "TMPDIR": str(home)}  # what is killed cannot tidy up


def squitter(home: Path, *arguments: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], env=environment(home), capture_output=True, text=True, timeout=timeout_s, check=False
    )


@contextlib.contextmanager
def running_squitter(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on; it is killed in the end, whatever has become of it."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)
