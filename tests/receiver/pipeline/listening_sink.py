"""A sink that writes down what it is told."""

from __future__ import annotations

from typing import Any

from receiver.sinks import Air, Sink
from receiver.tracking import Sighting
from receiver.wire.frame import Frame


class ListeningSink(Sink):
    """Keeps everything, in order."""

    name = "listening"

    def __init__(self) -> None:
        self.heard: list[Frame] = []
        self.sightings: list[Sighting] = []
        self.gone: list[str] = []
        self.alerts: list[Any] = []
        self.airs: list[Air] = []
        self.finished = 0

    async def finish(self) -> None:
        self.finished += 1

    def frames(self, frames: Any, now: float) -> None:
        self.heard += frames

    def sighting(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)

    def departed(self, sighting: Sighting) -> None:
        self.gone.append(sighting.icao)

    def alert(self, alert: Any, picture: bytes | None) -> None:
        self.alerts.append((alert, picture))

    def second(self, air: Air) -> None:
        self.airs.append(air)

    def statistics(self) -> dict[str, float]:
        return {"heard": float(len(self.heard))}
