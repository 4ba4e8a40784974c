"""The map's server: the page, its stream of events, JSON for others, metrics. It only reads; nothing can be written.

Everything is asked of the event loop's own objects, so nothing here waits: what takes long (base map, history) is made
in a thread.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import ipaddress
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from config.station import StationSettings
from config.web import WebSettings
from receiver import __version__
from receiver.errors import SquitterError
from receiver.views.aircraft_json import HistoryRing, aircraft_json, json_bytes, receiver_json
from receiver.views.discretion import Discretion
from receiver.views.metrics import CONTENT_TYPE, prometheus_text
from receiver.views.outlets import Air, Sink
from receiver.views.stats_json import StatsWindows
from receiver.web.ages import ages
from receiver.web.alerts import Alerts
from receiver.web.guard import Guard
from receiver.web.health import Health
from receiver.web.outline import Outline
from receiver.web.recent import TRAIL_POINTS, Recent
from receiver.web.stream import Pages

log = logging.getLogger(__name__)
_http_log = logging.getLogger(f"{__name__}.http")

PAGE = Path(__file__).with_name("page")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    "": "text/plain; charset=utf-8",
}
BROADCAST_PAUSE_S = 0.8  # signal seconds that come faster (a replay) are joined
HELLO_TRAIL_S, HELLO_TRAIL_POINTS, WATCHED_TRAIL_POINTS = 240.0, 16, 400
CELL_DEG = 10  # of the detailed base map
CELL_TOLERANCE_DEG, WORLD_TOLERANCE_DEG = 0.003, 0.1
CELL_PLACES, WORLD_PLACES = 300, 600
CELLS_KEPT = 24
SPARE_CONNECTIONS = 96  # besides those that follow: a browser opens six at a time
SILENT_S = 120.0  # without a second of signal for so long, /healthz says so
PLAYBACK_TRAIL_S, WHOLE_TRAIL_S = 900.0, 4 * 3600.0
HEX = re.compile(r"~?[0-9a-f]{6}")
ALERT_ID = re.compile(r"[A-Za-z0-9_-]{1,160}")


class History(Protocol):
    """What was stored, further back than memory goes."""

    def span(self) -> tuple[float, float] | None:
        """First and last UTC s."""

    def at(self, time_s: float, *, trail_s: float = ..., stale_s: float = ...) -> Any:
        """Attributes `now`, `aircraft`, `trails`."""

    def tracks(self, start_s: float, end_s: float, *, icao: str | None = ...) -> Any:
        """Points by hex, with `time_s`, `latitude_deg`, `longitude_deg`, `altitude_baro_ft`, `on_ground`."""


BaseMap = Callable[[tuple[float, float, float, float] | None, float, int], bytes]
"""The base map as JSON, of a box (west, south, east, north; None: the world), to a tolerance in degrees, with so many
places."""


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


class Document:
    """Bytes that are served as they are, compressed once."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self.body = body
        self.packed = gzip.compress(body, 9, mtime=0) if len(body) > 600 and "png" not in content_type else None
        self.content_type = content_type
        self.tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'

    def answer(self, request: web.Request, cache: str = "no-cache") -> web.Response:
        """The document, or 304 when the browser has it."""
        headers = {"ETag": self.tag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = self.content_type
        if self.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self.packed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=self.body, headers=headers)


