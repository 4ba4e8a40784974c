"""The aircraft database on disk: SQLite, written as a whole, read one address at a time."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from receiver.registry.formats import Row

log = logging.getLogger(__name__)

SCHEMA_VERSION = 2
SCHEMA = f"""
PRAGMA user_version = {SCHEMA_VERSION};
CREATE TABLE source (
    name TEXT PRIMARY KEY, origin TEXT NOT NULL, etag TEXT NOT NULL, sha256 TEXT NOT NULL,
    fetched_s INTEGER NOT NULL, rows INTEGER NOT NULL, refused INTEGER NOT NULL
) STRICT;
CREATE TABLE aircraft (
    address INTEGER NOT NULL, source TEXT NOT NULL, registration TEXT NOT NULL, type TEXT NOT NULL,
    type_name TEXT NOT NULL, operator TEXT NOT NULL, year INTEGER NOT NULL, flags INTEGER NOT NULL,
    category TEXT NOT NULL, grouped TEXT NOT NULL, tags TEXT NOT NULL, PRIMARY KEY (address, source)
) STRICT, WITHOUT ROWID;
"""
COLUMNS = "registration, type, type_name, operator, year, flags, category, grouped, tags"
_BETWEEN = "\n"  # tags: no text of a list has a line in it


@dataclass(frozen=True, slots=True)
class Source:
    """One list in the database: where it came from, when, and how much of it was good."""

    name: str
    origin: str
    etag: str
    sha256: str
    fetched_s: int
    rows: int
    refused: int


class Database:
    """Reads. A file that is missing, damaged or of another version knows nobody, and says so once in the log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._sources: list[Source] = []

    def refresh(self) -> bool:
        """Opens the file when it is another than before; whether it was."""
        try:
            status = self._path.stat()
            stamp: tuple[int, int] | None = (status.st_ino, status.st_mtime_ns)
        except OSError:
            stamp = None
        if stamp == self._stamp:
            return False
        self.close()
        self._stamp = stamp
        if stamp is not None:
            self._connection = self._open()
        self._sources = self._read_sources()
        return True

    def rows(self, address: int) -> list[tuple[str, Row]]:
        """What each list knows of an address; plane-alert-db, kept by hand, before the others."""
        if self._connection is None:
            return []
        query = f"SELECT source, {COLUMNS} FROM aircraft WHERE address = ? ORDER BY source"
        try:
            found = self._connection.execute(query, (address,)).fetchall()
        except sqlite3.Error as error:
            log.warning('The aircraft database cannot be read: file=%s reason="%s"', self._path, error)
            self._close_connection()
            return []
        return [
            (name, replace(Row(address, *values), tags=tuple(filter(None, tags.split(_BETWEEN)))))
            for name, *values, tags in found
        ]

    def sources(self) -> list[Source]:
        """The lists in it."""
        return list(self._sources)

    def _read_sources(self) -> list[Source]:
        if self._connection is None:
            return []
        rows = self._connection.execute("SELECT * FROM source ORDER BY name").fetchall()
        return [Source(*row) for row in rows]

    def close(self) -> None:
        """Lets the file go."""
        self._close_connection()
        self._stamp = None

    def _close_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection | None:
        try:
            connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            try:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version != SCHEMA_VERSION:
                    raise sqlite3.DatabaseError(f"version {version}, expected {SCHEMA_VERSION}")
                connection.execute(f"SELECT {COLUMNS} FROM aircraft LIMIT 1").fetchall()
            except sqlite3.Error:
                connection.close()
                raise
        except sqlite3.Error as error:
            log.warning(
                'The aircraft database is not used; `squitter db update` makes a new one: file=%s reason="%s"',
                self._path,
                error,
            )
            return None
        return connection


def write(path: Path, kept_from: Path | None, name: str, rows: Iterable[Row]) -> int:
    """A new database file: the rows of this list, and the other lists of an existing one. The number of its aircraft.

    Of an address that comes twice the later row stays. `sign` makes the file complete.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        if kept_from is not None:
            connection.execute("ATTACH ? AS old", (f"{kept_from.absolute()}",))
            for table, column in (("source", "name"), ("aircraft", "source")):
                connection.execute(f"INSERT INTO {table} SELECT * FROM old.{table} WHERE {column} != ?", (name,))
            connection.commit()
            connection.execute("DETACH old")
        connection.executemany(
            "INSERT OR REPLACE INTO aircraft VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    r.address,
                    name,
                    r.registration,
                    r.type,
                    r.type_name,
                    r.operator,
                    r.year,
                    r.flags,
                    r.category,
                    r.group,
                    _BETWEEN.join(r.tags),
                )
                for r in rows
            ),
        )
        connection.commit()
        (count,) = connection.execute("SELECT count(*) FROM aircraft WHERE source = ?", (name,)).fetchone()
    return int(count)


def sign(path: Path, source: Source) -> None:
    """Writes where a list came from beside it, and has SQLite check the file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?)",
            (source.name, source.origin, source.etag, source.sha256, source.fetched_s, source.rows, source.refused),
        )
        connection.commit()
        (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
