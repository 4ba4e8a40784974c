"""One day in one SQLite file: its name, its tables, and what their numbers mean.

Numbers are whole: times in ms since 1970 (UTC), degrees in millionths (11 cm), speed and track in tenths. A row of
`position` takes some 40 bytes. Both tables are keyed by time, so that rows are only ever appended at the end.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

VERSION = 1
DAY_MS = 86_400_000
OTHER_ADDRESS = 1 << 24  # added to the number of an address that is no ICAO address
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.sqlite\Z")
_EPOCH = date(1970, 1, 1)

SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS position (
    time_ms INTEGER NOT NULL,
    aircraft INTEGER NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    altitude_baro_ft INTEGER,
    altitude_geom_ft INTEGER,
    ground_speed_dkt INTEGER,
    track_ddeg INTEGER,
    vertical_rate_fpm INTEGER,
    on_ground INTEGER NOT NULL,
    PRIMARY KEY (time_ms, aircraft)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identity (
    time_ms INTEGER NOT NULL,
    aircraft INTEGER NOT NULL,
    address_type TEXT NOT NULL,
    callsign TEXT,
    squawk TEXT,
    category TEXT,
    emergency TEXT,
    registration TEXT,
    type_designator TEXT,
    PRIMARY KEY (time_ms, aircraft)
) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""


class PositionRow(NamedTuple):
    """Where an aircraft was. In the order of the columns."""

    time_ms: int
    aircraft: int
    latitude_e6: int
    longitude_e6: int
    altitude_baro_ft: int | None
    altitude_geom_ft: int | None
    ground_speed_dkt: int | None
    track_ddeg: int | None
    vertical_rate_fpm: int | None
    on_ground: int


class IdentityRow(NamedTuple):
    """What an aircraft said of itself, and what the database knows; once a day and at each change."""

    time_ms: int
    aircraft: int
    address_type: str
    callsign: str | None
    squawk: str | None
    category: str | None
    emergency: str | None
    registration: str | None
    type_designator: str | None


def aircraft_number(icao: str) -> int:
    """The key of an address: six hex digits, or `~` and six."""
    return int(icao[1:], 16) | OTHER_ADDRESS if icao.startswith("~") else int(icao, 16)


def aircraft_address(number: int) -> str:
    """The address of a key."""
    return f"~{number & 0xFFFFFF:06x}" if number & OTHER_ADDRESS else f"{number:06x}"


def day_of(time_ms: int) -> int:
    """Days since 1970."""
    return time_ms // DAY_MS


def day_path(directory: Path, day: int) -> Path:
    """Where a day is kept."""
    return directory / f"{_EPOCH + timedelta(days=day)}.sqlite"


def days_in(directory: Path) -> dict[int, Path]:
    """The days that are there, oldest first; none when the directory is not."""
    found = {}
    try:
        names = [path for path in directory.iterdir() if _NAME.match(path.name)]
    except OSError:
        return {}
    for path in names:
        try:
            found[(date.fromisoformat(path.name[:10]) - _EPOCH).days] = path
        except ValueError:
            continue
    return dict(sorted(found.items()))


def companions(path: Path) -> Iterator[Path]:
    """The file and what SQLite keeps beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        yield path.with_name(path.name + suffix)


def size_bytes(path: Path) -> int:
    """What a day takes on disk."""
    total = 0
    for file in companions(path):
        try:
            total += file.stat().st_size
        except OSError:
            continue
    return total


def open_to_write(path: Path) -> sqlite3.Connection:
    """A connection that survives the process being killed at any moment, with both tables there.

    Rows are appended in few, large commits, and of those a rollback journal holds but the two or three pages that were
    there before; a write-ahead log holds all of them once more and wears out an SD card in half the time. A power cut
    takes no commit with it and never leaves half of one.
    """
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing; the writer may go on meanwhile.

    A file without a log in a folder where we may not write is read as it lies there: SQLite would want to make a file
    beside it.
    """
    settled = not path.with_name(path.name + "-wal").exists() and not os.access(path.parent, os.W_OK)
    # a writer that was killed has left a commit half done: to take it back, one has to be able to write
    journal = path.with_name(path.name + "-journal")
    killed = journal.exists() and journal.stat().st_size > 0 and os.access(path, os.W_OK)
    mode = "immutable=1" if settled else "mode=rw" if killed else "mode=ro"
    address = f"file:{quote(str(path.resolve()))}?{mode}"
    return sqlite3.connect(address, uri=True, timeout=10.0, isolation_level=None)


def utc(time_s: float) -> datetime:
    """The moment as a date and time."""
    return datetime.fromtimestamp(time_s, UTC)
