"""Day files: nothing that was committed is ever lost, whatever happens to the process."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from receiver.history import day_file
from receiver.history.day_file import (
    DAY_MS,
    PositionRow,
    aircraft_address,
    aircraft_number,
    day_of,
    day_path,
    days_in,
    open_to_read,
)
from receiver.history.reader import HistoryReader
from receiver.history.store import HistoryStore
from tests.receiver.history.writer import BATCH, START_MS, batch

ROOT = Path(__file__).parents[3]
DAY = 20_000


def row(time_ms: int, aircraft: int = 0xAE4BD7, latitude_e6: int = 19_000_000) -> PositionRow:
    return PositionRow(time_ms, aircraft, latitude_e6, -100_000_000, 19_000, None, 1812, 900, 0, 0)


def killed_at_random(directory: Path, kills: int, seed: int) -> None:
    """Kill a writer again and again; each time what it had reported must be there, and no batch in part."""
    rng = random.Random(seed)
    number = 0
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.receiver.history.writer", str(directory), str(number)],
            stdout=subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        assert process.stdout is not None
        acknowledged = number - 1
        for _ in range(rng.randrange(12)):
            acknowledged = int(process.stdout.readline())
        # some µs to some ms into whatever it does now
        for _ in range(rng.randrange(40_000)):
            pass
        process.kill()
        rest = process.stdout.read().split()
        process.stdout.close()
        process.wait()
        if rest:
            acknowledged = int(rest[-1])
        number = check(directory, acknowledged) + 1


def check(directory: Path, acknowledged: int) -> int:
    """Integrity, completeness and whole batches; the last batch that is there."""
    found: dict[int, int] = {}
    identities = set()
    for path in days_in(directory).values():
        with closing(open_to_read(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            try:
                found |= dict(connection.execute("SELECT latitude_e6, count(*) FROM position GROUP BY latitude_e6"))
                identities |= {one for (one,) in connection.execute("SELECT aircraft FROM identity")}
            except sqlite3.OperationalError as error:  # killed before the tables were made
                assert "no such table" in str(error)  # noqa: PT017
    assert set(found) == set(range(len(found))), "no batch is missing in between"
    assert set(found.values()) <= {BATCH}, "each batch is there as a whole"
    assert identities == set(found)
    assert len(found) > acknowledged
    return len(found) - 1


def test_nothing_committed_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    killed_at_random(tmp_path, kills=30, seed=5)


@pytest.mark.slow
@pytest.mark.timeout(900)  # each commit waits for the disk
def test_nothing_committed_is_lost_in_two_hundred_kills(tmp_path: Path) -> None:
    killed_at_random(tmp_path, kills=200, seed=6)


def test_the_days_of_the_writer_are_two() -> None:
    assert {day_of(START_MS + n * 1000) for n in range(120)} == {day_of(START_MS), day_of(START_MS) + 1}
    assert len({one.time_ms for one in batch(3)[0]}) == BATCH


def test_each_day_has_its_file_and_rows_twice_are_kept_once(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "new" / "history")
    rows = [row(DAY * DAY_MS + hour * 3_600_000) for hour in range(48)]
    store.append(rows)
    store.append(rows[20:30])
    store.close()
    days = days_in(tmp_path / "new" / "history")
    assert list(days) == [DAY, DAY + 1]
    assert days[DAY].name == "2024-10-04.sqlite"
    assert sorted(path.name for path in days[DAY].parent.iterdir()) == ["2024-10-04.sqlite", "2024-10-05.sqlite"]
    assert list(HistoryReader(days[DAY].parent).positions(0, 4e9)) == rows


def test_the_oldest_day_goes_by_age_and_by_size_but_never_the_one_that_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store = HistoryStore(tmp_path, max_age_days=5)
    for day in range(DAY, DAY + 9):
        store.append([row(day * DAY_MS)])
    assert store.prune() is None, "nobody knows what day it is"
    assert [store.prune(today=DAY + 8) for _ in range(4)] == [DAY, DAY + 1, DAY + 2, None]
    assert list(days_in(tmp_path)) == [DAY + 3, DAY + 4, DAY + 5, DAY + 6, DAY + 7, DAY + 8]
    assert "deleted, older than history.max_age_days = 5: file=" in caplog.text
    assert "2024-10-04.sqlite" in caplog.text
    store.max_size_bytes = 1
    assert [store.prune() for _ in range(6)] == [DAY + 3, DAY + 4, DAY + 5, DAY + 6, DAY + 7, None]
    assert list(days_in(tmp_path)) == [DAY + 8]
    assert store.is_full
    store.close()


def test_past_days_are_read_where_nothing_may_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = HistoryStore(tmp_path)
    store.append([row(DAY * DAY_MS), row((DAY + 1) * DAY_MS)])
    reader = HistoryReader(tmp_path)
    both = [row(DAY * DAY_MS), row((DAY + 1) * DAY_MS)]
    monkeypatch.setattr(day_file.os, "access", lambda *_: False)
    assert list(reader.positions(0, 4e9)) == both, "one closed, one being written"
    store.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".sqlite", ".sqlite"]
    assert list(reader.positions(0, 4e9)) == both
    assert all(path.read_bytes()[18] == 1 for path in tmp_path.iterdir()), "SQLite's own mark of a file without a log"


def test_a_day_that_somebody_reads_can_be_closed(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    store.append([row(DAY * DAY_MS + k) for k in range(10)])
    with closing(open_to_read(day_path(tmp_path, DAY))) as connection:
        cursor = connection.execute("SELECT * FROM position")
        cursor.fetchone()
        store.append([row((DAY + 1) * DAY_MS)])
        assert len(cursor.fetchall()) == 9
    store.append([row(DAY * DAY_MS + 11)])
    store.close()
    assert len(list(HistoryReader(tmp_path).positions(0, 4e9))) == 12


def test_other_files_in_the_directory_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.txt", "2024-13-99.sqlite", "x2024-01-01.sqlite"):
        (tmp_path / name).write_text("mine")
    store = HistoryStore(tmp_path, max_age_days=1, max_size_bytes=1)
    store.append([row(DAY * DAY_MS)])
    store.prune()
    store.close()
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    "content", [b"this is no database, but long enough to be read as one" * 100, b"SQLite format 3\0"]
)
def test_a_damaged_file_is_put_aside_and_the_day_goes_on(tmp_path: Path, content: bytes) -> None:
    day_path(tmp_path, DAY).write_bytes(content)
    store = HistoryStore(tmp_path)
    store.append([row(DAY * DAY_MS)])
    store.close()
    assert list(HistoryReader(tmp_path).positions(0, 4e9)) == [row(DAY * DAY_MS)]
    assert len(list(tmp_path.glob("*.damaged1"))) == 1 or not content.startswith(b"this")


def test_a_failed_append_leaves_nothing_behind_and_the_next_one_works(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    store.append([row(DAY * DAY_MS)])
    with pytest.raises(sqlite3.Error):
        store.append([row(DAY * DAY_MS + 1), row(DAY * DAY_MS + 2)._replace(latitude_e6=object())])  # type: ignore[arg-type]
    store.append([row(DAY * DAY_MS + 3)])
    store.close()
    times = [one.time_ms - DAY * DAY_MS for one in HistoryReader(tmp_path).positions(0, 4e9)]
    assert times == [0, 3]


def test_addresses_of_both_kinds_have_numbers_of_their_own() -> None:
    for icao in ("000001", "ffffff", "~000001", "~ae4bd7", "ae4bd7"):
        assert aircraft_address(aircraft_number(icao)) == icao


def test_rows_of_a_clock_that_was_wrong_are_moved_and_others_of_that_day_stay(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    theirs = [row(DAY * DAY_MS + 500, 0x111111)]
    ours = [row(DAY * DAY_MS + k * 1000) for k in range(5)]
    store.append([*theirs, *ours])
    store.append([row((DAY + 9) * DAY_MS)])
    assert store.redate([(one.time_ms, one.aircraft) for one in ours], 3 * DAY_MS) == 5
    assert sorted(days_in(tmp_path)) == [DAY, DAY + 3, DAY + 9]
    assert list(HistoryReader(tmp_path).positions(DAY * 86_400, (DAY + 1) * 86_400)) == theirs
    assert store.redate([(theirs[0].time_ms, theirs[0].aircraft)], -DAY_MS) == 1
    assert sorted(days_in(tmp_path)) == [DAY - 1, DAY + 3, DAY + 9], "an empty day is gone"
    store.close()
    assert len(list(HistoryReader(tmp_path).positions(0, 4e9))) == 7
