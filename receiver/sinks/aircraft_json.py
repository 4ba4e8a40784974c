"""Files in a directory, as tar1090 expects them: aircraft.json, receiver.json, stats.json, history_N.json."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

from config.json_files import JsonFilesSettings
from config.station import StationSettings
from receiver import __version__
from receiver.errors import SquitterError
from receiver.sinks import Air, Sink
from receiver.sinks.atomic_file import AtomicFiles
from receiver.views.aircraft_json import HistoryRing, aircraft_json, json_bytes, receiver_json
from receiver.views.discretion import Discretion
from receiver.views.stats_json import StatsWindows

log = logging.getLogger(__name__)

STATS_EVERY_S = 10.0
FINISH_S = 5.0


class AircraftJsonSink(Sink):
    """Writes off the loop; when the disk is slower than the aircraft, only the newest picture is written.

    The directory is created when it is not there. Files of other programs in it are left alone; history files beyond
    those that are valid are removed at the start.
    """

    name = "json_files"

    def __init__(self, settings: JsonFilesSettings, station: StationSettings) -> None:
        self.settings = settings
        self.directory = None if settings.dir is None else Path(settings.dir).expanduser()
        self._discretion = Discretion(station)
        self._files = AtomicFiles()
        self._windows = StatsWindows()
        self._due: dict[str, bytes] = {}
        self._newest: Air | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._next_s = self._next_stats_s = -1.0
        self._last_s: float | None = None
        self._history = HistoryRing(settings.history_files, settings.history_interval_s)
        self.written = 0

    async def run(self) -> None:
        if self.directory is None:
            await super().run()
            return
        await asyncio.to_thread(self._prepare, self.directory)
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._idle.clear()
            due, self._due = self._due, {}
            try:
                await asyncio.to_thread(self._write, self.directory, due)
            finally:
                if not self._due:
                    self._idle.set()

    async def finish(self) -> None:
        if self._newest is not None:
            # the last moment belongs into the files, however soon it came after the one before
            self._due["aircraft.json"] = json_bytes(aircraft_json(self._newest))
            self._due["stats.json"] = json_bytes(self._windows.object())
            self._newest = None
            self._wake.set()
        if self._due:
            self._idle.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await self._idle.wait()

    def second(self, air: Air) -> None:
        if self.directory is None:
            return
        air = self._discretion.air(air)
        now = air.now
        if self._last_s is not None and now < self._last_s:
            self._next_s = self._next_stats_s = now
        self._last_s = now
        self._windows.add(air)
        self._newest = air
        if now < self._next_s:
            return
        self._next_s = now + self.settings.interval_s - 0.01
        aircraft = json_bytes(aircraft_json(air))
        number = self._history.due(now)
        if number is not None:
            # the file before the count that promises it
            self._due[f"history_{number}.json"] = aircraft
        if number is not None or now >= self._next_stats_s:
            self._tell_receiver()
        if now >= self._next_stats_s:
            self._due["stats.json"] = json_bytes(self._windows.object())
            self._next_stats_s = now + STATS_EVERY_S
        self._due["aircraft.json"] = aircraft
        self._wake.set()

    def _tell_receiver(self) -> None:
        refresh_ms = round(self.settings.interval_s * 1000)
        self._due["receiver.json"] = json_bytes(
            receiver_json(
                version=f"Squitter {__version__}",
                refresh_ms=refresh_ms,
                history=self._history.valid,
                location=self._discretion.location,
            )
        )

    def statistics(self) -> dict[str, float]:
        if self.directory is None:
            return {}
        return {"files_written_total": self.written, "write_failures_total": self._files.failures}

    def _write(self, directory: Path, due: dict[str, bytes]) -> None:
        for name, content in due.items():
            self.written += self._files.write(directory / name, content)

    @staticmethod
    def _prepare(directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            if not os.access(directory, os.W_OK | os.X_OK):
                raise PermissionError(13, "may not be written by this user")
            for left in directory.glob("history_*.json"):
                left.unlink()
        except OSError as error:
            raise SquitterError(
                f"json_files.dir: {directory}: {error.strerror or error}; give a directory that can be written"
            ) from error
