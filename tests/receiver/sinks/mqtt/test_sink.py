"""What the sink publishes, as a plain client of a real broker sees it."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from config.home_assistant import HomeAssistantSettings
from config.station import StationSettings
from receiver import __version__
from receiver.broker.client import Incoming
from receiver.earth import distance_nmi
from receiver.sinks.home_assistant import HomeAssistantSink
from receiver.sinks.mqtt import Publication
from receiver.sinks.mqtt.significance import is_significant
from receiver.tracking import Station
from receiver.wire.beast import frame_to_beast
from tests.mosquitto import Listener, Mosquitto, retained, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, got, has, newest, running, sink_for, until
from tests.receiver.sinks.sky import START_S, Sky, alert, flight
from tests.receiver.watch.air import frame, identification, position, sighting


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


def test_status_station_stats_summary_and_aircraft_are_retained_and_the_aircraft_goes_with_a_tombstone(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        sink = sink_for(broker.port, tmp_path)
        sky = Sky(sink)
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await sink.finish()
            messages = await got(listener, has(f"{BASE}/aircraft/ae4bd7"))
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/#")
            assert kept.keys() == {
                f"{BASE}/{name}" for name in ("status", "station", "stats", "summary", "aircraft/ae4bd7")
            }
            assert kept[f"{BASE}/status"] == b"online"
            aircraft = newest(messages, f"{BASE}/aircraft/ae4bd7")
            assert (aircraft["hex"], aircraft["flight"], aircraft["alt_baro"]) == ("ae4bd7", "TROY701 ", 19000)
            assert (aircraft["lat"], aircraft["lon"]) == (pytest.approx(19.4, abs=1e-3), pytest.approx(-99.1, abs=1e-3))
            first = next(m for m in messages if m.topic == f"{BASE}/aircraft/ae4bd7")
            assert first.properties is not None
            assert 0 < first.properties.MessageExpiryInterval <= 120
            assert first.properties.ContentType == "application/json"
            assert first.properties.UserProperty == [("software", f"squitter {__version__}")]
            assert newest(messages, f"{BASE}/stats")["noise_dbfs"] == -32.1
            assert newest(messages, f"{BASE}/summary")["with_position"] == 1
            sky.second(400)
            await sink.finish()
            await got(listener, has(f"{BASE}/aircraft/ae4bd7", b""))
            await got(listener, has(f"{BASE}/events/left"))
            events = [m.topic.rsplit("/", 1)[1] for m in listener.messages if "/events/" in m.topic]
            assert events == ["appeared", "identified", "left"]
        await got(listener, has(f"{BASE}/status", b"offline"))

    with Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(listener))
        assert f"{BASE}/aircraft/ae4bd7" not in retained(broker.port, "#")


def test_nothing_that_leaves_places_the_station_closer_than_a_tenth_of_a_degree(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    place = (19.123456, -99.987654)
    station = StationSettings(latitude=place[0], longitude=place[1], altitude_m=2281.5)

    async def main(listener: Listener) -> None:
        described = {"lat": place[0], "lon": place[1], "altitude_m": 2281.5, "version": "1"}
        sink = sink_for(broker.port, tmp_path, station=station, described=described, frames=True)
        ha = HomeAssistantSink(HomeAssistantSettings(), sink, "home", (("drones", "Drones"),))
        sky = Sky(sink, ha, station=Station(*place))
        async with running(sink, ha):
            for i in range(4):
                sky.hear(
                    flight(f"0d0a{i:02x}", START_S + 2 * i, latitude_deg=20.5 + 0.3 * i, longitude_deg=-98.7 + 0.2 * i)
                )
                sky.statistics["max_distance_nmi"] = sky.tracker.statistics.max_distance_nmi
                sky.second()
            for one in (sink, ha):
                one.alert(alert(icao="0d0a00"), b"\x89PNG")
            sky.second(10)
            await sink.finish()
            sky.second(400)
            await sink.finish()

    with Listener(broker.port) as listener:
        asyncio.run(main(listener))
        kept = retained(broker.port, "#")
    assert json.loads(kept[f"{BASE}/station"]).items() >= {"lat": 19.1, "lon": -100.0}.items()
    everything = [message.payload for message in listener.messages] + [*kept.values(), caplog.text.encode()]
    canary = re.compile(rb"19\.1[0-9]|99\.9|-?100\.[1-9]|228[01]")
    told = [found.group() for payload in everything if (found := canary.search(payload))]
    assert told == []
    # nor can it be worked out: distance and bearing lead from each aircraft back to the rounded place
    positions = [
        json.loads(message.payload)
        for message in listener.messages
        if "/aircraft/" in message.topic and b"r_dst" in message.payload
    ]
    assert len({aircraft["hex"] for aircraft in positions}) == 4
    for aircraft in positions:
        assert aircraft["r_dst"] == pytest.approx(
            distance_nmi(19.1, -100.0, aircraft["lat"], aircraft["lon"]), abs=0.06
        )
        assert abs(aircraft["r_dst"] - distance_nmi(*place, aircraft["lat"], aircraft["lon"])) > 0.1
    stats = [json.loads(message.payload) for message in listener.messages if message.topic == f"{BASE}/stats"]
    assert {one["max_distance_nmi"] % 3 for one in stats if "max_distance_nmi" in one} == {0}


def test_a_station_that_tells_no_place_tells_no_distances(broker: Mosquitto, tmp_path: Path) -> None:
    station = StationSettings(latitude=19.1, longitude=-99.9, location_accuracy=-1)

    async def main(listener: Listener) -> None:
        sink = sink_for(broker.port, tmp_path, station=station)
        sky = Sky(sink, station=Station(19.1, -99.9))
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S))
            sky.statistics["max_distance_nmi"] = 50.0
            sky.second()
            await sink.finish()
            await got(listener, has(f"{BASE}/stats"))

    with Listener(broker.port) as listener:
        asyncio.run(main(listener))
    assert any(b'"lat"' in message.payload for message in listener.messages if "/aircraft/" in message.topic)
    for message in listener.messages:
        assert not re.search(rb"r_dst|r_dir|nearest|max_distance", message.payload.replace(b"nearest_aircraft", b""))


def test_one_aircraft_is_told_at_most_once_a_second_and_only_when_something_has_changed(
    broker: Mosquitto, tmp_path: Path
) -> None:
    published: list[Publication] = []
    sink = sink_for(1, tmp_path)
    sink.publisher.put = published.append  # type: ignore[method-assign, assignment]
    sky = Sky(sink)

    def told() -> list[float]:
        return [json.loads(one.payload)["now"] - START_S for one in published if "/aircraft/" in one.topic]

    # it flies: ten positions a second
    for i in range(100):
        sky.hear([frame("ae4bd7", position(19.4 + i * 1e-4, -99.1, 19000, bool(i % 2)), START_S + i / 10)])
        if i % 10 == 9:
            sky.second(0.05)
    times = told()
    assert 9 <= len(times) <= 11
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.99
    # it stands still and goes on talking: nothing but the refresh before the message expires
    published.clear()
    for i in range(1200):
        sky.hear([frame("ae4bd7", position(19.41, -99.1, 19000, bool(i % 2)), sky.now + 0.1)])
        if i % 10 == 9:
            sky.second(0)
    times = told()
    assert len(times) <= 4
    assert all(b - a <= 61 for a, b in itertools.pairwise([10.0, *times, 130.0]))


def test_at_a_higher_rate_the_first_message_after_the_pause_is_published_at_once(tmp_path: Path) -> None:
    published: list[Publication] = []
    sink = sink_for(1, tmp_path, rate_hz=5)
    sink.publisher.put = published.append  # type: ignore[method-assign, assignment]
    sky = Sky(sink)
    for i in range(50):
        sky.hear([frame("ae4bd7", position(19.4 + i * 1e-3, -99.1, 19000, bool(i % 2)), START_S + i / 10)])
    assert 20 <= len(published) <= 26
    assert {one.topic for one in published} == {f"{BASE}/aircraft/ae4bd7"}


@pytest.mark.parametrize(
    ("before", "after", "significant"),
    [
        ({"lat": 19.4, "seen": 0.1, "messages": 5}, {"lat": 19.4, "seen": 3.0, "messages": 9}, False),
        ({"rssi": -20.0}, {"rssi": -31.0}, False),
        ({"lat": 19.4000}, {"lat": 19.4002}, False),
        ({"lat": 19.4000}, {"lat": 19.4006}, True),
        ({"track": 359.8}, {"track": 0.3}, False),
        ({"track": 359.0}, {"track": 0.5}, True),
        ({"alt_baro": 35000}, {"alt_baro": 35025}, False),
        ({"alt_baro": 1200}, {"alt_baro": "ground"}, True),
        ({"squawk": "1200"}, {"squawk": "7700"}, True),
        ({}, {"flight": "TROY701 "}, True),
        ({"gs": 180.0}, {}, True),
        ({"squitter": {"watch": []}}, {"squitter": {"watch": ["drones"]}}, True),
    ],
)
def test_jitter_is_no_news(before: dict[str, Any], after: dict[str, Any], significant: bool) -> None:
    assert is_significant({"hex": "ae4bd7", **before}, {"hex": "ae4bd7", **after}) is significant


def test_the_last_word_about_an_alert_is_not_retained_and_an_empty_one_follows(tmp_path: Path) -> None:
    sent: list[Publication] = []
    sink = sink_for(1, tmp_path)
    sink.publisher.send = lambda publication, rank: sent.append(publication)  # type: ignore[method-assign, assignment]
    for state in ("raised", "ended"):
        sink.alert(alert(state=state), None)
    topic = f"{BASE}/alerts/{alert().id}"
    told = [(json.loads(one.payload)["state"] if one.payload else "", one.retain) for one in sent if one.topic == topic]
    assert told == [("raised", True), ("ended", False), ("", True)]


def test_a_clean_stop_takes_the_aircraft_back_and_leaves_no_will(broker: Mosquitto, tmp_path: Path) -> None:
    async def main(listener: Listener) -> None:
        sink = sink_for(broker.port, tmp_path)
        sky = Sky(sink)
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await sink.finish()
            await got(listener, has(f"{BASE}/aircraft/ae4bd7"))
        messages = await got(listener, has(f"{BASE}/status", b"offline"))
        assert [m.payload for m in messages if "/aircraft/" in m.topic][-1] == b""
        assert newest(messages, f"{BASE}/summary")["aircraft"] == 0
        assert messages[-1].payload == b"offline"

    with Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(listener))
        assert f"{BASE}/aircraft/ae4bd7" not in retained(broker.port, "#")
    assert "Received DISCONNECT from squitter-home" in broker.log


def test_an_alert_about_an_aircraft_of_this_very_second_has_it_along(tmp_path: Path) -> None:
    sent: list[Publication] = []
    sink = sink_for(1, tmp_path)
    sink.publisher.send = lambda publication, rank: sent.append(publication)  # type: ignore[method-assign, assignment]
    told = replace(alert(), sighting=sighting("ae4bd7", START_S, squawk="7700"))
    sink.alert(told, None)
    assert json.loads(sent[0].payload)["aircraft"].items() >= {"hex": "ae4bd7", "squawk": "7700"}.items()


def test_addresses_heard_only_once_get_neither_topic_nor_event(tmp_path: Path) -> None:
    published: list[str] = []
    sink = sink_for(1, tmp_path)
    sink.publisher.put = lambda publication: published.append(publication.topic)  # type: ignore[method-assign, assignment]
    sink.publisher.send = lambda publication, rank: published.append(publication.topic)  # type: ignore[method-assign, assignment]
    sky = Sky(sink)
    chance = random.Random(5)
    for i in range(3000):
        sky.hear([frame(f"{chance.getrandbits(24):06x}", identification("GHOST"), START_S + i / 500)])
        if i % 500 == 499:
            sky.second(0)
    assert [topic for topic in published if "/aircraft/" in topic or "/events/" in topic] == []
    assert len(sink._newcomers) <= 1000
    sky.second(400)
    assert sink._newcomers == {}


def test_what_the_air_says_never_becomes_a_topic_level(tmp_path: Path) -> None:
    topics: set[str] = set()
    sink = sink_for(1, tmp_path)
    sink.publisher.put = lambda publication: topics.add(publication.topic)  # type: ignore[method-assign, assignment]
    sink.publisher.send = lambda publication, rank: topics.add(publication.topic)  # type: ignore[method-assign, assignment]
    sky = Sky(sink)
    sky.hear(flight("ae4bd7", START_S, callsign="#######"))
    sky.second()
    sink.alert(alert("a/b#+\u2028$"), None)
    assert all(re.fullmatch(r"squitter/home(/[A-Za-z0-9_-]+)+", topic) for topic in topics), topics
    assert f"{BASE}/alerts/a_b____" in topics


def test_commands_are_off_unless_switched_on_and_then_refuse_what_is_wrong(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    obeyed: list[str] = []

    def gain(value: str) -> str:
        if value != "40.2":
            raise ValueError(f"got {value!r}, expected a gain of the tuner")
        obeyed.append(value)
        return "gain is 40.2 dB"

    async def main(listener: Listener, commands: bool) -> None:
        sink = sink_for(broker.port, tmp_path, controls={"gain": gain}, commands=commands)
        listener.publish(f"{BASE}/command/gain", b"40.2", retain=True)  # an old one must not be obeyed
        async with running(sink):
            await sink.finish()
            for name, payload in (("gain", b"9000"), ("gain", b"\xff\xfe"), ("reboot", b"now"), ("gain", b"40.2")):
                listener.publish(f"{BASE}/command/{name}", payload)
            if commands:
                await until(lambda: bool(obeyed))
            await sink.finish()

    with Listener(broker.port, f"{BASE}/command/+/response") as listener:
        asyncio.run(main(listener, False))
        assert (obeyed, "command" in caplog.text) == ([], False)
        asyncio.run(main(listener, True))
        listener.publish(f"{BASE}/command/gain", b"", retain=True)
        listener.wait_for(lambda messages: len(messages) == 3)
    assert obeyed == ["40.2"]
    answers = [json.loads(m.payload) for m in listener.messages]
    assert [answer["ok"] for answer in answers] == [False, False, True]
    assert answers[-1] == {"command": "gain", "ok": True, "text": "gain is 40.2 dB"}
    for text in ("'9000', expected a gain", "refused: command=gain", "command='reboot' known=gain", "gain is 40.2 dB"):
        assert text in caplog.text


def test_frames_are_beast_bytes_when_asked_for(broker: Mosquitto, tmp_path: Path) -> None:
    async def main(listener: Listener) -> None:
        sink = sink_for(broker.port, tmp_path, frames=True)
        sky = Sky(sink)
        async with running(sink):
            await sink.finish()
            frames = flight("ae4bd7", START_S)
            sky.hear(frames)
            await sink.finish()
            await got(listener, lambda messages: len(messages) == len(frames))
            assert b"".join(m.payload for m in listener.messages) == b"".join(frame_to_beast(one) for one in frames)

    with Listener(broker.port, f"{BASE}/frames") as listener:
        asyncio.run(main(listener))


def test_a_command_is_answered_where_its_sender_wants_it(broker: Mosquitto, tmp_path: Path) -> None:
    """Request and response of MQTT 5; a topic of ours is not for others to write to."""

    async def ask(topic: str) -> aiomqtt.Message:
        wanted = Properties(PacketTypes.PUBLISH)
        wanted.ResponseTopic, wanted.CorrelationData = topic, b"17"
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe(topic)
            await client.publish(f"{BASE}/command/gain", b"40.2", qos=1, properties=wanted)
            async with asyncio.timeout(30):
                return await anext(aiter(client.messages))

    async def main() -> aiomqtt.Message:
        sink = sink_for(broker.port, tmp_path, controls={"gain": lambda value: f"gain is {value} dB"}, commands=True)
        async with running(sink):
            await sink.finish()
            answer = await ask("answers/me")
            sink._command(Incoming(f"{BASE}/command/gain", b"1", False, f"{BASE}/status"))
            sink._command(Incoming(f"{BASE}/command/made/up", b"1", False, f"{BASE}/status"))
            await sink.finish()
        return answer

    with Listener(broker.port, "#") as listener:
        answer = asyncio.run(main())
        listener.wait_for(lambda messages: any(m.topic == f"{BASE}/command/gain/response" for m in messages))
    assert isinstance(answer.payload, bytes)
    assert answer.properties is not None
    assert answer.properties.CorrelationData == b"17"
    assert json.loads(answer.payload) == {"command": "gain", "ok": True, "text": "gain is 40.2 dB"}
    told = [message.topic for message in listener.messages if b'"ok"' in message.payload]
    assert told == ["answers/me", f"{BASE}/command/gain/response"]
