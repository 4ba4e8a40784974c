"""`squitter top`: the aircraft as a live table in a terminal, from the map's server or from MQTT. Good over ssh."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.settings import Settings
from receiver.cli.keys import Keys
from receiver.cli.live_table import SORTS, LiveTable, plain
from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError
from receiver.web.token import kept_token

TIMEOUT_S = 5.0
MAX_AIRCRAFT = 20_000
MAX_ANSWER = 32 * 1024 * 1024
ALERTS_EVERY_S = 5.0
HELP = "↑ ↓ PgUp PgDn select · Enter details · s sort · r reverse · q quit"


@dataclass(frozen=True, slots=True)
class Screen:
    """What one drawing of the table shows."""

    objects: Sequence[Mapping[str, Any]]
    statistics: Mapping[str, Any]
    notes: Sequence[str] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where from, in what order, and the settings that say where the map and the broker are."""
    parser.add_argument("--url", metavar="URL", help="the map's address; default: where [web] has it on this machine")
    parser.add_argument("--mqtt", action="store_true", help="listen to the broker of [mqtt] instead of asking the map")
    parser.add_argument("--sort", choices=SORTS, default="messages", help="order; what is watched comes first always")
    parser.add_argument("--once", action="store_true", help="print the table once and end")
    add_settings_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the table until q or Ctrl-C; exit status 0, or 1 when there is nobody to ask."""
    settings = load_settings(arguments).settings
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_show(settings, arguments))
    return 0


async def _show(settings: Settings, arguments: argparse.Namespace) -> None:
    title = "Squitter" if arguments.url else f"Squitter · {settings.station.name}"
    showing = asyncio.current_task()
    assert showing is not None

    def press(key: str) -> None:
        if key == "q":
            showing.cancel()
        else:
            table.press(key)

    with LiveTable(title, sort=arguments.sort) as table:
        async with contextlib.aclosing(_screens(settings, arguments)) as screens:
            if arguments.once:
                async for screen in screens:
                    if screen.objects or screen.statistics:
                        table.print_once(screen.objects, screen.statistics, screen.notes)
                        return
            with Keys(press), contextlib.suppress(asyncio.CancelledError):
                async for screen in screens:
                    table.update(screen.objects, screen.statistics, [*screen.notes, HELP])


async def _screens(settings: Settings, arguments: argparse.Namespace) -> AsyncGenerator[Screen, None]:
    if not arguments.mqtt:
        url = arguments.url or f"http://127.0.0.1:{settings.web.port}/"
        own = settings.web.token
        token = own.get_secret_value() if own is not None else kept_token(settings.web.token_file.expanduser())
        try:
            async for screen in from_map(url, token):
                yield screen
        except SquitterError:
            if arguments.url is not None or not settings.mqtt.enabled:
                raise
    async for screen in from_mqtt(settings):
        yield screen


async def from_map(url: str, token: str | None = None) -> AsyncGenerator[Screen, None]:
    """A screen a second from the map's JSON.

    Raises
    ------
    SquitterError
        The first answer does not come. Later the table says that there is none, and asks on.
    """
    import aiohttp

    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    base = url if url.endswith("/") else url + "/"

    async def get(session: aiohttp.ClientSession, path: str) -> Any:
        async with session.get(base + path) as answer:
            if answer.status == 503:  # nothing heard yet
                return None
            if answer.status != 200:
                raise SquitterError(f"{base}{path} answers {answer.status}: {(await answer.text())[:200].strip()}")
            return json.loads(await answer.content.read(MAX_ANSWER))

    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
        screen: Screen | None = None
        health: dict[str, Any] = {}
        alerts: list[str] = []
        asked_s = -1e9
        while True:
            began = time.monotonic()
            try:
                air = await get(session, "data/aircraft.json") or {"aircraft": []}
                if began - asked_s >= ALERTS_EVERY_S:
                    asked_s = began
                    health = newest(await get(session, "api/health") or {})
                    alerts = open_alerts(await get(session, "api/alerts") or [])
                screen = Screen(air["aircraft"], {**health, **now_of(air)}, [*alerts, f"map: {base}"])
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, SquitterError) as error:
                said = str(error) or type(error).__name__
                if screen is None:
                    said = said if isinstance(error, SquitterError) else f"{base} gives no answer: {said}"
                    raise SquitterError(f"{said}; is the service running with [web] enabled?") from None
                screen = replace(screen, notes=[f"no answer from {base}, trying on: {said}"])
            yield screen
            await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - began)))


def newest(health: Mapping[str, Any]) -> dict[str, Any]:
    """The last row of the health series, by column."""
    rows = health.get("hour") or []
    return {k: v for k, v in zip(health["columns"], rows[-1], strict=True) if v is not None} if rows else {}


def now_of(air: Mapping[str, Any]) -> dict[str, Any]:
    """The signal's clock, where it is told."""
    return {"now": air["now"]} if "now" in air else {}


