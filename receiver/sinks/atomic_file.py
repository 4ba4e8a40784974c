"""Files that are replaced as a whole: who reads one sees the old content or the new, never half of it."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


class AtomicFiles:
    """Writes files and keeps quiet about what goes wrong again and again.

    Attributes
    ----------
    failures
        Writes that failed.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._failing: Path | None = None  # the first that failed: others may still fit on a disk that is nearly full

    def write(self, path: Path, content: bytes) -> bool:
        """Replace a file; False when that failed, which is logged when it is news. Readable by everybody."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                file.write(content)
            beside.chmod(0o644)
            beside.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            self.failures += 1
            if self._failing is None:
                log.warning("%s: %s; the file is left as it was until this is mended", path, error.strerror or error)
                self._failing = path
            return False
        if self._failing == path:
            log.info("%s is written again", path)
            self._failing = None
        return True
