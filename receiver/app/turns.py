"""The loop's turns: how long everybody waited for one thing, and work in pieces so that nobody waits for long.

A turn is what the loop does between two looks for news (sockets, timers). Everything waits for it: the broker's
keep-alive, the map, SIGTERM. The budget is `BUDGET_S`.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Iterable
from typing import Any

BUDGET_S = 0.05
PIECE_S = 0.004  # work gives way after so long: several parts may be as busy in the same turn


class TimedSelector(selectors.DefaultSelector):
    """The system's selector, which measures what happens between its calls.

    Attributes
    ----------
    longest_s, busiest_s
        Longest turn since it was reset, by the clock and by the processor: on a machine that has other things to do
        they differ.
    """

    def __init__(self) -> None:
        super().__init__()
        self.longest_s = self.busiest_s = 0.0
        self._began_s: float | None = None
        self._began_busy_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As `selectors` has it."""
        began_s = self._began_s
        if began_s is not None:
            took_s = time.monotonic() - began_s
            if took_s > self.longest_s:
                self.longest_s = took_s
            if took_s > self.busiest_s:
                self.busiest_s = max(self.busiest_s, time.thread_time() - self._began_busy_s)
        found = super().select(timeout)
        self._began_s = time.monotonic()
        self._began_busy_s = time.thread_time()
        return found


class TimedLoop(asyncio.SelectorEventLoop):
    """asyncio's loop with such a selector."""

    def __init__(self) -> None:
        self.turns = TimedSelector()
        super().__init__(self.turns)


class LoopGap:
    """The longest turn of the last ten seconds or so, in two halves."""

    HALF_S = 5.0

    def __init__(self, loop: Any) -> None:
        self._turns: TimedSelector | None = getattr(loop, "turns", None)
        self._half_s = 0.0
        self._before = (0.0, 0.0)

    def longest(self) -> tuple[float, float] | None:
        """Seconds by the clock, and by the processor; None when the loop is not ours."""
        turns = self._turns
        if turns is None:
            return None
        now_s = time.monotonic()
        newest = (turns.longest_s, turns.busiest_s)
        longest = (max(newest[0], self._before[0]), max(newest[1], self._before[1]))
        if now_s - self._half_s >= self.HALF_S:
            self._half_s, self._before = now_s, newest
            turns.longest_s = turns.busiest_s = 0.0
        return longest


async def in_pieces(steps: Iterable[None]) -> None:
    """Do work that may pause at each step, and give way whenever `PIECE_S` have passed."""
    due_s = time.perf_counter() + PIECE_S
    for _ in steps:
        if time.perf_counter() >= due_s:
            await asyncio.sleep(0)
            due_s = time.perf_counter() + PIECE_S