def open_alerts(alerts: Sequence[Mapping[str, Any]], most: int = 3) -> list[str]:
    """A line for each of the newest open alerts."""
    opened = [alert for alert in alerts if alert.get("state") != "ended"]
    opened.sort(key=lambda alert: alert.get("raised_at", 0))
    return [f"⚠ {plain(alert.get('text'))}" for alert in opened[: -most - 1 : -1]]


@dataclass(slots=True)
class Bus:
    """What the topics of one station have said."""

    base: str
    aircraft: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)
    status: str = "unknown"

    def take(self, topic: str, payload: bytes, now_s: float) -> None:
        """Take a message; what is no JSON of the right shape is passed over. `now_s` by any clock that only grows."""
        level, _, name = topic.removeprefix(f"{self.base}/").partition("/")
        if level == "status":
            self.status = payload.decode(errors="replace")[:20]
            return
        if not payload:
            self.aircraft.pop(name, None) if level == "aircraft" else self.alerts.pop(name, None)
            return
        if level not in ("aircraft", "alerts", "stats") or name.endswith("/picture"):
            return
        try:
            value = json.loads(payload)
        except ValueError:
            return
        if not isinstance(value, dict):
            return
        if level == "stats":
            self.statistics = value
        elif level == "alerts" and len(self.alerts) < 1000:
            self.alerts[name] = value
        elif level == "aircraft" and (name in self.aircraft or len(self.aircraft) < MAX_AIRCRAFT):
            self.aircraft[name] = (now_s, value)

    def screen(self, now_s: float, where: str) -> Screen:
        """What is known at `now_s`; ages have grown since they were told."""
        objects = [
            {**aircraft, "seen": aircraft.get("seen", 0) + now_s - told_s}
            for told_s, aircraft in self.aircraft.values()
        ]
        notes = [*open_alerts(list(self.alerts.values())), f"{where}: {self.base}/# · receiver {self.status}"]
        return Screen(objects, self.statistics, notes)


async def from_mqtt(settings: Settings) -> AsyncGenerator[Screen, None]:
    """A screen a second from the bus.

    Raises
    ------
    SquitterError
        The broker cannot be had, or is lost.
    """
    from receiver.broker.address import address_of
    from receiver.broker.client import BrokerError, Connection, connect

    station = settings.station.name
    address = replace(address_of(settings.mqtt, station), client_id=f"squitter-top-{os.getpid()}")
    bus = Bus(f"{settings.mqtt.base_topic}/{station}")

    async def opened() -> Connection:
        if settings.mqtt.protocol == "3.1.1":
            return await connect(address, "3.1.1", None)
        try:
            return await connect(address, "5", None)
        except BrokerError as error:
            if error.kind != "version" or settings.mqtt.protocol == "5":
                raise
        return await connect(address, "3.1.1", None)

    async def listen(connection: Connection) -> None:
        async for message in connection.messages():
            bus.take(message.topic, message.payload, time.monotonic())

    try:
        connection = await opened()
    except BrokerError as error:
        raise SquitterError(f"no map and no broker: {address}: {error}; is the service running?") from None
    listener = asyncio.create_task(listen(connection))
    try:
        levels = ("status", "stats", "aircraft/+", "alerts/+")
        await connection.subscribe(*(f"{bus.base}/{level}" for level in levels))
        while not listener.done():
            await asyncio.wait({listener}, timeout=1.0)
            yield bus.screen(time.monotonic(), f"MQTT {address}")
        await listener
    except BrokerError as error:
        raise SquitterError(f"broker {address}: {error}") from None
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        await connection.close(politely=True)
