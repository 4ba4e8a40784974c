"""Many receivers of one stream of bytes, of which a slow one never holds the others."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from typing import cast

log = logging.getLogger(__name__)

BUFFER_LIMIT = 1 << 20  # bytes that wait for a client: 20 s of 2,000 long frames a second
KERNEL_BUFFER = 128 * 1024  # left alone, the kernel takes in megabytes for each client before we notice anything
PATIENCE_S = 20.0  # a client whose buffer has been full for so long is dropped
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))


class ByteClients:
    """The clients of one output, whether they came to us or we went to them.

    Attributes
    ----------
    dropped
        Pieces that did not fit into a client's buffer, summed over the clients.
    sent_bytes
        Handed to the kernel or to a buffer, summed over the clients.
    kicked
        Clients that took nothing for too long.
    refused
        Clients that were one too many.
    """

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self.dropped = self.kicked = self.refused = self.sent_bytes = 0
        self.greeting = b""  # the first that a client is sent
        self._clients: set[ByteClient] = set()

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[ByteClient]:
        return iter(tuple(self._clients))

    def send(self, piece: bytes) -> None:
        """Give all clients some whole frames or lines. A client with a full buffer misses this piece."""
        for client in self:
            client.send(piece)

    async def drain(self) -> None:
        """Wait until everybody has everything. May take for ever."""
        for client in self:
            await client.empty.wait()

    def close(self) -> None:
        """Hang up."""
        for client in self:
            client.abort()

    def add(self, client: ByteClient) -> bool:
        """Take in a client; False when there are too many."""
        if len(self._clients) >= self.most:
            self.refused += 1
            return False
        self._clients.add(client)
        return True

    def remove(self, client: ByteClient) -> None:
        """A client has gone."""
        self._clients.discard(client)


class ByteClient(asyncio.Protocol):
    """One connection. What it sends is not ours to read.

    Attributes
    ----------
    empty
        Set while nothing waits to be taken.
    gone
        Done when the connection is over.
    """

    def __init__(self, clients: ByteClients) -> None:
        self._clients = clients
        self._transport: asyncio.Transport | None = None
        self._full_since_s: float | None = None
        self._loop = asyncio.get_running_loop()
        self.empty = asyncio.Event()
        self.empty.set()
        self.gone: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        prepare(self._transport)
        self._transport.set_write_buffer_limits(high=0)
        if not self._clients.add(self):
            self._transport.abort()
        elif self._clients.greeting:
            self.send(self._clients.greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clients.remove(self)
        self._transport = None
        self.empty.set()
        if not self.gone.done():
            self.gone.set_result(None)

    def buffered(self) -> int:
        """Bytes that wait to be taken."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def pause_writing(self) -> None:
        self.empty.clear()

    def resume_writing(self) -> None:
        self.empty.set()

    def send(self, piece: bytes) -> None:
        """Pass a piece on, or count it when the buffer is full."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() + len(piece) <= BUFFER_LIMIT:
            self._full_since_s = None
            transport.write(piece)
            self._clients.sent_bytes += len(piece)
            return
        self._clients.dropped += 1
        now_s = self._loop.time()
        if self._full_since_s is None:
            self._full_since_s = now_s
        elif now_s - self._full_since_s > PATIENCE_S:
            self._clients.kicked += 1
            log.info("Disconnected a client that read nothing: output=%s limit_s=%g", self._clients.name, PATIENCE_S)
            transport.abort()

    def abort(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()


def prepare(transport: asyncio.BaseTransport) -> None:
    """Have the kernel notice a peer that vanished without a word within two minutes, and buffer no more than needed."""
    connection = transport.get_extra_info("socket")
    if connection is None:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
    for option, value in _KEEPALIVE:
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
