"""Home Assistant's device discovery: one retained message that describes a device with a fixed set of entities.

The entities read the topics that are there anyway. There is never one for an aircraft heard, and none has attributes
that change all the time: both would flood Home Assistant's registry and recorder.

Source: Home Assistant's documentation of MQTT discovery (device discovery, `default_entity_id`, birth message); checked
against its core 2025.4.4.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from config.home_assistant import HomeAssistantSettings
from receiver import __version__
from receiver.broker.client import Incoming
from receiver.earth import distance_nmi
from receiver.sinks.mqtt import MqttSink, Publication
from receiver.sinks.mqtt.payloads import encode
from receiver.sinks.mqtt.topics import Topics
from receiver.views.outlets import Air, Sink

STATS_EXPIRE_S = 60
"""Without statistics for so long (they come every ten seconds) nobody hears: the entities become unavailable."""
SILENT_S = 60
"""Without samples and messages for so long the receiver is told as disconnected."""
BIRTH_DELAY_S = 5.0
"""After a restart of Home Assistant everybody answers at once; each waits a random part of this."""
TRACKER_PERIOD_S = 10.0
MOVED_NMI = 0.1


def device_id(station: str) -> str:
    """What the device is called in topics and unique ids: the same for ever, as long as the station's name is."""
    return f"squitter_{station}"


def config_topic(prefix: str, station: str) -> str:
    """Where the description goes; empty and retained, it removes the device."""
    return f"{prefix}/device/{device_id(station)}/config"


def discovery_payload(
    topics: Topics, station: str, trackers: Sequence[tuple[str, str]] = (), map_url: str | None = None
) -> dict[str, Any]:
    """The description.

    Parameters
    ----------
    topics, station
        The station's topics and name.
    trackers
        Name and title of each watch rule that asks for a device_tracker.
    map_url
        Where Home Assistant's "visit" leads to; None: there is no map that other machines can open.
    """
    device = device_id(station)

    def entity(platform: str, key: str, name: str, **more: Any) -> dict[str, Any]:
        # what Home Assistant makes of the two names by itself, too
        slug = re.sub(r"[^a-z0-9]+", "_", f"squitter {station} {name}".lower()).strip("_")
        return {
            "platform": platform,
            "unique_id": f"{device}_{key}",
            "default_entity_id": f"{platform}.{slug}",
            "name": name,
            **more,
        }

    def figure(key: str, name: str, value: str, **more: Any) -> dict[str, Any]:
        return entity(
            "sensor",
            key,
            name,
            state_topic=topics.stats,
            value_template=f"{{{{ {value} }}}}",
            state_class="measurement",
            expire_after=STATS_EXPIRE_S,
            **more,
        )

    def count(key: str, name: str, value: str, **more: Any) -> dict[str, Any]:
        return entity(
            "sensor",
            key,
            name,
            state_topic=topics.summary,
            value_template=f"{{{{ value_json.{value} }}}}",
            state_class="measurement",
            unit_of_measurement="aircraft",
            **more,
        )

    # whether signal comes; what the receiver said last is no news while it is unplugged
    hears = f"value_json.silent_s | default(0) < {SILENT_S}"
    components = {
        "aircraft": count("aircraft", "Aircraft", "aircraft", icon="mdi:airplane"),
        "with_position": count("with_position", "Aircraft with position", "with_position", icon="mdi:airplane-marker"),
        "message_rate": figure(
            "message_rate",
            "Message rate",
            "value_json.messages_per_s | default(None)",
            unit_of_measurement="msg/s",
            suggested_display_precision=0,
            icon="mdi:radar",
        ),
        "max_range": figure(
            "max_range",
            "Maximum range",
            "value_json.max_distance_nmi | default(None)",
            unit_of_measurement="nmi",
            device_class="distance",
        ),
        "nearest": entity(
            "sensor",
            "nearest",
            "Nearest aircraft",
            state_topic=topics.summary,
            value_template="{{ value_json.nearest.flight | default(value_json.nearest.hex) "
            "if value_json.nearest is defined else None }}",
            icon="mdi:airplane-search",
        ),
        "noise": figure(
            "noise",
            "Noise",
            f"value_json.noise_dbfs | default(None) if {hears} else None",
            unit_of_measurement="dBFS",
            suggested_display_precision=1,
            entity_category="diagnostic",
            icon="mdi:waveform",
        ),
        "gain": figure(
            "gain",
            "Gain",
            f"value_json.gain_db | default(None) if {hears} else None",
            unit_of_measurement="dB",
            suggested_display_precision=1,
            entity_category="diagnostic",
            icon="mdi:tune-vertical",
        ),
        "receiver": entity(
            "binary_sensor",
            "receiver",
            "Receiver",
            state_topic=topics.stats,
            value_template=f"{{{{ 'ON' if {hears} else 'OFF' }}}}",
            device_class="connectivity",
            entity_category="diagnostic",
            expire_after=STATS_EXPIRE_S,
        ),
        "sample_loss": entity(
            "binary_sensor",
            "sample_loss",
            "Sample loss",
            state_topic=topics.summary,
            value_template="{{ 'ON' if value_json.sample_loss | default(false) else 'OFF' }}",
            device_class="problem",
            entity_category="diagnostic",
        ),
        "clock": entity(
            "binary_sensor",
            "clock",
            "Clock",
            state_topic=topics.stats,
            # never set, or set within the last hour: times of before are not to be relied on
            value_template="{% set clock = value_json.clock | default({}) %}"
            "{{ 'ON' if clock.synchronised is defined and not clock.synchronised "
            "or value_json.now - clock.last_step_at | default(0) < 3600 else 'OFF' }}",
            device_class="problem",
            entity_category="diagnostic",
            expire_after=STATS_EXPIRE_S,
        ),
        "emergency": entity(
            "binary_sensor",
            "emergency",
            "Emergency",
            state_topic=topics.summary,
            value_template="{{ 'ON' if value_json.emergency else 'OFF' }}",
            device_class="safety",
        ),
        "alert": entity(
            "event",
            "alert",
            "Alert",
            state_topic=topics.event("alert"),
            event_types=["raised", "updated", "ended"],
            icon="mdi:bell-alert",
        ),
        "overhead": entity(
            "sensor",
            "overhead",
            "Next overhead",
            state_topic=topics.overhead,
            value_template="{{ value_json.at | default(None) }}",
            json_attributes_topic=topics.overhead,
            device_class="timestamp",
            icon="mdi:airplane-clock",
        ),
        "picture": entity(
            "image", "picture", "Last alert picture", image_topic=topics.picture, content_type="image/png"
        ),
    }
    for rule, title in trackers:
        components[f"tracker_{rule}"] = entity(
            "device_tracker",
            f"tracker_{rule}",
            title,
            json_attributes_topic=topics.tracker(rule),
            source_type="gps",
            icon="mdi:airplane",
            availability_mode="all",
            availability=[
                {"topic": topics.status},
                {
                    "topic": topics.tracker(rule),
                    "value_template": "{{ 'online' if value_json.tracking else 'offline' }}",
                },
            ],
        )
    about = {
        "identifiers": [device],
        "name": f"Squitter {station}",
        "manufacturer": "Squitter",
        "model": "1090 MHz receiver",
        "sw_version": __version__,
    }
    if map_url is not None:
        about["configuration_url"] = map_url
    origin = {"name": "Squitter", "sw_version": __version__}
    home = home_page()
    if home is not None:
        origin["support_url"] = home
    return {
        "device": about,
        "origin": origin,
        "availability": [{"topic": topics.status}],
        "qos": 1,
        "components": components,
    }


