"""The sink: alerts that ask for it go into the outbox, and from there to their channels, as often as it takes."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from config.notify import Channel, NotifySettings
from receiver.outbox import Letter, Outbox
from receiver.outbox.box import RANKS
from receiver.sinks import Air, Sink
from receiver.sinks.notify import services, webhook
from receiver.sinks.notify.allowance import Allowance
from receiver.sinks.notify.line import Line, Send
from receiver.sinks.notify.message import SUMMARY, Message, message_of, summary
from receiver.sinks.notify.webhook import NotNowError, RefusedError

log = logging.getLogger(__name__)

FINISH_S = 1.5  # at the end, messages are begun for so long
SUMMARY_AFTER_S = 20.0  # so long what is not sent one by one is collected …
SUMMARY_EVERY_S = 600.0  # … and then for so long
COUNTS = ("sent", "refused", "given_up", "failed_attempts", "without_picture", "summed_up")


class Told(Protocol):
    """What this sink reads of an alert."""

    id: str
    rule: str
    title: str
    text: str
    brief: str
    severity: str
    updated_s: float
    notify: Sequence[str]
    picture: bool
    trail: Sequence[Any]

    def payload(self) -> dict[str, Any]:
        """As JSON has it."""


class Notify(Sink):
    """Push.

    Which alert is pushed to whom, and at most one within its cooldown, is the watch's choice (`alert.notify`); a name
    without a channel is nobody. Each channel has a box and a task of its own (`Line`). Past `max_per_hour` messages of
    a rule, a channel gets one summary for the rest.

    Parameters
    ----------
    outbox
        Where messages wait.
    language
        Of the summary.
    send
        For tests: how a message is sent.
    tls
        Whom to trust, where it is not the usual authorities.
    """

    name = "notify"

    def __init__(
        self,
        settings: NotifySettings,
        outbox: Outbox,
        language: str = "en",
        send: Send | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._outbox = outbox
        self._language = language
        self._tls = tls
        self._allowance = Allowance(outbox, settings.max_per_hour)
        self.lines = {
            channel.name: Line(channel, outbox, send or self._deliver, settings.give_up_after_s)
            for channel in settings.channel
        }
        self._summaries: dict[tuple[str, str], Letter] = {}  # channel, rule
        self._summed_up_s: dict[tuple[str, str], float] = {}  # when the last one was begun
        self._rules: set[str] = set()
        self._summed_up = 0

    def alert(self, alert: Told, picture: bytes | None) -> None:
        """Take an alert; nothing is sent here."""
        if not alert.notify:
            return
        if picture is not None:
            self._outbox.put_picture(alert.id, picture)
        self._rules.add(alert.rule)
        has_card = picture is not None or bool(alert.picture and alert.trail)
        for name in dict.fromkeys(alert.notify):
            line = self.lines.get(name)
            if line is None:
                continue
            message = Message(alert.id, alert.title, alert.brief or alert.text, alert.severity, alert.payload(),
                              has_card and line.channel.picture)  # fmt: skip
            rank = RANKS.get(alert.severity, RANKS["critical"])
            if self._allowance.take(name, alert.rule, alert.updated_s):
                letter = line.add(message, rank, alert.updated_s)
                if picture is not None:
                    letter.due_s = 0.0
            else:
                self._sum_up(line, alert, message, rank)

    def picture(self, alert: Any, picture: bytes) -> None:
        """A card was drawn: for the channels that wait for it."""
        lines = [line for line in self.lines.values() if line.box.holds(alert.id)]
        if lines:
            self._outbox.put_picture(alert.id, picture)
        for line in lines:
            line.picture(alert.id)

    def wants_picture(self, alert: Any) -> bool:
        """Whether a message waits for this alert's card."""
        return any(line.box.holds(alert.id) and line.channel.picture for line in self.lines.values())

    def second(self, air: Air) -> None:
        """The signal's time: what is older than `give_up_after_s` by it is no news."""
        for line in self.lines.values():
            line.now = air.now

    def clock_set(self, by_s: float) -> None:
        """What waits is as old as it was; the outbox itself is told by whoever owns it."""
        for line in self.lines.values():
            line.now = None if line.now is None else line.now + by_s
        self._allowance.clock_set(by_s, list(self.lines), self._rules)

    def statistics(self) -> dict[str, float]:
        """Messages waiting, sent, refused, given up, dropped for room, summed up."""
        counts: Counter[str] = Counter()
        for line in self.lines.values():
            counts.update(line.counts)
            counts["waiting"] += len(line.box)
            counts["dropped"] += line.box.dropped
        counts["summed_up"] = self._summed_up
        return {
            "notify_waiting": float(counts["waiting"]),
            "notify_dropped_total": float(counts["dropped"]),
            **{f"notify_{name}_total": float(counts[name]) for name in COUNTS},
        }

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for line in self.lines.values():
                group.create_task(line.run(), name=f"push {line.channel.name}")

    async def finish(self) -> None:
        """The source has ended: give what is fresh a moment to go out, the newest first; the rest is on the disk."""
        for letter in self._summaries.values():
            letter.due_s = 0.0
        await asyncio.gather(*(line.finish(FINISH_S) for line in self.lines.values()))

    def _sum_up(self, line: Line, alert: Told, message: Message, rank: int) -> None:
        """Too many of this rule within the hour: one message for all."""
        key = (line.channel.name, alert.rule)
        self._summed_up += 1
        letter = self._summaries.get(key) or self._earlier(line, alert.rule)
        if letter is None or letter.gone:
            first = summary(None, alert.rule, alert.title, message, self._language)
            letter = line.add(first, rank, alert.updated_s)
            now_s = asyncio.get_running_loop().time()
            last_s = self._summed_up_s.get(key)
            letter.due_s = max(now_s + SUMMARY_AFTER_S, 0.0 if last_s is None else last_s + SUMMARY_EVERY_S)
            self._summed_up_s[key] = letter.due_s
        else:
            before = message_of(letter.body)
            line.box.change(letter, summary(before, alert.rule, alert.title, message, self._language).body())
        self._summaries[key] = letter

    @staticmethod
    def _earlier(line: Line, rule: str) -> Letter | None:
        """The summary that an earlier run has begun."""
        return next((letter for letter in line.box if letter.key == f"{SUMMARY}{rule}"), None)

    async def _deliver(self, channel: Channel, message: Message, picture: bytes | None) -> None:
        try:
            url = await asyncio.to_thread(channel.address)
        except OSError as error:
            raise NotNowError(f"its address file cannot be read: {error.strerror}") from None
        if channel.kind == "webhook":
            await webhook.post(url, message.payload, picture, channel.local_network, self._tls)
            return
        try:
            async with asyncio.timeout(services.TIMEOUT_S + 10.0):
                await asyncio.to_thread(services.send, url, message.title, message.text, message.severity, picture)
        except TimeoutError:
            raise NotNowError("time-out") from None


__all__ = ["NotNowError", "Notify", "RefusedError"]
