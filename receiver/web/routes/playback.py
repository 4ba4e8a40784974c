"""The past: from memory, and from the history when that reaches further back."""

from __future__ import annotations

from typing import Any, Protocol

from aiohttp import web

from receiver.views.discretion import Discretion
from receiver.web.answers import json_answer, json_bytes_answer, packed_json, takes_gzip
from receiver.web.recent import TRAIL_POINTS, Past, Recent
from receiver.web.routes import Routes
from receiver.web.told import Told
from receiver.web.work import Work

PLAYBACK_TRAIL_S, WHOLE_TRAIL_S = 900.0, 4 * 3600.0


class History(Protocol):
    """What was stored, further back than memory goes."""

    def span(self) -> tuple[float, float] | None:
        """First and last UTC s."""

    def at(self, time_s: float, *, trail_s: float = ..., stale_s: float = ...) -> Any:
        """Attributes `now`, `aircraft`, `trails`."""

    def tracks(self, start_s: float, end_s: float, *, icao: str | None = ...) -> Any:
        """Points by hex, with `time_s`, `latitude_deg`, `longitude_deg`, `altitude_baro_ft`, `on_ground`."""


class PlaybackRoutes:
    """`/api/playback`: without `at` the span that can be shown, with it the map at that moment, `hex` with its whole
    trail."""

    def __init__(self, told: Told, recent: Recent, history: History | None, work: Work) -> None:
        self._told = told
        self._recent = recent
        self._history = history
        self._work = work

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {"/api/playback": self._playback}

    async def _playback(self, request: web.Request) -> web.Response:
        memory = self._recent.span()
        asked = request.query.get("at")
        if asked is None:
            spans = [span for span in (memory, await self._history_span()) if span is not None]
            if not spans:
                return json_answer(request, [0, 0])
            return json_answer(request, [min(span[0] for span in spans), max(span[1] for span in spans)])
        try:
            at = float(asked)
        except ValueError:
            at = float("nan")
        if not 0.0 <= at < 1e11:
            raise web.HTTPBadRequest(text="at is UTC seconds\n")
        hex_ = request.query.get("hex", "")
        gzipped, discretion = takes_gzip(request), self._told.discretion
        if self._history is not None and (memory is None or at < memory[0]):
            body, is_packed = await self._work.do(from_history, self._history, at, hex_, discretion, gzipped)
        else:
            past = self._recent.at(at, PLAYBACK_TRAIL_S, [hex_])
            body, is_packed = await self._work.do(from_memory, past, discretion, gzipped)
        return json_bytes_answer(body, is_packed)

    async def _history_span(self) -> tuple[float, float] | None:
        return None if self._history is None else await self._work.do(self._history.span)


def from_memory(past: Past, discretion: Discretion, gzipped: bool) -> tuple[bytes, bool]:
    """A picture of the past as an answer, and whether that is compressed. It blocks."""
    return answer(past.told(), discretion, gzipped)


def from_history(history: History, at: float, icao: str, discretion: Discretion, gzipped: bool) -> tuple[bytes, bool]:
    """The same out of the history."""
    return answer(stored(history, at, icao), discretion, gzipped)


def answer(past: dict[str, Any], discretion: Discretion, gzipped: bool) -> tuple[bytes, bool]:
    """A picture of the past as it may be told, as JSON, compressed when that pays."""
    # a distance was never stored: the key alone has one computed
    past["aircraft"] = [discretion.aircraft({**aircraft, "r_dst": None}) for aircraft in past["aircraft"]]
    return packed_json(past, gzipped)


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
