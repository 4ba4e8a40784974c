"""Builds the service out of the settings and runs it until its source ends or it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import tempfile
import zoneinfo
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.folders import existing_part, written_folders
from config.rules import load_rules
from config.settings import Settings
from dsp.effort import Effort
from receiver import __version__
from receiver.atlas import Atlas, Box, base_map
from receiver.errors import SquitterError, UsageError
from receiver.history.reader import HistoryReader
from receiver.pipeline.feeds import network_feed, sample_feed
from receiver.pipeline.heard import Heard
from receiver.pipeline.hub import Hub
from receiver.pipeline.pump import pump
from receiver.registry import Registry
from receiver.sinks import Sink
from receiver.sinks.aircraft_json import AircraftJsonSink
from receiver.sinks.alert_log import AlertLog, Store, recall
from receiver.sinks.history import HistorySink
from receiver.sinks.home_assistant import HomeAssistantSink
from receiver.sinks.metrics_file import MetricsFileSink
from receiver.sinks.mqtt import MqttSink
from receiver.sinks.mqtt.embedded import embedded_broker
from receiver.sinks.network_out import NetworkOutSink
from receiver.sinks.notify import Notify
from receiver.sources.dongle.gain_control import GainControl
from receiver.sources.dongle.hardware import open_hardware
from receiver.sources.files.tap import SampleTap
from receiver.sources.frames.network import NetworkClient, NetworkListener, SteadyClock
from receiver.tracking import Station, Tracker, TrackingLimits
from receiver.watch import DEFAULT_RULES, Alert, Watch, rules_in_force
from receiver.watch.alerts import RAISED
from receiver.watch.picture import draw_card
from receiver.watch.state_file import StateFile
from receiver.web.server import BaseMap, WebSink

log = logging.getLogger(__name__)

FINISH_S = 10.0  # sinks have so long to hand over what is pending
STOP_S = 3.0  # the source has so long to end when the service is told to stop
SAVE_EVERY_S = 600.0  # besides at every alert
PAST_ALERTS = 50  # that the map still knows after a restart


@dataclass(frozen=True, slots=True)
class Signal:
    """What is listened to.

    Attributes
    ----------
    heard
        Begins to listen.
    close
        Makes it end soon, from any thread.
    kind
        For the station's description: rtlsdr, recording, scene, …
    live
        It goes on for ever, in real time: the watch remembers across restarts, and the end is no silence.
    controls
        What may be asked of it while it runs, by name: takes a text, gives what was done, raises ValueError.
    save
        Keeps the last seconds of it on disk when an alert is raised; None: not wanted.
    """

    heard: Callable[[], AsyncGenerator[Heard, None]]
    close: Callable[[], None]
    kind: str
    live: bool = False
    controls: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    save: Callable[[str], object] | None = None

    @classmethod
    def of_feed(cls, feed: Iterable[Heard], close: Callable[[], None], kind: str) -> Signal:
        """A feed that blocks while there is nothing to hear, and therefore runs in a thread."""
        return cls(lambda: pump(feed, close), close, kind)


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
    atlas: Atlas = field(init=False, default_factory=Atlas)
    _state: StateFile | None = field(init=False, default=None)
    _alerts: asyncio.Queue[Alert] = field(init=False, default_factory=asyncio.Queue)
    _stop: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        settings = self.settings
        station = settings.station
        self.registry = Registry(settings.registry.database.expanduser())
        place = (
            Station(station.latitude, station.longitude)
            if station.latitude is not None and station.longitude is not None
            else None
        )
        limits = TrackingLimits(
            departed_after_s=settings.tracking.departed_after_s,
            max_range_nmi=settings.tracking.max_range_nmi,
            max_aircraft=settings.tracking.max_aircraft,
        )
        if self.signal.live and settings.watch.enabled:
            self._state = StateFile(settings.watch.state_file.expanduser())
        self.hub = Hub(
            Tracker(place, limits),
            build_watch(settings, self._state, self.registry, self.atlas),
            self.registry,
            self.atlas,
            on_alert=self._alerts.put_nowait,
        )
        self.hub.attach([*build_sinks(settings, self), *self.extra_sinks])

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

    def stop(self) -> None:
        """End soon: the source is closed, sinks hand over what they have."""
        log.info("told to stop")
        self._stop.set()
        self.signal.close()

    async def run(self) -> None:
        """Run until the source has ended or `stop` is called. What a sink or the source raises is raised."""
        told = ", ".join(sink.name for sink in self.hub.sinks) or "nobody"
        log.info("Squitter %s, station %s: hears %s, tells %s", __version__, self.settings.station.name,
                 self.signal.kind, told)  # fmt: skip
        if self.signal.live:  # what a replay writes is looked at by who has started it
            await asyncio.to_thread(warn_of_folders, self.settings)
        await asyncio.to_thread(self.atlas.warm)  # or the first position would hold the loop up while it is read
        await self._recall_alerts()
        async with self._broker(), asyncio.TaskGroup() as group:
            tasks = [group.create_task(sink.run(), name=sink.name) for sink in self.hub.sinks]
            tasks.append(group.create_task(self._pass_alerts_on(), name="alerts"))
            listener = NetworkListener(self.settings.network)
            if listener.enabled and self.signal.live:  # what is heard now has no place in a recording's time
                tasks.append(group.create_task(self._take_in(listener), name="network"))
            systemd_notify("READY=1")
            ended = await self._listen_until_stopped()
            await self._finish(ended)
            for task in tasks:
                task.cancel()
        if self._state is not None:
            self._save_watch(whole=True)
            await asyncio.to_thread(self._state.close)
        systemd_notify("STOPPING=1")

    async def _recall_alerts(self) -> None:
        """The map shows the latest alerts of before a restart, too: an address that leads to one goes on to do so."""
        maps = [sink for sink in self.hub.sinks if isinstance(sink, WebSink)]
        if not (maps and self.signal.live and self.settings.alerts.enabled):
            return
        store = Store(self.settings.alerts.dir.expanduser())
        try:
            past, damaged = await asyncio.to_thread(recall, store, PAST_ALERTS, self.open_alerts())
        except OSError as error:
            log.warning("%s: cannot be read (%s); the map shows no alerts of before", store.folder, error.strerror)
            return
        if damaged:
            log.warning("%s: %d of the latest alerts cannot be read; the map leaves them out", store.folder, damaged)
        for sink in maps:
            for alert in past:
                sink.remember(alert.payload, alert.trail, alert.picture)

    def _broker(self) -> contextlib.AbstractAsyncContextManager[object]:
        """A broker of our own, if one is wanted."""
        return embedded_broker(self.settings.mqtt.port) if self.own_broker else contextlib.nullcontext()

    async def _listen_until_stopped(self) -> bool:
        """As `_listen`, but no longer than `STOP_S` after `stop`: compiling, for instance, takes minutes on a small
        machine, and a service manager does not wait that long."""
        listening = asyncio.create_task(self._listen(), name="listening")
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait((listening, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                await asyncio.wait((listening,), timeout=STOP_S)
            if listening.done():
                return listening.result()
            return False
        finally:
            stopped.cancel()
            if not listening.done():
                listening.cancel()
                await asyncio.wait((listening,))

    async def _listen(self) -> bool:
        """Hear until the source ends (True) or we are told to stop (False)."""
        hub = self.hub
        saved_s = hub.now
        async with contextlib.aclosing(self.signal.heard()) as pieces:
            async for heard in pieces:
                if self._stop.is_set():
                    break
                hub.hear(heard)
                for note in heard.notes:
                    log.info("%s", note)
                if hub.now - saved_s >= SAVE_EVERY_S:
                    saved_s = hub.now
                    self._save_watch()
                systemd_notify("WATCHDOG=1")
                await asyncio.sleep(0)  # the sinks' turn
        hub.tell()
        return not self._stop.is_set()

    async def _take_in(self, listener: NetworkListener) -> None:
        """Frames that others send to our ports, beside the source."""
        async for frames in listener.frames():
            self.hub.hear(Heard(frames, frames[-1].time_s, None))

    async def _finish(self, ended: bool) -> None:
        """Hand over what is pending; after the end of a recording, also the silence that follows it."""
        await self._hand_over()
        if ended and not self.signal.live:
            self.hub.wind_down()
            await self._hand_over()

    async def _hand_over(self) -> None:
        async def within_limit(work: Any, what: str) -> None:
            try:
                async with asyncio.timeout(FINISH_S):
                    await work
            except TimeoutError:
                log.warning("%s: not everything could be handed over within %g s", what, FINISH_S)

        await within_limit(self._alerts.join(), "alerts")
        await asyncio.gather(*(within_limit(sink.finish(), sink.name) for sink in self.hub.sinks))

    async def _pass_alerts_on(self) -> None:
        """Alerts in their order; a picture is drawn beside the loop before its alert goes out."""
        while True:
            alert = await self._alerts.get()
            log.log(logging.WARNING if alert.notify else logging.INFO, "alert %s: %s", alert.state, alert.text)
            if self.signal.save is not None and alert.state == RAISED:
                self.signal.save(alert.rule)
            picture = await asyncio.to_thread(self._draw, alert) if alert.picture and alert.trail else None
            for sink in self.hub.sinks:
                sink.alert(alert, picture)
            self._save_watch()
            self._alerts.task_done()

    def _save_watch(self, whole: bool = False) -> None:
        """Have what a live watch must remember written, beside the loop."""
        if self._state is not None and self.hub.watch is not None:
            self._state.save(self.hub.watch.state(whole))

    def _draw(self, alert: Alert) -> bytes | None:
        """The card; None when it cannot be drawn, for the words matter more than the picture."""
        watch = self.settings.watch
        zone = zoneinfo.ZoneInfo(watch.time_zone)
        try:
            return draw_card(alert, self.atlas, watch.picture_theme, language=watch.language, zone=zone)
        except Exception:  # whatever it is, it must not keep the alert back
            log.exception("the card of alert %s could not be drawn; it goes out without", alert.id)
            return None


def build_signal(settings: Settings) -> Signal:
    """The source that the settings name."""
    receiver = settings.receiver
    if receiver.source in ("beast", "avr"):
        client = NetworkClient(receiver.source, receiver.host, receiver.port)
        return Signal(lambda: network_feed(client, SteadyClock()), lambda: None, client.kind, live=True)
    source = open_hardware(receiver)
    gain = GainControl(source, receiver.gain)
    tap = SampleTap(source, settings.recording, receiver.frequency_hz)
    feed = sample_feed(source, Effort(settings.demodulator.effort), [gain, tap])
    return Signal(
        lambda: pump(feed, source.close),
        source.close,
        source.kind,
        live=True,
        controls={"gain": gain.command, "record": tap.command},
        save=tap.save if settings.recording.on_alert else None,
    )


def build_sinks(settings: Settings, service: Service) -> list[Sink]:
    """Every output that is switched on, one line each."""
    sinks: list[Sink] = []
    watch = service.hub.watch
    if settings.mqtt.enabled:
        mqtt = MqttSink(
            settings.mqtt,
            settings.station,
            service.describe,
            service.signal.controls,
            service.open_alerts,
            lasting=service.signal.live,
        )
        sinks.append(mqtt)
        if settings.home_assistant.enabled:
            trackers = trackers_of(watch)
            sinks.append(HomeAssistantSink(settings.home_assistant, mqtt, settings.station.name, trackers))
    network = NetworkOutSink(settings.network)
    if network.clients:
        sinks.append(network)
    if settings.json_files.dir is not None:
        sinks.append(AircraftJsonSink(settings.json_files, settings.station))
    if settings.metrics.textfile is not None:
        sinks.append(MetricsFileSink(settings.metrics, settings.station))
    if settings.history.enabled:
        sinks.append(HistorySink(settings.history))
    if settings.notify.channel:
        sinks.append(Notify(settings.notify))
    if settings.alerts.enabled and watch is not None:
        sinks.append(AlertLog(settings.alerts, {**watch.context(), "software": __version__}))
    if settings.web.enabled:
        history = HistoryReader(settings.history.directory()) if settings.history.enabled else None
        sinks.append(WebSink(settings.web, settings.station, base_map_of(service.atlas), history, sinks))
    return sinks


def base_map_of(atlas: Atlas) -> BaseMap:
    """The atlas as the map wants it."""
    return lambda box, tolerance_deg, places: base_map(atlas, None if box is None else Box(*box), tolerance_deg, places)


def build_watch(settings: Settings, state: StateFile | None, registry: Registry, atlas: Atlas) -> Watch | None:
    """The watch with the rules in force; what it had noticed before a restart, it remembers from the file."""
    if not settings.watch.enabled:
        return None
    path = settings.watch.rules_file
    own = load_rules(path.expanduser()) if path is not None else None
    folder = path.expanduser().parent if path is not None else DEFAULT_RULES.parent
    return Watch(
        rules_in_force(settings.watch, own, load_rules(DEFAULT_RULES)),
        settings.watch,
        registry,
        atlas,
        folder,
        None if state is None else state.read(),
    )


def trackers_of(watch: Watch | None) -> list[tuple[str, str]]:
    """Name and title of each rule that asks for a device_tracker."""
    return [] if watch is None else [(rule.name, rule.title or rule.name) for rule in watch.rules if rule.tracker]


def warn_of_folders(settings: Settings) -> None:
    """Say which folders cannot be written. No reason not to start: a receiver without its memory still hears, shows and
    warns, and a disk that comes late is used from then on. (`json_files.dir` is one: files are all that it is for, and
    its sink refuses.)
    """
    for folder in written_folders(settings):
        if folder.setting == "json_files.dir":
            continue
        there = existing_part(folder.path)
        try:
            tempfile.TemporaryFile(dir=there).close()
        except OSError as error:
            log.warning(
                "%s: %s cannot be written (%s: %s): %s; let this user write there, or change the setting",
                folder.setting, folder.path, there, error.strerror, folder.loss,
            )  # fmt: skip


def run_service(service: Service, seconds: float | None = None) -> None:
    """Run on a loop of its own until the source ends, SIGINT, SIGTERM, or so many seconds have passed."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, service.stop)
        if seconds is not None:
            loop.call_later(seconds, service.stop)
        await service.run()

    try:
        asyncio.run(main())
    except* SquitterError as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[SquitterError]) -> SquitterError:
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError("an exception group is never empty")


