"""Work that takes long, beside the event loop: few threads of its own, and a bounded queue before them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from aiohttp import web

T = TypeVar("T")
SWITCH_S = 0.0005
"""How long a thread keeps the interpreter when another wants it. The loop gives it away at each call of a socket; at
Python's 5 ms it would get through 200 of them a second while one thread draws a map."""


class Work:
    """Threads that nobody else waits for: a base map keeps no picture of an alert from being drawn.

    Parameters
    ----------
    name
        Of the threads.
    threads, most_waiting
        How many work, and how many jobs may wait for one of them; the next is refused with 503.
    """

    def __init__(self, name: str, threads: int = 1, most_waiting: int = 24) -> None:
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + most_waiting
        self._jobs: set[Future[Any]] = set()
        self.refused = 0

    async def do(self, function: Callable[..., T], *arguments: Any) -> T:
        """The function's result. A job whose asker has gone before its turn came is not done at all."""
        if len(self._jobs) >= self._most:
            self.refused += 1
            raise web.HTTPServiceUnavailable(text="too much is being made already\n", headers={"Retry-After": "2"})
        job = self._pool.submit(function, *arguments)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
