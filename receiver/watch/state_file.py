"""What the watch must remember over a restart, on disk."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from receiver.atomic_file import replace_file

log = logging.getLogger(__name__)


class StateFile:
    """One file, written in a thread of its own: a slow SD card may take seconds until it has it for good.

    States are written in the order in which they were given; those that have grown old before their turn are left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._newest: deque[Mapping[str, Any]] = deque(maxlen=1)
        self._thread = ThreadPoolExecutor(1, "watch-state")

    def read(self) -> dict[str, Any] | None:
        """What was saved last; None when there is nothing, or nothing that can be read, which is logged."""
        try:
            state: dict[str, Any] = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning(
                'The watch state cannot be read; open alerts of the last run are lost: file=%s reason="%s"',
                self.path,
                error,
            )
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
            replace_file(self.path, json.dumps(state).encode())  # the old file stays until the new one is whole
        except OSError as error:
            log.warning(
                'The watch state cannot be written; it is retried: file=%s reason="%s"', self.path, error.strerror
            )
