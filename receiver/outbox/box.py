"""The letters of one receiver, in the order in which they came, bounded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

OVERHEAD_BYTES = 300
"""What a letter costs besides its text, roughly."""
# Who may stay when a box is full; the lower goes first.
RANKS = {"event": 0, "info": 1, "warning": 2, "critical": 3}


@dataclass(slots=True, eq=False)
class Letter:
    """Something for one receiver.

    Attributes
    ----------
    number
        Grows with each letter of an outbox, also over restarts.
    rank
        How much it matters, see `RANKS`.
    made_s
        When what it tells of was, UTC seconds by the signal's clock; 0: it does not grow old.
    key
        What it is about: a topic, the id of an alert.
    body
        What the receiver made of it, and understands after a restart.
    earlier
        It is from an earlier run.
    extra
        For the receiver, while the process lives.
    attempts, due_s
        Deliveries that failed, and when (monotonic clock) the next one is due.
    """

    number: int
    rank: int
    made_s: float
    key: str
    body: bytes
    earlier: bool = False
    extra: Any = None
    attempts: int = 0
    due_s: float = 0.0
    stored: bool = False
    gone: bool = False

    @property
    def size(self) -> int:
        """Bytes that it is counted as."""
        return OVERHEAD_BYTES + len(self.key) + len(self.body)


class Box:
    """See above. Made by `Outbox.box`.

    Parameters
    ----------
    name
        The receiver's.
    max_bytes
        Past it the oldest letter of the lowest rank goes, and is counted.
    number
        Gives the next number.
    on_change
        Called after each change; with True when it should be on disk soon.

    Attributes
    ----------
    news
        Set when a letter has come.
    dropped
        Letters that had to go undelivered, for want of room.
    """

    def __init__(
        self,
        name: str,
        max_bytes: int,
        number: Callable[[], int],
        on_change: Callable[[bool], None] = lambda soon: None,
    ) -> None:
        self.name = name
        self.max_bytes = max_bytes
        self.news = asyncio.Event()
        self.bytes = 0
        self.dropped = 0
        self._number = number
        self._on_change = on_change
        self._letters: list[dict[int, Letter]] = [{} for _ in RANKS]  # by rank, then number
        self._keys: dict[str, int] = {}  # letters by key
        self._unwritten: dict[int, Letter] = {}
        self._removed: list[int] = []

    def __len__(self) -> int:
        return sum(map(len, self._letters))

    def __iter__(self) -> Iterator[Letter]:
        """The loudest first, of these the oldest."""
        for letters in reversed(self._letters):
            yield from list(letters.values())

    def holds(self, key: str) -> bool:
        """Whether a letter about this waits."""
        return key in self._keys

    def add(self, body: bytes, rank: int, *, made_s: float = 0.0, key: str = "", extra: Any = None) -> Letter:
        """Take a letter in."""
        letter = Letter(self._number(), rank, made_s, key, body, extra=extra)
        self.put(letter)
        while self.bytes > self.max_bytes and len(self) > 1:
            lowest = next(letters for letters in self._letters if letters)
            self._remove(next(iter(lowest.values())))
            self.dropped += 1
            if self.dropped in (1, 10, 100) or self.dropped % 1000 == 0:
                log.warning("The queue is full; the least severe messages are dropped, oldest first: receiver=%s max_bytes=%d dropped=%d",
                            self.name, self.max_bytes, self.dropped)  # fmt: skip
        return letter

    def put(self, letter: Letter) -> None:
        """Take in a letter that has its number already."""
        self._letters[letter.rank][letter.number] = letter
        self.bytes += letter.size
        self._keys[letter.key] = self._keys.get(letter.key, 0) + 1
        if not letter.stored:
            self._unwritten[letter.number] = letter
        self.news.set()
        self._on_change(letter.rank > 0)

    def change(self, letter: Letter, body: bytes) -> None:
        """Another text in the same place."""
        if letter.gone:
            return
        self.bytes += len(body) - len(letter.body)
        letter.body = body
        self._unwritten[letter.number] = letter
        self._on_change(letter.rank > 0)

    def oldest(self, count: int) -> list[Letter]:
        """The first `count` letters, whatever their rank; they stay."""
        heads = [
            letter
            for letters in self._letters
            for letter, _ in zip(letters.values(), range(count), strict=False)
        ]  # fmt: skip
        return sorted(heads, key=lambda letter: letter.number)[:count]

    def done(self, letters: Iterable[Letter]) -> None:
        """They have been delivered, or are not wanted any more."""
        for letter in letters:
            if not letter.gone:  # it may have been dropped for room meanwhile
                self._remove(letter)

    def clock_set(self, by_s: float) -> None:
        """The signal's clock was set: what was made in this run is as old as it was."""
        for letter in self:
            if letter.made_s and not letter.earlier:
                letter.made_s += by_s
                self._unwritten[letter.number] = letter

    def unwritten(self, *, urgent_only: bool = False) -> tuple[list[Letter], list[int]]:
        """Letters that are not on disk as they are, and numbers of those that are there and should not be; both are
        taken as written. Events are left for later when it is urgent."""
        chosen = [letter for letter in self._unwritten.values() if letter.rank > 0 or not urgent_only]
        for letter in chosen:
            del self._unwritten[letter.number]
            letter.stored = True
        removed, self._removed = self._removed, []
        return chosen, removed

    def write_again(self, letters: Iterable[Letter], removed: Iterable[int]) -> None:
        """Writing them did not work."""
        for letter in letters:
            if not letter.gone:
                self._unwritten.setdefault(letter.number, letter)
        self._removed += removed

    def write_all_again(self) -> None:
        """Nobody knows what is on the disk."""
        self._removed.clear()
        self._unwritten = {letter.number: letter for letter in self}

    def _remove(self, letter: Letter) -> None:
        del self._letters[letter.rank][letter.number]
        letter.gone = True
        self.bytes -= letter.size
        self._unwritten.pop(letter.number, None)
        if letter.stored:
            self._removed.append(letter.number)
        left = self._keys[letter.key] - 1
        if left:
            self._keys[letter.key] = left
        else:
            del self._keys[letter.key]
        # soon: a process that is killed meanwhile delivers it once more
        self._on_change(letter.stored and letter.rank > 0)
