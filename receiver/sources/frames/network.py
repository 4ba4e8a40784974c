"""Frames from other receivers over TCP, in Beast or AVR: from one that we connect to, and from all who connect to us."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from config.network import NetworkSettings
from receiver.back_off import BackOff
from receiver.clock import SignalClock
from receiver.errors import SquitterError
from receiver.sources.dongle.live import ReceiverHealth
from receiver.sources.frames.clock import NetworkClock
from receiver.wire.avr import AvrReader
from receiver.wire.beast import BeastReader
from receiver.wire.copies import Copies, Ways
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import ANY_RECEIVER, Frame

log = logging.getLogger(__name__)

PORTS = {"beast": 30_005, "avr": 30_002}
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
CONNECT_LIMIT_S = 15.0
CHUNK = 8_192  # some 350 frames: 2 ms of the loop
LUMP_S = 1.0  # a network hands over what it has held back for so long at once
TURN = 64  # frames of one connection before the next one's: who sends much holds up nobody who sends little
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


class FrameStream:
    """Bytes of one connection in, frames out. A receiver id message says whose the next frames are: it keeps their
    clocks apart, and goes no further. What leaves Squitter was received, as far as others can tell, by Squitter.

    Parameters
    ----------
    protocol
        "beast" or "avr".
    source
        What the frames say of where they come from.
    """

    def __init__(self, protocol: str, source: str) -> None:
        self._source = source
        self._reader: BeastReader | AvrReader = BeastReader() if protocol == "beast" else AvrReader()
        self._clock = NetworkClock()
        self._copies = Copies()
        self._ways = Ways()

    @property
    def copies(self) -> int:
        """Frames that were dropped because the same, with the same counter, had come before."""
        return self._copies.dropped

    def clock_set(self, by_s: float) -> None:
        """The clock that `arrived_s` is told by was set."""
        self._clock.move(by_s)

    def feed(self, data: bytes, arrived_s: float) -> list[Frame]:
        """Frames that are complete now, oldest first; `arrived_s` is UTC."""
        clock, is_copy, source = self._clock, self._copies.is_copy, self._source
        are_several = self._ways.are_several
        frames = []
        for found in self._reader.feed(data):
            counter = found.counter
            if clock.is_used and is_copy(found.data, counter):
                continue  # it says when the first was received, and nothing of now
            utc_s, receiver, epoch = clock.read(counter, arrived_s, found.receiver_id)
            if found.receiver_id is None and are_several(found.data, utc_s):
                receiver = ANY_RECEIVER
            how = "mlat" if counter == MLAT_COUNTER else "network"
            frames.append(
                Frame(found.data, utc_s, counter or 0, found.signal_dbfs, found=how, source=source,
                      receiver=receiver, epoch=epoch)
            )  # fmt: skip
        return frames


class _Stamped:
    """A stream whose frames are stamped by the signal clock, also after that was set; what comes in is counted in `health`."""

    def __init__(self, protocol: str, source: str, clock: SignalClock, health: ReceiverHealth) -> None:
        self._stream = FrameStream(protocol, source)
        self._health = health
        self._clock = clock
        self._moved_s = clock.moved_s

    def feed(self, data: bytes) -> list[Frame]:
        """Frames that are complete now."""
        if self._clock.moved_s != self._moved_s:
            self._stream.clock_set(self._clock.moved_s - self._moved_s)
            self._moved_s = self._clock.moved_s
        copies = self._stream.copies
        frames = self._stream.feed(data, self._clock.utc_s())
        self._health.bytes_in += len(data)
        self._health.copies += self._stream.copies - copies
        return frames


def moved(frames: list[Frame], by_s: float) -> list[Frame]:
    """Frames that were stamped before the clock was set by so much."""
    return [replace(frame, time_s=frame.time_s + by_s) for frame in frames] if by_s else frames


def bound_to_arrival(frames: list[Frame], arrived_s: float) -> list[Frame]:
    """Frames with times from `LUMP_S` before their arrival up to it, whatever their counter says."""
    first_s = arrived_s - LUMP_S
    return [
        frame
        if first_s <= frame.time_s <= arrived_s
        else replace(frame, time_s=min(max(frame.time_s, first_s), arrived_s))
        for frame in frames
    ]


class NetworkClient:
    """A `FrameSource`: another receiver's output port, connected to again and again.

    Parameters
    ----------
    protocol
        "beast" or "avr".
    port
        None: the protocol's usual one.
    """

    def __init__(self, protocol: str, host: str, port: int | None = None, clock: SignalClock | None = None) -> None:
        self.kind = protocol
        self.host = host
        self.port = PORTS[protocol] if port is None else port
        self.health = ReceiverHealth(since_s=time.monotonic())
        self._clock = clock if clock is not None else SignalClock()

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Yield what arrives, for ever."""
        back_off = BackOff(BACK_OFF_S)
        while True:
            try:
                async with asyncio.timeout(CONNECT_LIMIT_S):
                    reader, writer = await asyncio.open_connection(self.host, self.port)
            except (OSError, TimeoutError) as error:
                reason = getattr(error, "strerror", None) or str(error) or f"no answer within {CONNECT_LIMIT_S:g} s"
                self._change("absent", f"{self.host}:{self.port}: {reason}")
            else:
                self._change("open", f"{self.kind} from {self.host}:{self.port}")
                try:
                    keep_alive(writer)
                    stream = _Stamped(self.kind, self.kind, self._clock, self.health)
                    while data := await reader.read(CHUNK):
                        frames = stream.feed(data)
                        if frames:
                            back_off.succeeded()
                            yield frames
                    self._change("error", f"{self.host}:{self.port} closed the connection; connecting again")
                except OSError as error:
                    self._change("error", f"{self.host}:{self.port}: {error.strerror or error}; connecting again")
                finally:
                    await hang_up(writer)
            self.health.restarts += 1
            await asyncio.sleep(back_off.failed())

    def _change(self, state: str, text: str) -> None:
        """Note and log a change of state; the same again is no news."""
        self.health.text = text
        if state == self.health.state:
            return
        self.health.state, self.health.since_s = state, time.monotonic()
        log.log(logging.INFO if state == "open" else logging.WARNING, "%s %s: %s", self.kind, state, text)


