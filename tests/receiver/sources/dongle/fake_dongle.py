"""The test librtlsdr, compiled once a session, and the file that makes it misbehave."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


@functools.cache
def library(*flags: str) -> Path:
    """Path of the compiled library (needs gcc); `flags` are more options of the compiler."""
    folder = Path(tempfile.mkdtemp(prefix="squitter-fake-librtlsdr-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    target = folder / "librtlsdr.so"
    source = Path(__file__).with_name("fake_librtlsdr.c")
    command = ["gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-Wl,-soname,librtlsdr.so.0", *flags]
    subprocess.run([*command, "-o", target, source], check=True)
    (folder / "librtlsdr.so.0").symlink_to(target.name)  # the name that Debian's programs ask for
    return target


class FakeDongle:
    """Dongles as the library sees them. Sets the environment for processes started later."""

    def __init__(self, folder: Path, environment: dict[str, str], iq: Path | None = None) -> None:
        self._control = folder / "control"
        self._log = folder / "log"
        self.set()
        environment["SQUITTER_LIBRTLSDR"] = str(library())
        environment["SQUITTER_FAKE_CONTROL"] = str(self._control)
        environment["SQUITTER_FAKE_LOG"] = str(self._log)
        if iq is not None:
            environment["SQUITTER_FAKE_IQ"] = str(iq)

    def set(self, **words: int) -> None:
        """Make the library behave so from its next call on; nothing given: as it should."""
        new = self._control.with_suffix(".new")
        new.write_text(" ".join(f"{key}={value}" for key, value in words.items()))
        os.replace(new, self._control)

    def calls(self) -> list[tuple[str, int]]:
        """What was asked of the library so far."""
        if not self._log.exists():
            return []
        return [(line.split()[0], int(line.split()[1])) for line in self._log.read_text().splitlines()]

    def buffers(self, length: int) -> int:
        """How many buffers of a commanded length were delivered."""
        return self.calls().count(("length", length))
