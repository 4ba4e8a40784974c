"""The stream that a page follows: how it begins. And the same beginning by itself, for a page that joins another's stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from config.station import StationSettings
from config.web import WebSettings
from receiver import __version__
from receiver.web.alerts import Alerts
from receiver.web.answers import json_answer
from receiver.web.health import Health
from receiver.web.maps import Maps
from receiver.web.recent import Recent
from receiver.web.routes import Routes
from receiver.web.stream import Pages
from receiver.web.told import Told

TRAIL_S, TRAIL_POINTS, WATCHED_TRAIL_POINTS = 240.0, 16, 400


class StreamRoutes:
    """`/api/stream`."""

    def __init__(
        self,
        settings: WebSettings,
        station: StationSettings,
        maps: Maps,
        told: Told,
        pages: Pages,
        recent: Recent,
        health: Health,
        alerts: Alerts,
    ) -> None:
        self._settings = settings
        self._station = station
        self._maps = maps
        self._told = told
        self._pages = pages
        self._recent = recent
        self._health = health
        self._alerts = alerts

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {"/api/stream": self._stream, "/api/now": self._now}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.method != "GET":
            raise web.HTTPMethodNotAllowed(request.method, ("GET",))
        now, objects = self._air()
        return await self._pages.follow(request, self._hello(), now, objects, self._trails(now, objects))

    async def _now(self, request: web.Request) -> web.Response:
        """What a stream begins with: `number` is that of the last event that is in it."""
        now, objects = self._air()
        told_s, aircraft = self._pages.beginning(now, objects)
        air = {"now": told_s, "full": True, "aircraft": aircraft, "gone": [], "trails": self._trails(now, objects)}
        return json_answer(request, {"number": self._pages.number, "hello": self._hello(), "air": air})

    def _air(self) -> tuple[float, Mapping[str, dict[str, Any]]]:
        return (0.0, {}) if self._told.latest is None else (self._told.air().now, self._told.air().objects)

    def _hello(self) -> dict[str, Any]:
        return {"station": self._station_object(), "health": self._health.told(), "alerts": self._alerts.told()}

    def _trails(self, now: float, objects: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        trails: dict[str, Any] = {}
        for icao, aircraft in objects.items():
            watched = (aircraft.get("squitter") or {}).get("watch")
            points = (
                self._recent.trail(icao, limit=WATCHED_TRAIL_POINTS)
                if watched
                else self._recent.trail(icao, now - TRAIL_S, limit=TRAIL_POINTS)
            )
            if points:
                trails[icao] = points
        return trails

    def _station_object(self) -> dict[str, Any]:
        said: Mapping[str, Any] = {} if self._told.latest is None else self._told.latest.statistics
        out: dict[str, Any] = {"name": self._station.name, "version": __version__}
        for key in ("source", "sample_rate_hz", "receiver_state", "receiver_text"):
            if said.get(key):
                out[key] = said[key]
        if "aircraft_listed" in said:  # 0: the page can say how to get types and operators
            out["aircraft_listed"] = said["aircraft_listed"]
        location = self._told.discretion.location
        if location is not None:
            out["view"] = {"lat": location[0], "lon": location[1], "zoom": 8}
        maps = self._maps.told()
        if maps:
            out["maps"] = maps
        if self._settings.tiles_url is not None:
            out["tiles"] = {"url": self._settings.tiles_url, "attribution": self._settings.tiles_attribution}
        return out
