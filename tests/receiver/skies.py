"""Made-up and recorded traffic through the real decoder, tracker and hub, for tests of outputs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence

from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.hub import Hub
from receiver.sinks import Air, Sink
from receiver.tracking import Station, Tracker
from receiver.wire.frame import Frame
from tests.receiver.watch.air import Flight

START_S = 1_764_115_200.0 - 600.0  # ten minutes before midnight, UTC


def straight(icao: str, callsign: str, start_s: float, seconds: int, latitude_deg: float = 19.0) -> Flight:
    """A flight eastwards at 240 kt, 19,000 ft, a position a second."""
    step_deg = 240 / 3600 / 60 / math.cos(math.radians(latitude_deg))
    return Flight(icao, callsign, "A3", [
        (start_s + k, latitude_deg, -100.0 + k * step_deg, 19_000, 240, 90) for k in range(seconds)
    ])  # fmt: skip


def in_order(flights: Iterable[Flight]) -> list[Frame]:
    """All frames of the flights by time."""
    return sorted((frame for flight in flights for frame in flight.frames()), key=lambda frame: frame.time_s)


def fly(frames: Sequence[Frame], sinks: Iterable[Sink] = (), station: Station | None = None) -> Hub:
    """Let the sinks hear frames, all at once."""
    hub = Hub(Tracker(station), sinks=sinks)
    hub.hear(Heard(list(frames), frames[-1].time_s, Reception("frames")))
    return hub


async def fly_slowly(frames: Sequence[Frame], sinks: Iterable[Sink], hub: Hub | None = None, step: int = 50) -> Hub:
    """The same, with turns of the loop in between, so that the sinks can work."""
    hub = hub or Hub(Tracker(), sinks=sinks)
    for at in range(0, len(frames), step):
        piece = list(frames[at : at + step])
        hub.hear(Heard(piece, piece[-1].time_s, Reception("frames")))
        await asyncio.sleep(0)
    return hub


class AirTaker(Sink):
    """Keeps each second's air."""

    def __init__(self) -> None:
        self.airs: list[Air] = []

    def second(self, air: Air) -> None:
        self.airs.append(air)
