"""What stations publish, from a NATS stream: from some minutes ago on, so that a hub that takes over knows the sky.

Messages are timed by the server's clock, which had them when they came: a hub that reads them later makes the same of
them. While it catches up, its signal's time is that of the messages.
"""

from __future__ import annotations

import logging
import time

from nats.js import JetStreamContext

from receiver.clock import SignalClock
from receiver.fleet.fleet import Fleet
from receiver.fleet.nats.stream import read
from receiver.sources.dongle.live import ReceiverHealth

log = logging.getLogger(__name__)

REPLAY_S = 120.0
CAUGHT_UP_S = 2.0


class NatsFleetSource:
    """Fills a `Fleet` from the stream.

    Attributes
    ----------
    health
        Of the reading.
    """

    kind = "fleet"

    def __init__(self, js: JetStreamContext, fleet: Fleet, clock: SignalClock) -> None:
        self.fleet = fleet
        self.health = ReceiverHealth(since_s=time.monotonic())
        self._js = js
        self._clock = clock
        self._behind_at_s: float | None = clock.utc_s() - REPLAY_S

    def now(self) -> float:
        """Up to when messages have been read: the time, once it has caught up (UTC s)."""
        return self._clock.utc_s() if self._behind_at_s is None else self._behind_at_s

    async def run(self) -> None:
        """Work until cancelled."""
        self.health.state, self.health.text = "open", "NATS"
        began_s = self._clock.utc_s()
        async for stored in read(self._js, began_s - REPLAY_S):
            self.fleet.hear(stored.station, stored.hex, stored.payload, stored.arrived_s)
            if self._behind_at_s is not None:
                now = self._clock.utc_s()
                self._behind_at_s = max(self._behind_at_s, min(stored.arrived_s, now))
                if now - stored.arrived_s < CAUGHT_UP_S:
                    self._behind_at_s = None
                    log.info("Caught up with the stream: took_s=%.1f", now - began_s)
