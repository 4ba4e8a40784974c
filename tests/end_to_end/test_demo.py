"""`squitter demo`: no dongle, no broker, no configuration."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho

from tests.end_to_end.squitter_process import running_squitter
from tests.mosquitto import Listener, free_port


def fetch(url: str, within_s: float) -> Any:
    """JSON of the map's server, as soon as it answers."""
    until = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_aircraft_are_on_the_map_and_on_a_broker_that_it_brings_along(tmp_path: Path) -> None:
    broker, page = free_port(), free_port()
    arguments = [
        "demo", "--scene", "busy-sky", "--live-from", "40", "--seconds", "60",
        "--set", f"mqtt.port={broker}", "--set", f"web.port={page}",
    ]  # fmt: skip
    with running_squitter(tmp_path, *arguments) as process:
        assert fetch(f"http://127.0.0.1:{page}/data/receiver.json", 60)["version"]
        with Listener(broker, "squitter/demo/#", protocol=paho.MQTTv311) as listener:
            listener.wait_for(lambda got: len({m.topic for m in got if "/aircraft/" in m.topic}) >= 10, 60)
            # live: samples that are modulated while they are heard
            listener.wait_for(
                lambda got: any(m.topic.endswith("/stats") and b'"samples_processed"' in m.payload for m in got), 60
            )
        found = fetch(f"http://127.0.0.1:{page}/data/aircraft.json", 10)["aircraft"]
        assert len(found) >= 10
        assert any("lat" in aircraft for aircraft in found)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and ".cache" not in path.parts]


def test_a_scene_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    with running_squitter(tmp_path, "demo", "--scene", "moon") as process:
        _, error = process.communicate(timeout=60)
        assert process.returncode == 2
        assert error.startswith("squitter: moon: no such file; built-in scenes: ")
