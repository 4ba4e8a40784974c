"""The sink: each state of an alert goes to the disk, with what its aircraft has sent until then."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from config.alerts import AlertLogSettings
from receiver.back_off import BackOff, doubling
from receiver.outbox import Letter, Outbox
from receiver.outbox.box import RANKS
from receiver.sinks import Air, Sink
from receiver.sinks.alert_log.frame_memory import FrameMemory, Stretch, unpack
from receiver.sinks.alert_log.mending import mend
from receiver.sinks.alert_log.store import Store
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

BOX = "alert log"
FORGET_EVERY_S = 60.0
RETRY_S = (0.5, 60.0)
ATTEMPTS = 3  # at a letter that fails for another reason than the disk


class Told(Protocol):
    """What this sink reads of an alert."""

    id: str
    state: str
    severity: str
    icao: str
    sighting: Any
    updated_s: float
    trail: Sequence[Sequence[Any]]

    def payload(self) -> dict[str, Any]:
        """As JSON has it."""


class AlertLog(Sink):
    """Keeps past alerts.

    Parameters
    ----------
    context
        What a replay needs to come to the same alert: `rules` (as JSON), `language`, `time_zone`, and whatever else is
        worth knowing later (`software`, `picture_theme`).
    outbox
        Where states wait for the disk; left out, in memory only.
    """

    name = "alerts"

    def __init__(self, settings: AlertLogSettings, context: Mapping[str, Any], outbox: Outbox | None = None) -> None:
        self._context = dict(context)
        self._store = Store(settings.dir.expanduser(), settings.keep, settings.max_size_mb * 1_000_000)
        self._memory = FrameMemory(settings.frames_memory_mb * 1_000_000) if settings.frames else None
        self._told: dict[str, Stretch] = {}  # what an open alert's last state has taken up
        self._box = (outbox if outbox is not None else Outbox()).box(BOX)
        self._idle = asyncio.Event()
        self._idle.set()
        self._forgot_s = 0.0
        self._failures = 0
        self._written = 0
        self._back_off = BackOff(doubling(*RETRY_S))

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
        sighting = alert.sighting
        state = {
            "payload": alert.payload(),
            "callsign": sighting.callsign if sighting is not None else None,
            "category": sighting.category if sighting is not None else None,
        }
        trail = [
            [point[0], point[1], point[2], None if math.isnan(point[3]) else point[3], bool(point[4])]
            for point in alert.trail
        ]
        rank = RANKS.get(alert.severity, RANKS["critical"])
        self._box.add(_body(state, trail), rank, made_s=alert.updated_s, key=alert.id, extra=self._stretch(alert))
        if picture is not None:
            self.picture(alert, picture)
        self._idle.clear()

    def picture(self, alert: Told, picture: bytes) -> None:
        """Take its card."""
        self._box.add(b"", 1, key=alert.id, extra=picture)
        self._idle.clear()

    def wants_picture(self, alert: Told) -> bool:
        """Each alert's card is kept."""
        return True

    def _stretch(self, alert: Told) -> Stretch | None:
        """What its aircraft has sent since the state before; it is held until the alert has ended and is written."""
        if self._memory is None or not alert.icao:
            return None
        address = int(alert.icao.lstrip("~"), 16)
        before = self._told.get(alert.id)
        if before is None:
            self._memory.pin(address)
        stretch = self._memory.since(address, before)
        if before is None and alert.state != "raised":  # it was raised by an earlier run, which heard what we have not
            stretch = Stretch(address, stretch.number, stretch.begin, stretch.end, False)
        self._told[alert.id] = stretch
        return stretch

    def statistics(self) -> dict[str, float]:
        """Bytes of frames in memory, states written, failed, waiting and dropped."""
        used = 0 if self._memory is None else self._memory.used
        return {
            "alert_log_frames_bytes": float(used),
            "alert_log_written_total": float(self._written),
            "alert_log_failures_total": float(self._failures),
            "alert_log_waiting": float(len(self._box)),
            "alert_log_dropped_total": float(self._box.dropped),
        }

    async def run(self) -> None:
        """Write until cancelled."""
        self._idle.clear()  # letters of an earlier run may wait, which a stop during the mending must not pass over
        await asyncio.to_thread(self._mend)
        while True:
            self._box.news.clear()
            (letter,) = self._box.oldest(1) or (None,)
            if letter is None:
                self._idle.set()
                await self._box.news.wait()
                continue
            self._idle.clear()
            if not await self._write(letter):
                await asyncio.sleep(self._back_off.failed())

    async def finish(self) -> None:
        """Everything is on disk; who does not want to wait so long cancels it, and the next run goes on with the rest."""
        await self._idle.wait()

    async def _write(self, letter: Letter) -> bool:
        try:
            await asyncio.to_thread(self._add, letter, *self._frames_of(letter))
        except OSError as error:
            self._failures += 1
            if self._back_off.failures == 0:
                log.warning(
                    'The alert log cannot be written; retrying: dir=%s reason="%s"', self._store.folder, error.strerror
                )
            return False
        except Exception as error:  # it must not keep the others from the disk
            letter.attempts += 1
            self._failures += 1
            if letter.attempts < ATTEMPTS:
                return False
            log.exception("An alert state cannot be written and is skipped: dir=%s alert=%s reason=\"%r\"", self._store.folder,
                          letter.key, error)  # fmt: skip
        else:
            if self._back_off.failures:
                log.info("The alert log is written again: dir=%s", self._store.folder)
                self._back_off.succeeded()
            self._written += bool(letter.body)
        self._box.done([letter])
        self._let_go(letter)
        return True

    def _mend(self) -> None:
        """Once a start: what is damaged is put aside and named."""
        try:
            for what in mend(self._store.alerts()):
                log.warning("The alert log was damaged; what cannot be read is put aside: file=%s", what)
        except OSError as error:
            log.warning(
                'The alert log cannot be looked through: dir=%s reason="%s"', self._store.folder, error.strerror
            )

    def _frames_of(self, letter: Letter) -> tuple[bytes, float, bool]:
        if self._memory is None or not isinstance(letter.extra, Stretch):
            return b"", 0.0, False
        data, whole = self._memory.read(letter.extra)
        return data, self._memory.moved_s, whole

    def _let_go(self, letter: Letter) -> None:
        """An alert that has ended and is written needs no frames any more."""
        stretch = self._told.get(letter.key)
        if stretch is None or letter.extra is not stretch or b'"state":"ended"' not in _unpacked(letter.body):
            return
        del self._told[letter.key]
        if self._memory is not None:
            self._memory.unpin(stretch.address)

    def _add(self, letter: Letter, frames: bytes, moved_s: float, whole: bool) -> None:
        if not letter.body:
            if isinstance(letter.extra, bytes):  # else the process that had drawn it is gone
                self._store.add_picture(letter.key, letter.extra)
            return
        try:
            told = json.loads(_unpacked(letter.body))
            state, trail = dict(told["state"]), list(told["trail"])
        except (ValueError, KeyError, TypeError):
            log.warning(
                "A saved alert state is damaged and is skipped: dir=%s alert=%s", self._store.folder, letter.key
            )
            return
        state["frames_whole"] = whole
        self._store.add(letter.key, state, self._context, trail, None, unpack(frames, moved_s))
        if state["payload"]["state"] == "raised":
            self._store.tidy()


def _body(state: Mapping[str, Any], trail: Sequence[Any]) -> bytes:
    """As it waits: a trail of a thousand points is a third when it is packed."""
    text = json.dumps({"state": state, "trail": trail}, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 1)


def _unpacked(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return b""
