"""All tracks of the last hours, thinned: what the map draws of a day."""

from __future__ import annotations

import math
from typing import Any

from aiohttp import web

from receiver.web.answers import json_bytes_answer, packed_json, takes_gzip
from receiver.web.recent import Part, Recent
from receiver.web.routes import Routes
from receiver.web.routes.playback import History
from receiver.web.work import Work

MOST_HOURS = 24.0
MOST_POINTS = 120_000  # of all tracks together: some 600 kB, compressed
LEAST_OF_ONE, MOST_OF_ONE = 8, 300
PAUSE_S = 120.0


class TrackRoutes:
    """`/api/tracks?hours=…`: `[t, lat, lon, ft, gap]` by address."""

    def __init__(self, recent: Recent, history: History | None, work: Work) -> None:
        self._recent = recent
        self._history = history
        self._work = work

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {"/api/tracks": self._tracks}

    async def _tracks(self, request: web.Request) -> web.Response:
        try:
            hours = float(request.query.get("hours", MOST_HOURS))
        except ValueError:
            hours = math.nan
        if not 0.0 < hours <= MOST_HOURS:
            raise web.HTTPBadRequest(text=f"hours is above 0, at most {MOST_HOURS:g}\n")
        memory = self._recent.span()
        if memory is None:
            return json_bytes_answer(b"{}", False)
        start_s = memory[1] - hours * 3600.0
        parts = self._recent.parts(start_s)
        history = self._history if start_s < memory[0] else None
        return json_bytes_answer(*await self._work.do(made, parts, history, start_s, memory[0], takes_gzip(request)))


def made(
    parts: dict[str, Part], history: History | None, start_s: float, memory_s: float, gzipped: bool
) -> tuple[bytes, bool]:
    """The tracks as JSON: those of the history until memory begins, then memory's. It blocks."""
    older: dict[str, list[Any]] = {} if history is None else history.tracks(start_s, memory_s)
    addresses = {*parts, *older}
    limit = max(LEAST_OF_ONE, min(MOST_OF_ONE, MOST_POINTS // max(1, len(addresses))))
    tracks = {}
    for icao in addresses:
        track = stored(older.get(icao, []), limit // 2)
        if icao in parts:
            track += parts[icao].trail(limit - len(track))
        if len(track) > 1:
            tracks[icao] = track
    return packed_json(tracks, gzipped)


def stored(points: list[Any], limit: int) -> list[list[float | None]]:
    """Points of the history, thinned evenly."""
    kept = points[:: 1 + len(points) // max(1, limit)]
    out: list[list[float | None]] = []
    for k, p in enumerate(kept):
        gap = k > 0 and p.time_s - kept[k - 1].time_s > max(
            PAUSE_S, 2.0 * (kept[-1].time_s - kept[0].time_s) / len(kept)
        )
        feet = 0 if p.on_ground else p.altitude_baro_ft
        out.append([round(p.time_s), round(p.latitude_deg, 4), round(p.longitude_deg, 4), feet, int(gap)])
    return out
