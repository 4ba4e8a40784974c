"""The alerts, their pictures and tracks."""

from __future__ import annotations

import re

from aiohttp import web

from receiver.web.alerts import Alerts
from receiver.web.answers import json_answer, matching
from receiver.web.routes import Routes

ALERT_ID = re.compile(r"[A-Za-z0-9_-]{1,160}")


class AlertRoutes:
    """`/api/alerts…`."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {
            "/api/alerts": self._list,
            "/api/alerts/{id}/picture": self._picture,
            "/api/alerts/{id}/track": self._track,
        }

    async def _list(self, request: web.Request) -> web.Response:
        return json_answer(request, self._alerts.told())

    async def _picture(self, request: web.Request) -> web.Response:
        picture = self._alerts.picture(matching(request, "id", ALERT_ID))
        if picture is None:
            raise web.HTTPNotFound(text="no such picture\n")
        return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    async def _track(self, request: web.Request) -> web.Response:
        track = self._alerts.track(matching(request, "id", ALERT_ID))
        if track is None:
            raise web.HTTPNotFound(text="no such track\n")
        return json_answer(request, track)
