"""How the service is: for a container's health check, for Prometheus, and for the page's plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from receiver import __version__
from receiver.process_numbers import process_numbers
from receiver.views.metrics import CONTENT_TYPE, prometheus_text
from receiver.web.answers import json_answer
from receiver.web.health import Health
from receiver.web.interference import Interference
from receiver.web.outline import Outline
from receiver.web.radio import SILENT_S, Radio
from receiver.web.routes import Routes
from receiver.web.told import Told


class HealthRoutes:
    """`/healthz`, `/metrics`, `/api/health`, `/api/outline` and `/api/interference`.

    Parameters
    ----------
    numbers
        Makes the statistics of all outputs, by their names.
    """

    def __init__(
        self,
        told: Told,
        health: Health,
        outline: Outline,
        interference: Interference,
        radio: Radio,
        numbers: Callable[[], Mapping[str, Mapping[str, float]]],
    ) -> None:
        self._told = told
        self._health = health
        self._outline = outline
        self._interference = interference
        self._radio = radio
        self._numbers = numbers

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {
            "/healthz": self._healthz,
            "/metrics": self._metrics,
            "/api/health": self._rows,
            "/api/health/months": self._months,
            "/api/outline": self._outline_points,
            "/api/range": self._range,
            "/api/interference": self._disturbed,
        }

    async def _healthz(self, _: web.Request) -> web.Response:
        """200 while signal comes; 503 when none has come for two minutes, also when none has come ever."""
        silent_s = self._radio.silent_s()
        if silent_s > SILENT_S:
            return web.Response(status=503, text=f"no signal for {silent_s:.0f} s\n")
        return web.Response(text="ok\n" if self._radio.heard else "starting\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        text = prometheus_text(self._told.air(), self._numbers(), process_numbers(), version=__version__)
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    async def _rows(self, request: web.Request) -> web.Response:
        return json_answer(request, self._health.told())

    async def _months(self, request: web.Request) -> web.Response:
        return json_answer(request, self._health.told_months())

    async def _range(self, request: web.Request) -> web.Response:
        return json_answer(request, self._outline.polar())

    async def _outline_points(self, request: web.Request) -> web.Response:
        return json_answer(request, self._outline.points())

    async def _disturbed(self, request: web.Request) -> web.Response:
        return json_answer(request, self._interference.told())
