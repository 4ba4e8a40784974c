"""One task that brings everything to the broker, however the broker does: connect, serve until it breaks, again.

State (an aircraft, the statistics) is a dict from topic to newest payload: a slow broker gets fewer, never older ones.
Alerts and events wait in the outbox until they are acknowledged. A connection that fails is left; the next one finds the
retained state complete, because all of it is published again, and what an earlier run has left behind is cleared.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from receiver.back_off import BackOff, doubling
from receiver.broker.client import Address, BrokerError, Connection, Incoming, connect, connect_auto
from receiver.broker.publication import TEXT, Publication
from receiver.outbox import Box
from receiver.outbox.box import RANKS
from receiver.sinks.mqtt.outgoing import BATCH, Outgoing, publications
from receiver.sinks.mqtt.sweep import Sweep

_LOG = logging.getLogger(__name__)

LETTER_BATCH = 20
"""Acknowledged messages on their way at once; MQTT's customary window."""
COLLECT_S = 0.02
"""How long a message may wait for company: a batch costs a fourth of single messages."""
LETTERS_WAIT_S = 5.0  # most that is waited before the next attempt while there is something that must reach somebody
STEADY_S = 10.0
"""A connection that has lasted so long forgives earlier failures."""
FAREWELL_S = 1.5
REPEAT_LOG_S = 600.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic that somebody wants to hear. Retained messages are handed over only when asked for."""

    topic: str
    callback: Callable[[Incoming], None]
    retained: bool


class Publisher(Outgoing):
    """What goes out, and the task that brings it there.

    Parameters
    ----------
    address
        The broker.
    protocol
        MQTT version; auto tries 5, then 3.1.1.
    status_topic
        Where `online` and `offline` go.
    box
        Where alerts and events wait.
    sweep, keeps
        See `Sweep`.
    last_words
        What is published before `offline` at a clean stop.
    backoff_s
        Shortest and longest wait between attempts to connect.
    """

    def __init__(
        self,
        address: Address,
        protocol: Literal["auto", "5", "3.1.1"],
        status_topic: str,
        box: Box,
        *,
        sweep: Sequence[str] = (),
        keeps: Callable[[str], bool] = lambda topic: False,
        last_words: Callable[[], Sequence[Publication]] = tuple,
        backoff_s: tuple[float, float] = (1.0, 60.0),
    ) -> None:
        super().__init__(box)
        self.address = address
        self.published = 0
        self.refused_messages = 0
        self.connects = 0
        self._protocol = protocol
        self._status = status_topic
        self._online = Publication(status_topic, b"online", 1, retain=True, content_type=TEXT)
        self._sweep = Sweep(self, sweep, keeps)
        self._last_words = last_words
        self._back_off = BackOff(doubling(*backoff_s), jitter=(0.5, 1.0))
        self._subscriptions: list[Subscription] = []
        self._hurry = asyncio.Event()
        self._connection: Connection | None = None
        self._last_problem = ("", 0.0)
        self._speaks_5 = False
        self._short_lives = 0

    @property
    def version(self) -> str | None:
        """MQTT version of the connection; None when there is none."""
        return None if self._connection is None else self._connection.version

    def subscribe(self, topic: str, callback: Callable[[Incoming], None], *, retained: bool = False) -> None:
        """Hear a topic; to be called before `run`. The callback must not raise and not wait."""
        self._subscriptions.append(Subscription(topic, callback, retained))

    def statistics(self) -> dict[str, float]:
        """Numbers worth watching."""
        return {
            "connected": float(self._connection is not None),
            "connects_total": float(self.connects),
            "published_total": float(self.published),
            "topics": float(len(self.retained)),
            "topics_refused_total": float(self.refused_topics),
            "refused_total": float(self.refused_messages),
            "pending": float(len(self.pending)),
            "stream_dropped_total": float(self.stream_dropped),
            "waiting": float(len(self.box)),
            "waiting_bytes": float(self.box.bytes),
            "dropped_total": float(self.box.dropped),
        }

    async def run(self) -> None:
        """Work until cancelled; then take back what is in the air, say `offline` and disconnect."""
        self.news()
        while True:
            await self._one_connection()
            self._hurry.clear()
            with contextlib.suppress(TimeoutError):
                wait_s = self._back_off.failed()
                async with asyncio.timeout(min(wait_s, LETTERS_WAIT_S) if len(self.box) else wait_s):
                    await self._hurry.wait()

    def send(self, publication: Publication, rank: int) -> None:
        """What must reach somebody; a connection is tried for at once, however often it has failed before."""
        super().send(publication, rank)
        if not self.is_connected and rank >= RANKS["warning"]:
            self._hurry.set()

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
        self.idle.clear()
        self.wake.set()
        while True:
            self._hurry.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self.idle.wait()
                    return True
            if self.published != published:
                published, last_s = self.published, loop.time()
            hopeless = self.connects == 0 and self._back_off.failures > 0
            waited_s = loop.time() - last_s
            if waited_s > (min(patience_s, 1.0) if hopeless else patience_s) or loop.time() - begin_s > 60.0:
                return False

    async def _one_connection(self) -> None:
        """Connect, serve until it breaks."""
        began_s = time.monotonic()
        connection: Connection | None = None
        try:
            connection = await self._connect()
            self._connection = connection
            self.is_connected = True
            self.connects += 1
            began_s = time.monotonic()
            _LOG.info("Connected to the MQTT broker: address=%s protocol=%s", self.address, connection.version)
            await together(self._receive(connection), self._work(connection))
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
            self.disconnected()
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

    async def _work(self, connection: Connection) -> None:
        """Say hello, restore the retained state, clear what is left of an earlier run, then send what comes."""
        await connection.publish([self._online])
        await connection.subscribe(self._status)  # now, or what comes in between would be missed
        for subscription in self._subscriptions:
            await connection.subscribe(subscription.topic)
        self.restore()
        self._sweep.begin()
        await together(self._sweep.run(connection), self._send(connection))

    async def _send(self, connection: Connection) -> None:
        while True:
            if self.is_empty():
                if self._sweep.is_done:
                    self.idle.set()
                self.wake.clear()
                await self.wake.wait()
                await asyncio.sleep(COLLECT_S)
            batch = self.next_batch()
            if batch:
                await connection.publish(batch)
                self.published += len(batch)
            letters, messages, damaged = publications(self.box.oldest(LETTER_BATCH))
            if damaged:
                _LOG.warning("Messages of an earlier run are damaged and are skipped: messages=%d", len(damaged))
                self.box.done(damaged)
            if messages:
                before = connection.refused
                await connection.publish(messages)
                self.box.done(letters)
                self.published += len(messages)
                if connection.refused > before:
                    # to ask again would not help: the broker's rules are against it
                    self.refused_messages += connection.refused - before
                    topic = messages[0].topic
                    self._problem(f"refuses to take messages such as {topic}: {connection.refusal}; look at its rules")

    async def _receive(self, connection: Connection) -> None:
        async for message in connection.messages():
            if self._sweep.takes(message):
                continue
            if message.topic == self._status and message.payload != self._online.payload:
                self._contradict(message)
                continue
            for subscription in self._subscriptions:
                if _matches(subscription.topic, message.topic) and (subscription.retained or not message.retain):
                    subscription.callback(message)
        raise BrokerError("lost", "the broker has closed the connection")

    def _contradict(self, message: Incoming) -> None:
        """Somebody says of us that we are not there: the will of a connection that died long ago, another program, a
        hand. Whoever reads the retained status would believe it."""
        self._problem(
            f"{message.payload[:40]!r} came on {message.topic} from somebody else; `online` is published again"
        )
        self.pending[self._status] = self._online
        self.news()

    async def _farewell(self, connection: Connection) -> None:
        """Take back what expires, say `offline`: a clean disconnect suppresses the will."""
        fleeting = self.fleeting()
        try:
            async with asyncio.timeout(FAREWELL_S):
                for first in range(0, len(fleeting), BATCH):
                    await connection.publish(
                        [Publication(topic, b"", 0, retain=True) for topic in fleeting[first : first + BATCH]]
                    )
                offline = Publication(self._status, b"offline", 1, retain=True, content_type=TEXT)
                await connection.publish([*self._last_words(), *self.parting.values(), offline])
        except (BrokerError, TimeoutError):
            await connection.close(politely=False)
            return
        await connection.close(politely=True)

    def _problem(self, text: str) -> None:
        """Tell a problem once, and again when it lasts."""
        last, told_s = self._last_problem
        now = time.monotonic()
        if text != last or now - told_s > REPEAT_LOG_S:
            _LOG.warning("MQTT broker: %s: address=%s", text, self.address)
            self._last_problem = (text, now)


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Do several things until one fails or all have ended; the failure of the one named first is raised.

    No task groups: nested ones whose tasks fail in the same turn of the loop leave the task that awaits them as if it were
    being cancelled (Python before 3.13, gh-116720).
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def publish_once(
    address: Address, protocol: Literal["auto", "5", "3.1.1"], publications: Sequence[Publication]
) -> None:
    """Connect, publish with acknowledgement, disconnect.

    Raises
    ------
    BrokerError
        It did not work.
    """
    connection = await connect_auto(address, protocol, None)
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
