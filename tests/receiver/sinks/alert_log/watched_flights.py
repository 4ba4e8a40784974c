"""Flights that raise alerts, through the real hub into an alert log."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.flights.pen import Pen
from config.alerts import AlertLogSettings
from config.rules import load_rules
from config.watch import WatchSettings
from receiver.pipeline.feeds import frame_feed
from receiver.pipeline.hub import Hub
from receiver.sinks.alert_log import AlertLog
from receiver.tracking import Tracker
from receiver.watch import DEFAULT_RULES, Watch
from receiver.watch.world import Atlas
from receiver.wire.frame import Frame
from tests.receiver.watch.air import Flight, frame, velocity
from tests.receiver.watch.test_watch import START, moments
from tests.receiver.watch.worlds import Q9, SmallAtlas, SmallRegistry


def flights() -> list[Flight]:
    """TROY701 orbits for an hour; two others pass by and give alerts of their own."""
    pen = Pen(random.Random(1), 19.0, -100.6, 45.0, 175.0, 19000.0)
    pen.leg(40)
    pen.turn(360 * 5.5, 6.0)
    pen.leg(60)
    one = Flight("ae4bd8", "TROY701", "A3", moments(pen, 4.0))
    others = []
    for k, callsign in enumerate(("AMX1", "FORTE10")):
        pen = Pen(random.Random(k), 19.4, -99.9, 200.0, 300.0, 30000.0)
        pen.leg(100)
        others.append(Flight(f"0d000{k}", callsign, "A3", [(t + 700 * k, *m) for t, *m in moments(pen, 4.0)]))  # type: ignore[misc]
    return [one, *others]


def live(
    folder: Path,
    atlas: Atlas | None = None,
    draw: Callable[[Any], bytes] = lambda alert: b"\x89PNG",
    finish_s: float = 60.0,
    **settings: Any,
) -> tuple[AlertLog, list[Any]]:
    """The flights through the real hub, with the log as its sink; the log and every alert."""
    watch = Watch(load_rules(DEFAULT_RULES).rule, WatchSettings(), SmallRegistry({"ae4bd8": Q9}), atlas or SmallAtlas())
    log = AlertLog(
        AlertLogSettings.model_validate({"dir": folder, **settings}), {**watch.context(), "software": "test"}
    )
    alerts: list[Any] = []

    def told(alert: Any) -> None:
        alerts.append(alert)
        log.alert(alert, draw(alert) if alert.picture else None)

    hub = Hub(Tracker(), watch, sinks=[log], on_alert=told)
    frames = sorted((f for flight in flights() for f in flight.frames()), key=lambda f: f.time_s)

    async def main() -> None:
        task = asyncio.create_task(log.run())
        for heard in frame_feed("test", [frames]):
            hub.hear(heard)
        hub.wind_down()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(finish_s):
                await log.finish()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    return log, alerts


def spoken(icao: str, count: int, start_s: float = START) -> Sequence[Frame]:
    return [frame(icao, velocity(200, 10), start_s + k) for k in range(count)]
