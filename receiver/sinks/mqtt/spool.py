"""What must not be lost waits here until the broker has it: in memory, and on disk when it has to wait.

A healthy bus writes nothing: an SD card lives on that. Alerts go to disk at once, events when they have waited for five
seconds. The disk holds what memory holds, so there is one bound for both; when it is reached, the oldest of the lowest
rank goes, and is counted.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from receiver.sinks.mqtt.publication import RANKS, Publication

_LOG = logging.getLogger(__name__)

OVERHEAD_BYTES = 300
"""What a waiting message costs besides its text, roughly."""


Row = tuple[int, int, str, bytes, int, str]
"""number, rank, topic, payload, retain, content type"""


@dataclass(slots=True, eq=False)
class Waiting:
    """A message that waits."""

    number: int
    publication: Publication
    rank: int
    stored: bool = False
    gone: bool = False

    @property
    def size(self) -> int:
        """Bytes that it is counted as."""
        return OVERHEAD_BYTES + len(self.publication.topic) + len(self.publication.payload)


@dataclass(slots=True)
class Changes:
    """What has to be written to disk."""

    added: list[Waiting] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)


class Spool:
    """Messages in the order in which they came, bounded.

    Parameters
    ----------
    path
        SQLite file; None: memory only.
    max_bytes
        Bound of all messages together.
    """

    def __init__(self, path: Path | None, max_bytes: int) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.dropped = 0
        self.disk_errors = 0
        self.bytes = 0
        self._number = 0
        self._queues: list[deque[Waiting]] = [deque() for _ in RANKS]
        self._waiting_for: dict[str, int] = {}  # messages by topic
        self._new: list[Waiting] = []
        self._removed: list[int] = []
        self._database: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues)

    def holds(self, topic: str) -> bool:
        """Whether a message for this topic waits."""
        return topic in self._waiting_for

    def add(self, publication: Publication, rank: int) -> None:
        """Take a message in."""
        self._number += 1
        waiting = Waiting(self._number, publication, rank)
        self._append(waiting)
        self._new.append(waiting)
        while self.bytes > self.max_bytes and len(self) > 1:
            queue = next(queue for queue in self._queues if queue)
            self._remove(queue.popleft())
            self.dropped += 1

    def oldest(self, count: int) -> list[Waiting]:
        """The first `count` messages; they stay."""
        if len(self) <= count:
            heads = [waiting for queue in self._queues for waiting in queue]
        else:
            heads = [waiting for queue in self._queues for waiting, _ in zip(queue, range(count), strict=False)]
        return sorted(heads, key=lambda waiting: waiting.number)[:count]

    def delivered(self, messages: Iterable[Waiting]) -> None:
        """The broker has them."""
        for waiting in messages:
            if waiting.gone:
                continue  # it was dropped for room meanwhile
            queue = self._queues[waiting.rank]
            if queue and queue[0] is waiting:
                queue.popleft()
            else:
                queue.remove(waiting)
            self._remove(waiting)

    def changes(self, *, urgent_only: bool) -> Changes:
        """What is not on disk yet and should be, and what is there and should not; taken as written.

        Parameters
        ----------
        urgent_only
            Leave events for later.
        """
        self._new = [waiting for waiting in self._new if not waiting.gone]
        added = [waiting for waiting in self._new if waiting.rank > 0 or not urgent_only]
        self._new = [waiting for waiting in self._new if waiting.rank == 0 and urgent_only]
        for waiting in added:
            waiting.stored = True
        removed, self._removed = self._removed, []
        return Changes(added, removed)

    def write(self, changes: Changes) -> bool:
        """Write to disk; blocks, so it is called in a thread. False: it did not work."""
        if not (changes.added or changes.removed):
            return True
        rows = [
            (w.number, w.rank, p.topic, p.payload, int(p.retain), p.content_type)
            for w in changes.added
            for p in (w.publication,)
        ]
        try:
            with self._lock:
                if self._database is None:
                    return True
                with self._database as database:
                    database.executemany("INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?, ?)", rows)
                    database.executemany("DELETE FROM waiting WHERE number = ?", [(n,) for n in changes.removed])
        except sqlite3.Error as error:
            if self.disk_errors == 0:
                _LOG.warning("the spool cannot be written to %s: %s; alerts wait in memory only", self.path, error)
            self.disk_errors += 1
            return False
        return True

    def undo(self, changes: Changes) -> None:
        """`write` did not work: try these again the next time."""
        for waiting in changes.added:
            waiting.stored = False
        self._new = [waiting for waiting in changes.added if not waiting.gone] + self._new
        self._removed = changes.removed + self._removed

    def open(self) -> list[Row]:
        """What an earlier run could not deliver; blocks, so it is called in a thread."""
        if self.path is None:
            return []
        path = self.path.expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return self._connect(path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                broken = path.with_suffix(".broken")
                path.replace(broken)
                _LOG.warning("the spool %s was damaged; it is kept as %s", path, broken)
                return self._connect(path)
        except (OSError, sqlite3.Error) as error:
            self.disk_errors += 1
            _LOG.warning("no spool at %s: %s; alerts wait in memory only", path, error)
            return []

    def load(self, rows: Iterable[Row]) -> None:
        """Put the messages of an earlier run before those that wait already. They are kept, their being retained is
        not: nobody is left who would clear them."""
        fresh = [waiting for waiting in self._new if not waiting.gone]
        for queue in self._queues:
            queue.clear()
        self._waiting_for.clear()
        self.bytes = 0
        old = 0
        for number, rank, topic, payload, retain, content_type in rows:
            self._number = max(self._number, number)
            publication = Publication(topic, payload, 1, bool(retain) and not payload, None, content_type)
            self._append(Waiting(number, publication, min(max(rank, 0), len(RANKS) - 1), stored=True))
            old += 1
        for waiting in fresh:
            self._number += 1
            waiting.number = self._number
            self._append(waiting)
        if old:
            _LOG.info("%d messages of an earlier run wait for the broker", old)

    def close(self, changes: Changes) -> None:
        """Write the last changes and let go of the file; blocks."""
        self.write(changes)
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _connect(self, path: Path) -> list[Row]:
        database = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
        try:
            # a second process with the same file shall notice
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA journal_mode = WAL")
            with database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS waiting "
                    "(number INTEGER PRIMARY KEY, rank INTEGER, topic TEXT, payload BLOB, retain INTEGER, content_type TEXT)"
                )
                rows = database.execute("SELECT * FROM waiting ORDER BY number").fetchall()
        except BaseException:
            database.close()
            raise
        self._database = database
        return rows

    def _append(self, waiting: Waiting) -> None:
        self._queues[waiting.rank].append(waiting)
        self.bytes += waiting.size
        topic = waiting.publication.topic
        self._waiting_for[topic] = self._waiting_for.get(topic, 0) + 1

    def _remove(self, waiting: Waiting) -> None:
        waiting.gone = True
        self.bytes -= waiting.size
        if waiting.stored:
            self._removed.append(waiting.number)
        topic = waiting.publication.topic
        left = self._waiting_for[topic] - 1
        if left:
            self._waiting_for[topic] = left
        else:
            del self._waiting_for[topic]
