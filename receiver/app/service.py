"""The service: everything put together, run until its source ends or it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.settings import Settings
from receiver import __version__
from receiver.app.building import build_sinks, build_watch
from receiver.app.desk import AlertDesk
from receiver.app.process import systemd_notify, warn_of_folders
from receiver.app.signal import Signal
from receiver.app.supervisor import Supervisor
from receiver.app.turns import LoopGap, in_pieces
from receiver.atlas import Atlas
from receiver.errors import SquitterError
from receiver.outbox import Outbox
from receiver.pipeline.hub import Hub
from receiver.registry import Registry
from receiver.registry.refresh import keep_fresh
from receiver.sinks import Sink
from receiver.sinks.alert_log import Store, recall
from receiver.sinks.mqtt.embedded import embedded_broker
from receiver.sources.frames.network import NetworkListener
from receiver.tracking import Station, Tracker, TrackingLimits
from receiver.watch.state_file import StateFile
from receiver.web.server import WebSink

log = logging.getLogger(__name__)

FINISH_S = 10.0  # sinks have so long to hand over what is pending when the source has ended by itself
STOP_S = 7.0  # from the order to stop to the end of it all; service managers and docker kill after ten
LISTEN_S = 1.2  # of these, for the source to end …
TELL_S = 0.7  # … for alerts to become durable …
HAND_OVER_S = 3.3  # … for sinks to hand over …
PARTING_S = 1.7  # … and to part: from the broker, for instance
SAVE_S = 0.5
SAVE_EVERY_S = 600.0  # besides at every alert
PAST_ALERTS = 50  # that the map still knows after a restart


class OutboxClock(Sink):
    """Tells the outbox when the clock is set."""

    name = "outbox"

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def clock_set(self, by_s: float) -> None:
        """What waits is as old as it was."""
        self._outbox.clock_set(by_s)

    def statistics(self) -> dict[str, float]:
        """Whether the disk takes what must not be lost."""
        return {"disk_errors_total": float(self._outbox.disk_errors)}


@dataclass(slots=True)
class Service:
    """Everything that runs, put together.

    Attributes
    ----------
    extra_sinks
        Are told after those of the settings.
    own_broker
        Serve MQTT ourselves; see `settings_with_broker`.
    """

    settings: Settings
    signal: Signal
    extra_sinks: Sequence[Sink] = ()
    own_broker: bool = False
    hub: Hub = field(init=False)
    registry: Registry = field(init=False)
    atlas: Atlas = field(init=False)
    _state: StateFile | None = field(init=False, default=None)
    outbox: Outbox = field(init=False)
    _desk: AlertDesk = field(init=False)
    _stop: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _stop_by_s: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        settings = self.settings
        station = settings.station
        self.registry = Registry(settings.registry.database.expanduser())
        self.atlas = Atlas(settings.web.map_file)
        # no decision is taken at the antenna's exact place: twenty tracks that end at a circle round it give it away
        location = station.working_location()
        place = None if location is None else Station(*location, station.ground_location())
        limits = TrackingLimits(
            departed_after_s=settings.tracking.departed_after_s,
            max_range_nmi=settings.tracking.max_range_nmi,
            max_aircraft=settings.tracking.max_aircraft,
        )
        if self.signal.live and settings.watch.enabled:
            self._state = StateFile(settings.watch.state_file.expanduser())
        live = self.signal.live
        self.outbox = Outbox(settings.outbox.file if live else None, int(settings.outbox.max_size_mb * 1_000_000))
        self.hub = Hub(
            Tracker(place, limits),
            build_watch(settings, self._state, self.registry, self.atlas),
            self.registry,
            self.atlas,
            on_alert=lambda alert: self._desk.take(alert),
            about=self.signal.about,
            locator=self.signal.locator,
        )
        self._desk = AlertDesk(self.hub, self.outbox, self.atlas, settings.watch, self._state, self.signal.save)
        self.hub.attach([*build_sinks(settings, self), OutboxClock(self.outbox), *self.extra_sinks])

    def describe(self) -> dict[str, Any]:
        """The payload of the `station` topic; the location is as exact as the owner allows."""
        station = self.settings.station
        out: dict[str, Any] = {"name": station.name, "version": __version__, "source": self.signal.kind}
        reception = self.hub.reception
        if reception is not None and reception.sample_rate_hz is not None:
            out["sample_rate_hz"] = round(reception.sample_rate_hz)
        if reception is not None and reception.gain_db is not None:
            out["gain_db"] = reception.gain_db
        location = station.published_location()
        if location is not None:
            out["lat"], out["lon"] = location
        return out

    def open_alerts(self) -> list[str]:
        """Ids of the alerts that are not over."""
        return [] if self.hub.watch is None else [alert.id for alert in self.hub.watch.open_alerts()]

    @property
    def told_to_stop(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End soon: the source is closed, sinks hand over what they have."""
        if not self._stop.is_set():
            log.info("Shutting down")
            self._stop_by_s = asyncio.get_running_loop().time() + STOP_S
        self._stop.set()
        self.signal.close()

    async def run(self) -> None:
        """Run until the source has ended or `stop` is called, then hand over what is pending, whatever has happened.

        Raises
        ------
        SquitterError
            A part cannot start at all.
        Exception
            What the source raises.
        """
        told = ", ".join(sink.name for sink in self.hub.sinks) or "nobody"
        log.info("Squitter %s started: station=%s source=%s outputs=%s", __version__, self.settings.station.name,
                 self.signal.kind, told)  # fmt: skip
        if self.signal.live:  # what a replay writes is looked at by who has started it
            await asyncio.to_thread(warn_of_folders, self.settings)
        await asyncio.to_thread(self.atlas.warm)  # or the first position would hold the loop up while it is read
        await self._recall_alerts()
        await self.outbox.open()
        self.outbox.forget_strangers()
        supervisor = Supervisor()
        self.hub.restarts = supervisor.restarts
        failure: Exception | None = None
        async with self._broker():
            for sink in self.hub.sinks:
                supervisor.start(sink.name, sink.run)
            supervisor.start("desk", self._desk.run)
            supervisor.start("cards", self._desk.run_cards)
            supervisor.start("outbox", self.outbox.run)
            listener = NetworkListener(self.settings.network, self.signal.clock)
            if listener.enabled and self.signal.live:  # what is heard now has no place in a recording's time
                self.hub.beside = listener.health
                supervisor.start("network", lambda: self._take_in(listener))
            if self.signal.live and self.settings.registry.update == "weekly":
                supervisor.start("aircraft lists", lambda: keep_fresh(self.settings.registry))
            systemd_notify("READY=1")
            ended = False
            try:
                ended = await self._listen_until_stopped(supervisor.refused)
            except Exception as error:  # noqa: BLE001 - raised again when everything has been handed over
                failure = error
                log.error('The source failed; finishing pending output: source=%s reason="%r"', self.signal.kind, error)
            systemd_notify("STOPPING=1")
            await self._finish(ended)
            await supervisor.stop(self._left_s(PARTING_S))
        await self._within(self.outbox.close(), SAVE_S, "outbox")
        if self._state is not None:
            await self._within(asyncio.to_thread(self._state.close), SAVE_S, "the watch's state")
        if failure is not None:
            raise failure

    def _left_s(self, most_s: float) -> float:
        """Seconds that something may take now: so many, but within the stop's budget once we were told to stop."""
        if self._stop_by_s is None:
            return most_s
        return max(0.05, min(most_s, self._stop_by_s - asyncio.get_running_loop().time()))

    async def _within(self, work: Awaitable[object], most_s: float, what: str) -> None:
        """Await something as long as there is time for it."""
        limit_s = self._left_s(most_s)
        try:
            async with asyncio.timeout(limit_s):
                await work
        except TimeoutError:
            log.warning("Pending output was not finished in time: output=%s limit_s=%.1f", what, limit_s)
        except Exception:  # the others have something to hand over, too
            log.exception("An output failed while finishing: output=%s", what)

    async def _recall_alerts(self) -> None:
        """The map shows the latest alerts of before a restart, too: an address that leads to one goes on to do so."""
        maps = [sink for sink in self.hub.sinks if isinstance(sink, WebSink)]
        if not (maps and self.signal.live and self.settings.alerts.enabled):
            return
        store = Store(self.settings.alerts.dir.expanduser())
        try:
            past, damaged = await asyncio.to_thread(recall, store, PAST_ALERTS, self.open_alerts())
        except OSError as error:
            log.warning(
                'The alert log cannot be read; the map shows no earlier alerts: dir=%s reason="%s"',
                store.folder,
                error.strerror,
            )
            return
        if damaged:
            log.warning(
                "%d of the latest alerts cannot be read; the map does not show them: dir=%s", damaged, store.folder
            )
        for sink in maps:
            for alert in past:
                sink.remember(alert.payload, alert.trail, alert.picture)

    def _broker(self) -> contextlib.AbstractAsyncContextManager[object]:
        """A broker of our own, if one is wanted."""
        return embedded_broker(self.settings.mqtt.port) if self.own_broker else contextlib.nullcontext()

    async def _listen_until_stopped(self, refused: asyncio.Future[SquitterError]) -> bool:
        """As `_listen`, but no longer than `LISTEN_S` after `stop`: compiling, for instance, takes minutes on a small
        machine, and a service manager does not wait that long. Raises what a part refuses to start with."""
        listening = asyncio.create_task(self._listen(), name="listening")
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait((listening, stopped, refused), return_when=asyncio.FIRST_COMPLETED)
            if refused.done():
                raise refused.result()
            if not listening.done():
                await asyncio.wait((listening,), timeout=LISTEN_S)
            if listening.done():
                return listening.result()
            return False
        finally:
            stopped.cancel()
            if not listening.done():
                self.signal.close()
                listening.cancel()
                await asyncio.wait((listening,), timeout=LISTEN_S)

    async def _listen(self) -> bool:
        """Hear until the source ends (True) or we are told to stop (False)."""
        hub, gap = self.hub, LoopGap(asyncio.get_running_loop())
        saved_s = hub.now
        async with contextlib.aclosing(self.signal.heard()) as pieces:
            async for heard in pieces:
                if self._stop.is_set():
                    break
                await in_pieces(hub.steps(heard))
                hub.loop_gap = gap.longest()
                for note in heard.notes:
                    log.info("%s", note)
                if hub.now - saved_s >= SAVE_EVERY_S:
                    saved_s = hub.now
                    self._desk.save_state()
                systemd_notify("WATCHDOG=1")
                await asyncio.sleep(0)  # the sinks' turn
        hub.publish_now()
        return not self._stop.is_set()

    async def _take_in(self, listener: NetworkListener) -> None:
        """Frames that others send to our ports, beside the source."""
        async for frames in listener.frames():
            await in_pieces(self.hub.steps_beside(frames, frames[-1].time_s))
            await asyncio.sleep(0)  # the source's turn

    async def _finish(self, ended: bool) -> None:
        """Hand over what is pending; after the end of a recording, also the silence that follows it."""
        await self._hand_over()
        if ended and not self.signal.live:
            self.hub.wind_down()
            await self._hand_over()

    async def _hand_over(self) -> None:
        await self._within(self._desk.finish(), FINISH_S if self._stop_by_s is None else TELL_S, "alerts")
        parts: list[tuple[Awaitable[object], str]] = [(sink.finish(), sink.name) for sink in self.hub.sinks]
        if self.signal.finish is not None:
            parts.append((asyncio.to_thread(self.signal.finish, self._left_s(HAND_OVER_S) / 2), "recording"))
        most_s = FINISH_S if self._stop_by_s is None else HAND_OVER_S
        await asyncio.gather(*(self._within(work, most_s, what) for work, what in parts))
