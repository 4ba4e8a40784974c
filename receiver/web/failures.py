"""Wrong tokens: how many came from where, and when an address has to wait."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST, WITHIN_S = 10, 60.0
SOURCES = 1000


class Failures:
    """Counts by address in steps of a minute; bounded.

    Parameters
    ----------
    clock
        Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many

    def waits(self, source: str) -> bool:
        """Whether an address has failed so often that its tokens are not looked at for now."""
        since_s, count = self._counts.get(source, (0.0, 0))
        return count >= MOST and self._clock() - since_s < WITHIN_S

    def add(self, source: str) -> None:
        """A wrong token. The first of an address, and the one after which it has to wait, are logged."""
        now_s = self._clock()
        since_s, count = self._counts.pop(source, (now_s, 0))
        if now_s - since_s >= WITHIN_S:
            since_s, count = now_s, 0
        self._counts[source] = (since_s, count + 1)
        if len(self._counts) > SOURCES:
            self._counts.popitem(last=False)
        if count == 0:
            log.warning("Wrong token for the map: address=%s", source)
        elif count + 1 == MOST:
            log.warning(
                "%d wrong tokens for the map within a minute; the next minute's are refused unread: address=%s",
                MOST, source,
            )  # fmt: skip
