"""Whether signal comes. A clock that goes on is no sign of it, nor is a connection: only samples or messages are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from receiver.views.outlets import Air

QUIET_S = 5.0  # before a page is told
SILENT_S = 120.0  # before /healthz says so


class Radio:
    """When signal came last.

    Parameters
    ----------
    clock
        Seconds, monotonic: how long somebody has waited has nothing to do with the signal's time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since_s = clock()
        self._counted: tuple[Any, Any] = (0, 0)
        self.heard = False

    def second(self, air: Air) -> None:
        """Take a second: signal has come when more samples were processed, or more messages heard."""
        said = air.statistics
        counted = (said.get("samples_processed", 0), said.get("messages", 0))
        if counted != self._counted:
            self._counted = counted
            self._since_s = self._clock()
            self.heard = True

    def silent_s(self) -> float:
        """How long none has come; before the first, since the start."""
        return self._clock() - self._since_s
