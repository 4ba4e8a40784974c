from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from receiver.app.turns import PIECE_S, LoopGap, TimedLoop, in_pieces


def busy(seconds: float) -> None:
    until_s = time.perf_counter() + seconds
    while time.perf_counter() < until_s:
        pass


def test_the_longest_turn_is_measured() -> None:
    async def work() -> tuple[float, float]:
        gap = LoopGap(asyncio.get_running_loop())
        await asyncio.sleep(0)
        busy(0.12)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        longest = gap.longest()
        assert longest is not None
        return longest

    with asyncio.Runner(loop_factory=TimedLoop) as runner:
        longest_s, busiest_s = runner.run(work())
    assert longest_s >= 0.12
    assert 0.0 < busiest_s <= longest_s + 0.01


def test_another_loop_tells_nothing() -> None:
    async def work() -> tuple[float, float] | None:
        return LoopGap(asyncio.get_running_loop()).longest()

    assert asyncio.run(work()) is None


def test_work_in_pieces_gives_way() -> None:
    turns = 0

    def steps() -> Iterator[None]:
        for _ in range(10):
            busy(PIECE_S)
            yield

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def work() -> None:
        other = asyncio.create_task(others())
        await in_pieces(steps())
        other.cancel()

    asyncio.run(work())
    assert turns >= 10
