"""The newest air as it may be told: what every route shows has gone through here."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from config.station import StationSettings
from receiver.views.discretion import Discretion
from receiver.views.outlets import Air


class Told:
    """Keeps the newest air, and makes of it what may be told, once for a second and when somebody asks."""

    def __init__(self, station: StationSettings) -> None:
        self.discretion = Discretion(station)
        self.latest: Air | None = None  # as it came
        self._told: Air | None = None

    def take(self, air: Air) -> None:
        """Keep a second."""
        self.latest = air

    def air(self) -> Air:
        """The newest air; 503 while there is none."""
        if self.latest is None:
            raise web.HTTPServiceUnavailable(text="nothing heard yet\n", headers={"Retry-After": "2"})
        if self._told is None or self._told.now != self.latest.now:
            self._told = self.discretion.air(self.latest)
        return self._told

    def without_objects(self, air: Air) -> Air:
        """An air's statistics as they may be told: a whole discretion each second would be for nobody."""
        return replace(air, objects={}, statistics=self.discretion.statistics(air.statistics))
