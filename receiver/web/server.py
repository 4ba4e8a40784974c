"""The map's server: the page, its stream of events, JSON for others, metrics. It only reads; nothing can be written.

Everything is asked of the event loop's own objects, so nothing here waits: what takes long (base map, history) is made
in a thread. What is answered at which address is in `routes`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from config.station import StationSettings
from config.web import WebSettings
from receiver.errors import SquitterError
from receiver.moments import move_moments
from receiver.views.outlets import Air, Sink
from receiver.web.alerts import Alerts
from receiver.web.connections import IDLE_S, Connections
from receiver.web.guard import Guard
from receiver.web.health import Health
from receiver.web.interference import Interference
from receiver.web.maps import Maps
from receiver.web.outline import Outline
from receiver.web.radio import QUIET_S, Radio
from receiver.web.reach import is_loopback, links
from receiver.web.recent import Recent
from receiver.web.routes.aircraft import AircraftRoutes
from receiver.web.routes.alerts import AlertRoutes
from receiver.web.routes.base_map import BaseMapRoutes
from receiver.web.routes.health import HealthRoutes
from receiver.web.routes.page import PageRoutes
from receiver.web.routes.playback import History, PlaybackRoutes
from receiver.web.routes.stream import StreamRoutes
from receiver.web.routes.traces import TraceRoutes
from receiver.web.routes.tracks import TrackRoutes
from receiver.web.stream import PULSE_S, Pages
from receiver.web.token import token_of
from receiver.web.told import Told
from receiver.web.work import Work

log = logging.getLogger(__name__)
_http_log = logging.getLogger(f"{__name__}.http")

BROADCAST_PAUSE_S = 0.8  # signal seconds that come faster (a replay) are joined
SPARE_CONNECTIONS = 96  # besides those that follow: a browser opens six at a time
BACKLOG = 128  # connections that are taken at a time


def is_our_fault(record: logging.LogRecord) -> bool:
    """Log filter: a request that is no HTTP is answered with 400, and no reason for a stack trace in the log."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_http_log.addFilter(is_our_fault)


