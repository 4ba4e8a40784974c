"""What waits for the broker: bounded in bytes and in age, the newest goes first."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


class Waiting(NamedTuple):
    """A message, and when it was made (s, by a clock that goes on evenly)."""

    made_s: float
    topic: str
    payload: bytes


class Spool:
    """A stack that loses its oldest part.

    Attributes
    ----------
    dropped
        Messages that were never sent: too many, or too old.
    bytes
        Payloads that wait.
    """

    def __init__(self, max_bytes: int, max_age_s: float) -> None:
        self.dropped = 0
        self.bytes = 0
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._waiting: deque[Waiting] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, one: Waiting) -> None:
        """Add the newest message."""
        self._waiting.append(one)
        self.bytes += len(one.payload)
        while self._waiting and (
            self.bytes > self._max_bytes or one.made_s - self._waiting[0].made_s > self._max_age_s
        ):
            self._lose()

    def take(self, most: int) -> list[Waiting]:
        """Remove the newest ones; they are given in the order in which they were made."""
        taken = [self._waiting.pop() for _ in range(min(most, len(self._waiting)))]
        self.bytes -= sum(len(one.payload) for one in taken)
        taken.reverse()
        return taken

    def give_back(self, messages: list[Waiting]) -> None:
        """Messages that were taken and could not be sent."""
        newest = [one for one in self._waiting if messages and one.made_s > messages[-1].made_s]
        for _ in newest:
            self._waiting.pop()
        self._waiting.extend(messages)
        self._waiting.extend(newest)
        self.bytes += sum(len(one.payload) for one in messages)
        while self._waiting and self.bytes > self._max_bytes:
            self._lose()

    def _lose(self) -> None:
        self.bytes -= len(self._waiting.popleft().payload)
        self.dropped += 1