class NetworkListener:
    """A `FrameSource`: ports that take frames from whoever connects.

    Attributes
    ----------
    clients
        Connections now.
    refused
        Connections that were too many.
    """

    kind = "network"

    def __init__(self, settings: NetworkSettings, clock: SignalClock | None = None) -> None:
        self.settings = settings
        self.clients = self.refused = 0
        self.health = ReceiverHealth(since_s=time.monotonic())
        self._clock = clock if clock is not None else SignalClock()
        self._lists: asyncio.Queue[tuple[list[Frame], float]] = asyncio.Queue(1)

    @property
    def enabled(self) -> bool:
        """Whether there is any port to listen on."""
        return bool(self._ports())

    def _ports(self) -> list[tuple[str, int]]:
        beast, avr = self.settings.beast_in_ports, self.settings.avr_in_ports
        return [("beast", port) for port in beast] + [("avr", port) for port in avr]

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Yield what arrives from all clients, indefinitely; its times are bound to its arrival, for beside a source
        nobody else may say what time it is.

        Raises
        ------
        SquitterError
            A port cannot be had.
        """
        servers: list[asyncio.Server] = []
        connections: set[asyncio.Task[None]] = set()
        try:
            for protocol, port in self._ports():
                servers.append(await self._serve(protocol, port, connections))
            self.health.state, self.health.since_s = "open", time.monotonic()
            while True:
                frames, stamped_s = await self._lists.get()
                yield moved(frames, self._clock.moved_s - stamped_s)
        finally:
            for server in servers:
                server.close()
            for connection in connections:
                connection.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    async def _serve(self, protocol: str, port: int, connections: set[asyncio.Task[None]]) -> asyncio.Server:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._take(protocol, reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)
            task.add_done_callback(lambda _: writer.close())  # it may be cancelled before it has begun

        try:
            server = await asyncio.start_server(connected, self.settings.address, port, limit=CHUNK)
        except OSError as error:
            raise SquitterError(
                f"network.{protocol}_in_ports: cannot listen on {self.settings.address}:{port}: "
                f"{error.strerror or error}; is another receiver running? Give another port"
            ) from error
        log.info("Accepting frames: protocol=%s address=%s port=%d", protocol, self.settings.address, port)
        return server

    async def _take(self, protocol: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.clients >= self.settings.max_clients:
            self.refused += 1
            return
        self.clients += 1
        try:
            keep_alive(writer)
            stream = _Stamped(protocol, self.kind, self._clock, self.health)
            while data := await reader.read(CHUNK):
                frames = bound_to_arrival(stream.feed(data), self._clock.utc_s())
                for first in range(0, len(frames), TURN):  # whoever waits longest is next
                    await self._lists.put((frames[first : first + TURN], self._clock.moved_s))
        except OSError as error:
            log.debug('A client failed: address=%s reason="%s"', writer.get_extra_info("sockname"), error)
        finally:
            self.clients -= 1
            await hang_up(writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection of which only the other side has something to say, and wait for it."""
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the kernel notice a peer that vanished without a word, within a minute."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
