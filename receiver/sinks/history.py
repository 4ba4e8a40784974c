"""Remembers tracks on disk: what is worth a row is chosen once a second, written every so often."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from collections.abc import Mapping
from typing import Any

from config.history import HistorySettings
from receiver.earth import METRES_PER_DEG, METRES_PER_NMI, wrap_deg
from receiver.history.day_file import IdentityRow, PositionRow, aircraft_number, day_of
from receiver.history.store import HistoryStore
from receiver.sinks import Air, Sink
from receiver.tracking.sighting import Sighting

log = logging.getLogger(__name__)

AT_LEAST_EVERY_S = 60.0  # also when it has not moved: so it is seen to have been there
CLIMB_FT = 100  # so much is a reason for a row, too
STRAIGHT_S = 15.0  # on a straight way a row is kept so often: whatever lies between is on the line, to `step_m`
ROWS_MOST = 200_000  # that wait, when the disk does not take them
PRUNE_EVERY_S = 900.0
YOUNG_MOST = 50_000
TRUSTED_AFTER_S = 3600.0  # a clock that has run so long without being set, and that the kernel does not doubt


class HistorySink(Sink):
    """Commits by the signal's clock, off the loop."""

    name = "history"

    def __init__(self, settings: HistorySettings) -> None:
        self.settings = settings
        self._store = HistoryStore(settings.directory(), settings.max_age_days, settings.max_size_mb * 1_000_000)
        self._positions: list[PositionRow] = []
        self._identities: list[IdentityRow] = []
        self._last: dict[str, PositionRow] = {}
        self._said: dict[str, tuple[Any, ...]] = {}
        self._next_s = -math.inf
        self._last_s = -math.inf
        self._even_since_s: float | None = None  # since when the clock has run without being set
        self._today: int | None = None  # by a clock that can be trusted
        self._prune_s = -math.inf
        self._prunes = False
        self._young: list[tuple[int, int]] = []  # keys on disk of the first hour, while the clock may turn out wrong
        self._redates_ms = 0
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._complained = False
        self.rows_written = self.rows_dropped = self.failures = 0

    async def run(self) -> None:
        if not self.settings.enabled:
            await super().run()
            return
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._commit()

    async def finish(self) -> None:
        if self.settings.enabled:
            await self._commit()
            async with self._lock:
                await asyncio.to_thread(self._store.close)

    def second(self, air: Air) -> None:
        if not self.settings.enabled:
            return
        now = air.now
        if now < self._last_s:
            self._next_s = self._prune_s = -math.inf
        self._last_s = now
        self._look_at_clock(air)
        for icao, sighting in air.sightings.items():
            self._note(sighting, air.objects.get(icao))
        if now >= self._next_s:
            self._next_s = now + self.settings.commit_s
            self._wake.set()
        self._keep_bounded()

    def clock_set(self, by_s: float) -> None:
        by_ms = round(by_s * 1000)
        self._even_since_s = None
        self._redates_ms += by_ms
        self._next_s = self._prune_s = -math.inf
        self._positions = [row._replace(time_ms=row.time_ms + by_ms) for row in self._positions]
        self._identities = [row._replace(time_ms=row.time_ms + by_ms) for row in self._identities]
        self._last = {icao: row._replace(time_ms=row.time_ms + by_ms) for icao, row in self._last.items()}

    def _look_at_clock(self, air: Air) -> None:
        """Nothing is deleted on the word of a clock that may be wrong: of a recording, never set, or set just now."""
        if self._even_since_s is None:
            self._even_since_s = air.now
        clock = air.statistics.get("clock")
        trusted = (
            clock is not None
            and clock.get("synchronised") is not False
            and air.now - self._even_since_s >= TRUSTED_AFTER_S
        )
        self._today = day_of(round(air.now * 1000)) if trusted else None
        if air.now - self._even_since_s >= TRUSTED_AFTER_S:
            self._young.clear()
        if air.now >= self._prune_s:
            self._prune_s = air.now + PRUNE_EVERY_S
            self._prunes = True

    def departed(self, sighting: Sighting) -> None:
        self._last.pop(sighting.icao, None)
        self._said.pop(sighting.icao, None)

    def statistics(self) -> dict[str, float]:
        if not self.settings.enabled:
            return {}
        return {
            "rows_written_total": self.rows_written,
            "rows_dropped_total": self.rows_dropped,
            "rows_waiting": len(self._positions),
            "write_failures_total": self.failures,
        }

    def _note(self, sighting: Sighting, known: Mapping[str, Any] | None) -> None:
        """Keep the position when it tells something new, and who it is when that has changed or the day has."""
        value = sighting.value_of("latitude_deg")
        if value is None or not sighting.confirmed:
            return
        before = self._last.get(sighting.icao)
        time_ms = round(value.time_s * 1000)
        if before is not None and abs(time_ms - before.time_ms) < self.settings.step_s * 1000:
            return
        row = _row(sighting, time_ms)
        if before is None or self._tells(row, before):
            self._positions.append(row)
            self._last[sighting.icao] = row
            identity = _identity(sighting, known or {}, time_ms)
            if self._said.get(sighting.icao) != (day_of(time_ms), *identity[2:]):
                self._said[sighting.icao] = (day_of(time_ms), *identity[2:])
                self._identities.append(identity)

    def _tells(self, row: PositionRow, before: PositionRow) -> bool:
        """Whether it has moved, and if so, otherwise than the row before has said that it would."""
        seconds = (row.time_ms - before.time_ms) / 1000.0
        if abs(seconds) >= AT_LEAST_EVERY_S or row.on_ground != before.on_ground:
            return True
        north_m = (row.latitude_e6 - before.latitude_e6) * 1e-6 * METRES_PER_DEG
        shrink = math.cos(math.radians(row.latitude_e6 * 1e-6))
        east_m = wrap_deg((row.longitude_e6 - before.longitude_e6) * 1e-6) * METRES_PER_DEG * shrink
        climb_ft = 0
        if row.altitude_baro_ft is not None and before.altitude_baro_ft is not None:
            climb_ft = row.altitude_baro_ft - before.altitude_baro_ft
        step_m = self.settings.step_m
        if abs(climb_ft) < CLIMB_FT and math.hypot(north_m, east_m) <= step_m:
            return False
        if before.ground_speed_dkt is None or before.track_ddeg is None or abs(seconds) >= STRAIGHT_S:
            return True
        way_m = before.ground_speed_dkt / 10.0 * METRES_PER_NMI / 3600.0 * seconds
        turn = math.radians(before.track_ddeg / 10.0)
        off_m = math.hypot(north_m - way_m * math.cos(turn), east_m - way_m * math.sin(turn))
        off_ft = climb_ft - (before.vertical_rate_fpm or 0) / 60.0 * seconds
        return off_m > step_m or abs(off_ft) >= CLIMB_FT

    def _keep_bounded(self) -> None:
        excess = len(self._positions) - ROWS_MOST
        if excess > 0:
            del self._positions[:excess]
            self.rows_dropped += excess
        del self._identities[: max(0, len(self._identities) - ROWS_MOST)]

    async def _redate(self) -> None:
        """Rows that were written by a clock that has been set since get the right time."""
        by_ms, self._redates_ms = self._redates_ms, 0
        if not by_ms or not self._young:
            return
        keys = list(dict.fromkeys(self._young))
        try:
            moved = await asyncio.to_thread(self._store.redate, keys, by_ms)
        except (OSError, sqlite3.Error) as error:
            log.warning(
                'History rows keep the time from before the clock was set: rows=%d reason="%s"', len(keys), error
            )
            self._young.clear()
            return
        self._young = [(time_ms + by_ms, aircraft) for time_ms, aircraft in keys]
        log.info("History rows were moved with the clock: rows=%d", moved)

    async def _commit(self) -> None:
        async with self._lock:
            await self._redate()
            positions, identities = self._positions, self._identities
            if not positions:
                return
            self._positions, self._identities = [], []
            try:
                if await asyncio.to_thread(lambda: self._store.is_full):
                    raise OSError(f"today's file is larger than history.max_size_mb = {self.settings.max_size_mb}")
                await asyncio.to_thread(self._store.append, positions, identities)
            except (OSError, sqlite3.Error) as error:
                self.failures += 1
                if not self._complained:
                    self._complained = True
                    log.warning('History cannot be written; retrying: dir=%s reason="%s"', self._store.directory, error)
                self._positions[:0], self._identities[:0] = positions, identities
                self._keep_bounded()
                return
            self.rows_written += len(positions)
            if len(self._young) < YOUNG_MOST:
                self._young += [(row.time_ms, row.aircraft) for row in positions]
                self._young += [(row.time_ms, row.aircraft) for row in identities]
            if self._prunes:
                self._prunes = False
                await asyncio.to_thread(self._store.prune, self._today)
            if self._complained:
                self._complained = False
                log.info("History is written again: dir=%s", self._store.directory)


def _row(sighting: Sighting, time_ms: int) -> PositionRow:
    speed, track = sighting.ground_speed_kt, sighting.track_deg
    rate = sighting.vertical_rate_baro_fpm
    return PositionRow(
        time_ms,
        aircraft_number(sighting.icao),
        round((sighting.latitude_deg or 0.0) * 1e6),
        round((sighting.longitude_deg or 0.0) * 1e6),
        sighting.altitude_baro_ft,
        sighting.altitude_geom_ft,
        None if speed is None else round(speed * 10),
        None if track is None else round(track * 10) % 3600,
        rate if rate is not None else sighting.vertical_rate_geom_fpm,
        int(bool(sighting.on_ground)),
    )


def _identity(sighting: Sighting, known: Mapping[str, Any], time_ms: int) -> IdentityRow:
    return IdentityRow(
        time_ms,
        aircraft_number(sighting.icao),
        sighting.address_type.value,
        sighting.callsign,
        sighting.squawk,
        sighting.category,
        sighting.emergency,
        known.get("r"),
        known.get("t"),
    )
