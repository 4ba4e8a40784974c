"""The document of the bus against what is really published."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from config.home_assistant import HomeAssistantSettings
from config.station import StationSettings
from receiver.broker.client import Incoming
from receiver.sinks.home_assistant import HomeAssistantSink
from receiver.sinks.mqtt.asyncapi import CHANNELS, document
from receiver.tracking import Station
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern
from receiver.watch.world import Fact
from tests.mosquitto import Listener, Received, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, got, has, running, sink_for
from tests.receiver.sinks.sky import START_S, Sky, alert, flight
from tests.receiver.watch.air import frame

DOCS = Path(__file__).parents[4] / "docs"


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_file_is_what_the_models_say() -> None:
    written = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    assert written == document(), "run `python -m receiver.sinks.mqtt.asyncapi > docs/asyncapi.yaml`"


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    found = set(references(whole))
    assert len(found) > 30
    for reference in found:
        place: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_the_page_for_people_names_every_topic() -> None:
    page = (DOCS / "mqtt.md").read_text()
    topics = [address.replace("{", "<").replace("}", ">") for _, address, *_ in CHANNELS]
    assert [topic for topic in topics if f"`…/{topic}`" not in page] == []


def test_everything_that_is_published_is_in_the_document_and_as_it_says(tmp_path: Path) -> None:
    async def main(port: int, listener: Listener) -> None:
        place = (19.3, -99.2)
        sink = sink_for(
            port,
            tmp_path,
            station=StationSettings(latitude=place[0], longitude=place[1]),
            frames=True,
            commands=True,
            controls={"gain": str},
        )
        ha = HomeAssistantSink(HomeAssistantSettings(), sink, "home", (("drones", "Drones"),))
        sky = Sky(sink, ha, station=Station(*place))
        sky.statistics |= {"samples_lost": 0, "by_df": {"17": 9}, "sinks": {"mqtt": sink.statistics()}}
        told = alert()
        object.__setattr__(told, "identity", Identity((Fact("type", "Q9", "database"),)))
        object.__setattr__(
            told, "pattern", Pattern("orbit", START_S, START_S, 2.5, 5.5, 660.0, 19.4, -99.1, "left", 0.2, 11.0)
        )
        async with running(sink, ha):
            await sink.finish()
            sky.hear(flight("ae4bd7", START_S))
            sky.hear([frame("ae4bd7", 28 << 51 | 1 << 48 | 1 << 45 | 0x0AAA << 32, sky.now + 0.1)])
            sky.hear(flight("0d0a0b", sky.now + 1, callsign=None))
            sky.second()
            for one in (sink, ha):
                one.alert(told, b"\x89PNG")
            sky.second(11)
            for one in (sink, ha):
                one.alert(alert(state="ended", now=sky.now), None)
            sky.second(400)
            sink._command(Incoming(f"{BASE}/command/gain", b"auto", False))
            await sink.finish()
            await got(listener, has(f"{BASE}/alerts/{alert().id}", b""))

    with running_mosquitto(tmp_path) as broker, Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(broker.port, listener))
        messages = listener.wait_for(has(f"{BASE}/status", b"offline"))
    seen = check(messages)
    assert seen == {name for name, *_ in CHANNELS}


def check(messages: list[Received]) -> set[str]:
    """Hold every message to its channel; the channels that were seen."""
    whole = document()
    seen = set()
    for message in messages:
        below = message.topic.removeprefix(f"{BASE}/")
        # the ones without a parameter first: events/alert is no events/{type}
        name, _, _, payload, qos, retain = next(
            channel
            for channel in sorted(CHANNELS, key=lambda channel: "{" in channel[1])
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", channel[1]), below)
        )
        seen.add(name)
        # a subscription with QoS 1 gets each message with the QoS that it was published with
        ended = name == "alert"
        assert message.qos == qos or message.payload == b"", (message.topic, message.qos)
        assert not message.retain or retain or ended
        if message.payload == b"":
            assert retain
            continue
        schema = whole["components"]["schemas"].get(payload)
        if schema is not None:
            value = json.loads(message.payload)
            jsonschema.Draft202012Validator({**schema, "components": whole["components"]}).validate(value)
            assert not [key for key, inner in value.items() if inner is None], message.topic
        if message.properties is not None:
            assert message.properties.ContentType == (payload if schema is None else "application/json")
    return seen
