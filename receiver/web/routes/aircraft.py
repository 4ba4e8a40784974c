"""The air now, as readsb writes it for other programs, and what is known of one aircraft."""

from __future__ import annotations

import gzip
import re

from aiohttp import web

from receiver import __version__
from receiver.views.aircraft_json import HistoryRing, aircraft_json, json_bytes, receiver_json
from receiver.views.outlets import Air
from receiver.views.stats_json import StatsWindows
from receiver.web.ages import ages
from receiver.web.answers import json_answer, matching, takes_gzip
from receiver.web.recent import Recent
from receiver.web.routes import Routes
from receiver.web.told import Told

HEX = re.compile(r"~?[0-9a-f]{6}")


class AircraftRoutes:
    """`/data/…` and `/api/aircraft/…`."""

    def __init__(self, told: Told, recent: Recent, has_traces: bool = False) -> None:
        self._told = told
        self._has_traces = has_traces
        self._recent = recent
        self._windows = StatsWindows()
        self._ring = HistoryRing()  # tar1090's trails before it was opened: an hour, packed, some 20 kB a file
        self._past: dict[int, bytes] = {}

    def second(self, air: Air) -> None:
        """Take a second that `told` has taken."""
        self._windows.add(self._told.without_objects(air))
        number = self._ring.due(air.now)
        if number is not None:
            self._past[number] = gzip.compress(json_bytes(aircraft_json(self._told.air())), 4, mtime=0)

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {
            "/data/aircraft.json": self._aircraft_json,
            "/data/receiver.json": self._receiver_json,
            "/data/stats.json": self._stats_json,
            "/data/history_{number:[0-9]{1,3}}.json": self._history_json,
            "/api/aircraft/{hex}": self._ages,
            "/api/aircraft/{hex}/trail": self._trail,
        }

    async def _aircraft_json(self, request: web.Request) -> web.Response:
        return json_answer(request, aircraft_json(self._told.air()))

    async def _receiver_json(self, request: web.Request) -> web.Response:
        location = self._told.discretion.location
        told = receiver_json(version=f"squitter {__version__}", history=self._ring.valid, location=location)
        # tar1090 asks for an outline and for traces only where it is told that there are some
        if location is not None:
            told["outlineJson"] = True
        if self._has_traces:
            told["haveTraces"] = True
        return json_answer(request, told)

    async def _stats_json(self, request: web.Request) -> web.Response:
        self._told.air()
        return json_answer(request, self._windows.object())

    async def _history_json(self, request: web.Request) -> web.Response:
        body = self._past.get(int(request.match_info["number"]))
        if body is None:
            raise web.HTTPNotFound(text="no such file\n")
        headers = {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
        if takes_gzip(request):
            return web.Response(body=body, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=gzip.decompress(body), headers=headers)

    async def _ages(self, request: web.Request) -> web.Response:
        air = self._told.air()
        sighting = air.sightings.get(matching(request, "hex", HEX))
        if sighting is None:
            raise web.HTTPNotFound(text="not heard now\n")
        first = {"first_seen": round(sighting.first_seen_s, 1)}
        return json_answer(request, {"now": round(air.now, 1), **first, "values": ages(sighting, air.now)})

    async def _trail(self, request: web.Request) -> web.Response:
        return json_answer(request, self._recent.trail(matching(request, "hex", HEX)))
