"""What Home Assistant is told. That it understands is shown in tests/home_assistant, with the real one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.home_assistant import HomeAssistantSettings
from config.web import WebSettings
from receiver.app.building import map_url
from receiver.cli import main as squitter
from receiver.sinks import home_assistant
from receiver.sinks.home_assistant import HomeAssistantSink, discovery_payload
from receiver.sinks.mqtt.topics import Topics
from receiver.watch.approach import Approach
from tests.mosquitto import Listener, Mosquitto, retained, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, got, has, newest, running, sink_for
from tests.receiver.sinks.sky import START_S, Sky, alert, flight

CONFIG = "homeassistant/device/squitter_home/config"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


def components(trackers: tuple[tuple[str, str], ...] = ()) -> dict[str, dict[str, Any]]:
    return discovery_payload(Topics(BASE), "home", trackers)["components"]  # type: ignore[no-any-return]


def test_the_entities_are_the_fixed_ones_and_each_has_a_stable_id_of_its_own() -> None:
    entities = components((("drones", "Drones"),))
    assert {key: entity["platform"] for key, entity in entities.items()} == {
        "aircraft": "sensor",
        "with_position": "sensor",
        "message_rate": "sensor",
        "max_range": "sensor",
        "nearest": "sensor",
        "noise": "sensor",
        "gain": "sensor",
        "receiver": "binary_sensor",
        "sample_loss": "binary_sensor",
        "clock": "binary_sensor",
        "emergency": "binary_sensor",
        "alert": "event",
        "overhead": "sensor",
        "picture": "image",
        "tracker_drones": "device_tracker",
    }
    assert {entity["unique_id"] for entity in entities.values()} == {f"squitter_home_{key}" for key in entities}
    assert entities["gain"]["default_entity_id"] == "sensor.squitter_home_gain"
    assert entities == components((("drones", "Drones"),))


def test_the_map_and_the_project_are_linked_when_there_are_pages_to_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant, "home_page", lambda: None)
    without = discovery_payload(Topics(BASE), "home")
    assert "configuration_url" not in without["device"]
    assert "support_url" not in without["origin"]
    monkeypatch.setattr(home_assistant, "home_page", lambda: "https://squitter.example/")
    told = discovery_payload(Topics(BASE), "home", (), "http://192.0.2.7:8080/")
    assert told["device"]["configuration_url"] == "http://192.0.2.7:8080/"
    assert told["origin"]["support_url"] == "https://squitter.example/"


@pytest.mark.parametrize(
    ("web", "url"),
    [
        ({}, None),
        ({"enabled": True}, None),
        ({"enabled": True, "host": "::1"}, None),
        (
            {"enabled": True, "host": "192.0.2.7", "port": 8081, "token": "correct-horse-battery"},
            "http://192.0.2.7:8081/",
        ),
    ],
)
def test_the_link_is_one_that_another_machine_can_open_and_has_no_token(web: dict[str, Any], url: str | None) -> None:
    assert map_url(WebSettings.model_validate(web)) == url


def test_no_entity_has_attributes_that_change_all_the_time() -> None:
    entities = components((("drones", "Drones"),))
    assert [key for key, entity in entities.items() if "json_attributes_topic" in entity] == [
        "overhead",  # a message a pass
        "tracker_drones",
    ]
    assert not [key for key, entity in entities.items() if "object_id" in entity]


def test_it_is_told_at_the_start_and_again_when_it_is_born_and_no_more_for_ten_times_the_aircraft(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        mqtt = sink_for(broker.port, tmp_path)
        ha = HomeAssistantSink(HomeAssistantSettings(), mqtt, "home", birth_delay_s=0.0)
        sky = Sky(mqtt, ha)
        async with running(mqtt, ha):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await mqtt.finish()
            await got(listener, has(CONFIG))
            assert "homeassistant/device/squitter_home/config" in await asyncio.to_thread(
                retained, broker.port, "homeassistant/#"
            )
            for i in range(10):
                sky.hear(flight(f"0d0a{i:02x}", START_S + 2 + i))
                sky.second()
            await mqtt.finish()
            await got(listener, has(f"{BASE}/aircraft/0d0a09"))
            told = [m.topic for m in listener.messages].count(f"{BASE}/summary")
            listener.publish("homeassistant/status", b"offline")
            listener.publish("homeassistant/status", b"online")
            await got(listener, lambda messages: sum(m.topic == CONFIG for m in messages) == 2)
            await got(listener, lambda messages: [m.topic for m in messages].count(f"{BASE}/summary") > told)
            topics = {m.topic for m in listener.messages if m.topic.startswith("homeassistant/")}
            assert topics == {CONFIG, "homeassistant/status"}

    with Listener(broker.port) as listener:
        asyncio.run(main(listener))


def test_the_next_overhead_is_the_soonest_and_nobody_when_it_has_passed(broker: Mosquitto, tmp_path: Path) -> None:
    async def main(listener: Listener) -> None:
        mqtt = sink_for(broker.port, tmp_path)
        ha = HomeAssistantSink(HomeAssistantSettings(), mqtt, "home")
        topic = f"{BASE}/overhead"

        def passing(alert_id: str, icao: str, in_s: float, state: str = "raised") -> None:
            approach = Approach(START_S, START_S + in_s, 0.84, 2310.4, 90.0, True)
            ha.alert(replace(alert(alert_id, state, icao=icao), passing=("home", approach)), None)

        async with running(mqtt, ha):
            await mqtt.finish()
            assert newest(await got(listener, has(topic)), topic) == {}
            passing("overhead-1", "ae4bd7", 240.0)
            await mqtt.finish()
            await got(listener, lambda m: newest(m, topic).get("hex") == "ae4bd7")
            passing("overhead-2", "0d0a01", 180.0)
            await mqtt.finish()
            told = newest(await got(listener, lambda m: newest(m, topic).get("hex") == "0d0a01"), topic)
            assert told.pop("text")
            assert told == {
                "at": "2025-10-09T08:56:20+00:00", "place": "home", "distance_km": 0.84, "altitude_ft": 2310, "hex": "0d0a01",
            }  # fmt: skip
            passing("overhead-2", "0d0a01", 180.0, "ended")
            await mqtt.finish()
            await got(listener, lambda m: newest(m, topic).get("hex") == "ae4bd7")
            passing("overhead-1", "ae4bd7", 240.0, "ended")
            await mqtt.finish()
            await got(listener, lambda m: newest(m, topic) == {})

    with Listener(broker.port, f"{BASE}/overhead") as listener:
        asyncio.run(main(listener))


def test_a_tracker_follows_the_aircraft_of_its_rule_and_is_lost_when_the_alert_ends(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        mqtt = sink_for(broker.port, tmp_path)
        ha = HomeAssistantSink(HomeAssistantSettings(), mqtt, "home", (("drones", "Drones"),))
        sky = Sky(mqtt, ha)
        topic = f"{BASE}/trackers/drones"

        def tell(what: Any) -> None:
            for sink in (mqtt, ha):
                sink.alert(what, None)

        async with running(mqtt, ha):
            await mqtt.finish()
            assert newest(await got(listener, has(topic)), topic) == {"tracking": False}
            tell(alert(rule="other"))
            tell(alert())
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await mqtt.finish()
            told = newest(await got(listener, lambda m: newest(m, topic)["tracking"]), topic)
            assert told == {
                "tracking": True,
                "latitude": pytest.approx(19.4, abs=1e-3),
                "longitude": pytest.approx(-99.1, abs=1e-3),
                "gps_accuracy": 186,
                "hex": "ae4bd7",
                "flight": "TROY701",
            }
            tell(alert(state="ended", now=START_S + 3))
            await got(listener, lambda m: not newest(m, topic)["tracking"])

    with Listener(broker.port, f"{BASE}/trackers/#") as listener:
        asyncio.run(main(listener))


def test_an_entity_that_is_no_more_is_removed_by_leaving_only_its_platform(broker: Mosquitto, tmp_path: Path) -> None:
    async def main(listener: Listener, trackers: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        mqtt = sink_for(broker.port, tmp_path)
        ha = HomeAssistantSink(HomeAssistantSettings(), mqtt, "home", trackers)
        async with running(mqtt, ha):
            await mqtt.finish()
        return json.loads((await asyncio.to_thread(retained, broker.port, CONFIG))[CONFIG])["components"]  # type: ignore[no-any-return]

    with Listener(broker.port, CONFIG) as listener:
        assert "unique_id" in asyncio.run(main(listener, (("drones", "Drones"),)))["tracker_drones"]
        assert asyncio.run(main(listener, ()))["tracker_drones"] == {"platform": "device_tracker"}
        assert "tracker_drones" not in asyncio.run(main(listener, ()))
        listener.publish(CONFIG, b"not json", retain=True)
        assert asyncio.run(main(listener, ())).keys() == components().keys()


def test_a_recording_leaves_the_description_that_it_has_found_and_no_open_alert(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        mqtt = sink_for(broker.port, tmp_path, lasting=False)
        ha = HomeAssistantSink(HomeAssistantSettings(), mqtt, "home", (("drones", "Drones"),))
        sky = Sky(mqtt, ha)
        async with running(mqtt, ha):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            for sink in (mqtt, ha):
                sink.alert(alert(), b"\x89PNG")
            await mqtt.finish()
            await got(listener, lambda messages: any(m.topic == CONFIG and m.payload for m in messages))
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/#")
            assert f"{BASE}/alerts/{alert().id}/picture" in kept

    def left() -> dict[str, bytes]:
        return {
            topic: payload
            for topic, payload in retained(broker.port, "#").items()
            if not topic.startswith(f"{BASE}/st") and topic != f"{BASE}/picture"
        }

    with Listener(broker.port) as listener:
        asyncio.run(main(listener))
        (summary,) = left().items()
        assert summary[0] == f"{BASE}/summary"
        assert json.loads(summary[1])["alerts"] == 0
        description = json.dumps({"components": {"old": {"platform": "sensor", "name": "x"}}}).encode()
        listener.publish(CONFIG, description, retain=True)
        asyncio.run(main(listener))
        assert left()[CONFIG] == description


def test_a_receiver_leaves_its_description_and_its_open_alert(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        mqtt = sink_for(broker.port, tmp_path)
        async with running(mqtt, HomeAssistantSink(HomeAssistantSettings(), mqtt, "home")):
            mqtt.alert(alert(), b"\x89PNG")
            await mqtt.finish()

    asyncio.run(main())
    kept = retained(broker.port, "#")
    assert json.loads(kept[CONFIG])["components"].keys() == components().keys()
    assert f"{BASE}/alerts/{alert().id}" in kept


def test_the_alert_event_carries_the_event_type_and_is_not_retained(broker: Mosquitto, tmp_path: Path) -> None:
    async def main(listener: Listener) -> None:
        mqtt = sink_for(broker.port, tmp_path)
        async with running(mqtt):
            mqtt.alert(alert(), b"\x89PNG")
            await mqtt.finish()
            messages = await got(listener, has(f"{BASE}/events/alert"))
            payload = newest(messages, f"{BASE}/events/alert")
            assert payload["event_type"] == "raised"
            assert payload["picture"] == f"{BASE}/alerts/{alert().id}/picture"
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/#")
            assert f"{BASE}/events/alert" not in kept
            assert kept[f"{BASE}/picture"] == b"\x89PNG"

    with Listener(broker.port) as listener:
        asyncio.run(main(listener))


def test_remove_empties_the_description_and_says_what_brings_it_back(
    broker: Mosquitto, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with Listener(broker.port, "homeassistant/#") as listener:
        listener.publish(CONFIG, b"{}", retain=True)
        assert squitter(["ha", "remove", "--set", f"mqtt.port={broker.port}"]) == 0
        assert retained(broker.port, "homeassistant/#") == {}
    assert "home_assistant.enabled = false" in capsys.readouterr().out
    broker.kill()
    assert squitter(["ha", "remove", "--set", f"mqtt.port={broker.port}"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_show_prints_the_description(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "rules.toml").write_text(
        '[[rule]]\nname = "mine"\ntitle = "Mine"\ntracker = true\nwhen = { address = ["ae4bd7"] }\n'
    )
    options = ["--set", "watch.rules_file=rules.toml", "--set", "watch.default_rules=false"]
    assert squitter(["ha", "show", *options]) == 0
    shown = json.loads(capsys.readouterr().out)["components"]
    assert shown.keys() == components((("mine", "Mine"),)).keys()
    assert shown["tracker_mine"]["name"] == "Mine"
