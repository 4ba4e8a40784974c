"""How many messages of one rule a channel gets within an hour: a thousand emergencies at once are one story."""

from __future__ import annotations

import json

from receiver.outbox import Outbox

HOUR_S = 3600.0


class Allowance:
    """Kept in the outbox, so that a restart begins no new hour.

    Parameters
    ----------
    most
        Messages of one rule an hour; 0: no limit.
    """

    def __init__(self, outbox: Outbox, most: int) -> None:
        self._outbox = outbox
        self._most = most

    def take(self, channel: str, rule: str, now: float) -> bool:
        """Whether one more may be sent; it is counted then."""
        if not self._most:
            return True
        key = f"pushed:{channel}:{rule}"
        times = [at for at in self._times(key) if abs(now - at) < HOUR_S]
        if len(times) >= self._most:
            return False
        self._outbox.keep(key, json.dumps([*times, round(now, 1)]))
        return True

    def clock_set(self, by_s: float, channels: list[str], rules: set[str]) -> None:
        """The hour goes on."""
        for channel in channels:
            for rule in rules:
                key = f"pushed:{channel}:{rule}"
                times = self._times(key)
                if times:
                    self._outbox.keep(key, json.dumps([at + by_s for at in times]))

    def _times(self, key: str) -> list[float]:
        try:
            times = json.loads(self._outbox.memo(key) or "[]")
            return [float(at) for at in times]
        except (ValueError, TypeError):
            return []