def settings_with_broker(settings: Settings) -> tuple[Settings, bool]:
    """The settings, and whether a broker of our own is needed because none answers where they look for one.

    Raises
    ------
    UsageError
        None answers, and it is not this machine where it was looked for.
    """
    mqtt = settings.mqtt
    try:
        socket.create_connection((mqtt.host, mqtt.port), timeout=2.0).close()
        return settings, False
    except OSError:
        pass
    if mqtt.host not in ("127.0.0.1", "localhost"):
        raise UsageError(f"mqtt.host: no broker answers on {mqtt.host}:{mqtt.port}, and ours serves 127.0.0.1 only")
    log.info("no broker on port %d: our own serves there, on this machine only", mqtt.port)
    # ours speaks 3.1.1 only, and waiting for an answer to MQTT 5 would take seconds
    return settings.model_copy(update={"mqtt": mqtt.model_copy(update={"enabled": True, "protocol": "3.1.1"})}), True


def systemd_notify(text: str) -> None:
    """Tell systemd how we are (`Type=notify`); without one nobody is told. Source: sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, contextlib.suppress(OSError):
        notify.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)


def set_up_logging(settings: Settings) -> None:
    """One line an event on standard error."""
    logging.basicConfig(
        level=settings.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    # a client of our own broker that vanished: asyncio says so once a packet, and there is nothing to be done about it
    logging.getLogger("asyncio").addFilter(lambda record: "socket.send() raised" not in record.getMessage())
