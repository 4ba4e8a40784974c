"""Clears retained messages that an earlier run has left in our topics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from receiver.broker.client import Connection, Incoming
from receiver.broker.publication import Publication
from receiver.sinks.mqtt.outgoing import Outgoing

_LOG = logging.getLogger("receiver.sinks.mqtt.publisher")

QUIET_S = 0.3
"""Retained messages arrive right after the subscription; when so long none came, that was all."""
ROUNDS = 100


class Sweep:
    """One for all connections.

    Parameters
    ----------
    filters
        Of topics that belong to us alone; retained messages there that are not ours are cleared.
    keeps
        Topics under these filters that are to stay though we have not published them.

    Attributes
    ----------
    is_done
        On this connection.
    """

    def __init__(self, outgoing: Outgoing, filters: Sequence[str], keeps: Callable[[str], bool]) -> None:
        self.is_done = not filters
        self._outgoing = outgoing
        self._filters = tuple(filters)
        self._prefixes = tuple(topic.rstrip("+#") for topic in filters)
        self._keeps = keeps
        self._last_arrival_s = 0.0
        self._leftovers = 0
        self._cleared: set[str] = set()

    def begin(self) -> None:
        """Another connection."""
        self.is_done = not self._filters

    def takes(self, message: Incoming) -> bool:
        """Whether a message is a retained one of ours, which is looked at here."""
        if not (message.retain and self._prefixes and message.topic.startswith(self._prefixes)):
            return False
        self._last_arrival_s = time.monotonic()
        if message.payload and message.topic not in self._outgoing.retained and not self._keeps(message.topic):
            self._leftovers += 1
            self._cleared.add(message.topic)
            self._outgoing.pending[message.topic] = Publication(message.topic, b"", 0, retain=True)
            self._outgoing.news()
        return True

    async def run(self, connection: Connection) -> None:
        """Look through our topics."""
        if not self._filters:
            return
        cleared = 0
        for _ in range(ROUNDS):
            self._leftovers = 0
            self._cleared.clear()
            self._last_arrival_s = time.monotonic()
            await connection.subscribe(*self._filters)
            await self._until_quiet()
            await connection.unsubscribe(*self._filters)
            if not self._leftovers:
                break
            # a broker hands over no more than its queue holds (mosquitto: 1,000): look again once these are gone
            while self._cleared & self._outgoing.pending.keys():  # noqa: ASYNC110 - what is sent is told to nobody
                await asyncio.sleep(0.05)
            cleared += self._leftovers
        if cleared:
            _LOG.info("Cleared retained messages of an earlier run: messages=%d", cleared)
        self.is_done = True
        self._outgoing.wake.set()

    async def _until_quiet(self) -> None:
        quiet_s = 0.0
        while quiet_s < QUIET_S:
            await asyncio.sleep(QUIET_S - quiet_s + 0.001)
            quiet_s = time.monotonic() - self._last_arrival_s
