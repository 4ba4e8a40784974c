"""The sink: each state of an alert goes to the disk, with what its aircraft has sent until then."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from config.alerts import AlertLogSettings
from receiver.sinks import Air, Sink
from receiver.sinks.alert_log.frame_memory import FrameMemory, unpack
from receiver.sinks.alert_log.store import Store
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

WAITING = 500  # states in memory that the disk has not taken yet
FORGET_EVERY_S = 60.0
FINISH_S = 8.0


class Told(Protocol):
    """What this sink reads of an alert."""

    id: str
    state: str
    icao: str
    sighting: Any
    trail: Sequence[Sequence[Any]]

    def payload(self) -> dict[str, Any]:
        """As JSON has it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    alert_id: str
    state: dict[str, Any]
    trail: list[list[Any]]
    picture: bytes | None
    frames: bytes
    moved_s: float
    whole: bool


class AlertLog(Sink):
    """Keeps past alerts.

    Parameters
    ----------
    context
        What a replay needs to come to the same alert: `rules` (as JSON), `language`, `time_zone`, and whatever else is
        worth knowing later (`software`, `picture_theme`).
    """

    name = "alerts"

    def __init__(self, settings: AlertLogSettings, context: Mapping[str, Any]) -> None:
        self._context = dict(context)
        self._store = Store(settings.dir.expanduser(), settings.keep, settings.max_size_mb * 1_000_000)
        self._memory = FrameMemory(settings.frames_memory_mb * 1_000_000) if settings.frames else None
        self._offsets: dict[str, int] = {}  # how far the frames of an open alert are on disk
        self._entries: deque[_Entry] = deque(maxlen=WAITING)
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._forgot_s = 0.0
        self._failures = 0
        self._written = 0

    def frames(self, frames: Sequence[Frame], now: float) -> None:
        """Remember what is sent."""
        if self._memory is not None:
            add = self._memory.add
            for frame in frames:
                add(frame)

    def second(self, air: Air) -> None:
        """Let go of who is silent."""
        if self._memory is not None and not 0.0 <= air.now - self._forgot_s < FORGET_EVERY_S:
            self._forgot_s = air.now
            self._memory.forget(air.now)

    def clock_set(self, by_s: float) -> None:
        """Frames in memory move along."""
        self._forgot_s += by_s
        if self._memory is not None:
            self._memory.clock_set(by_s)

    def alert(self, alert: Told, picture: bytes | None) -> None:
        """Take a state; the disk is written elsewhere."""
        frames, whole = b"", False
        if self._memory is not None and alert.icao:
            offset = self._offsets.get(alert.id, 0)
            frames, end, whole = self._memory.since(int(alert.icao.lstrip("~"), 16), offset)
            self._offsets[alert.id] = end
        if alert.state == "ended":
            self._offsets.pop(alert.id, None)
        while len(self._offsets) > 1000:
            del self._offsets[next(iter(self._offsets))]
        sighting = alert.sighting
        state = {
            "payload": alert.payload(),
            "callsign": sighting.callsign if sighting is not None else None,
            "category": sighting.category if sighting is not None else None,
            "frames_whole": whole,
        }
        trail = [
            [point[0], point[1], point[2], None if math.isnan(point[3]) else point[3], bool(point[4])]
            for point in alert.trail
        ]
        moved_s = 0.0 if self._memory is None else self._memory.moved_s
        self._entries.append(_Entry(alert.id, state, trail, picture, frames, moved_s, whole))
        self._idle.clear()
        self._news.set()

    def statistics(self) -> dict[str, float]:
        """Bytes of frames in memory, states written and failed."""
        used = 0 if self._memory is None else self._memory.used
        return {
            "alert_log_frames_bytes": float(used),
            "alert_log_written_total": float(self._written),
            "alert_log_failures_total": float(self._failures),
        }

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            while self._entries:
                await asyncio.to_thread(self._write, self._entries[0])
                self._entries.popleft()
            self._idle.set()
            self._news.clear()
            await self._news.wait()

    async def finish(self) -> None:
        """Everything is on disk."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await self._idle.wait()

    def _write(self, entry: _Entry) -> None:
        try:
            self._store.add(
                entry.alert_id,
                entry.state,
                self._context,
                entry.trail,
                entry.picture,
                unpack(entry.frames, entry.moved_s),
            )
            self._written += 1
            if entry.state["payload"]["state"] == "raised":
                self._store.tidy()
        except OSError as error:
            self._failures += 1
            if self._failures == 1:
                log.warning("%s: alerts cannot be written down (%s)", self._store.folder, error.strerror)
