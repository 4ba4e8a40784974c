"""What tar1090 asks for beside `aircraft.json`: traces, days that are over, and how far was received.

`/data/traces/…` is the last day, `/globe_history/YYYY/MM/DD/…` a day of the history: `traces/xx/trace_full_HEX.json`, and
`heatmap/NN.bin.ttf`, the half-hours of that day, which `?replay` plays.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from aiohttp import web

from receiver.history import traces
from receiver.web.answers import json_answer, json_bytes_answer, matching, packed_json, takes_gzip
from receiver.web.outline import Outline
from receiver.web.routes import Routes
from receiver.web.told import Told
from receiver.web.work import Work

DAY_S = 86_400.0
RECENT_S = 600.0
MOST_POINTS = 400_000  # of a half-hour: thousands of aircraft, a position every few seconds
_FILE = re.compile(r"trace_(full|recent)_(~?[0-9a-f]{6})\.json")
_HEAT = re.compile(r"([0-4][0-9])\.bin(\.ttf)?")
_DAY = "{year:20[0-9]{2}}/{month:[01][0-9]}/{day:[0-3][0-9]}"


class Days(Protocol):
    """What was stored (`receiver.history.reader.HistoryReader`)."""

    def tracks(self, start_s: float, end_s: float, *, icao: str | None = ..., limit: int = ...) -> Any:
        """Points by address."""

    def identities_by_address(self, start_s: float, end_s: float, icao: str | None = ...) -> Iterable[tuple[str, Any]]:
        """Address and what was said of the aircraft, oldest first."""


class TraceRoutes:
    """Traces, half-hours and `outline.json`; without a history only the last."""

    def __init__(self, told: Told, outline: Outline, days: Days | None, work: Work) -> None:
        self._told = told
        self._outline = outline
        self._days = days
        self._work = work

    def routes(self) -> Routes:
        """The handlers by their address."""
        out: dict[str, Any] = {"/data/outline.json": self._outline_json}
        if self._days is not None:
            out |= {
                "/data/traces/{part}/{file}": self._trace_now,
                f"/globe_history/{_DAY}/traces/{{part}}/{{file}}": self._trace_of_day,
                f"/globe_history/{_DAY}/heatmap/{{file}}": self._half_hour,
            }
        return out

    async def _outline_json(self, request: web.Request) -> web.Response:
        self._told.air()
        return json_answer(request, {"actualRange": {"last24h": {"points": self._outline.points()}}})

    async def _trace_now(self, request: web.Request) -> web.Response:
        now = self._told.air().now
        kind, icao = _asked(request)
        # ten seconds more: positions of the second that is being stored
        return await self._answer(request, icao, now - (DAY_S if kind == "full" else RECENT_S), now + 10.0)

    async def _trace_of_day(self, request: web.Request) -> web.Response:
        _, icao = _asked(request)
        start_s = _midnight(request)
        return await self._answer(request, icao, start_s, start_s + DAY_S - 0.001)

    async def _answer(self, request: web.Request, icao: str, start_s: float, end_s: float) -> web.Response:
        assert self._days is not None
        made = await self._work.do(_trace, self._days, icao, start_s, end_s, takes_gzip(request))
        if made is None:
            raise web.HTTPNotFound(text="not heard then\n")
        return json_bytes_answer(*made)

    async def _half_hour(self, request: web.Request) -> web.Response:
        assert self._days is not None
        number = int(_HEAT.fullmatch(matching(request, "file", _HEAT))[1])  # type: ignore[index]
        if number > 47:
            raise web.HTTPNotFound(text="a day has 48 half-hours\n")
        start_s = _midnight(request) + number * traces.HALF_HOUR_S
        body = await self._work.do(_heat, self._days, start_s)
        if body is None:
            raise web.HTTPNotFound(text="nothing was heard then\n")
        headers = {"Content-Type": "application/octet-stream", "Vary": "Accept-Encoding"}
        if takes_gzip(request):
            return web.Response(body=body, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=await self._work.do(gzip.decompress, body), headers=headers)


def _asked(request: web.Request) -> tuple[str, str]:
    found = _FILE.fullmatch(matching(request, "file", _FILE))
    assert found is not None
    if request.match_info["part"] != found[2][-2:]:
        raise web.HTTPNotFound(text="no such file\n")
    return found[1], found[2]


def _midnight(request: web.Request) -> float:
    try:
        return datetime(*(int(request.match_info[part]) for part in ("year", "month", "day")), tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
    except ValueError:
        raise web.HTTPNotFound(text="no such day\n") from None


def _trace(days: Days, icao: str, start_s: float, end_s: float, gzipped: bool) -> tuple[bytes, bool] | None:
    points = days.tracks(start_s, end_s, icao=icao).get(icao, [])
    identities = [row for _, row in days.identities_by_address(start_s, end_s, icao)]
    found = traces.trace(icao, points, identities)
    return None if found is None else packed_json(found, gzipped)


def _heat(days: Days, start_s: float) -> bytes | None:
    """A half-hour, compressed; None when there was nothing."""
    end_s = start_s + traces.HALF_HOUR_S
    tracks = days.tracks(start_s - traces.STALE_S, end_s, limit=MOST_POINTS)
    if not tracks:
        return None
    identities = dict(days.identities_by_address(start_s - start_s % DAY_S, end_s))
    return gzip.compress(traces.half_hour(start_s, tracks, identities), 4, mtime=0)