def home_page() -> str | None:
    """The project's page as the installed package names it; None when it names none."""
    try:
        named = metadata("squitter").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    pages = dict(one.split(", ", 1) for one in named if ", " in one)
    page = pages.get("Homepage")
    return page if page is not None and page.startswith(("https://", "http://")) else None


class HomeAssistantSink(Sink):
    """Describes the device, again whenever Home Assistant is born, and moves the trackers.

    A recording leaves the description behind that it has found: mostly none, so that the device goes with it; but the one
    of a receiver with the same name, which would lose what people have set for its entities, stays.

    Parameters
    ----------
    settings
        `[home_assistant]`.
    mqtt
        The sink whose broker and topics are used; it has to run, too.
    station
        The station's name.
    trackers
        Name and title of each watch rule that asks for a device_tracker.
    map_url
        See `discovery_payload`.
    """

    name = "home_assistant"

    def __init__(
        self,
        settings: HomeAssistantSettings,
        mqtt: MqttSink,
        station: str,
        trackers: Sequence[tuple[str, str]] = (),
        map_url: str | None = None,
        *,
        birth_delay_s: float = BIRTH_DELAY_S,
    ) -> None:
        self._publisher = mqtt.publisher
        self._topics = mqtt.topics
        self._topic = config_topic(settings.discovery_prefix, station)
        self._birth_delay_s = birth_delay_s
        self._birth = asyncio.Event()
        self._rules = {rule for rule, _ in trackers}
        self._followed: dict[str, str] = {}  # rule -> address
        self._told: dict[str, tuple[float, float, float]] = {}  # rule -> time and place of the last message
        self._passing: dict[str, dict[str, Any]] = {}  # id of an alert -> who will pass, and when
        self._payload = discovery_payload(self._topics, station, trackers, map_url)
        self._describe(self._payload)
        self._lasting = mqtt.lasting
        self._publisher.subscribe(self._topic, self._earlier, retained=True)
        for rule in self._rules:
            self._lost(rule)
        self._put_overhead()
        if not self._lasting:
            for topic in (self._topic, self._topics.overhead, *(self._topics.tracker(rule) for rule in self._rules)):
                self._publisher.leave(Publication(topic, b"", 1, retain=True))
        self._publisher.subscribe(f"{settings.discovery_prefix}/status", self._status)

    async def run(self) -> None:
        """Tell a newborn Home Assistant everything it may have missed."""
        while True:
            await self._birth.wait()
            self._birth.clear()
            await asyncio.sleep(random.uniform(0.0, self._birth_delay_s))
            topics = self._topics
            self._publisher.again(self._topic, topics.summary, topics.stats, topics.picture, topics.overhead)
            self._publisher.again(*(topics.tracker(rule) for rule in self._rules))

    def alert(self, alert: Any, picture: bytes | None) -> None:
        """A rule with a tracker follows the aircraft of its newest alert; who will pass a place is told by when."""
        self._overhead(alert)
        if alert.rule not in self._rules or not alert.icao:
            return
        if alert.state != "ended":
            if self._followed.get(alert.rule) != alert.icao:
                self._told.pop(alert.rule, None)
            self._followed[alert.rule] = alert.icao
        elif self._followed.get(alert.rule) == alert.icao:
            del self._followed[alert.rule]
            self._lost(alert.rule)

    def _overhead(self, alert: Any) -> None:
        """Who passes next, as an alert of a rule with `will_pass` says; until it is over, which is soon after the pass."""
        if alert.state != "ended" and alert.passing is not None:
            place, approach = alert.passing
            told = {"at": datetime.fromtimestamp(approach.at_s, UTC).isoformat(timespec="seconds"), "place": place}
            told |= {"distance_km": round(approach.distance_km, 2), "hex": alert.icao, "text": alert.text}
            if approach.altitude_ft is not None:
                told["altitude_ft"] = round(approach.altitude_ft)
            callsign = alert.sighting.callsign if alert.sighting is not None else None
            if callsign:
                told["flight"] = callsign.strip()
            if self._passing.get(alert.id) != told:
                self._passing[alert.id] = told
                self._put_overhead()
        elif self._passing.pop(alert.id, None) is not None:
            self._put_overhead()

    def _put_overhead(self) -> None:
        told = min(self._passing.values(), key=lambda one: str(one["at"]), default={})
        self._publisher.put(Publication(self._topics.overhead, encode(told), retain=True))

    def second(self, air: Air) -> None:
        """Move the trackers, at most every ten seconds and only when the aircraft has moved."""
        for rule, icao in self._followed.items():
            found = air.objects.get(icao)
            if found is None or "lat" not in found:
                continue
            place = (found["lat"], found["lon"])
            told = self._told.get(rule)
            if told is not None and (
                0 <= air.now - told[0] < TRACKER_PERIOD_S or distance_nmi(told[1], told[2], *place) < MOVED_NMI
            ):
                continue
            self._told[rule] = (air.now, *place)
            payload: dict[str, Any] = {
                "tracking": True,
                "latitude": round(place[0], 4),
                "longitude": round(place[1], 4),
                "gps_accuracy": found.get("rc", 200),
                "hex": icao,
            }
            if "flight" in found:
                payload["flight"] = found["flight"].strip()
            self._put(rule, payload)

    def _lost(self, rule: str) -> None:
        self._told.pop(rule, None)
        self._put(rule, {"tracking": False})

    def _put(self, rule: str, payload: dict[str, Any]) -> None:
        self._publisher.put(Publication(self._topics.tracker(rule), encode(payload), retain=True))

    def _describe(self, payload: dict[str, Any]) -> None:
        self._publisher.put(Publication(self._topic, encode(payload), 1, retain=True))

    def _earlier(self, message: Incoming) -> None:
        """What an earlier run has described: entities that are no more are removed, by leaving only their platform."""
        if not message.retain:
            return  # our own
        if not self._lasting:
            if self._publisher.connects == 1:  # later it is our own
                self._publisher.leave(Publication(self._topic, message.payload, 1, retain=True))
            return
        try:
            before = json.loads(message.payload)["components"]
            gone = {
                key: {"platform": entity["platform"]}
                for key, entity in before.items()
                if key not in self._payload["components"] and len(entity) > 1
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        if gone:
            self._describe({**self._payload, "components": {**self._payload["components"], **gone}})

    def _status(self, message: Incoming) -> None:
        if message.payload == b"online":
            self._birth.set()