def page_files(folder: Path = PAGE) -> dict[str, Document]:
    """The files of the page by their path below `static/`, read once: nothing else can be asked for."""
    files = {
        path.relative_to(folder).as_posix(): Document(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }
    if "leaflet/leaflet.js" not in files:
        raise SquitterError(f"the map lacks Leaflet in {folder / 'leaflet'}: install squitter from its wheel, or anew")
    return files


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
        self._station = station
        self._discretion = Discretion(station)  # nothing leaves here that has not gone through it
        self._make_base_map = base_map
        self._history = history
        self.sinks = tuple(sinks)
        self._guard = Guard(
            settings.allowed_hosts,
            None if settings.token is None else settings.token.get_secret_value(),
            settings.tiles_origin(),
        )
        self._pages = Pages(settings.max_clients)
        self._recent = Recent(settings.playback_hours * 3600.0)
        self._outline = Outline(self._discretion.location)
        self._health = Health()
        self._windows = StatsWindows()
        self._ring = HistoryRing()  # tar1090's trails before it was opened: an hour, packed, some 20 kB a file
        self._past: dict[int, bytes] = {}
        self._alerts = Alerts()
        self._air: Air | None = None
        self._told: Air | None = None
        self._news = asyncio.Event()
        self._heard_s: float | None = None  # by the loop's clock
        self._cells: OrderedDict[str, Document] = OrderedDict()
        self._cell_lock = asyncio.Lock()
        self._history_turns = asyncio.Semaphore(2)  # the threads are wanted for pictures, too
        self._requests = 0
        self._files: dict[str, Document] = {}
        self.url: str | None = None
        self.ready = asyncio.Event()

    # --- from the app ----------------------------------------------------------------------------------------------

    def second(self, air: Air) -> None:
        """Keep the air as it is now; pages are told by `run`."""
        if not self._settings.enabled:
            return
        self._air = air
        self._recent.second(air)
        self._outline.second(air)
        self._windows.add(self._without_objects(air))
        number = self._ring.due(air.now)
        if number is not None:
            self._past[number] = gzip.compress(json_bytes(aircraft_json(self._known_air())), 4, mtime=0)
        row = self._health.second(air)
        if row is not None:
            self._pages.tell("health", row)
        self._news.set()

    def alert(self, alert: Any, picture: bytes | None) -> None:
        """Keep the alert and tell the pages."""
        if not self._settings.enabled:
            return
        aircraft = None if self._air is None else self._air.objects.get(alert.icao)
        if aircraft is not None:
            aircraft = self._discretion.aircraft(aircraft)
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
            "requests": self._requests,
            "refused": self._pages.refused + self._guard.refused,
        }

    async def run(self) -> None:
        """Serve until cancelled. Raises SquitterError when the port cannot be had."""
        if not self._settings.enabled:
            await super().run()
        self._files = await asyncio.to_thread(page_files)
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
                self._heard_s = loop.time()
                told = self._known_air()
                self._pages.air(told.now, told.objects)
                await asyncio.sleep(BROADCAST_PAUSE_S)
        finally:
            if listening is not None:
                listening.close()
            self._pages.close()
            await runner.cleanup()

    # --- the routes ------------------------------------------------------------------------------------------------

    def application(self) -> web.Application:
        """The routes, with their guard."""
        app = web.Application(middlewares=[self._guard.middleware], client_max_size=1024)
        app.on_response_prepare.append(self._guard.add_headers)
        routes: dict[str, Callable[[web.Request], Any]] = {
            "/": self._index,
            "/static/{name:[a-z0-9_./-]+}": self._static,
            "/healthz": self._healthz,
            "/metrics": self._metrics,
            "/data/aircraft.json": self._aircraft_json,
            "/data/receiver.json": self._receiver_json,
            "/data/stats.json": self._stats_json,
            "/data/history_{number:[0-9]{1,3}}.json": self._history_json,
            "/api/stream": self._stream,
            "/api/basemap": self._world,
            "/api/basemap/{west:-?[0-9]{1,3}}/{south:-?[0-9]{1,2}}": self._cell,
            "/api/outline": self._outline_points,
            "/api/health": self._health_rows,
            "/api/alerts": self._alert_list,
            "/api/alerts/{id}/picture": self._alert_picture,
            "/api/alerts/{id}/track": self._alert_track,
            "/api/aircraft/{hex}": self._ages,
            "/api/aircraft/{hex}/trail": self._trail,
            "/api/playback": self._playback,
        }
        for path, handler in routes.items():
            app.router.add_get(path, handler)
        return app

    async def _index(self, request: web.Request) -> web.Response:
        self._requests += 1
        return self._files["index.html"].answer(request)

    async def _static(self, request: web.Request) -> web.Response:
        document = self._files.get(request.match_info["name"])
        if document is None:
            raise web.HTTPNotFound(text="no such file\n")
        return document.answer(request)

    async def _healthz(self, _: web.Request) -> web.Response:
        """For a container's health check: 200 while signal comes, or none has come yet; 503 when it has stopped."""
        silent = 0.0 if self._heard_s is None else asyncio.get_running_loop().time() - self._heard_s
        if silent > SILENT_S:
            return web.Response(status=503, text=f"no signal for {silent:.0f} s\n")
        return web.Response(text="ok\n" if self._heard_s is not None else "starting\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        air = self._known_air()
        numbers = {sink.name: sink.statistics() for sink in (*self.sinks, self)}
        text = prometheus_text(air, numbers, version=__version__)
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    async def _aircraft_json(self, request: web.Request) -> web.Response:
        return self._json(request, aircraft_json(self._known_air()))

    async def _receiver_json(self, request: web.Request) -> web.Response:
        return self._json(
            request,
            receiver_json(
                version=f"squitter {__version__}", history=self._ring.valid, location=self._discretion.location
            ),
        )

    async def _history_json(self, request: web.Request) -> web.Response:
        body = self._past.get(int(request.match_info["number"]))
        if body is None:
            raise web.HTTPNotFound(text="no such file\n")
        self._requests += 1
        headers = {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=body, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=gzip.decompress(body), headers=headers)

    async def _stats_json(self, request: web.Request) -> web.Response:
        self._known_air()
        return self._json(request, self._windows.object())

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.method != "GET":
            raise web.HTTPMethodNotAllowed(request.method, ("GET",))
        self._requests += 1
        now, objects = (0.0, {}) if self._air is None else (self._known_air().now, self._known_air().objects)
        trails: dict[str, Any] = {}
        for icao, aircraft in objects.items():
            watched = (aircraft.get("squitter") or {}).get("watch")
            points = (
                self._recent.trail(icao, limit=WATCHED_TRAIL_POINTS)
                if watched
                else self._recent.trail(icao, now - HELLO_TRAIL_S, limit=HELLO_TRAIL_POINTS)
            )
            if points:
                trails[icao] = points
        hello = {"station": self._station_object(), "health": self._health.told(), "alerts": self._alerts.told()}
        return await self._pages.follow(request, hello, now, objects, trails)

    def _station_object(self) -> dict[str, Any]:
        said: Mapping[str, Any] = {} if self._air is None else self._air.statistics
        out: dict[str, Any] = {"name": self._station.name, "version": __version__}
        for key in ("source", "sample_rate_hz", "receiver_state", "receiver_text"):
            if said.get(key):
                out[key] = said[key]
        location = self._discretion.location
        if location is not None:
            out["view"] = {"lat": location[0], "lon": location[1], "zoom": 8}
        if self._settings.tiles_url is not None:
            out["tiles"] = {"url": self._settings.tiles_url, "attribution": self._settings.tiles_attribution}
        return out

    async def _world(self, request: web.Request) -> web.Response:
        return (await self._base_map("world")).answer(request, "private, max-age=86400")

    async def _cell(self, request: web.Request) -> web.Response:
        west, south = int(request.match_info["west"]), int(request.match_info["south"])
        if west % CELL_DEG or south % CELL_DEG or not (-180 <= west < 180 and -90 <= south < 90):
            raise web.HTTPNotFound(text=f"cells begin at multiples of {CELL_DEG} degrees\n")
        return (await self._base_map(f"{west},{south}")).answer(request, "private, max-age=86400")

    async def _base_map(self, name: str) -> Document:
        """The world, or the cell whose south-west corner is in the name; made once, the least wanted forgotten."""
        make = self._make_base_map
        if make is None:
            raise web.HTTPNotFound(text="no base map\n")
        async with self._cell_lock:  # one at a time: it is work for the processor
            document = self._cells.get(name)
            if document is None:
                if name == "world":
                    body = await asyncio.to_thread(make, None, WORLD_TOLERANCE_DEG, WORLD_PLACES)
                else:
                    west, south = (int(part) for part in name.split(","))
                    box = (float(west), float(south), float(west + CELL_DEG), float(south + CELL_DEG))
                    body = await asyncio.to_thread(make, box, CELL_TOLERANCE_DEG, CELL_PLACES)
                document = await asyncio.to_thread(Document, body, "application/json")
                self._cells[name] = document
                while len(self._cells) > CELLS_KEPT:
                    self._cells.popitem(last=False)
            self._cells.move_to_end(name)
        return document

    async def _outline_points(self, request: web.Request) -> web.Response:
        return self._json(request, self._outline.points())

    async def _health_rows(self, request: web.Request) -> web.Response:
        return self._json(request, self._health.told())

    async def _alert_list(self, request: web.Request) -> web.Response:
        return self._json(request, self._alerts.told())

    async def _alert_picture(self, request: web.Request) -> web.Response:
        picture = self._alerts.picture(matching(request, "id", ALERT_ID))
        if picture is None:
            raise web.HTTPNotFound(text="no such picture\n")
        return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    async def _alert_track(self, request: web.Request) -> web.Response:
        track = self._alerts.track(matching(request, "id", ALERT_ID))
        if track is None:
            raise web.HTTPNotFound(text="no such track\n")
        return self._json(request, track)

    async def _ages(self, request: web.Request) -> web.Response:
        sighting = self._known_air().sightings.get(matching(request, "hex", HEX))
        if sighting is None:
            raise web.HTTPNotFound(text="not heard now\n")
        now = self._known_air().now
        first = {"first_seen": round(sighting.first_seen_s, 1)}
        return self._json(request, {"now": round(now, 1), **first, "values": ages(sighting, now)})

    async def _trail(self, request: web.Request) -> web.Response:
        return self._json(request, self._recent.trail(matching(request, "hex", HEX)))

    async def _playback(self, request: web.Request) -> web.Response:
        """Without `at`: the span that can be shown. With it: the map at that moment, `hex` with its whole trail."""
        memory = self._recent.span()
        asked = request.query.get("at")
        if asked is None:
            spans = [span for span in (memory, await self._history_span()) if span is not None]
            if not spans:
                return self._json(request, [0, 0])
            return self._json(request, [min(span[0] for span in spans), max(span[1] for span in spans)])
        try:
            at = float(asked)
        except ValueError:
            at = float("nan")
        if not 0.0 <= at < 1e11:
            raise web.HTTPBadRequest(text="at is UTC seconds\n")
        if self._history is not None and (memory is None or at < memory[0]):
            async with self._history_turns:
                past = await asyncio.to_thread(stored, self._history, at, request.query.get("hex", ""))
        else:
            past = self._recent.at(at, PLAYBACK_TRAIL_S, [request.query.get("hex", "")])
        # a distance was never stored: the key alone has one computed
        past["aircraft"] = [self._discretion.aircraft({**aircraft, "r_dst": None}) for aircraft in past["aircraft"]]
        return self._json(request, past)

    async def _history_span(self) -> tuple[float, float] | None:
        if self._history is None:
            return None
        async with self._history_turns:
            return await asyncio.to_thread(self._history.span)

    # --- what they share -------------------------------------------------------------------------------------------

    def _known_air(self) -> Air:
        """The newest air as it may be told; made once for a second, when somebody asks."""
        if self._air is None:
            raise web.HTTPServiceUnavailable(text="nothing heard yet\n", headers={"Retry-After": "2"})
        if self._told is None or self._told.now != self._air.now:
            self._told = self._discretion.air(self._air)
        return self._told

    def _without_objects(self, air: Air) -> Air:
        """The air's statistics as they may be told: a whole discretion each second would be for nobody."""
        return replace(air, objects={}, statistics=self._discretion.statistics(air.statistics))

    def _json(self, request: web.Request, value: Any) -> web.Response:
        self._requests += 1
        body = json_bytes(value)
        headers = {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
        if len(body) > 1000 and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 4, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)


def stored(history: History, at: float, icao: str) -> dict[str, Any]:
    """The map at a moment, out of the history; one aircraft with its trail of hours. It blocks."""
    picture = history.at(at, trail_s=PLAYBACK_TRAIL_S)
    trails = dict(picture.trails)
    if icao in trails:
        points = history.tracks(at - WHOLE_TRAIL_S, at, icao=icao).get(icao, [])
        step = 1 + len(points) // TRAIL_POINTS
        trails[icao] = [
            (p.time_s, p.latitude_deg, p.longitude_deg, 0 if p.on_ground else p.altitude_baro_ft)
            for p in [*points[:-1:step], *points[-1:]]
        ]
    return {"now": picture.now, "aircraft": picture.aircraft, "trails": trails}


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def matching(request: web.Request, name: str, pattern: re.Pattern[str]) -> str:
    """A part of the path, when it looks as it should; else there is nothing of that name."""
    text = request.match_info[name]
    if not pattern.fullmatch(text):
        raise web.HTTPNotFound(text="no such thing\n")
    return text
