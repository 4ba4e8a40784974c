"""What the tests of inputs and outputs over TCP share."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from receiver.sinks import Sink

LIMIT_S = 20.0


def free_port() -> int:
    """A port of the loopback address that nobody uses right now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop go round until something holds; fails after `LIMIT_S`."""
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 the conditions are of every kind
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(sink: Sink) -> AsyncIterator[Sink]:
    """The sink's `run` beside the body."""
    task = asyncio.create_task(sink.run())
    await asyncio.sleep(0)
    try:
        yield sink
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a port that may open only in a moment."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)


def run(work: Awaitable[None]) -> None:
    """Run with a bound on time, so that what hangs fails."""

    async def bounded() -> None:
        async with asyncio.timeout(3 * LIMIT_S):
            await work

    asyncio.run(bounded())
