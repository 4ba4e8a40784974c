"""A wire to the broker that can be cut: packets vanish, and neither side is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.receiver.network import serving


class Wire:
    """Forwards a port to another, until it is cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.whole = asyncio.Event()
        self.whole.set()
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """From now on nothing goes through, in either direction."""
        self.whole.clear()

    def mend(self) -> None:
        """New connections go through; those from before stay dead, as after a router's restart."""
        for task in self._tasks:
            task.cancel()
        self.whole.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        await self.whole.wait()
        there, to_there = await asyncio.open_connection("127.0.0.1", self.target)
        ways = [asyncio.create_task(self._forward(*way)) for way in ((reader, to_there), (there, writer))]
        self._tasks.update(ways)
        try:
            await asyncio.wait(ways)
            if any(way.cancelled() for way in ways):
                await asyncio.Event().wait()  # dead, and neither side is told
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._tasks.difference_update(ways)
            to_there.transport.abort()
            await asyncio.gather(to_there.wait_closed(), return_exceptions=True)

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self.whole.wait()
                sink.write(data)
                await sink.drain()
        sink.close()


@contextlib.asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """A wire to a port of the loopback."""
    wire = Wire(port)
    async with serving(wire.serve) as wire.port:
        yield wire
