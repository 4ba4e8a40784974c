"""What the tests of inputs and outputs over TCP share."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

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


@asynccontextmanager
async def connection(
    host: str, port: int, **options: Any
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection for the body, closed after it whatever happens."""
    reader, writer = await asyncio.open_connection(host, port, **options)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a port that may open only in a moment."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handler, port: int = 0) -> AsyncIterator[int]:
    """A server for the body: the port (any when not given). Afterwards every handler has ended and every connection is
    closed: what a cancelled handler leaves open would be found by the garbage collector, in another test."""
    handlers: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handle(reader, writer)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)  # here, not in the task: that may be cancelled before it begins
        handlers.add(asyncio.create_task(work(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await asyncio.sleep(0)  # a connection that was accepted just now
        for handler in handlers:
            handler.cancel()
        results = await asyncio.gather(*handlers, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                raise result


def run(work: Awaitable[None]) -> None:
    """Run with a bound on time, so that what hangs fails."""

    async def bounded() -> None:
        async with asyncio.timeout(3 * LIMIT_S):
            await work

    asyncio.run(bounded())
