"""The real Home Assistant, a real mosquitto and our sinks: entities, faults, an alert, its picture, removal.

Needs the environment that scripts/test-home-assistant.sh makes; its interpreter is in SQUITTER_HOME_ASSISTANT_PYTHON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.home_assistant import HomeAssistantSettings
from config.station import StationSettings
from receiver.cli import main as squitter
from receiver.sinks.home_assistant import HomeAssistantSink
from tests.mosquitto import Mosquitto, free_port, running_mosquitto
from tests.receiver.sinks.mqtt.bus import running, sink_for
from tests.receiver.sinks.sky import Sky, alert, flight

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
PICTURE = b"\x89PNG\r\n\x1a\n a picture"
STATION = StationSettings(latitude=19.3, longitude=-99.2)


def blocks_of_docs(language: str) -> list[str]:
    """The code blocks of the page for users."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs/home-assistant.md").read_text(), re.M | re.S)


class HomeAssistant:
    """Home Assistant in a process of its own."""

    def __init__(self, directory: Path, broker_port: int) -> None:
        self.directory = directory
        self._broker_port = broker_port
        directory.mkdir(exist_ok=True)
        (directory / "automations.yaml").write_text(next(b for b in blocks_of_docs("yaml") if b.startswith("- alias")))

    def start(self) -> None:
        """Start it; back when it runs."""
        python = os.environ["SQUITTER_HOME_ASSISTANT_PYTHON"]
        with (self.directory / "stderr").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    python,
                    str(Path(__file__).with_name("core.py")),
                    self.directory,
                    str(self._broker_port),
                    str(free_port()),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._answer() == {"ready": True}

    def stop(self) -> None:
        """Stop it in good order."""
        assert self.ask("stop") == {"stopped": True}
        assert self._process.wait(30) == 0
        self.close()

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def ask(self, *question: str) -> Any:
        """Ask one of `core.Questions`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.strip():
                return json.loads(line)
        raise RuntimeError((self.directory / "stderr").read_text()[-4000:])

    async def states(self, condition: Callable[[dict[str, str]], bool], timeout_s: float = 30.0) -> dict[str, Any]:
        """All our entities, once the condition holds for their states by entity id."""
        deadline = time.monotonic() + timeout_s
        while True:
            found: dict[str, Any] = await asyncio.to_thread(self.ask, "states")
            states = {
                entity.split(".")[0] + "." + entity.split(".squitter_home_")[1]: found[entity] for entity in found
            }
            if condition({entity: state["state"] for entity, state in states.items()}):
                return states
            if time.monotonic() > deadline:
                raise TimeoutError(json.dumps({entity: state["state"] for entity, state in states.items()}, indent=1))
            await asyncio.sleep(0.2)


class Station:
    """Our sinks under a sky, as the service has them; a new one is a restart."""

    def __init__(
        self, broker: Mosquitto, directory: Path, trackers: tuple[tuple[str, str], ...] = (("drones", "Drones"),)
    ) -> None:
        self.mqtt = sink_for(broker.port, directory, station=STATION)
        self.ha = HomeAssistantSink(HomeAssistantSettings(), self.mqtt, "home", trackers, birth_delay_s=0.1)
        self.sky = Sky(self.mqtt, self.ha)
        self.sky.statistics = {
            "messages_per_s": 12.5,
            "noise_dbfs": -32.1,
            "gain_db": 40.2,
            "max_distance_nmi": 103.2,
            "samples_lost": 0,
        }
        self.hear()

    def hear(self) -> None:
        """One aircraft that speaks."""
        self.sky.hear(flight("ae4bd7", self.sky.now + 0.1))
        self.sky.second(10)

    def alert(self, state: str, picture: bytes | None = None) -> None:
        """An alert about it."""
        for sink in (self.mqtt, self.ha):
            sink.alert(alert(state=state, now=self.sky.now), picture)


ALIVE = {
    "sensor.aircraft": "1",
    "sensor.aircraft_with_position": "1",
    "sensor.message_rate": "12.5",
    "sensor.nearest_aircraft": "TROY701",
    "sensor.noise": "-32.1",
    "sensor.gain": "40.2",
    "sensor.next_overhead": "unknown",
    "binary_sensor.sample_loss": "off",
    "binary_sensor.clock": "off",
    "binary_sensor.receiver": "on",
    "binary_sensor.emergency": "off",
}


def alive(states: dict[str, str]) -> bool:
    return ALIVE.items() <= states.items()


def unavailable(states: dict[str, str]) -> bool:
    return len(states) == 13 and set(states.values()) == {"unavailable"}


@pytest.mark.skipif("SQUITTER_HOME_ASSISTANT_PYTHON" not in os.environ, reason="run by `make test-home-assistant`")
def test_entities_appear_survive_the_restart_of_each_and_an_alert_fires_with_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    async def main(broker: Mosquitto, core: HomeAssistant) -> None:
        station = Station(broker, tmp_path)
        async with running(station.mqtt, station.ha):
            states = await core.states(alive)
            assert len(states) == 13
            assert float(states["sensor.maximum_range"]["state"]) == pytest.approx(102 * 1.852, rel=0.01)  # metric: km
            assert states["device_tracker.drones"]["state"] == "unavailable"
            assert states["event.alert"]["state"] == "unknown"
            before = await asyncio.to_thread(core.ask, "registry")
            assert before["devices"] == ["Squitter home"]
            assert len(set(before["entities"].values())) == 12
            flooding = {
                entity: attributes
                for entity, state in states.items()
                if (attributes := set(state["attributes"]) & {"now", "nearest", "hex", "messages_per_s", "by_df"})
            }
            assert flooding == {}

            # an alert: event, automation, picture, tracker
            station.alert("raised", PICTURE)
            station.hear()
            states = await core.states(
                lambda s: s["device_tracker.drones"] == "not_home" and s["event.alert"] != "unknown"
            )
            attributes = states["event.alert"]["attributes"]
            assert (attributes["event_type"], attributes["rule"], attributes["severity"]) == (
                "raised",
                "drones",
                "warning",
            )
            assert "Valle de Bravo" in attributes["text"]
            assert states["device_tracker.drones"]["attributes"]["latitude"] == pytest.approx(19.4, abs=1e-3)
            picture = await asyncio.to_thread(core.ask, "image", "image.squitter_home_last_alert_picture")
            assert base64.b64decode(picture) == PICTURE
            notifications = await asyncio.to_thread(core.ask, "notifications")
            assert [text for text in notifications if text.startswith("Drones: TROY701, MQ-9")]
            station.alert("ended")
            states = await core.states(lambda s: s["device_tracker.drones"] == "unavailable")
            fired_at = states["event.alert"]["state"]
        await core.states(unavailable)

        # our restart
        station = Station(broker, tmp_path)
        async with running(station.mqtt, station.ha):
            await core.states(alive)
            # the broker's, with all state lost
            broker.kill()
            await core.states(unavailable)
            broker.start()
            station.hear()
            await core.states(alive, 60.0)
            # Home Assistant's
            await asyncio.to_thread(core.stop)
            await asyncio.to_thread(core.start)
            states = await core.states(alive)
            assert states["event.alert"]["state"] in (fired_at, "unknown")
            assert states["event.alert"]["attributes"].get("event_type") in ("ended", None)
            assert (await asyncio.to_thread(core.ask, "registry")) == before

        # a rule that no longer asks for a tracker takes its entity along
        station = Station(broker, tmp_path, ())
        async with running(station.mqtt, station.ha):
            states = await core.states(lambda s: alive(s) and len(s) == 11)
            assert "device_tracker.drones" not in states

        # removed, and nothing is left
        assert await asyncio.to_thread(squitter, ["ha", "remove", "--set", f"mqtt.port={broker.port}"]) == 0
        await core.states(lambda s: not s)
        assert await asyncio.to_thread(core.ask, "registry") == {"entities": {}, "devices": []}

    with running_mosquitto(tmp_path) as broker:
        core = HomeAssistant(tmp_path / "home-assistant", broker.port)
        core.start()
        try:
            asyncio.run(main(broker, core))
            core.stop()
            log = (core.directory / "stderr").read_text()
            assert not re.findall(
                r"^.*(?:WARNING|ERROR).*\[homeassistant\.components\.mqtt.*(?:template|discover|schema).*$", log, re.M
            )
        finally:
            core.close()


def test_the_dashboard_of_the_page_names_only_entities_that_exist() -> None:
    from receiver.sinks.home_assistant import discovery_payload
    from receiver.sinks.mqtt.topics import Topics

    known = {
        entity["default_entity_id"]
        for entity in discovery_payload(Topics("squitter/home"), "home")["components"].values()
    }
    dashboard = next(block for block in blocks_of_docs("yaml") if block.startswith("title"))
    named = set(re.findall(r"\b(?:sensor|binary_sensor|event|image)\.squitter_home_\w+", dashboard))
    assert len(named) == 11
    assert named <= known
