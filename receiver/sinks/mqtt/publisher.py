"""One task that brings everything to the broker, however the broker does.

State (an aircraft, the statistics) is a dict from topic to newest payload: a slow broker gets fewer, never older ones.
Alerts and events wait in the spool until they are acknowledged. A connection that fails is left; the next one finds the
retained state complete, because all of it is published again, and what an earlier run has left behind is cleared.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from receiver.back_off import BackOff, doubling
from receiver.sinks.mqtt.client import Address, BrokerError, Connection, Incoming, connect
from receiver.sinks.mqtt.publication import TEXT, Publication
from receiver.sinks.mqtt.spool import Spool

_LOG = logging.getLogger(__name__)

BATCH = 64
"""State messages that are handed over at once."""
BATCH_BYTES = 65_536
"""Less than that when they are big: on a thin line a batch must go out before the patience for it ends."""
SPOOL_BATCH = 20
"""Acknowledged messages on their way at once; MQTT's customary window."""
COLLECT_S = 0.02
"""How long a message may wait for company: a batch costs a fourth of single messages."""
MAX_TOPICS = 6000
"""Topics with state. The tracker holds 2,000 aircraft at most."""
MAX_STREAM = 256
SWEEP_QUIET_S = 0.3
"""Retained messages arrive right after the subscription; when so long none came, that was all."""
STEADY_S = 10.0
"""A connection that has lasted so long forgives earlier failures."""
FAREWELL_S = 3.0
REPEAT_LOG_S = 600.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic that somebody wants to hear. Retained messages are handed over only when asked for."""

    topic: str
    callback: Callable[[Incoming], None]
    retained: bool


class Publisher:
    """See above. Everything but `run` and `drain` returns at once.

    Parameters
    ----------
    address
        The broker.
    protocol
        MQTT version; auto tries 5, then 3.1.1.
    status_topic
        Where `online` and `offline` go.
    spool
        Where alerts and events wait.
    sweep
        Filters of topics that belong to us alone; retained messages there that are not ours are cleared.
    last_words
        What is published before `offline` at a clean stop.
    keeps
        Topics under these filters that are to stay though we have not published them.
    backoff_s
        Shortest and longest wait between attempts to connect.
    """

    def __init__(
        self,
        address: Address,
        protocol: Literal["auto", "5", "3.1.1"],
        status_topic: str,
        spool: Spool,
        *,
        sweep: Sequence[str] = (),
        keeps: Callable[[str], bool] = lambda topic: False,
        last_words: Callable[[], Sequence[Publication]] = tuple,
        backoff_s: tuple[float, float] = (1.0, 60.0),
    ) -> None:
        self.address = address
        self.spool = spool
        self.published = 0
        self.refused_topics = 0
        self.refused_messages = 0
        self.stream_dropped = 0
        self.connects = 0
        self._protocol = protocol
        self._status = status_topic
        self._sweep_filters = tuple(sweep)
        self._sweep_prefixes = tuple(topic.rstrip("+#") for topic in sweep)
        self._keeps = keeps
        self._last_words = last_words
        self._back_off = BackOff(doubling(*backoff_s), jitter=(0.5, 1.0))
        self._subscriptions: list[Subscription] = []
        self._retained: dict[str, tuple[Publication, float]] = {}
        self._pending: dict[str, Publication] = {}
        self._parting: dict[str, Publication] = {}
        self._stream: deque[Publication] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._hurry = asyncio.Event()
        self._urgent = asyncio.Event()
        self._connection: Connection | None = None
        self._swept = False
        self._last_arrival_s = 0.0
        self._leftovers = 0
        self._last_problem = ("", 0.0)
        self._speaks_5 = False
        self._short_lives = 0

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there at the moment."""
        return self._connection is not None

    @property
    def version(self) -> str | None:
        """MQTT version of the connection; None when there is none."""
        return None if self._connection is None else self._connection.version

    def put(self, publication: Publication) -> None:
        """Publish state: the newest payload of a topic wins."""
        topic = publication.topic
        if publication.retain:
            if topic not in self._retained and len(self._retained) >= MAX_TOPICS:
                self.refused_topics += 1
                return
            self._retained[topic] = (publication, time.monotonic())
        elif topic not in self._pending and len(self._pending) >= 2 * MAX_TOPICS:
            self.refused_topics += 1
            return
        self._pending[topic] = publication
        self._news()

    def again(self, *topics: str) -> None:
        """Publish once more what is retained under these topics."""
        for topic in topics:
            if topic in self._retained and not self.spool.holds(topic):
                self._pending[topic] = self._retained[topic][0]
        self._news()

    def clear(self, topic: str) -> None:
        """Take retained state back: an empty message."""
        self._retained.pop(topic, None)
        if self._connection is None:
            # nobody has to be told: what the broker still holds is swept when it is back
            self._pending.pop(topic, None)
            return
        self._pending[topic] = Publication(topic, b"", 0, retain=True)
        self._news()

    def send(self, publication: Publication, rank: int) -> None:
        """Publish what must not be lost; retained messages are state, too, and an empty one ends it."""
        topic = publication.topic
        if publication.retain and publication.payload:
            if topic in self._retained or len(self._retained) < MAX_TOPICS:
                self._retained[topic] = (publication, time.monotonic())
        elif publication.retain:
            self._retained.pop(topic, None)
            self._pending.pop(topic, None)
        self.spool.add(publication, rank)
        if rank > 0:
            self._urgent.set()
        self._news()

    def stream(self, publication: Publication) -> None:
        """Publish if the broker keeps up; else the oldest go."""
        if self._connection is None or len(self._stream) >= MAX_STREAM:
            self.stream_dropped += 1
            if self._connection is None:
                return
            self._stream.popleft()
        self._stream.append(publication)
        self._news()

    def leave(self, publication: Publication) -> None:
        """Publish at a clean stop, before `offline`; the newest of a topic."""
        self._parting[publication.topic] = publication

    def subscribe(self, topic: str, callback: Callable[[Incoming], None], *, retained: bool = False) -> None:
        """Hear a topic; to be called before `run`. The callback must not raise and not wait."""
        self._subscriptions.append(Subscription(topic, callback, retained))

    def statistics(self) -> dict[str, float]:
        """Numbers worth watching."""
        return {
            "connected": float(self._connection is not None),
            "connects_total": float(self.connects),
            "published_total": float(self.published),
            "topics": float(len(self._retained)),
            "topics_refused_total": float(self.refused_topics),
            "refused_total": float(self.refused_messages),
            "pending": float(len(self._pending)),
            "stream_dropped_total": float(self.stream_dropped),
            "spool_messages": float(len(self.spool)),
            "spool_bytes": float(self.spool.bytes),
            "spool_dropped_total": float(self.spool.dropped),
            "spool_disk_errors_total": float(self.spool.disk_errors),
        }

    async def run(self) -> None:
        """Work until cancelled; then take back what is in the air, say `offline` and disconnect."""
        self.spool.load(await asyncio.to_thread(self.spool.open))
        self._news()
        keeper = asyncio.create_task(self._keep_spool())
        try:
            while True:
                await self._one_connection()
                self._hurry.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._back_off.failed()):
                        await self._hurry.wait()
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await asyncio.to_thread(self.spool.close, self.spool.changes(urgent_only=False))

    async def drain(self, patience_s: float = 10.0) -> bool:
        """Wait until the broker has everything.

        Parameters
        ----------
        patience_s
            Give up when so long nothing has gone out; much sooner when no broker has ever answered.
        """
        loop = asyncio.get_running_loop()
        begin_s = last_s = loop.time()
        published = self.published
        self._idle.clear()
        self._wake.set()
        while True:
            self._hurry.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self._idle.wait()
                    return True
            if self.published != published:
                published, last_s = self.published, loop.time()
            hopeless = self.connects == 0 and self._back_off.failures > 0
            waited_s = loop.time() - last_s
            if waited_s > (min(patience_s, 1.0) if hopeless else patience_s) or loop.time() - begin_s > 60.0:
                return False

    def _news(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def _one_connection(self) -> None:
        """Connect, serve until it breaks."""
        began_s = time.monotonic()
        connection: Connection | None = None
        try:
            connection = await self._connect()
            self._connection = connection
            self.connects += 1
            began_s = time.monotonic()
            _LOG.info("connected to the broker %s, MQTT %s", self.address, connection.version)
            await self._serve(connection)
        except BrokerError as error:
            text = str(error)
            if connection is not None:
                lasted_s = time.monotonic() - began_s
                self._short_lives = self._short_lives + 1 if lasted_s < STEADY_S else 0
                if self._short_lives == 0:
                    self._last_problem = ("", 0.0)
                if self._short_lives > 1 and error.kind != "taken_over":
                    # brokers throw out the elder of two clients with one id, and not all say why
                    text += f"; if another client is called {self.address.client_id}, give one of them a client_id"
            self._problem(f"{text}; trying again")
        except asyncio.CancelledError:
            if connection is not None:
                await self._farewell(connection)
                connection = None
            raise
        finally:
            self._connection = None
            self._idle.clear()
            self._stream.clear()
            if connection is not None:
                await connection.close(politely=False)
        if connection is not None and time.monotonic() - began_s > STEADY_S:
            self._back_off.succeeded()

    async def _connect(self) -> Connection:
        will = Publication(self._status, b"offline", 1, retain=True, content_type=TEXT)
        if self._protocol != "auto":
            return await connect(self.address, self._protocol, will)
        try:
            connection = await connect(self.address, "5", will)
        except BrokerError as error:
            # some old brokers say nothing at all; but one that has spoken 5 before is only slow
            other_version = error.kind in ("version", "silent") and not self._speaks_5
            if error.kind == "version":
                self._speaks_5 = False
            if not other_version:
                raise
        else:
            self._speaks_5 = True
            return connection
        return await connect(self.address, "3.1.1", will)

    async def _serve(self, connection: Connection) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive(connection))
                group.create_task(self._work(connection))
        except* BrokerError as errors:
            error = errors.exceptions[0]
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            assert isinstance(error, BrokerError)
            problem = error
        else:
            return
        raise problem

    async def _work(self, connection: Connection) -> None:
        """Say hello, restore the retained state, clear what is left of an earlier run, then send what comes."""
        await connection.publish([Publication(self._status, b"online", 1, retain=True, content_type=TEXT)])
        for subscription in self._subscriptions:
            await connection.subscribe(subscription.topic)
        self._restore()
        self._swept = not self._sweep_filters
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep(connection))
            group.create_task(self._send(connection))

    def _restore(self) -> None:
        """The whole retained state is pending again, less what has expired since, less what the spool will tell."""
        now = time.monotonic()
        for topic, (publication, put_s) in list(self._retained.items()):
            if publication.expiry_s is not None:
                left_s = int(publication.expiry_s - (now - put_s))
                if left_s <= 0:
                    del self._retained[topic]
                    self._pending.pop(topic, None)
                    continue
                publication = replace(publication, expiry_s=left_s)
            if not self.spool.holds(topic):
                self._pending[topic] = publication
        self._news()

    async def _send(self, connection: Connection) -> None:
        while True:
            if not (self._pending or self._stream or len(self.spool)):
                if self._swept:
                    self._idle.set()
                self._wake.clear()
                await self._wake.wait()
                await asyncio.sleep(COLLECT_S)
            batch = self._next_batch()
            if batch:
                await connection.publish(batch)
                self.published += len(batch)
            waiting = self.spool.oldest(SPOOL_BATCH)
            if waiting:
                before = connection.refused
                await connection.publish([one.publication for one in waiting])
                self.spool.delivered(waiting)
                self.published += len(waiting)
                if connection.refused > before:
                    # to ask again would not help: the broker's rules are against it
                    self.refused_messages += connection.refused - before
                    topic = waiting[0].publication.topic
                    self._problem(f"refuses to take messages such as {topic}: {connection.refusal}; look at its rules")

    def _next_batch(self) -> list[Publication]:
        batch: list[Publication] = []
        size = 0
        while (self._pending or self._stream) and len(batch) < BATCH and size < BATCH_BYTES:
            if self._pending:
                batch.append(self._pending.pop(next(iter(self._pending))))
            else:
                batch.append(self._stream.popleft())
            size += len(batch[-1].payload)
        return batch

    async def _sweep(self, connection: Connection) -> None:
        """Clear retained messages that an earlier run has left in our topics."""
        if not self._sweep_filters:
            return
        for _ in range(10):
            self._leftovers = 0
            self._last_arrival_s = time.monotonic()
            await connection.subscribe(*self._sweep_filters)
            await self._until_quiet()
            await connection.unsubscribe(*self._sweep_filters)
            if self._leftovers:
                _LOG.info("cleared %d retained messages of an earlier run", self._leftovers)
            if self._leftovers < MAX_TOPICS:
                break
        self._swept = True
        self._wake.set()

    async def _until_quiet(self) -> None:
        quiet_s = 0.0
        while quiet_s < SWEEP_QUIET_S:
            await asyncio.sleep(SWEEP_QUIET_S - quiet_s + 0.001)
            quiet_s = time.monotonic() - self._last_arrival_s

    async def _receive(self, connection: Connection) -> None:
        async for message in connection.messages():
            if message.retain and message.topic.startswith(self._sweep_prefixes) and self._sweep_prefixes:
                self._last_arrival_s = time.monotonic()
                if message.payload and message.topic not in self._retained and not self._keeps(message.topic):
                    self._leftovers += 1
                    self._pending[message.topic] = Publication(message.topic, b"", 0, retain=True)
                    self._news()
                continue
            for subscription in self._subscriptions:
                if _matches(subscription.topic, message.topic) and (subscription.retained or not message.retain):
                    subscription.callback(message)
        raise BrokerError("lost", "the broker has closed the connection")

    async def _farewell(self, connection: Connection) -> None:
        """Take back what expires, say `offline`: a clean disconnect suppresses the will."""
        fleeting = [topic for topic, (publication, _) in self._retained.items() if publication.expiry_s is not None]
        try:
            async with asyncio.timeout(FAREWELL_S):
                for first in range(0, len(fleeting), BATCH):
                    await connection.publish(
                        [Publication(topic, b"", 0, retain=True) for topic in fleeting[first : first + BATCH]]
                    )
                offline = Publication(self._status, b"offline", 1, retain=True, content_type=TEXT)
                await connection.publish([*self._last_words(), *self._parting.values(), offline])
        except (BrokerError, TimeoutError):
            await connection.close(politely=False)
            return
        await connection.close(politely=True)

    async def _keep_spool(self) -> None:
        """Write what waits to disk: alerts at once, events when they have waited."""
        while True:
            urgent = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5.0):
                    await self._urgent.wait()
                    urgent = True
            self._urgent.clear()
            changes = self.spool.changes(urgent_only=urgent)
            if not await asyncio.to_thread(self.spool.write, changes):
                self.spool.undo(changes)
                await asyncio.sleep(5.0)

    def _problem(self, text: str) -> None:
        """Tell a problem once, and again when it lasts."""
        last, told_s = self._last_problem
        now = time.monotonic()
        if text != last or now - told_s > REPEAT_LOG_S:
            _LOG.warning("broker %s: %s", self.address, text)
            self._last_problem = (text, now)


async def publish_once(
    address: Address, protocol: Literal["auto", "5", "3.1.1"], publications: Sequence[Publication]
) -> None:
    """Connect, publish with acknowledgement, disconnect.

    Raises
    ------
    BrokerError
        It did not work.
    """
    try:
        connection = await connect(address, "3.1.1" if protocol == "3.1.1" else "5", None)
    except BrokerError as error:
        if protocol != "auto" or error.kind not in ("version", "silent"):
            raise
        connection = await connect(address, "3.1.1", None)
    try:
        await connection.publish([replace(publication, qos=1) for publication in publications])
    except BrokerError:
        await connection.close(politely=False)
        raise
    await connection.close(politely=True)


def _matches(filter_: str, topic: str) -> bool:
    """Whether a topic is meant by a filter with + and #."""
    wanted, levels = filter_.split("/"), topic.split("/")
    for i, level in enumerate(wanted):
        if level == "#":
            return True
        if i >= len(levels) or level not in ("+", levels[i]):
            return False
    return len(wanted) == len(levels)