class WebSink(Sink):
    """Map, JSON and metrics over HTTP, when `[web]` says so.

    Parameters
    ----------
    settings, station
        `[web]` and `[station]`.
    base_map
        Archive of the base map's tiles; None: the map has none.
    history
        What was stored; None: the slider reaches as far as memory.
    sinks
        All outputs, for the numbers in /metrics.
    clock
        Seconds, monotonic: how long no signal has come.
    """

    name = "web"

    def __init__(
        self,
        settings: WebSettings,
        station: StationSettings,
        base_map: Path | None = None,
        history: History | None = None,
        sinks: Iterable[Sink] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self.sinks = tuple(sinks)
        self._token = token_of(settings) if settings.enabled else None
        self._guard = Guard(
            settings.allowed_hosts,
            self._token,
            settings.tiles_origin(),
            settings.frame_ancestors,
            settings.only_from,
        )
        self._told = Told(station)  # nothing leaves here that has not gone through it
        self._radio = Radio(clock)
        self._works = (Work("web map"), Work("web past"), Work("web stream", most_waiting=settings.max_clients))
        for_map, for_past, for_stream = self._works
        days: Any = history if hasattr(history, "identities_by_address") else None
        self._connections = Connections(settings.max_clients + SPARE_CONNECTIONS)
        self._pages = Pages(settings.max_clients, for_stream)
        self._recent = Recent(settings.playback_hours * 3600.0)
        self._outline = Outline(self._told.discretion.location)
        self._health = Health(settings.health_file if settings.enabled else None)
        self._interference = Interference()
        self._alerts = Alerts()
        self._maps = Maps({"base": base_map, "region": settings.map_file} if settings.enabled else {})
        self._page = PageRoutes()
        self._aircraft = AircraftRoutes(self._told, self._recent, has_traces=days is not None)
        state = HealthRoutes(
            self._told, self._health, self._outline, self._interference, self._radio, self._numbers
        )  # fmt: skip
        self._families = (
            self._page,
            self._aircraft,
            state,
            StreamRoutes(
                settings, station, self._maps, self._told, self._pages, self._recent, self._health, self._alerts
            ),
            AlertRoutes(self._alerts),
            PlaybackRoutes(self._told, self._recent, history, for_past),
            BaseMapRoutes(self._maps, for_map),
            TrackRoutes(self._recent, history, for_past),
            TraceRoutes(self._told, self._outline, days, for_past),
        )
        self._news = asyncio.Event()
        self.url: str | None = None
        self.links: list[str] = []
        self.ready = asyncio.Event()

    # --- from the app ----------------------------------------------------------------------------------------------

    def second(self, air: Air) -> None:
        """Keep the air as it is now; pages are told by `run`."""
        if not self._settings.enabled:
            return
        self._told.take(air)
        self._radio.second(air)
        self._recent.second(air)
        self._outline.second(air)
        self._interference.second(air)
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

    def clock_set(self, by_s: float) -> None:
        """What the map remembers of this run moves along: tracks, the health's rows, the outline."""
        move_moments(by_s, self._recent, self._health, self._outline, self._interference)

    def picture(self, alert: Any, picture: bytes) -> None:
        payload = self._alerts.add_picture(alert.id, picture)
        if payload is not None:
            self._pages.tell("alert", payload)

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
            "connections_cut": self._connections.cut,
        }

    async def run(self) -> None:
        """Serve until cancelled. Raises SquitterError when the port cannot be had."""
        if not self._settings.enabled:
            await super().run()
        await asyncio.to_thread(self._page.read)
        await asyncio.to_thread(self._health.load)
        runner = web.AppRunner(
            self.application(),
            access_log=None,
            logger=_http_log,
            handler_cancellation=True,
            keepalive_timeout=IDLE_S,
            lingering_time=0.0,  # a body that nobody reads is not waited for,
            auto_decompress=False,  # nor inflated
            shutdown_timeout=1.0,
        )
        await runner.setup()
        handlers = runner.server
        assert handlers is not None
        sweeping = asyncio.create_task(self._connections.sweep(), name="web sweep")
        listening: asyncio.Server | None = None
        try:
            listening = await self._listen(handlers)
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PULSE_S):
                        await self._news.wait()
                if self._news.is_set():
                    self._news.clear()
                    told = self._told.air()
                    self._pages.air(told.now, told.objects, self._trouble())
                else:
                    self._pages.tell("pulse", {"radio": self._trouble()})
                if self._health.is_unsaved:
                    await asyncio.to_thread(self._health.save)
                await asyncio.sleep(BROADCAST_PAUSE_S)
        finally:
            sweeping.cancel()
            if listening is not None:
                listening.close()
            self._pages.close()
            await runner.cleanup()
            for work in self._works:
                work.close()

    async def _listen(self, handlers: web.Server) -> asyncio.Server:
        """The port, or SquitterError."""
        host, port = self._settings.host, self._settings.port
        try:
            listening = await asyncio.get_running_loop().create_server(
                lambda: self._connections.factory(handlers), host, port, backlog=BACKLOG
            )
        except OSError as error:
            raise SquitterError(
                f"the map cannot listen on {host} port {port}: {error.strerror}; choose another [web] port"
            ) from error
        bound = listening.sockets[0].getsockname()
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{bound[1]}/"
        own = self._settings.token is not None  # no secret of the owner's goes into the log
        self.links = links(host, bound[1], None if own else self._token, self._settings.allowed_hosts)
        self.ready.set()
        log.info("map on %s", " or ".join(self.links))
        if self._token is None and not is_loopback(bound[0]):
            log.warning("every machine that can reach port %d sees the map, because [web] open is set", bound[1])
        return listening

    def _trouble(self) -> dict[str, Any] | None:
        """What a page should say of the radio; None while signal comes."""
        silent_s = self._radio.silent_s()
        if silent_s < QUIET_S:
            return None
        said = {} if self._told.latest is None else self._told.latest.statistics
        state, text = said.get("receiver_state", "starting"), said.get("receiver_text", "")
        return {"silent_s": round(silent_s), "heard": self._radio.heard, "state": state, "text": text}

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
