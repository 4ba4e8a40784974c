"""The spool: order, bound, disk."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.sinks.mqtt.publication import Publication
from receiver.sinks.mqtt.spool import OVERHEAD_BYTES, Spool


def message(name: str, size: int = 10) -> Publication:
    return Publication(name, b"x" * size, 1)


def opened(path: Path, max_bytes: int = 1_000_000) -> Spool:
    spool = Spool(path, max_bytes)
    spool.load(spool.open())
    return spool


def topics(spool: Spool, count: int = 10_000) -> list[str]:
    return [waiting.publication.topic for waiting in spool.oldest(count)]


def test_messages_leave_in_the_order_in_which_they_came_whatever_their_rank() -> None:
    spool = Spool(None, 1_000_000)
    for i in range(50):
        spool.add(message(str(i)), i % 4)
    assert topics(spool, 7) == [str(i) for i in range(7)]
    spool.delivered(spool.oldest(7))
    assert topics(spool) == [str(i) for i in range(7, 50)]


def test_past_its_bound_the_oldest_of_the_lowest_rank_goes_first_and_is_counted() -> None:
    size = OVERHEAD_BYTES + 1 + 100
    spool = Spool(None, 4 * size)
    for name, rank in (("a", 0), ("b", 3), ("c", 0), ("d", 1), ("e", 3), ("f", 2), ("g", 3)):
        spool.add(message(name, 100), rank)
    assert topics(spool) == ["b", "e", "f", "g"]
    assert spool.dropped == 3
    assert spool.bytes == 4 * size


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3000)), max_size=60), st.randoms())
def test_it_never_holds_more_than_its_bound_and_loses_nothing_that_it_does_not_count(
    messages: list[tuple[int, int]], chance: random.Random
) -> None:
    spool = Spool(None, 10_000)
    delivered = 0
    for i, (rank, size) in enumerate(messages):
        spool.add(message(str(i), size), rank)
        assert spool.bytes <= 10_000
        if chance.random() < 0.3:
            batch = spool.oldest(3)
            spool.delivered(batch)
            delivered += len(batch)
    assert delivered + spool.dropped + len(spool) == len(messages)
    spool.delivered(spool.oldest(1000))
    assert (len(spool), spool.bytes) == (0, 0)
    assert not spool.holds("0")


def test_a_killed_process_leaves_its_alerts_and_waiting_events_on_disk(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    spool.add(message("event"), 0)
    spool.add(message("alert"), 2)
    assert spool.write(spool.changes(urgent_only=True))
    spool._database.close()  # type: ignore[union-attr]
    spool = opened(tmp_path / "spool")
    assert topics(spool) == ["alert"]
    spool.add(message("event"), 0)
    spool.close(spool.changes(urgent_only=False))
    spool = opened(tmp_path / "spool")
    assert topics(spool) == ["alert", "event"]
    spool.delivered(spool.oldest(2))
    spool.close(spool.changes(urgent_only=False))
    spool = opened(tmp_path / "spool")
    assert len(spool) == 0
    spool.close(spool.changes(urgent_only=False))


def test_what_is_delivered_before_it_has_to_wait_never_touches_the_disk(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    spool.add(message("event"), 0)
    spool.delivered(spool.oldest(1))
    changes = spool.changes(urgent_only=False)
    assert (changes.added, changes.removed) == ([], [])
    spool.close(changes)


def test_retained_messages_of_an_earlier_run_are_told_but_not_kept_by_the_broker(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    spool.add(Publication("alert", b"{}", 1, retain=True), 2)
    spool.add(Publication("ended", b"", 1, retain=True), 2)
    spool.close(spool.changes(urgent_only=False))
    spool = opened(tmp_path / "spool")
    assert [(w.publication.topic, w.publication.retain) for w in spool.oldest(9)] == [("alert", False), ("ended", True)]
    spool.close(spool.changes(urgent_only=False))


def test_a_full_disk_is_told_once_and_the_messages_wait_in_memory_and_are_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = opened(tmp_path / "spool")
    database = spool._database
    assert database is not None
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    for i in range(20):
        spool.add(message(str(i), 3000), 2)
        changes = spool.changes(urgent_only=True)
        if not spool.write(changes):
            spool.undo(changes)
    assert "full" in caplog.text
    assert len(caplog.records) == 1
    assert len(spool) == 20
    database.execute("PRAGMA max_page_count = 100000")
    spool.close(spool.changes(urgent_only=False))
    spool = opened(tmp_path / "spool")
    assert len(spool) == 20
    spool.close(spool.changes(urgent_only=False))


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"no database " * 1000)
    spool = opened(tmp_path / "spool")
    spool.add(message("a"), 2)
    spool.close(spool.changes(urgent_only=False))
    assert (tmp_path / "spool.broken").exists()
    with sqlite3.connect(tmp_path / "spool") as database:
        assert database.execute("SELECT COUNT(*) FROM waiting").fetchone() == (1,)
    database.close()


def test_a_second_process_with_the_same_file_does_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = opened(tmp_path / "spool")
    first.add(message("a"), 2)
    first.write(first.changes(urgent_only=True))
    second = opened(tmp_path / "spool")
    second.add(message("b"), 2)
    assert topics(second) == ["b"]
    assert "memory only" in caplog.text
    second.close(second.changes(urgent_only=False))
    first.close(first.changes(urgent_only=False))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    spool = opened(tmp_path / "file" / "spool")
    assert "memory only" in caplog.text
    assert spool.disk_errors == 1
