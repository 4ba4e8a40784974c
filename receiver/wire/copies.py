"""The same frame, received once and sent twice: a hub that is fed by two ways, a stream that was joined to itself; and
received twice, by two receivers whose frames come in one stream.
"""

from __future__ import annotations

from receiver.wire.counter import MLAT_COUNTER

REMEMBERED = 4096  # frames at least, twice as many at most: some seconds of a busy stream

# No transponder sends an extended squitter of one kind again so soon (DO-260B: 0.4 s at least between positions), while
# the two ways of one that was received twice may differ by any time. Below the first figure it does not matter.
_TOO_LATE_FOR_ONE_S = 0.05
_TOO_SOON_FOR_TWO_S = 0.35
_REMEMBERED_WAYS_S = 600.0


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


class Ways:
    """Finds out that a stream holds the frames of several receivers and does not say whose each is: then the same
    extended squitter comes again sooner than anybody sends it.
    """

    def __init__(self) -> None:
        self._recent: dict[bytes, float] = {}
        self._older: dict[bytes, float] = {}
        self._until_s: float | None = None

    def are_several(self, data: bytes, time_s: float) -> bool:
        """Take in a frame; whether it may be from any of several receivers."""
        if data[0] >> 3 in (17, 18):
            before_s = self._recent.get(data)
            if before_s is None:
                before_s = self._older.get(data)
            if before_s is not None and _TOO_LATE_FOR_ONE_S < abs(time_s - before_s) < _TOO_SOON_FOR_TWO_S:
                self._until_s = time_s + _REMEMBERED_WAYS_S
            self._recent[data] = time_s
            if len(self._recent) >= REMEMBERED:
                self._older, self._recent = self._recent, {}
        return self._until_s is not None and time_s <= self._until_s
