"""From the hearing thread to the loop and back."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import pytest

from receiver.errors import SquitterError
from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.pump import QUEUE, pump


def pieces(count: int) -> Iterator[Heard]:
    for now in range(count):
        yield Heard([], float(now), Reception("frames"))


def test_everything_arrives_in_order_and_the_end_ends_it() -> None:
    async def main() -> list[float]:
        return [heard.now async for heard in pump(pieces(100), lambda: None)]

    assert asyncio.run(main()) == [float(now) for now in range(100)]


def test_a_slow_loop_makes_the_thread_wait_and_loses_nothing() -> None:
    taken: list[int] = []

    def feed() -> Iterator[Heard]:
        for heard in pieces(200):
            taken.append(int(heard.now))
            yield heard

    async def main() -> int:
        most = seen = 0
        async for _ in pump(feed(), lambda: None):
            seen += 1
            most = max(most, len(taken) - seen)
            await asyncio.sleep(0.0005)
        assert seen == 200
        return most

    assert asyncio.run(main()) <= QUEUE + 2


def test_what_the_source_raises_is_raised_after_what_it_had_heard() -> None:
    def feed() -> Iterator[Heard]:
        yield from pieces(3)
        raise SquitterError("the file is cut short")

    seen: list[float] = []

    async def main() -> None:
        async for heard in pump(feed(), lambda: None):
            seen.append(heard.now)  # noqa: PERF401 - what came before the error must be seen

    with pytest.raises(SquitterError, match="cut short"):
        asyncio.run(main())
    assert seen == [0.0, 1.0, 2.0]


def test_stopping_closes_the_source_and_ends_its_thread() -> None:
    closed = threading.Event()

    def feed() -> Iterator[Heard]:
        while not closed.is_set():
            yield from pieces(1)
            closed.wait(0.001)

    async def main() -> None:
        async with contextlib.aclosing(pump(feed(), closed.set)) as heard:
            async for _ in heard:
                break

    asyncio.run(main())
    assert closed.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "hearing"]
