"""Adding to the past: rows in, day files out, the oldest days gone when they are too many."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from receiver.history.day_file import (
    IdentityRow,
    PositionRow,
    companions,
    day_of,
    day_path,
    days_in,
    open_to_write,
    size_bytes,
)

log = logging.getLogger(__name__)
Row = TypeVar("Row", PositionRow, IdentityRow)

INSERT_POSITION = f"INSERT OR IGNORE INTO position VALUES ({', '.join('?' * len(PositionRow._fields))})"
INSERT_IDENTITY = f"INSERT OR REPLACE INTO identity VALUES ({', '.join('?' * len(IdentityRow._fields))})"


def _of_day(rows: Iterable[Row], day: int) -> list[Row]:
    return sorted((row for row in rows if day_of(row.time_ms) == day), key=lambda row: (row.time_ms, row.aircraft))


class HistoryStore:
    """Blocking: to be called off the loop, one call at a time.

    Parameters
    ----------
    directory
        Created when it is not there.
    max_age_days, max_size_bytes
        The oldest days go when they are older than today by more, and when all take more; see `prune`.
    """

    def __init__(self, directory: Path, max_age_days: int = 30, max_size_bytes: int = 2_000_000_000) -> None:
        self.directory = directory
        self.max_age_days = max_age_days
        self.max_size_bytes = max_size_bytes
        self._day: int | None = None
        self._connection: sqlite3.Connection | None = None

    def append(self, positions: Sequence[PositionRow], identities: Sequence[IdentityRow] = ()) -> None:
        """Commit rows, each day's in one transaction. What is there already is left as it is.

        Raises
        ------
        OSError, sqlite3.Error
            The disk is full, read-only or gone. Rows of earlier days may have been committed.
        """
        days = {day_of(row.time_ms) for row in positions} | {day_of(row.time_ms) for row in identities}
        for day in sorted(days):
            connection = self._open(day)
            connection.execute("BEGIN IMMEDIATE")
            try:
                # in the order of the key: each page is written once
                connection.executemany(INSERT_IDENTITY, _of_day(identities, day))
                connection.executemany(INSERT_POSITION, _of_day(positions, day))
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                self.close()
                raise

    def redate(self, keys: Sequence[tuple[int, int]], by_ms: int) -> int:
        """Move rows to another time: the clock that they were noted by was wrong.

        Parameters
        ----------
        keys
            `time_ms` and `aircraft` of each.

        Returns
        -------
        int
            Rows of `position` that were moved. A day that is empty then is deleted.

        Raises
        ------
        OSError, sqlite3.Error
            Not all could be moved; none is lost.
        """
        count = 0
        for day in sorted({day_of(time_ms) for time_ms, _ in keys}):
            if day not in days_in(self.directory):
                continue
            mine = [key for key in keys if day_of(key[0]) == day]
            connection = self._open(day)
            positions = [PositionRow(*row) for row in _rows(connection, "position", mine)]
            identities = [IdentityRow(*row) for row in _rows(connection, "identity", mine)]
            # first there, then gone here: what happens in between leaves a row twice, never not at all
            self.append(
                [row._replace(time_ms=row.time_ms + by_ms) for row in positions],
                [row._replace(time_ms=row.time_ms + by_ms) for row in identities],
            )
            count += len(positions)
            connection = self._open(day)
            connection.execute("BEGIN IMMEDIATE")
            for table in ("position", "identity"):
                connection.executemany(f"DELETE FROM {table} WHERE time_ms = ? AND aircraft = ?", mine)
            connection.execute("COMMIT")
            left = connection.execute("SELECT (SELECT count(*) FROM position) + (SELECT count(*) FROM identity)")
            if left.fetchone() == (0,):
                self.close()
                for file in companions(day_path(self.directory, day)):
                    file.unlink(missing_ok=True)
        return count

    def prune(self, today: int | None = None) -> int | None:
        """Delete the oldest day if it is too old, or if all together take too much: one day at a time, so that no
        mistake of a clock or of the settings takes more. The day that is being written stays.

        Parameters
        ----------
        today
            Days since 1970 by a clock that is right; None: nobody knows, and no day is too old.

        Returns
        -------
        int or None
            The day that is gone.
        """
        days = days_in(self.directory)
        newest = self._day if self._day is not None else max(days, default=0)
        oldest = next((day for day in days if day != newest), None)
        if oldest is None:
            return None
        if today is not None and today - oldest > self.max_age_days:
            why = f"older than history.max_age_days = {self.max_age_days}"
        elif sum(map(size_bytes, days.values())) > self.max_size_bytes:
            why = f"all days take more than history.max_size_mb = {self.max_size_bytes // 1_000_000}"
        else:
            return None
        path = days[oldest]
        log.info("History file deleted, %s: file=%s bytes=%d", why, path, size_bytes(path))
        for file in companions(path):
            file.unlink(missing_ok=True)
        return oldest

    @property
    def is_full(self) -> bool:
        """Whether the day that is being written takes more by itself than all may."""
        return self._day is not None and size_bytes(day_path(self.directory, self._day)) > self.max_size_bytes

    def close(self) -> None:
        """Close the day; what is in its log goes into its file, which stands by itself from then on."""
        connection, self._connection, self._day = self._connection, None, None
        if connection is not None:
            with suppress(sqlite3.Error):  # somebody reads it: it stays a file with a log
                connection.execute("PRAGMA busy_timeout = 100")
                connection.execute("PRAGMA journal_mode = DELETE")
            with suppress(sqlite3.Error):
                connection.close()

    def _open(self, day: int) -> sqlite3.Connection:
        if self._connection is not None and day == self._day:
            return self._connection
        self.close()
        self.directory.mkdir(parents=True, exist_ok=True)
        path = day_path(self.directory, day)
        try:
            self._connection = open_to_write(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._put_aside(path, error)
            self._connection = open_to_write(path)
        self._day = day
        return self._connection

    @staticmethod
    def _put_aside(path: Path, error: Exception) -> None:
        """Make room for a new file where one is that cannot be read."""
        for number in range(1, 1000):
            aside = path.with_name(f"{path.name}.damaged{number}")
            if not aside.exists():
                path.rename(aside)
                break
        for file in companions(path):
            file.unlink(missing_ok=True)
        log.warning(
            'A history file cannot be read; it is set aside and a new one is started: file=%s reason="%s"', path, error
        )


def _rows(connection: sqlite3.Connection, table: str, keys: Sequence[tuple[int, int]]) -> list[tuple[Any, ...]]:
    found = (
        connection.execute(f"SELECT * FROM {table} WHERE time_ms = ? AND aircraft = ?", key).fetchone() for key in keys
    )
    return [row for row in found if row is not None]
