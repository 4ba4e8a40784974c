"""The same frame, received once and sent twice: a hub that is fed by two ways, a stream that was joined to itself."""

from __future__ import annotations

from receiver.wire.counter import MLAT_COUNTER

REMEMBERED = 4096  # frames at least, twice as many at most: some seconds of a busy stream


class Copies:
    """Knows exact copies: the same bytes with the same counter. A transmission that repeats another has another counter.

    Attributes
    ----------
    dropped
        How many copies there were.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._recent: set[tuple[int, bytes]] = set()
        self._older: set[tuple[int, bytes]] = set()

    def is_copy(self, data: bytes, counter: int | None) -> bool:
        """Whether the frame has come before; without a counter of its own (None, 0, MLAT) it is never taken for a copy."""
        if not counter or counter == MLAT_COUNTER:
            return False
        one = (counter, data)
        if one in self._recent or one in self._older:
            self.dropped += 1
            return True
        self._recent.add(one)
        if len(self._recent) >= REMEMBERED:
            self._older, self._recent = self._recent, set()
        return False
