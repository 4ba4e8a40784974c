"""All settings: one table of the file a model, one file a model."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from config.alerts import AlertLogSettings
from config.base import Section
from config.demodulator import DemodulatorSettings
from config.feeds import FeedTo
from config.fleet import FleetSettings
from config.history import HistorySettings
from config.home_assistant import HomeAssistantSettings
from config.json_files import JsonFilesSettings
from config.log import LogSettings
from config.metrics import MetricsSettings
from config.mqtt import MqttSettings
from config.network import NetworkSettings
from config.notify import NotifySettings
from config.outbox import OutboxSettings
from config.receiver import ReceiverSettings
from config.recording import RecordingSettings
from config.registry import RegistrySettings
from config.station import StationSettings
from config.tracking import TrackingSettings
from config.watch import WatchSettings
from config.web import WebSettings


class Settings(Section):
    """The whole file."""

    station: StationSettings = Field(default_factory=StationSettings, title="Station")
    receiver: ReceiverSettings = Field(default_factory=ReceiverSettings, title="Receiver")
    demodulator: DemodulatorSettings = Field(default_factory=DemodulatorSettings, title="Demodulator")
    tracking: TrackingSettings = Field(default_factory=TrackingSettings, title="Tracking")
    mqtt: MqttSettings = Field(default_factory=MqttSettings, title="MQTT")
    home_assistant: HomeAssistantSettings = Field(default_factory=HomeAssistantSettings, title="Home Assistant")
    registry: RegistrySettings = Field(default_factory=RegistrySettings, title="Aircraft database")
    watch: WatchSettings = Field(default_factory=WatchSettings, title="Watch")
    notify: NotifySettings = Field(default_factory=NotifySettings, title="Notify")
    alerts: AlertLogSettings = Field(default_factory=AlertLogSettings, title="Alerts")
    web: WebSettings = Field(default_factory=WebSettings, title="Map")
    json_files: JsonFilesSettings = Field(default_factory=JsonFilesSettings, title="JSON files")
    network: NetworkSettings = Field(default_factory=NetworkSettings, title="Network")
    feed: list[FeedTo] = Field(
        default_factory=list,
        title="Feeds",
        description="Aggregators that get every frame that is heard, one table each.",
    )
    fleet: FleetSettings = Field(default_factory=FleetSettings, title="Fleet")
    metrics: MetricsSettings = Field(default_factory=MetricsSettings, title="Metrics")
    history: HistorySettings = Field(default_factory=HistorySettings, title="History")
    recording: RecordingSettings = Field(default_factory=RecordingSettings, title="Recording")
    outbox: OutboxSettings = Field(default_factory=OutboxSettings, title="Outbox")
    log: LogSettings = Field(default_factory=LogSettings, title="Log")

    @model_validator(mode="after")
    def _own_folders(self) -> Self:
        """`{station}` in a path is the station's name: two stations on a machine have each their own."""
        for name in type(self).model_fields:
            section = getattr(self, name)
            if not isinstance(section, Section):  # a list of tables
                continue
            own = {
                key: Path(str(value).replace("{station}", self.station.name))
                for key, value in section
                if isinstance(value, Path) and "{station}" in str(value)
            }
            if own:
                self.__dict__[name] = section.model_copy(update=own)
        return self
