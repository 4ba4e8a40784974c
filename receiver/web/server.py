"""The map's server: the page, its stream of events, JSON for others, metrics. It only reads; nothing can be written.

Everything is asked of the event loop's own objects, so nothing here waits: what takes long (base map, history) is made
in a thread. What is answered at which address is in `routes`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from config.station import StationSettings
from config.web import WebSettings
from receiver.errors import SquitterError
from receiver.views.outlets import Air, Sink
from receiver.web.alerts import Alerts
from receiver.web.guard import Guard
from receiver.web.health import Health
from receiver.web.outline import Outline
from receiver.web.recent import Recent
from receiver.web.routes.aircraft import AircraftRoutes
from receiver.web.routes.alerts import AlertRoutes
from receiver.web.routes.base_map import BaseMap, BaseMapRoutes
from receiver.web.routes.health import HealthRoutes
from receiver.web.routes.page import PageRoutes
from receiver.web.routes.playback import History, PlaybackRoutes
from receiver.web.routes.stream import StreamRoutes
from receiver.web.stream import Pages
from receiver.web.told import Told

log = logging.getLogger(__name__)
_http_log = logging.getLogger(f"{__name__}.http")

BROADCAST_PAUSE_S = 0.8  # signal seconds that come faster (a replay) are joined
SPARE_CONNECTIONS = 96  # besides those that follow: a browser opens six at a time


def is_our_fault(record: logging.LogRecord) -> bool:
    """Log filter: a request that is no HTTP is answered with 400, and no reason for a stack trace in the log."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_http_log.addFilter(is_our_fault)


class Refusal(asyncio.Protocol):
    """What a connection gets that is one too many: its end. So nobody takes all of the process's file descriptors."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Cut it."""
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class WebSink(Sink):
    """Map, JSON and metrics over HTTP, when `[web]` says so.

    Parameters
    ----------
    settings, station
        `[web]` and `[station]`.
    base_map
        Makes the base map; None: the map has none.
    history
        What was stored; None: the slider reaches as far as memory.
    sinks
        All outputs, for the numbers in /metrics.
    """

    name = "web"

    def __init__(
        self,
        settings: WebSettings,
        station: StationSettings,
        base_map: BaseMap | None = None,
        history: History | None = None,
        sinks: Iterable[Sink] = (),
    ) -> None:
        self._settings = settings
        self.sinks = tuple(sinks)
        self._guard = Guard(
            settings.allowed_hosts,
            None if settings.token is None else settings.token.get_secret_value(),
            settings.tiles_origin(),
        )
        self._told = Told(station)  # nothing leaves here that has not gone through it
        self._pages = Pages(settings.max_clients)
        self._recent = Recent(settings.playback_hours * 3600.0)
        self._outline = Outline(self._told.discretion.location)
        self._health = Health()
        self._alerts = Alerts()
        self._page = PageRoutes()
        self._aircraft = AircraftRoutes(self._told, self._recent)
        self._state = HealthRoutes(self._told, self._health, self._outline, self._numbers)
        self._families = (
            self._page,
            self._aircraft,
            self._state,
            StreamRoutes(settings, station, self._told, self._pages, self._recent, self._health, self._alerts),
            AlertRoutes(self._alerts),
            PlaybackRoutes(self._told, self._recent, history),
            BaseMapRoutes(base_map),
        )
        self._news = asyncio.Event()
        self.url: str | None = None
        self.ready = asyncio.Event()

    # --- from the app ----------------------------------------------------------------------------------------------

    def second(self, air: Air) -> None:
        """Keep the air as it is now; pages are told by `run`."""
        if not self._settings.enabled:
            return
        self._told.take(air)
        self._recent.second(air)
        self._outline.second(air)
        self._aircraft.second(air)
        row = self._health.second(air)
        if row is not None:
            self._pages.tell("health", row)
        self._news.set()

    def alert(self, alert: Any, picture: bytes | None) -> None:
        """Keep the alert and tell the pages."""
        if not self._settings.enabled:
            return
        air = self._told.latest
        aircraft = None if air is None else air.objects.get(alert.icao)
        if aircraft is not None:
            aircraft = self._told.discretion.aircraft(aircraft)
        self._pages.tell("alert", self._alerts.take(alert, picture, aircraft))

    def remember(self, payload: dict[str, Any], trail: Iterable[tuple[Any, ...]], picture: bytes | None) -> None:
        """Show an alert of before the restart, by its last state; those told first come first."""
        if self._settings.enabled:
            self._alerts.remember(payload, trail, picture)

    def alerts_told(self) -> list[dict[str, Any]]:
        """The alerts that are shown, the oldest first."""
        return self._alerts.told()

    def statistics(self) -> dict[str, float]:
        """Pages that follow, those that were too slow, requests and refusals."""
        if not self._settings.enabled:
            return {}
        return {
            "pages": len(self._pages),
            "slow_pages": self._pages.slow,
            "requests": self._guard.answered,
            "refused": self._pages.refused + self._guard.refused,
        }

    async def run(self) -> None:
        """Serve until cancelled. Raises SquitterError when the port cannot be had."""
        if not self._settings.enabled:
            await super().run()
        await asyncio.to_thread(self._page.read)
        loop = asyncio.get_running_loop()
        runner = web.AppRunner(
            self.application(),
            access_log=None,
            logger=_http_log,
            handler_cancellation=True,
            keepalive_timeout=30.0,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        handlers = runner.server
        assert handlers is not None
        most = self._settings.max_clients + SPARE_CONNECTIONS
        host, port = self._settings.host, self._settings.port
        listening: asyncio.Server | None = None
        try:
            try:
                listening = await loop.create_server(
                    lambda: handlers() if len(handlers.connections) < most else Refusal(), host, port
                )
            except OSError as error:
                raise SquitterError(
                    f"the map cannot listen on {host} port {port}: {error.strerror}; choose another [web] port"
                ) from error
            bound = listening.sockets[0].getsockname()
            shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
            self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{bound[1]}/"
            self.ready.set()
            log.info("map on %s", self.url)
            if self._settings.token is None and not is_loopback(bound[0]):
                log.warning("everybody who can reach port %d sees the map; set [web] token to change that", bound[1])
            while True:
                await self._news.wait()
                self._news.clear()
                self._state.heard()
                told = self._told.air()
                self._pages.air(told.now, told.objects)
                await asyncio.sleep(BROADCAST_PAUSE_S)
        finally:
            if listening is not None:
                listening.close()
            self._pages.close()
            await runner.cleanup()

    # --- what is asked -----------------------------------------------------------------------------------------------

    def application(self) -> web.Application:
        """The routes, with their guard."""
        app = web.Application(middlewares=[self._guard.middleware], client_max_size=1024)
        app.on_response_prepare.append(self._guard.add_headers)
        for family in self._families:
            for path, handler in family.routes().items():
                app.router.add_get(path, handler)
        return app

    def _numbers(self) -> dict[str, dict[str, float]]:
        return {sink.name: sink.statistics() for sink in (*self.sinks, self)}


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
