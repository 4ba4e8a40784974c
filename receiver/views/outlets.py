"""What everything that passes on what was heard derives from: the sinks and the map.

It lives here because sinks and map are neighbours that do not know each other. The app calls an outlet on the event
loop, in the order of signal time, and nothing may block or wait there: what needs time (a broker, a disk, a slow
client) goes through a bounded queue of the outlet's own, worked off in its `run`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from receiver.tracking.sighting import Sighting
from receiver.wire.frame import Frame


@dataclass(frozen=True, slots=True)
class Air:
    """All aircraft at one moment, and how the receiver does.

    Attributes
    ----------
    now
        UTC (s) by the signal's clock.
    sightings
        By `icao`.
    objects
        The aircraft.json object of each of them, by `icao`.
    statistics
        The payload of the `stats` topic.
    """

    now: float
    sightings: Mapping[str, Sighting]
    objects: Mapping[str, dict[str, Any]]
    statistics: Mapping[str, Any]


class Sink:
    """An output. `now` is always UTC (s) by the signal's clock."""

    name = "sink"

    async def run(self) -> None:
        """Work until cancelled: connections, writers. Whatever is raised here ends the service."""
        await asyncio.Event().wait()

    async def finish(self) -> None:
        """The source has ended: hand over what is pending, within some seconds. `run` is cancelled afterwards."""

    def frames(self, frames: Sequence[Frame], now: float) -> None:
        """Frames as they were heard, oldest first, whatever the tracker makes of them."""

    def sighting(self, sighting: Sighting) -> None:
        """An aircraft after a message that told something. This is the hot path: some µs, not more."""

    def departed(self, sighting: Sighting) -> None:
        """An aircraft that has not been heard for too long."""

    def alert(self, alert: Any, picture: bytes | None) -> None:
        """An alert was raised, updated or ended; the picture is a PNG, or None: there is none, or not yet."""

    def picture(self, alert: Any, picture: bytes) -> None:
        """The card of an alert that was told before, a PNG."""

    def second(self, air: Air) -> None:
        """A second of signal has passed."""

    def clock_set(self, by_s: float) -> None:
        """The clock was set by so much: moments that are remembered move along. Nothing has grown older by it."""

    def statistics(self) -> dict[str, float]:
        """Numbers worth watching: queue lengths, drops, clients. Keys are metric names without a prefix."""
        return {}
