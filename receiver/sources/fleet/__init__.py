"""The source of a hub: what the stations of a fleet publish on a broker. Grouping is `receiver/fleet`'s."""

from __future__ import annotations

from typing import Protocol

from receiver.fleet.fleet import Fleet
from receiver.sources.dongle.live import ReceiverHealth
from receiver.sources.fleet.mqtt import FleetSource


class HubSource(Protocol):
    """Whatever fills a `Fleet`."""

    kind: str
    fleet: Fleet
    health: ReceiverHealth

    async def run(self) -> None:
        """Work until cancelled."""
        ...

    def now(self) -> float:
        """Up to when everything that has come is taken in (UTC s)."""
        ...


__all__ = ["FleetSource", "HubSource"]
