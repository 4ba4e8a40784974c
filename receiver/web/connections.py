"""Who may hold a connection, and how long: a half request, a client that does not read, and one address that wants them
all take nothing from the others, and `/healthz` is always answered.

A connection is *reading* from its first byte until a request is whole, then *answering* until the last byte of the answer
is handed over, then *idle*. Reading and answering have a time limit. When there is no room, the connection that has been
reading or idle longest goes; a newcomer waits in the *porch* where there is room for many half requests, and comes in
when its request is whole. When every connection inside is answering, those in the porch get nothing but `/healthz`.
"""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

READING_S = 5.0
ANSWERING_S = 30.0  # besides streams, which have a limit of their own for each event
IDLE_S = 30.0
SWEEP_S = 0.5
FRESH_S = 1.0  # so long a connection inside is not cut off for a newcomer
PORCH = 320  # connections past the limit
ADDRESS_SHARE = 0.75  # of all connections: behind a reverse proxy everybody has one address


def source_of(address: str | None) -> str:
    """Whom an address belongs to, as far as limits go: an IPv6 host has a whole /64 to choose from."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.IPv6Network((ip, 64), strict=False))
    return str(ip)


class Connection(RequestHandler):
    """aiohttp's connection, which tells `Connections` what it does."""

    def __init__(self, connections: Connections, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connections = connections
        self.state = "reading"
        self.until_s: float | None = None  # by the loop's clock
        self.since_s = 0.0
        self.source = ""
        self.outside = False  # in the porch

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.source = source_of(peer[0] if peer else None)
        self.enter("reading", READING_S)
        self._connections.take(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client has gone, or was cut off."""
        self._connections.drop(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A request begins, or goes on."""
        if self.state == "idle":
            self.enter("reading", READING_S)
        super().data_received(data)

    def log_access(self, request: Any, response: Any, time: float | None) -> None:
        """Called by aiohttp once the answer has been handed over."""
        self.enter("idle", IDLE_S)

    def come_in(self) -> bool:
        """Whether there is room for more than /healthz."""
        return self._connections.let_in(self)

    def enter(self, state: str, limit_s: float | None) -> None:
        """Be in a state from now on, for at most so long."""
        self.state = state
        self.since_s = self._loop.time()
        self.until_s = None if limit_s is None else self.since_s + limit_s

    def cut(self) -> None:
        """End it at once."""
        if self.transport is not None:
            self.transport.abort()


class Connections:
    """All connections of the server.

    Parameters
    ----------
    most
        At a time; `PORCH` more are heard until their request is whole.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._most_of_one = max(1, int(most * ADDRESS_SHARE))
        self._all: set[Connection] = set()
        self.cut = 0

    def __len__(self) -> int:
        return len(self._all)

    def factory(self, server: web.Server) -> Connection:
        """A protocol for the next connection."""
        return Connection(self, server, loop=asyncio.get_running_loop(), **server._kwargs)

    def take(self, connection: Connection) -> None:
        """Make room for a connection: inside, or else in the porch."""
        connection.outside = not self._room_for(connection, FRESH_S)
        if connection.outside:
            porch = [other for other in self._all if other.outside]
            if len(porch) >= PORCH:
                self._cut(min(porch, key=lambda other: other.since_s))
        self._all.add(connection)

    def let_in(self, connection: Connection) -> bool:
        """Whether a connection whose request is whole is inside, or can come in: half requests have to go for it."""
        if connection.outside and self._room_for(connection, 0.0):
            connection.outside = False
        return not connection.outside

    def _room_for(self, connection: Connection, fresh_s: float) -> bool:
        """Whether there is room inside, after others have gone that have been reading or idle for longer than that."""
        inside = [other for other in self._all if not other.outside]
        of_one = [other for other in inside if other.source == connection.source]
        for others, most in ((of_one, self._most_of_one), (inside, self._most)):
            if len(others) < most or any(other not in self._all for other in others):
                continue
            waiting = [other for other in others if other.state != "answering"]
            oldest = min(waiting, key=lambda other: other.since_s, default=None)
            if oldest is None or connection.since_s - oldest.since_s < fresh_s:
                return False
            self._cut(oldest)
        return True

    def drop(self, connection: Connection) -> None:
        """It has ended."""
        self._all.discard(connection)

    def _cut(self, connection: Connection) -> None:
        self._all.discard(connection)
        self.cut += 1
        connection.cut()

    async def sweep(self) -> None:
        """Cut off those that take too long, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = loop.time()
            for connection in [one for one in self._all if one.until_s is not None and one.until_s <= now_s]:
                self._cut(connection)


def connection_of(request: web.BaseRequest) -> Connection | None:
    """The connection that a request came over; None under a server that is not ours."""
    return request.protocol if isinstance(request.protocol, Connection) else None
