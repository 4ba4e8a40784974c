"""How the service is: for a container's health check, for Prometheus, and for the page's plots."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from receiver import __version__
from receiver.views.metrics import CONTENT_TYPE, prometheus_text
from receiver.web.answers import json_answer
from receiver.web.health import Health
from receiver.web.outline import Outline
from receiver.web.routes import Routes
from receiver.web.told import Told

SILENT_S = 120.0  # without a second of signal for so long, /healthz says so


class HealthRoutes:
    """`/healthz`, `/metrics`, `/api/health` and `/api/outline`.

    Parameters
    ----------
    numbers
        Makes the statistics of all outputs, by their names.
    """

    def __init__(
        self, told: Told, health: Health, outline: Outline, numbers: Callable[[], Mapping[str, Mapping[str, float]]]
    ) -> None:
        self._told = told
        self._health = health
        self._outline = outline
        self._numbers = numbers
        self._heard_s: float | None = None  # by the loop's clock

    def heard(self) -> None:
        """A second of signal has come."""
        self._heard_s = asyncio.get_running_loop().time()

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {
            "/healthz": self._healthz,
            "/metrics": self._metrics,
            "/api/health": self._rows,
            "/api/outline": self._outline_points,
        }

    async def _healthz(self, _: web.Request) -> web.Response:
        """200 while signal comes, or none has come yet; 503 when it has stopped."""
        silent = 0.0 if self._heard_s is None else asyncio.get_running_loop().time() - self._heard_s
        if silent > SILENT_S:
            return web.Response(status=503, text=f"no signal for {silent:.0f} s\n")
        return web.Response(text="ok\n" if self._heard_s is not None else "starting\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        text = prometheus_text(self._told.air(), self._numbers(), version=__version__)
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    async def _rows(self, request: web.Request) -> web.Response:
        return json_answer(request, self._health.told())

    async def _outline_points(self, request: web.Request) -> web.Response:
        return json_answer(request, self._outline.points())
