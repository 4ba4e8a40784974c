"""Files that others read, replaced again and again: a disk in trouble is told of once."""

from __future__ import annotations

import logging
from pathlib import Path

from receiver.atomic_file import replace_file

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
        try:
            replace_file(path, content, durable=False, mode=0o644)  # written anew within seconds: no wear for safety
        except OSError as error:
            self.failures += 1
            if self._failing is None:
                log.warning(
                    'A file cannot be written and keeps its last content; retrying: file=%s reason="%s"',
                    path,
                    error.strerror or error,
                )
                self._failing = path
            return False
        if self._failing == path:
            log.info("A file is written again: file=%s", path)
            self._failing = None
        return True
