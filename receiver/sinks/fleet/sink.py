"""The sink: frames become messages, at most one a second for each aircraft."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from config.fleet import FleetSettings, fleet_broker
from config.mqtt import MqttSettings
from config.station import StationSettings
from receiver.back_off import BackOff, doubling
from receiver.broker.address import address_of
from receiver.broker.client import BrokerError, Connection, connect_auto
from receiver.broker.publication import Publication
from receiver.fleet.counter import OWN, OWN_UNCERTAINTY_S, RELAYED_UNCERTAINTY_S, StationCounter
from receiver.fleet.heard import KINDS, MOST_OF_A_KIND, TICKS_HZ, Record, encode
from receiver.fleet.heard import address_of as address_in
from receiver.sinks.fleet.spool import Spool, Waiting
from receiver.views.outlets import Air, Sink
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

PERIOD_S = 1.0
CLOCK_PERIOD_S = 30.0
KNOWN_S = 60.0
"""So long after it has proved an address a station believes the replies under it: their parity is the address, noise has
one, too."""
BATCH = 64
COLLECT_S = 0.05
MAX_AIRCRAFT = 4000
MOST_TICKS = 16 * TICKS_HZ  # either way, in one message
HEARD = "application/x-squitter-heard"
_REPLIES = frozenset(df for df, kind in KINDS.items() if kind in (0, 2))


class _Aircraft:
    """What has been received of one since its last message."""

    __slots__ = ("anchor_utc_s", "clock", "counts", "due_s", "records", "uncertainty_s")

    def __init__(self, due_s: float, clock: int, anchor_utc_s: float, uncertainty_s: float | None) -> None:
        self.due_s = due_s
        self.clock = clock
        self.anchor_utc_s = anchor_utc_s
        self.uncertainty_s = uncertainty_s
        self.records: list[Record] = []
        self.counts = [0, 0, 0, 0]


class FleetSink(Sink):
    """Receptions of this station, for the hub of a fleet. Never waits for the broker.

    Parameters
    ----------
    settings, mqtt, station
        `[fleet]`, `[mqtt]` and `[station]`.

    Raises
    ------
    UsageError
        A file that the settings name cannot be read or used.
    """

    name = "fleet"

    def __init__(
        self,
        settings: FleetSettings,
        mqtt: MqttSettings,
        station: StationSettings,
        *,
        backoff_s: tuple[float, float] = (1.0, 30.0),
    ) -> None:
        broker = fleet_broker(settings, mqtt)
        self._base = f"{broker.base_topic}/{station.name}"
        self._address = address_of(broker.model_copy(update={"client_id": None}), f"{station.name}-fleet")
        self._protocol = broker.protocol
        self._spool = Spool(int(settings.spool_mb * 1e6), settings.spool_s)
        self._counter = StationCounter()
        self._aircraft: dict[int, _Aircraft] = {}
        self._due: deque[tuple[float, int]] = deque()
        self._proved: dict[int, float] = {}
        self._uncertainty_s: float | None = None
        self._clock: dict[str, Any] | None = None
        self._clock_told_s = -CLOCK_PERIOD_S
        self._clock_is_news = False
        self._place = _place(station) if settings.share_location else {}
        self._trouble: tuple[float, float] | None = None
        self._gaps = 0
        self._drift: deque[tuple[float, float]] = deque(maxlen=60)
        self._back_off = BackOff(doubling(*backoff_s), jitter=(0.5, 1.0))
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self.connected = False
        self.connects = self.published = self.published_bytes = self.beyond = 0

    # --- what is received -----------------------------------------------------------------------------------------

    def frames(self, frames: Sequence[Frame], now: float) -> None:
        """Collect what can be published of them; publish the aircraft that are due."""
        proved, read = self._proved, self._counter.read
        for frame in frames:
            if frame.source == "network":
                continue  # came in beside the source: another station's, which has a name and a clock of its own
            address = address_in(frame.data)
            if address is None:
                continue
            if frame.data[0] >> 3 not in _REPLIES:
                if frame.corrected_bits == 0:
                    proved[address] = frame.time_s
            elif not 0.0 <= frame.time_s - proved.get(address, -KNOWN_S) < KNOWN_S:
                continue
            reading = read(frame)
            if reading is not None:
                self._collect(address, frame, *reading)
        self._publish_due(now)

    def _collect(self, address: int, frame: Frame, clock: int, ticks: int, anchor_utc_s: float, counts: bool) -> None:
        found = self._aircraft.get(address)
        if found is not None and (found.clock != clock or abs(ticks - found.records[0].ticks) > MOST_TICKS):
            self._publish(address)
            found = None
        if found is None:
            if len(self._aircraft) >= MAX_AIRCRAFT:
                self.beyond += 1
                return
            found = self._aircraft[address] = _Aircraft(
                frame.time_s + PERIOD_S, clock, anchor_utc_s, self._uncertainty_of(frame, counts)
            )
            self._due.append((found.due_s, address))
        kind = KINDS[frame.data[0] >> 3]
        if found.counts[kind] == MOST_OF_A_KIND:
            self.beyond += 1
            return
        found.counts[kind] += 1
        found.records.append(Record(frame.data, ticks, frame.signal_dbfs, frame.corrected_bits == 0))

    def _uncertainty_of(self, frame: Frame, counts: bool) -> float | None:
        if self._uncertainty_s is None or not counts:
            return None
        return self._uncertainty_s if frame.found in OWN else max(self._uncertainty_s, RELAYED_UNCERTAINTY_S)

    def _publish_due(self, now: float) -> None:
        due = self._due
        while due and due[0][0] <= now:
            due_s, address = due.popleft()
            found = self._aircraft.get(address)
            if found is not None and found.due_s == due_s:
                self._publish(address)

    def _publish(self, address: int) -> None:
        found = self._aircraft.pop(address)
        payload = encode(found.clock, found.anchor_utc_s, found.uncertainty_s, found.records)
        self._spool.put(Waiting(time.monotonic(), f"{self._base}/heard/{address:06x}", payload))
        self._news()

    # --- once a second --------------------------------------------------------------------------------------------

    def second(self, air: Air) -> None:
        """Publish what is due in silence, too; the clock, when it has changed and now and then."""
        now, statistics = air.now, air.statistics
        self._publish_due(now)
        if len(self._proved) > 2 * MAX_AIRCRAFT:
            self._proved = {address: at for address, at in self._proved.items() if 0.0 <= now - at < KNOWN_S}
        trouble = (float(statistics.get("samples_lost", 0)), float(statistics.get("restarts", 0)))
        if self._trouble is not None and trouble != self._trouble:
            self._flush()
            self._counter.gap()
            self._gaps += 1
        self._trouble = trouble
        clock = statistics.get("clock")
        synchronised = clock.get("synchronised") if isinstance(clock, dict) else None
        self._uncertainty_s = OWN_UNCERTAINTY_S if synchronised else None
        told = {
            "version": 1,
            "clock": self._counter.clock,
            "ticks_hz": TICKS_HZ,
            "synchronised": synchronised,
            "uncertainty_s": self._uncertainty_s,
            "gaps": self._gaps,
            "source": statistics.get("source"),
            "sample_rate_hz": statistics.get("sample_rate_hz"),
            "gain_db": statistics.get("gain_db"),
        }
        told = {key: value for key, value in told.items() if value is not None}
        if told != self._clock or not 0.0 <= now - self._clock_told_s < CLOCK_PERIOD_S:
            self._clock, self._clock_told_s, self._clock_is_news = told, now, True
            self._news()

    def clock_set(self, by_s: float) -> None:
        """What waits for its second goes out; times before and after the step do not go into one message."""
        self._flush()
        self._proved = {address: at + by_s for address, at in self._proved.items()}

    def _flush(self) -> None:
        for address in list(self._aircraft):
            self._publish(address)
        self._due.clear()

    def statistics(self) -> dict[str, float]:
        """Numbers worth watching."""
        return {
            "connected": float(self.connected),
            "connects_total": float(self.connects),
            "published_total": float(self.published),
            "published_bytes_total": float(self.published_bytes),
            "waiting": float(len(self._spool)),
            "waiting_bytes": float(self._spool.bytes),
            "dropped_total": float(self._spool.dropped + self.beyond),
        }

    # --- to the broker --------------------------------------------------------------------------------------------

    def _news(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled; connect again and again."""
        problem = ""
        while True:
            try:
                connection = await connect_auto(self._address, self._protocol, None)
            except BrokerError as error:
                if str(error) != problem:
                    problem = str(error)
                    log.warning("fleet: broker %s: %s; trying again", self._address, problem)
                await asyncio.sleep(self._back_off.failed())
                continue
            problem = ""
            self.connected, self._clock_is_news = True, self._clock is not None
            self.connects += 1
            self._back_off.succeeded()
            log.info(
                "fleet: receptions go to %s: topic=%s/heard/<hex> waiting=%d",
                self._address,
                self._base,
                len(self._spool),
            )
            try:
                await self._serve(connection)
            except BrokerError as error:
                log.warning("fleet: broker %s: %s; receptions wait", self._address, error)
            finally:
                self.connected = False
                await connection.close(politely=True)
            await asyncio.sleep(self._back_off.failed())

    async def _serve(self, connection: Connection) -> None:
        if self._place:
            await connection.publish([Publication(f"{self._base}/place", _json(self._place), 1, retain=True)])
        else:  # what was allowed before may be so no more
            await connection.publish([Publication(f"{self._base}/place", b"", 1, retain=True)])
        work = (asyncio.create_task(_until_lost(connection)), asyncio.create_task(self._send(connection)))
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in work:
                one.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _send(self, connection: Connection) -> None:
        while True:
            if not len(self._spool) and not self._clock_is_news:
                self._idle.set()
                self._wake.clear()
                await self._wake.wait()
                await asyncio.sleep(COLLECT_S)
            if self._clock_is_news and self._clock is not None:
                self._clock_is_news = False
                told = {"now": round(self._clock_told_s, 3), **self._clock}
                await connection.publish([Publication(f"{self._base}/clock", _json(told), 1, retain=True)])
            batch = self._spool.take(BATCH)
            if not batch:
                continue
            try:
                await connection.publish([Publication(one.topic, one.payload, content_type=HEARD) for one in batch])
            except BaseException:
                self._spool.give_back(batch)
                raise
            self.published += len(batch)
            self.published_bytes += sum(len(one.payload) for one in batch)

    async def finish(self) -> None:
        """What is left goes out; a broker that does not answer is not waited for."""
        self._flush()
        if self.connected and len(self._spool):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3.0):
                    await self._idle.wait()


async def _until_lost(connection: Connection) -> None:
    """Raise BrokerError when the connection is lost; nothing was subscribed to."""
    async for _ in connection.messages():
        pass
    raise BrokerError("lost", "the broker has closed the connection")


def _place(station: StationSettings) -> dict[str, float]:
    """The exact place; altitude in metres above sea level where it is known."""
    if station.latitude is None or station.longitude is None:
        return {}
    height = {} if station.altitude_m is None else {"alt_m": station.altitude_m}
    return {"lat": station.latitude, "lon": station.longitude, **height}


def _json(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()
