"""What the watch must remember over a restart, on disk."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import zlib
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from receiver.atomic_file import replace_file

log = logging.getLogger(__name__)

MOST_BYTES = 256_000_000  # unpacked


class StateFile:
    """One file, written in a thread of its own: a slow SD card may take seconds until it has it for good.

    JSON; packed when the name ends in `.gz`, for it is written often and a quarter as large then. Either is read.

    States are written in the order in which they were given; those that have grown old before their turn are left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._newest: deque[Mapping[str, Any]] = deque(maxlen=1)
        self._thread = ThreadPoolExecutor(1, "watch-state")

    def read(self) -> dict[str, Any] | None:
        """What was saved last; None when there is nothing, or nothing that can be read, which is logged. What is damaged
        is put aside."""
        path = self.path
        if not path.exists() and path.suffix == ".gz":
            path = path.with_suffix("")  # as it was called before it was packed
        try:
            state = json.loads(_unpacked(path.read_bytes()))
            if not isinstance(state, dict):
                raise ValueError(f"expected an object, got {type(state).__name__}")
        except FileNotFoundError:
            return None
        except OSError as error:
            _lost(path, error)
            return None
        except (ValueError, RecursionError, zlib.error) as error:
            aside = path.with_name(f"{path.name}.damaged")
            with contextlib.suppress(OSError):
                path.replace(aside)
            _lost(aside, error)
            return None
        return state

    def save(self, state: Mapping[str, Any]) -> None:
        """Have a state written soon. Nobody may change it from now on."""
        self._newest.append(state)
        self._thread.submit(self._write_newest)

    def close(self) -> None:
        """Wait until all is written; blocks."""
        self._thread.shutdown()

    def _write_newest(self) -> None:
        try:
            state = self._newest.pop()
        except IndexError:  # the turn before this one has taken it
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps(state).encode()
            if self.path.suffix == ".gz":
                content = gzip.compress(content, 1, mtime=0)
            replace_file(self.path, content)  # the old file stays until the new one is whole
        except OSError as error:
            log.warning(
                'The watch state cannot be written; it is retried: file=%s reason="%s"', self.path, error.strerror
            )


def _unpacked(content: bytes) -> bytes:
    """Of either kind. Raises ValueError or zlib.error."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacking = zlib.decompressobj(wbits=31)
    plain = unpacking.decompress(content, MOST_BYTES)
    if not unpacking.eof:
        raise ValueError("it is cut short, or too large")
    return plain


def _lost(path: Path, error: Exception) -> None:
    log.warning(
        'The watch state cannot be read; open alerts of the last run are lost: file=%s reason="%s"', path, error
    )
