"""Air for the map's tests: aircraft that move, alerts, and a server that shows them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from config.station import StationSettings
from config.web import WebSettings
from receiver.views.aircraft_object import aircraft_object
from receiver.views.outlets import Air
from receiver.watch.trail import TrailPoint
from receiver.web.server import WebSink
from tests.receiver.watch.air import sighting

START_S = 1_764_060_000.0
VALLE = (19.2, -100.1)
DRONE = "ae4bd7"


def air(now: float, count: int = 5, **more: Any) -> Air:
    """`count` aircraft around Valle de Bravo, the first of them a drone that orbits and is watched."""
    sightings, objects = {}, {}
    for k in range(count):
        icao = DRONE if k == 0 else f"{0x0D0000 + k:06x}"
        turn = 2 * math.pi * ((now - START_S) / 600 + k / max(count, 1))
        radius = 0.1 + 0.03 * (k % 60)
        one = sighting(
            icao,
            now,
            callsign="TROY701" if k == 0 else f"AMX{100 + k}",
            category="B6" if k == 0 else "A3",
            squawk=f"{k % 8}{k // 8 % 8}{k // 64 % 8}1",
            latitude_deg=VALLE[0] + radius * math.cos(turn),
            longitude_deg=VALLE[1] + radius * math.sin(turn),
            altitude_baro_ft=19_000 if k == 0 else 1000 * (k % 41),
            ground_speed_kt=180.0,
            track_deg=(math.degrees(turn) + 90) % 360,
        )
        added = {"country": "US" if k == 0 else "MX", "place": "12 km W of Valle de Bravo", "over": "México, Mexico"}
        if k == 0:
            added |= {"watch": ["drone"], "pattern": "orbit"}  # type: ignore[dict-item]
        database = {"t": "Q9", "desc": "MQ-9", "dbFlags": 1} if k == 0 else {"t": "B738"}
        sightings[icao] = one
        objects[icao] = {**aircraft_object(one, now, database, added), "messages": 10 + round(now - START_S)}
        objects[icao] |= {"r_dst": 12.345, "r_dir": 123.4}
    statistics = {
        "now": now,
        "messages": 1000,
        "messages_per_s": 400.0 + 50 * math.sin(now / 60),
        "aircraft": count,
        "aircraft_with_position": count,
        "signal_dbfs": -12.0 + math.sin(now / 100),
        "noise_dbfs": -36.0,
        "gain_db": 40.2,
        "samples_processed": round(2_400_000 * (now - START_S)),
        "samples_lost": 0,
        "samples_dropped": 0,
        "load_share": 0.21,
        "effort": "thorough",
        "source": "scene",
        "sample_rate_hz": 2_400_000,
        "receiver_state": "open",
        **more,
    }
    return Air(now, sightings, objects, statistics)


@dataclass(frozen=True)
class FakeAlert:
    """An alert as the watch hands it out."""

    id: str = "drone-ae4bd7-20251125T084000"
    icao: str = DRONE
    text: str = "TROY701, MQ-9 of US Customs and Border Protection, orbiting for 3 h 12 min"
    state: str = "raised"
    severity: str = "warning"
    raised_s: float = START_S
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def trail(self) -> list[TrailPoint]:
        return [
            TrailPoint(
                START_S - 600 + k, VALLE[0] + 0.1 * math.cos(k / 95), VALLE[1] + 0.1 * math.sin(k / 95), math.nan
            )
            for k in range(0, 600, 6)
        ]

    def payload(self, aircraft: dict[str, Any] | None = None, picture: str | None = None) -> dict[str, Any]:
        out = {
            "id": self.id,
            "rule": "drone",
            "title": "Drone",
            "clause": "type is Q9 (aircraft database)",
            "rules": ["drone"],
            "severity": self.severity,
            "state": self.state,
            "text": self.text,
            "raised_at": self.raised_s,
            "updated_at": self.raised_s + 1,
            "hex": self.icao,
            **self.more,
        }
        if aircraft is not None:
            out["aircraft"] = aircraft
        if picture is not None:
            out["picture"] = picture
        return out


@contextlib.asynccontextmanager
async def serving(sink: WebSink) -> AsyncIterator[str]:
    """The sink at work; its address."""
    task = asyncio.create_task(sink.run())
    ready = asyncio.create_task(sink.ready.wait())
    try:
        await asyncio.wait({task, ready}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        assert sink.url is not None
        yield sink.url
    finally:
        ready.cancel()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def web_sink(base_map: Any = None, history: Any = None, station: dict[str, Any] | None = None, **web: Any) -> WebSink:
    """A sink on a free port, its station in Valle de Bravo."""
    settings = WebSettings(**{"enabled": True, "port": 0, "health_file": None, **web})
    place = {"latitude": 19.1951, "longitude": -100.1331} if station is None else station
    return WebSink(settings, StationSettings(**place), base_map, history)


class Events:
    """Reads a stream of events, gzip or not."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._zip = zlib.decompressobj(31) if response.headers.get("Content-Encoding") == "gzip" else None
        self._text = b""

    async def next(self, name: str) -> Any:
        """The data of the next event of that name."""
        async with asyncio.timeout(120):
            while True:
                for kind, data in self._whole():
                    if kind == name:
                        return data
                chunk = await self._response.content.readany()
                assert chunk, "the stream has ended"
                self._text += self._zip.decompress(chunk) if self._zip else chunk

    def _whole(self) -> Iterator[tuple[str, Any]]:
        while b"\n\n" in self._text:
            block, _, self._text = self._text.partition(b"\n\n")
            lines = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
            if b"event" in lines:
                yield lines[b"event"].decode(), json.loads(lines[b"data"])
