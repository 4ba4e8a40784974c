"""The outbox on disk: one SQLite file, which may be full, damaged, or not there. Blocking: for a worker thread."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

VERSION = 1
MOST_PICTURES = 64
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS letter (
    number INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    rank INTEGER NOT NULL,
    made_s REAL NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS picture (key TEXT PRIMARY KEY, number INTEGER NOT NULL, png BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS memo (key TEXT PRIMARY KEY, value TEXT NOT NULL);
PRAGMA user_version = {VERSION};
"""

Row = tuple[int, str, int, float, str, bytes]
"""number, receiver, rank, made_s, key, body"""


@dataclass(slots=True)
class Changes:
    """What has to be written in one transaction.

    Attributes
    ----------
    anew
        The letters given are all there are: whatever else is in the file goes.
    """

    letters: list[Row] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    pictures: dict[str, bytes | None] = field(default_factory=dict)  # None: it goes
    memos: dict[str, str] = field(default_factory=dict)
    anew: bool = False

    def __bool__(self) -> bool:
        return bool(self.letters or self.removed or self.pictures or self.memos or self.anew)


@dataclass(slots=True)
class Contents:
    """What an earlier run has left."""

    letters: list[Row] = field(default_factory=list)
    memos: dict[str, str] = field(default_factory=dict)


class OutboxFile:
    """One call at a time. A connection that has failed is thrown away; the next call opens another.

    Parameters
    ----------
    path
        Made with its folders when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: sqlite3.Connection | None = None

    def read(self) -> Contents:
        """What is in it. Raises OSError or sqlite3.Error: it cannot be had now."""
        with self._connection() as database:
            found = database.execute("SELECT number, receiver, rank, made_s, key, body FROM letter ORDER BY number")
            rows, damaged = [], 0
            for row in found:
                if _is_whole(row):
                    rows.append(row)
                else:
                    damaged += 1
            if damaged:
                log.warning("%d letters are damaged and are skipped: file=%s", damaged, self.path)
            return Contents(rows, dict(database.execute("SELECT key, value FROM memo")))

    def write(self, changes: Changes) -> None:
        """All of it, or nothing; back when it is on the disk for good. Raises OSError or sqlite3.Error."""
        with self._connection() as database, _transaction(database):
            if changes.anew:
                database.execute("DELETE FROM letter")
            database.executemany("INSERT OR REPLACE INTO letter VALUES (?, ?, ?, ?, ?, ?)", changes.letters)
            database.executemany("DELETE FROM letter WHERE number = ?", [(number,) for number in changes.removed])
            self._write_pictures(database, changes.pictures)
            database.executemany("INSERT OR REPLACE INTO memo VALUES (?, ?)", list(changes.memos.items()))

    @staticmethod
    def _write_pictures(database: sqlite3.Connection, pictures: Mapping[str, bytes | None]) -> None:
        for key, png in pictures.items():
            if png is None:
                database.execute("DELETE FROM picture WHERE key = ?", (key,))
            else:
                database.execute(
                    "INSERT OR REPLACE INTO picture SELECT ?, coalesce(max(number), 0) + 1, ? FROM picture", (key, png)
                )
        if pictures:
            database.execute(
                "DELETE FROM picture WHERE number <= (SELECT max(number) FROM picture) - ?", (MOST_PICTURES,)
            )

    def picture(self, key: str) -> bytes | None:
        """The picture of something; None when there is none, or it cannot be had."""
        try:
            with self._connection() as database:
                found = database.execute("SELECT png FROM picture WHERE key = ?", (key,)).fetchone()
        except (OSError, sqlite3.Error):
            return None
        return found[0] if found is not None and isinstance(found[0], bytes) else None

    def close(self) -> None:
        """Let go of the file."""
        database, self._database = self._database, None
        if database is not None:
            with contextlib.suppress(sqlite3.Error):
                database.close()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._database is None:
                self._database = self._open()
            yield self._database
        except (OSError, sqlite3.Error):
            self.close()
            raise

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except sqlite3.OperationalError:
            raise  # locked, full, unreadable: nothing that a new file would mend
        except sqlite3.DatabaseError as error:
            self._put_aside(error)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=0.5, check_same_thread=False, isolation_level=None)
        try:
            # a second process with the same file shall notice
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")  # what is acknowledged survives a power cut
            database.execute("PRAGMA journal_size_limit = 1048576")
            with _transaction(database):
                for statement in SCHEMA.split(";"):
                    database.execute(statement)
            damage = database.execute("PRAGMA quick_check(1)").fetchone()
            if damage != ("ok",):
                raise sqlite3.DatabaseError(str(damage and damage[0])[:200])
        except BaseException:
            database.close()
            raise
        return database

    def _put_aside(self, error: Exception) -> None:
        for number in range(1, 1000):
            aside = self.path.with_name(f"{self.path.name}.damaged{number}")
            if not aside.exists():
                break
        self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        log.warning(
            'The outbox is damaged; it is set aside and a new one is started: file=%s aside=%s reason="%s"',
            self.path,
            aside.name,
            error,
        )


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def _is_whole(row: Iterable[object]) -> bool:
    number, receiver, rank, made_s, key, body = row
    return (
        isinstance(number, int)
        and isinstance(receiver, str)
        and isinstance(rank, int)
        and isinstance(made_s, float)
        and isinstance(key, str)
        and isinstance(body, bytes)
    )
