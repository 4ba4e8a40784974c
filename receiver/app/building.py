"""From settings to parts: the source, the sinks, the watch. One line an output."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.feeds import fed
from config.fleet import fleet_broker
from config.privacy import coarse_rules
from config.rules import load_rules
from config.settings import Settings
from config.web import WebSettings
from dsp.effort import Effort
from receiver import __version__
from receiver.app.signal import Signal
from receiver.atlas import Atlas, base_map_file
from receiver.broker.address import address_of
from receiver.clock import SignalClock
from receiver.fleet.fleet import Fleet, Limits
from receiver.history.reader import HistoryReader
from receiver.mlat.locator import Locator
from receiver.pipeline.feeds import fleet_feed, network_feed, sample_feed
from receiver.pipeline.pump import pump
from receiver.registry import Registry
from receiver.sinks import Sink
from receiver.sinks.aircraft_json import AircraftJsonSink
from receiver.sinks.alert_log import AlertLog
from receiver.sinks.fleet import FleetSink
from receiver.sinks.history import HistorySink
from receiver.sinks.home_assistant import HomeAssistantSink
from receiver.sinks.metrics_file import MetricsFileSink
from receiver.sinks.mqtt import MqttSink
from receiver.sinks.network_out import NetworkOutSink
from receiver.sinks.notify import Notify
from receiver.sources.dongle.gain_control import GainControl
from receiver.sources.dongle.hardware import open_hardware
from receiver.sources.files.tap import SampleTap
from receiver.sources.fleet import FleetSource
from receiver.sources.frames.network import NetworkClient
from receiver.watch import DEFAULT_RULES, Watch, rules_in_force
from receiver.watch.state_file import StateFile
from receiver.web.reach import is_loopback, links
from receiver.web.server import WebSink

if TYPE_CHECKING:
    from receiver.app.service import Service


def build_signal(settings: Settings) -> Signal:
    """The source that the settings name."""
    receiver = settings.receiver
    if receiver.source in ("beast", "avr"):
        clock = SignalClock()
        client = NetworkClient(receiver.source, receiver.host, receiver.port, clock)
        return Signal(lambda: network_feed(client, clock), lambda: None, client.kind, live=True, clock=clock)
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
        finish=tap.finish,
        clock=source.clock,
    )


def build_hub_signal(settings: Settings) -> Signal:
    """All stations of the fleet as one source."""
    fleet = Fleet(hub_limits(settings))
    broker = fleet_broker(settings.fleet, settings.mqtt)
    clock = SignalClock()
    address = address_of(broker.model_copy(update={"client_id": None}), f"{settings.fleet.name}-hub")
    source = FleetSource(address, broker.protocol, broker.base_topic, fleet, clock)
    locator = Locator() if settings.fleet.mlat else None
    return Signal(
        lambda: fleet_feed(source, clock, locator),
        lambda: None,
        source.kind,
        live=True,
        about=fleet.about,
        clock=clock,
        locator=locator,
    )


def hub_limits(settings: Settings) -> Limits:
    """What a hub takes in."""
    fleet = settings.fleet
    return Limits(
        hold_s=fleet.hold_s,
        baseline_km=fleet.baseline_km,
        max_stations=fleet.max_stations,
        max_frames_per_s=fleet.max_frames_per_s,
        max_aircraft=fleet.max_aircraft,
        stations=frozenset(fleet.stations),
        trusted=frozenset(fleet.trusted),
        name=fleet.name,
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
            outbox=service.outbox,
            lasting=service.signal.live,
        )
        sinks.append(mqtt)
        if settings.home_assistant.enabled:
            trackers = trackers_of(watch)
            url = map_url(settings.web)
            sinks.append(HomeAssistantSink(settings.home_assistant, mqtt, settings.station.name, trackers, url))
    if settings.fleet.publish and service.signal.live and service.signal.kind != FleetSource.kind:
        sinks.append(FleetSink(settings.fleet, settings.mqtt, settings.station))
    network = NetworkOutSink(fed(settings.network, settings.feed))
    if network.clients:
        sinks.append(network)
    if settings.json_files.dir is not None:
        sinks.append(AircraftJsonSink(settings.json_files, settings.station))
    if settings.metrics.textfile is not None:
        sinks.append(MetricsFileSink(settings.metrics, settings.station))
    if settings.history.enabled:
        sinks.append(HistorySink(settings.history))
    if settings.notify.channel:
        sinks.append(Notify(settings.notify, service.outbox, settings.watch.language))
    if settings.alerts.enabled and watch is not None:
        sinks.append(AlertLog(settings.alerts, {**watch.context(), "software": __version__}, service.outbox))
    if settings.web.enabled:
        history = HistoryReader(settings.history.directory()) if settings.history.enabled else None
        sinks.append(WebSink(settings.web, settings.station, base_map_file(), history, sinks))
    return sinks


def map_url(web: WebSettings) -> str | None:
    """Where another machine opens the map, without the token; None when there is no map for others."""
    if not web.enabled or is_loopback(web.host):
        return None
    link = links(web.host, web.port, None, web.allowed_hosts)[0]
    return None if is_loopback(urlsplit(link).hostname or "") else link


def build_watch(settings: Settings, state: StateFile | None, registry: Registry, atlas: Atlas) -> Watch | None:
    """The watch with the rules in force; what it had noticed before a restart, it remembers from the file."""
    if not settings.watch.enabled:
        return None
    path = settings.watch.rules_file
    own = load_rules(path.expanduser()) if path is not None else None
    folder = path.expanduser().parent if path is not None else DEFAULT_RULES.parent
    return Watch(
        coarse_rules(rules_in_force(settings.watch, own, load_rules(DEFAULT_RULES)), settings.station),
        settings.watch,
        registry,
        atlas,
        folder,
        None if state is None else state.read(),
    )


def trackers_of(watch: Watch | None) -> list[tuple[str, str]]:
    """Name and title of each rule that asks for a device_tracker."""
    return [] if watch is None else [(rule.name, rule.title or rule.name) for rule in watch.rules if rule.tracker]
