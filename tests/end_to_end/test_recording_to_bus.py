"""From recorded samples to a real broker, seen by a plain MQTT client."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.end_to_end.squitter_process import running_squitter, squitter
from tests.mosquitto import Listener, Received, retained, running_mosquitto
from tests.recordings import KINDS, ULSS7, Made
from tests.shared_data import shared

STRONG = "iq/modes1_2000k_uc8.bin"
ONE, OTHER = "iq/d1090rs_1641427457780_2400k_uc8.bin", "iq/d1090rs_1641428106243_2400k_uc8.bin"
BASE = "squitter/home"


def aircraft(messages: list[Received], icao: str) -> list[bytes]:
    return [message.payload for message in messages if message.topic == f"{BASE}/aircraft/{icao}"]


def ended(messages: list[Received]) -> bool:
    return any(message.topic == f"{BASE}/status" and message.payload == b"offline" for message in messages)


def test_a_recording_becomes_an_aircraft_on_the_bus_and_leaves_it_again(tmp_path: Path) -> None:
    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/#") as listener:
        done = squitter(tmp_path, "replay", str(shared(STRONG)), "--speed", "max", "--set", f"mqtt.port={broker.port}")
        assert done.returncode == 0, done.stderr
        messages = listener.wait_for(ended)
        *told, tombstone = aircraft(messages, "4d2023")
        assert tombstone == b""
        newest = json.loads(told[-1])
        # as eight other programs decode it: AMC421 (Air Malta) descending over the Mediterranean
        assert newest["hex"] == "4d2023"
        assert newest["flight"] == "AMC421  "
        assert newest["squawk"] == "0112"
        assert 20_000 <= newest["alt_baro"] <= 24_300
        assert newest["lat"] == pytest.approx(37.15, abs=0.01)
        assert newest["lon"] == pytest.approx(13.76, abs=0.01)
        assert newest["messages"] >= 379
        left = json.loads(next(m.payload for m in messages if m.topic == f"{BASE}/events/left"))
        assert left["hex"] == "4d2023"
        assert left["time"] - newest["now"] >= 300  # departed_after_s, in signal time
        kept = retained(broker.port, "squitter/#")
        assert kept[f"{BASE}/status"] == b"offline"
        assert not [topic for topic in kept if "/aircraft/" in topic]


def test_samples_of_a_made_sky_become_aircraft_on_the_bus_and_leave_it_again(made: Made, tmp_path: Path) -> None:
    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/#") as listener:
        done = squitter(tmp_path, "replay", str(made.iq), "--speed", "max", "--set", f"mqtt.port={broker.port}")
        assert done.returncode == 0, done.stderr
        messages = listener.wait_for(ended)
        topics = {message.topic for message in messages if message.topic.startswith(f"{BASE}/aircraft/")}
        assert len(topics) >= 10
        for topic in topics:
            icao = topic.rsplit("/", 1)[1]
            *told, tombstone = aircraft(messages, icao)
            assert icao.startswith("0d7"), "the scene's own addresses and no other"
            assert tombstone == b""
            assert json.loads(told[-1])["hex"] == icao
        assert not [topic for topic in retained(broker.port, "squitter/#") if "/aircraft/" in topic]


def test_ordinary_traffic_of_two_recordings_in_a_row(tmp_path: Path) -> None:
    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/#") as listener:
        done = squitter(
            tmp_path, "replay", str(shared(ONE)), str(shared(OTHER)), "--speed", "max",
            "--set", f"mqtt.port={broker.port}",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        messages = listener.wait_for(ended)
        seen = {message.topic.rsplit("/", 1)[1] for message in messages if "/aircraft/" in message.topic}
        # a8aac8 sent one squitter, and one reply twice within 36 ms, which may be a copy: not published
        assert "a4ba02" in seen
        assert "a8aac8" not in seen
        stats = json.loads(next(m.payload for m in reversed(messages) if m.topic == f"{BASE}/stats" and m.payload))
        assert sum(stats["by_df"].values()) >= 11
        assert stats["aircraft"] >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_broker_that_is_killed_and_comes_back_empty_has_the_whole_state_again(
    kind: str, made: Made, tmp_path: Path
) -> None:
    with running_mosquitto(tmp_path) as broker:
        arguments = [
            "replay", str(made.beast if kind == "made" else shared(ULSS7)), "--speed", "8",
            "--set", f"mqtt.port={broker.port}", "--set", "mqtt.rate_hz=10",
        ]  # fmt: skip
        with running_squitter(tmp_path, *arguments) as process:
            with Listener(broker.port, f"{BASE}/aircraft/+") as listener:
                before = {m.topic for m in listener.wait_for(lambda got: len({m.topic for m in got}) >= 10, 60)}
            broker.kill()
            broker.start()
            with Listener(broker.port, f"{BASE}/#") as listener:
                messages = listener.wait_for(lambda got: before <= {m.topic for m in got if m.payload}, 60)
                assert any(m.topic == f"{BASE}/status" and m.payload == b"online" for m in messages)
                listener.wait_for(ended, 90)
            assert process.wait(30) == 0
        assert not [topic for topic in retained(broker.port, "squitter/#") if "/aircraft/" in topic]


def test_a_service_that_is_told_to_stop_says_so(made: Made, tmp_path: Path) -> None:
    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/#") as listener:
        arguments = ["replay", str(made.beast), "--set", f"mqtt.port={broker.port}"]
        with running_squitter(tmp_path, *arguments) as process:
            listener.wait_for(lambda got: any("/aircraft/" in m.topic for m in got), 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            listener.wait_for(ended, 10)


def test_without_a_broker_a_replay_ends_all_the_same_and_says_why_nobody_heard_it(made: Made, tmp_path: Path) -> None:
    done = squitter(tmp_path, "replay", str(made.iq), "--speed", "max", "--set", "mqtt.port=1")
    assert done.returncode == 0
    assert "127.0.0.1:1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--speed", "0"], "--speed"),
        (["--set", "mqtt.prot=1884"], "did you mean mqtt.port"),
        (["--set", "receiver.gain=512"], '"auto"'),
    ],
)
def test_bad_usage_ends_before_anything_is_sent(arguments: list[str], says: str, made: Made, tmp_path: Path) -> None:
    done = squitter(tmp_path, "replay", str(made.iq), *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_is_replayed_with_the_services_settings_goes_nowhere_unless_asked(made: Made, tmp_path: Path) -> None:
    folders = ("json", "history", "alerts")
    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "#") as listener:
        (tmp_path / "squitter.toml").write_text(
            f"""
            mqtt = {{ port = {broker.port} }}
            outbox = {{ file = "{tmp_path}/outbox.sqlite3" }}
            json_files = {{ dir = "{tmp_path}/json" }}
            history = {{ dir = "{tmp_path}/history" }}
            alerts = {{ dir = "{tmp_path}/alerts" }}
            metrics = {{ textfile = "{tmp_path}/squitter.prom" }}
            web = {{ enabled = true, port = 0 }}
            watch = {{ state_file = "{tmp_path}/watch.json" }}
            [[notify.channel]]
            name = "phone"
            kind = "webhook"
            url = "http://127.0.0.1:9/"
            local_network = true
            """
        )
        arguments = ["replay", str(made.beast), "--speed", "max", "--config", str(tmp_path / "squitter.toml")]
        done = squitter(tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
        assert "No output is active" in done.stderr
        assert listener.messages == []
        left = {path.name for path in tmp_path.iterdir()}
        assert not left & {*folders, "squitter.prom", "outbox.sqlite3", "watch.json", "watch.json.gz"}
        done = squitter(tmp_path, *arguments, "--set", "json_files.interval_s=1")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "json" / "aircraft.json").is_file()
        assert listener.messages == []
