"""The sink: alerts that ask for it go to the disk, and from there to their channels, as often as it takes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from config.notify import Channel, NotifySettings
from receiver.sinks import Air, Sink
from receiver.sinks.notify import services, webhook
from receiver.sinks.notify.spool import Message, Spool
from receiver.sinks.notify.webhook import NotNowError, RefusedError

log = logging.getLogger(__name__)

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0
FINISH_S = 8.0
WAITING = 1000  # alerts in memory that the disk has not taken yet


class Told(Protocol):
    """What this sink reads of an alert."""

    id: str
    title: str
    text: str
    brief: str
    severity: str
    updated_s: float
    notify: Sequence[str]

    def payload(self) -> dict[str, Any]:
        """As JSON has it."""


Send = Callable[[Channel, Message, Spool], Awaitable[None]]


class Notify(Sink):
    """Push.

    Which alert is pushed to whom, and at most one within its cooldown, is the watch's choice (`alert.notify`); a name
    without a channel is nobody. A channel that does not answer is tried again, ever more rarely; a message that it
    refuses is dropped and said so once. Messages of one channel go in their order.

    Parameters
    ----------
    send
        For tests: how a message is sent.
    tls
        Whom to trust, where it is not the usual authorities.
    """

    name = "notify"

    def __init__(self, settings: NotifySettings, send: Send | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._channels = {channel.name: channel for channel in settings.channel}
        self._spool = Spool(settings.spool_dir.expanduser(), settings.spool_messages)
        self._give_up_after_s = settings.give_up_after_s
        self._fresh: deque[tuple[Message, bytes | None]] = deque(maxlen=WAITING)
        self._news = asyncio.Event()
        self._send = send or self._deliver
        self._tls = tls
        self._now: float | None = None
        self._pending: dict[str, deque[Message]] = {name: deque() for name in self._channels}
        self._attempts: Counter[str] = Counter()
        self._retry_at: dict[str, float] = {}
        self._idle = asyncio.Event()  # nothing is left to try at the moment
        self._idle.set()
        self.counts: Counter[str] = Counter()

    def alert(self, alert: Told, picture: bytes | None) -> None:
        """Take an alert; nothing is sent here."""
        self._now = max(self._now or alert.updated_s, alert.updated_s)
        for name in alert.notify:
            channel = self._channels.get(name)
            if channel is None:
                continue
            message = Message(
                name, alert.id, alert.title, alert.brief or alert.text, alert.severity, alert.updated_s, alert.payload()
            )
            self._fresh.append((message, picture if channel.picture else None))
            self._idle.clear()
            self._news.set()

    def second(self, air: Air) -> None:
        """The signal's time: what is older than `give_up_after_s` by it is no news."""
        self._now = air.now

    def statistics(self) -> dict[str, float]:
        """Messages waiting, sent, refused, given up, crowded out."""
        waiting = len(self._fresh) + sum(len(messages) for messages in self._pending.values())
        names = ("sent", "refused", "given_up", "crowded_out", "failed_attempts")
        return {
            "notify_waiting": float(waiting),
            **{f"notify_{name}_total": float(self.counts[name]) for name in names},
        }

    async def run(self) -> None:
        """Send until cancelled."""
        for message in await asyncio.to_thread(self._spool.load):
            if message.channel in self._pending:
                self._pending[message.channel].append(message)
            else:
                await asyncio.to_thread(self._spool.remove, message)
        loop = asyncio.get_running_loop()
        while True:
            await self._take_in()
            await asyncio.gather(*(self._work_off(name) for name in self._channels))
            if self._fresh:
                continue
            self._idle.set()
            self._news.clear()
            waits = [self._retry_at[name] - loop.time() for name, queue in self._pending.items() if queue]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, min(waits)) if waits else None):
                    await self._news.wait()

    async def finish(self) -> None:
        """The source has ended: give what is fresh a moment to go out; the rest is on the disk."""
        self._news.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await self._idle.wait()

    async def _take_in(self) -> None:
        while self._fresh:
            message, picture = self._fresh[0]
            try:
                self.counts["crowded_out"] += await asyncio.to_thread(self._spool.put, message, picture)
            except OSError as error:
                log.warning("%s: cannot keep messages (%s)", self._spool.folder, error.strerror)
            self._fresh.popleft()
            self._pending[message.channel].append(message)

    async def _work_off(self, name: str) -> None:
        loop = asyncio.get_running_loop()
        queue, channel = self._pending[name], self._channels[name]
        while queue and self._retry_at.get(name, 0.0) <= loop.time():
            message = queue[0]
            if self._now is not None and self._now - message.time_s > self._give_up_after_s:
                self.counts["given_up"] += 1
                log.warning("channel %s: gave up on %s, it is no news any more", name, message.alert_id)
            else:
                try:
                    await self._send(channel, message, self._spool)
                except NotNowError as error:
                    self._attempts[name] += 1
                    self.counts["failed_attempts"] += 1
                    if self._attempts[name] == 1:
                        log.warning("channel %s: not delivered (%s), will be tried again", name, error)
                    wait = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._attempts[name] - 1, 20))
                    self._retry_at[name] = loop.time() + wait * random.uniform(0.8, 1.2)
                    return
                except RefusedError as error:
                    self.counts["refused"] += 1
                    log.error("channel %s: message dropped: %s", name, error)
                else:
                    self.counts["sent"] += 1
            self._attempts[name] = 0
            queue.popleft()
            await asyncio.to_thread(self._spool.remove, message)

    async def _deliver(self, channel: Channel, message: Message, spool: Spool) -> None:
        try:
            url = await asyncio.to_thread(channel.address)
        except OSError as error:
            raise NotNowError(f"its address file cannot be read: {error.strerror}") from None
        picture = spool.picture(message) if channel.picture else None
        if channel.kind == "webhook":
            content = await asyncio.to_thread(picture.read_bytes) if picture is not None else None
            await webhook.post(url, message.payload, content, channel.local_network, self._tls)
            return
        try:
            async with asyncio.timeout(services.TIMEOUT_S + 10.0):
                await asyncio.to_thread(services.send, url, message.title, message.text, message.severity, picture)
        except TimeoutError:
            raise NotNowError("time-out") from None
