"""A subscriber to all stations, connected again and again. Lives on the event loop."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any, Literal

from receiver.back_off import BackOff, doubling
from receiver.broker.client import Address, BrokerError, Connection, Incoming, connect_auto
from receiver.clock import SignalClock
from receiver.fleet.fleet import Fleet
from receiver.sources.dongle.live import ReceiverHealth

log = logging.getLogger(__name__)

PATIENCE_S = 0.05  # the loop is left to others while messages come without end
MAX_JSON = 4096


class FleetSource:
    """Fills a `Fleet` with what comes from the broker.

    Attributes
    ----------
    health
        Of the connection.
    """

    kind = "fleet"

    def __init__(
        self,
        address: Address,
        protocol: Literal["auto", "5", "3.1.1"],
        base_topic: str,
        fleet: Fleet,
        clock: SignalClock,
        backoff_s: tuple[float, float] = (1.0, 30.0),
    ) -> None:
        self.fleet = fleet
        self.health = ReceiverHealth(since_s=time.monotonic())
        self._address = address
        self._protocol = protocol
        self._base = base_topic + "/"
        self._clock = clock
        self._back_off = BackOff(doubling(*backoff_s), jitter=(0.5, 1.0))

    def now(self) -> float:
        """The time: what has come is taken in at once (UTC s)."""
        return self._clock.utc_s()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                connection = await connect_auto(self._address, self._protocol, None)
            except BrokerError as error:
                self._change("absent", f"broker {self._address}: {error}")
                await asyncio.sleep(self._back_off.failed())
                continue
            try:
                await connection.subscribe(
                    *(f"{self._base}+/{what}" for what in ("heard/+", "clock", "place", "status"))
                )
                self._change("open", f"broker {self._address}")
                await self._take(connection)
            except BrokerError as error:
                self._change("error", f"broker {self._address}: {error}; connecting again")
            finally:
                await connection.close(politely=True)
            self.health.restarts += 1
            await asyncio.sleep(self._back_off.failed())

    async def _take(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        since_s = loop.time()
        async for message in connection.messages():
            self._back_off.succeeded()
            self.hear(message)
            if loop.time() - since_s > PATIENCE_S:
                await asyncio.sleep(0)
                since_s = loop.time()
        raise BrokerError("lost", "the broker has closed the connection")

    def hear(self, message: Incoming) -> None:
        """One message."""
        if not message.topic.startswith(self._base):
            return
        name, _, rest = message.topic[len(self._base) :].partition("/")
        if rest.startswith("heard/"):
            if not message.retain:  # what is retained was received nobody knows when
                self.fleet.hear(name, rest[6:], message.payload, self._clock.utc_s())
            return
        station = self.fleet.station(name)
        if station is None:
            return
        if rest == "status":
            station.online = message.payload == b"online"
        elif rest == "clock":
            station.clock = _object(message.payload)
        elif rest == "place":
            station.place = _place(_object(message.payload))

    def _change(self, state: str, text: str) -> None:
        self.health.text = text
        if state == self.health.state:
            return
        self.health.state, self.health.since_s = state, time.monotonic()
        log.log(logging.INFO if state == "open" else logging.WARNING, "fleet %s: %s", state, text)


def _object(payload: bytes) -> dict[str, Any]:
    """A JSON object; empty when it is none."""
    try:
        found = json.loads(payload[:MAX_JSON]) if payload else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _place(found: dict[str, Any]) -> tuple[float, float, float | None] | None:
    """Latitude, longitude (°) and height (m), where they are numbers that can be."""
    latitude, longitude, height = (found.get(key) for key in ("lat", "lon", "alt_m"))
    if not (isinstance(latitude, int | float) and isinstance(longitude, int | float)):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    known = isinstance(height, int | float) and -500 <= height <= 9000
    return float(latitude), float(longitude), float(height) if known and height is not None else None
