"""Prometheus metrics in a file, for node_exporter's textfile collector."""

from __future__ import annotations

import asyncio
from pathlib import Path

from config.metrics import MetricsSettings
from config.station import StationSettings
from receiver import __version__
from receiver.process_numbers import process_numbers
from receiver.sinks import Air, Sink
from receiver.sinks.atomic_file import AtomicFiles
from receiver.views.discretion import Discretion
from receiver.views.metrics import prometheus_text


class MetricsFileSink(Sink):
    """Replaces the file every so often by the signal's clock, off the loop."""

    name = "metrics_file"

    def __init__(self, settings: MetricsSettings, station: StationSettings) -> None:
        self.settings = settings
        self._discretion = Discretion(station)
        self.path = None if settings.textfile is None else Path(settings.textfile).expanduser()
        self._files = AtomicFiles()
        self._newest: Air | None = None
        self._wake = asyncio.Event()
        self._next_s = -1.0
        self._last_s = 0.0
        self.written = 0

    async def run(self) -> None:
        if self.path is None:
            await super().run()
            return
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._write_newest(self.path)

    async def finish(self) -> None:
        if self.path is not None:
            await self._write_newest(self.path)

    def second(self, air: Air) -> None:
        if self.path is None:
            return
        self._newest = air
        if air.now >= self._next_s or air.now < self._last_s:
            self._next_s = air.now + self.settings.interval_s
            self._wake.set()
        self._last_s = air.now

    def statistics(self) -> dict[str, float]:
        if self.path is None:
            return {}
        return {"files_written_total": self.written, "write_failures_total": self._files.failures}

    async def _write_newest(self, path: Path) -> None:
        air, self._newest = self._newest, None
        if air is not None:
            text = await asyncio.to_thread(_text, self._discretion.air(air))
            self.written += await asyncio.to_thread(self._files.write, path, text.encode())


def _text(air: Air) -> str:
    return prometheus_text(air, process=process_numbers(), version=__version__)
