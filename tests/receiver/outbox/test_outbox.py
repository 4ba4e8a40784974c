"""The outbox: order, bound, disk, restarts."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.outbox import Box, Outbox
from receiver.outbox.box import OVERHEAD_BYTES


def memory(max_bytes: int = 1_000_000) -> Box:
    return Outbox(None, max_bytes).box("mqtt")


def bodies(box: Box) -> list[bytes]:
    return [letter.body for letter in box.oldest(10_000)]


def with_outbox(path: Path, work: Callable[[Outbox], Awaitable[None]], *, close: bool = True) -> Outbox:
    """An outbox on a file; without `close` it ends as a killed process would have it."""
    outbox = Outbox(path)

    async def main() -> None:
        outbox.box("mqtt")
        outbox.box("push:phone")
        await outbox.open()
        await work(outbox)
        if close:
            await outbox.close()
        elif outbox._file is not None:
            outbox._file.close()

    asyncio.run(main())
    return outbox


def waiting(path: Path, name: str = "mqtt") -> list[bytes]:
    """What the next run finds."""
    found: list[bytes] = []

    async def look(outbox: Outbox) -> None:
        found.extend(bodies(outbox.box(name)))

    with_outbox(path, look)
    return found


def test_letters_leave_in_the_order_in_which_they_came_whatever_their_rank() -> None:
    box = memory()
    for i in range(50):
        box.add(str(i).encode(), i % 4)
    assert [letter.body for letter in box.oldest(7)] == [str(i).encode() for i in range(7)]
    box.done(box.oldest(7))
    assert bodies(box) == [str(i).encode() for i in range(7, 50)]
    assert [letter.rank for letter in box] == sorted((letter.rank for letter in box), reverse=True)


def test_past_its_bound_the_oldest_of_the_lowest_rank_goes_first_and_is_counted_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    box = memory(4 * (OVERHEAD_BYTES + 1))
    for name, rank in (("a", 0), ("b", 3), ("c", 0), ("d", 1), ("e", 3), ("f", 2), ("g", 3)):
        box.add(name.encode(), rank)
    assert bodies(box) == [b"b", b"e", b"f", b"g"]
    assert box.dropped == 3
    assert "dropped=1" in caplog.text


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3000)), max_size=60), st.randoms())
def test_it_never_holds_more_than_its_bound_and_loses_nothing_that_it_does_not_count(
    letters: list[tuple[int, int]], chance: random.Random
) -> None:
    box = memory(10_000)
    delivered = 0
    for i, (rank, size) in enumerate(letters):
        box.add(b"x" * size, rank, key=str(i))
        assert box.bytes <= 10_000
        if chance.random() < 0.3:
            batch = box.oldest(3)
            box.done(batch)
            delivered += len(batch)
    assert delivered + box.dropped + len(box) == len(letters)
    box.done(box.oldest(1000))
    assert (len(box), box.bytes) == (0, 0)
    assert not box.holds("0")


def test_a_killed_process_leaves_what_was_committed(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> None:
        outbox.box("mqtt").add(b"event", 0)
        outbox.box("mqtt").add(b"alert", 2)
        outbox.box("push:phone").add(b"push", 3)
        assert await outbox.commit()

    with_outbox(tmp_path / "outbox", work, close=False)
    assert waiting(tmp_path / "outbox") == [b"alert"]
    assert waiting(tmp_path / "outbox", "push:phone") == [b"push"]


def test_a_clean_stop_leaves_events_too_and_nothing_that_was_delivered(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> None:
        box = outbox.box("mqtt")
        for name in (b"one", b"two", b"three"):
            box.add(name, 2)
        await outbox.commit()
        box.add(b"event", 0)
        box.done(box.oldest(2))

    with_outbox(tmp_path / "outbox", work)
    assert waiting(tmp_path / "outbox") == [b"three", b"event"]


def test_what_is_delivered_before_it_has_to_wait_never_touches_the_disk(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> None:
        box = outbox.box("mqtt")
        box.add(b"event", 0)
        box.done(box.oldest(1))
        assert box.unwritten() == ([], [])

    with_outbox(tmp_path / "outbox", work)


def test_letters_of_before_come_first_and_their_texts_can_change(tmp_path: Path) -> None:
    async def first(outbox: Outbox) -> None:
        outbox.box("mqtt").add(b"old", 2)

    async def second(outbox: Outbox) -> None:
        box = outbox.box("mqtt")
        (old,) = box.oldest(1)
        assert old.earlier
        box.add(b"new", 2)
        box.change(old, b"old, and one more")

    with_outbox(tmp_path / "outbox", first)
    with_outbox(tmp_path / "outbox", second)
    assert waiting(tmp_path / "outbox") == [b"old, and one more", b"new"]


def test_pictures_and_memos_are_there_after_a_restart(tmp_path: Path) -> None:
    async def first(outbox: Outbox) -> None:
        outbox.put_picture("alert", b"\x89PNG")
        outbox.keep("pushed", "[1]")
        assert await outbox.picture("alert") == b"\x89PNG"

    async def second(outbox: Outbox) -> None:
        assert await outbox.picture("alert") == b"\x89PNG"
        assert await outbox.picture("another") is None
        assert outbox.memo("pushed") == "[1]"
        outbox.drop_picture("alert")

    async def third(outbox: Outbox) -> None:
        assert await outbox.picture("alert") is None

    for work in (first, second, third):
        with_outbox(tmp_path / "outbox", work)


def test_a_full_disk_is_told_once_and_everything_is_there_when_it_has_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(outbox: Outbox) -> None:
        assert outbox._file is not None
        assert outbox._file._database is not None
        pages = outbox._file._database.execute("PRAGMA page_count").fetchone()[0]
        outbox._file._database.execute(f"PRAGMA max_page_count = {pages}")
        for i in range(20):
            outbox.box("mqtt").add(str(i).encode() * 3000, 2)
        assert not await outbox.commit()
        assert await outbox.commit()  # another connection, without the limit

    with_outbox(tmp_path / "outbox", work, close=False)
    assert "full" in caplog.text
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
    assert len(waiting(tmp_path / "outbox")) == 20


@pytest.mark.parametrize("content", [b"no database " * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_put_aside_and_named(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "outbox").write_bytes(content)

    async def work(outbox: Outbox) -> None:
        outbox.box("mqtt").add(b"a", 2)
        assert await outbox.commit()

    with_outbox(tmp_path / "outbox", work)
    assert (tmp_path / "outbox.damaged1").read_bytes() == content
    assert "outbox.damaged1" in caplog.text
    assert waiting(tmp_path / "outbox") == [b"a"]


def test_damaged_rows_harm_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work(outbox: Outbox) -> None:
        outbox.box("mqtt").add(b"a", 2)

    with_outbox(tmp_path / "outbox", work)
    with closing(sqlite3.connect(tmp_path / "outbox")) as database, database:
        database.execute("INSERT INTO letter VALUES (77, 'mqtt', 'loud', 0.0, 'k', x'00')")
        database.execute("INSERT INTO letter VALUES (78, 'mqtt', 99, 0.0, 'k', x'62')")
    assert waiting(tmp_path / "outbox") == [b"a", b"b"]
    assert "1 letters are damaged" in caplog.text


def test_a_second_process_with_the_same_file_does_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        first, second = Outbox(tmp_path / "outbox"), Outbox(tmp_path / "outbox")
        await first.open()
        first.box("mqtt").add(b"a", 2)
        assert await first.commit()
        await second.open()
        second.box("mqtt").add(b"b", 2)
        assert not await second.commit()
        assert "memory only" in caplog.text
        await first.close()
        assert await second.commit()  # the first has gone: what it left comes before what we have
        assert bodies(second.box("mqtt")) == [b"a", b"b"]
        await second.close()

    asyncio.run(main())
    assert waiting(tmp_path / "outbox") == [b"a", b"b"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()

    async def work(outbox: Outbox) -> None:
        outbox.box("mqtt").add(b"a", 2)
        assert not await outbox.commit()
        assert bodies(outbox.box("mqtt")) == [b"a"]

    outbox = with_outbox(tmp_path / "file" / "outbox", work, close=False)
    assert outbox.disk_errors == 2
    assert caplog.text.count("memory only") == 1


def test_letters_for_receivers_that_there_are_no_more_are_deleted_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def first(outbox: Outbox) -> None:
        outbox.box("push:phone").add(b"a", 2)

    with_outbox(tmp_path / "outbox", first)

    async def main() -> None:
        outbox = Outbox(tmp_path / "outbox")
        outbox.box("mqtt")
        await outbox.open()
        assert outbox.forget_strangers() == 1
        await outbox.close()

    asyncio.run(main())
    assert "not in the settings any more" in caplog.text
    assert waiting(tmp_path / "outbox", "push:phone") == []


def test_a_clock_that_is_set_makes_nothing_older(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> None:
        letter = outbox.box("mqtt").add(b"a", 2, made_s=1000.0)
        await outbox.commit()
        outbox.clock_set(5000.0)
        assert letter.made_s == 6000.0
        assert await outbox.commit()

    async def look(outbox: Outbox) -> None:
        (letter,) = outbox.box("mqtt").oldest(1)
        assert letter.made_s == 6000.0
        outbox.clock_set(100.0)
        assert letter.made_s == 6000.0, "that clock was another one"

    with_outbox(tmp_path / "outbox", work)
    with_outbox(tmp_path / "outbox", look)
