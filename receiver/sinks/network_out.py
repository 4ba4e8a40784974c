"""Beast, AVR and SBS over TCP: ports that others connect to, and feeds that connect to others, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from config.network import Feed, NetworkSettings
from receiver.back_off import BackOff
from receiver.errors import SquitterError
from receiver.sinks import Sink
from receiver.sinks.byte_clients import ByteClient, ByteClients
from receiver.sinks.reduced import Reducer, receiver_id_of, uuid_bytes
from receiver.tracking.sighting import Sighting
from receiver.views.sbs_message import sbs_of_sighting
from receiver.wire.avr import frame_to_avr
from receiver.wire.beast import frame_to_beast, receiver_id_bytes
from receiver.wire.frame import Frame
from receiver.wire.sbs import format_sbs

log = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
CONNECT_LIMIT_S = 15.0
STEADY_S = 60.0  # a connection that held for so long was a good one: begin again with the shortest wait
FINISH_S = 3.0

REDUCED = "beast_reduce_plus"
MLAT = "mlat"
ENCODERS: dict[str, Callable[[Frame], bytes]] = {
    "beast": frame_to_beast,
    "avr": lambda frame: frame_to_avr(frame).encode() + b"\n",
    "avr_mlat": lambda frame: frame_to_avr(frame, with_counter=True).encode() + b"\n",
}


class NetworkOutSink(Sink):
    """All outputs of `[network]`.

    A frame is encoded once a protocol, and only while somebody wants it. SBS lines of one turn of the loop go out
    together.
    """

    name = "network"

    def __init__(self, settings: NetworkSettings) -> None:
        self.settings = settings
        self.ports = {
            protocol: port
            for protocol, port in (
                ("beast", settings.beast_out_port),
                (REDUCED, settings.beast_reduce_out_port),
                ("avr", settings.avr_out_port),
                (MLAT, settings.mlat_out_port),
                ("sbs", settings.sbs_out_port),
            )
            if port is not None
        }
        protocols = dict.fromkeys([*self.ports, *(feed.protocol for feed in settings.feed)])
        # feeds are no guests: they never find the house full
        self.clients = {name: ByteClients(name, settings.max_clients + len(settings.feed)) for name in protocols}
        self._frame_outputs = [(ENCODERS[name], clients) for name, clients in self.clients.items() if name in ENCODERS]
        self._reduced = self.clients.get(REDUCED)
        self._reducer = Reducer(settings.beast_reduce_interval_s)
        uuid = settings.uuid
        self._whose = b"" if uuid is None else receiver_id_bytes(receiver_id_of(uuid))
        if self._reduced is not None and uuid is not None:
            self._reduced.greeting = uuid_bytes(uuid)
        self._mlat = self.clients.get(MLAT)
        self._sbs = self.clients.get("sbs")
        self._lines: list[str] = []
        self._all_calls: dict[float, str] = {}
        self.feeds_connected = 0
        self.feed_attempts = 0

    async def run(self) -> None:
        servers: list[asyncio.Server] = []
        try:
            for protocol, port in self.ports.items():
                servers.append(await self._serve(protocol, port))
            async with asyncio.TaskGroup() as tasks:
                for feed in self.settings.feed:
                    tasks.create_task(self._feed(feed))
                await super().run()
        finally:
            for server in servers:
                server.close()
            for clients in self.clients.values():
                clients.close()

    async def finish(self) -> None:
        try:
            async with asyncio.timeout(FINISH_S):
                for clients in self.clients.values():
                    await clients.drain()
        except TimeoutError:
            log.info("Some clients did not read the last bytes in time: limit_s=%g", FINISH_S)

    def frames(self, frames: Sequence[Frame], now: float) -> None:
        # what was computed from several receivers' times must not come back to those who compute it
        own = [frame for frame in frames if frame.found != "mlat"]
        for encode, clients in self._frame_outputs:
            if clients and own:
                clients.send(b"".join(map(encode, own)))
        if self._reduced and (fewer := self._reducer.kept(own)):
            self._reduced.send(b"".join(self._whose + frame_to_beast(frame) for frame in fewer))
        if self._mlat and len(own) < len(frames):
            self._mlat.send(b"".join(frame_to_beast(frame) for frame in frames if frame.found == "mlat"))
        if self._sbs:
            self._all_calls = {frame.time_s: frame.data[1:4].hex() for frame in frames if frame.data[0] >> 3 == 11}

    def sighting(self, sighting: Sighting) -> None:
        if not self._sbs:
            return
        line = sbs_of_sighting(sighting, self._all_calls.get(sighting.last_seen_s) == sighting.icao)
        if line is None:
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._send_lines)
        self._lines.append(format_sbs(line))

    def statistics(self) -> dict[str, float]:
        out: dict[str, float] = {}
        for name, clients in self.clients.items():
            out[f"{name}_clients"] = len(clients)
            out[f"{name}_dropped_total"] = clients.dropped
            out[f"{name}_bytes_total"] = clients.sent_bytes
            out[f"{name}_kicked_total"] = clients.kicked
            out[f"{name}_refused_total"] = clients.refused
        if self.settings.feed:
            out["feeds_connected"] = self.feeds_connected
            out["feed_attempts_total"] = self.feed_attempts
        return out

    def _send_lines(self) -> None:
        lines, self._lines = self._lines, []
        if self._sbs is not None and lines:
            self._sbs.send("".join(f"{line}\r\n" for line in lines).encode())

    async def _serve(self, protocol: str, port: int) -> asyncio.Server:
        clients = self.clients[protocol]
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: ByteClient(clients), self.settings.address, port
            )
        except OSError as error:
            raise SquitterError(
                f"network.{protocol}_out_port: cannot listen on {self.settings.address}:{port}: "
                f"{error.strerror or error}; is another receiver running? Give another port"
            ) from error
        log.info("Serving clients: protocol=%s address=%s port=%d", protocol, self.settings.address, port)
        return server

    async def _feed(self, feed: Feed) -> None:
        """Connect, stay while it lasts, connect again."""
        loop, where, complained = asyncio.get_running_loop(), f"{feed.host}:{feed.port}", False
        back_off = BackOff(BACK_OFF_S)
        clients = self.clients[feed.protocol]
        while True:
            self.feed_attempts += 1
            try:
                async with asyncio.timeout(CONNECT_LIMIT_S):
                    _, client = await loop.create_connection(lambda: ByteClient(clients), feed.host, feed.port)
            except (OSError, TimeoutError) as error:
                if not complained:
                    reason = getattr(error, "strerror", None) or str(error) or "no answer"
                    log.warning('Feed not connected; retrying indefinitely: feed=%s reason="%s"', where, reason)
                complained = True
            else:
                log.info("Feed connected: feed=%s protocol=%s", where, feed.protocol)
                complained = False
                began_s = loop.time()
                self.feeds_connected += 1
                try:
                    await client.gone
                finally:
                    self.feeds_connected -= 1
                    client.abort()
                if loop.time() - began_s > STEADY_S:
                    back_off.succeeded()
                log.info("Feed disconnected: feed=%s", where)
            await asyncio.sleep(back_off.failed())
