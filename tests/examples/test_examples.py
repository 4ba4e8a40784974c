"""The examples, run against a real broker and our sink."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.station import StationSettings
from receiver.tracking import Station
from tests.mosquitto import Listener, Mosquitto, free_port, running_mosquitto
from tests.receiver.sinks.mqtt.bus import got, has, running, sink_for, until
from tests.receiver.sinks.sky import START_S, Sky, alert, flight

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PICTURE = b"\x89PNG a picture"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


class Program:
    """A program whose lines of output can be waited for."""

    def __init__(self, *command: str, cwd: Path, **environment: str) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def wait_for(self, condition: Callable[[list[str]], bool], timeout_s: float = 15.0) -> None:
        with self._news:
            if not self._news.wait_for(lambda: condition(self.lines), timeout_s):
                raise TimeoutError("\n".join(self.lines[-30:]))

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 15)
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextlib.contextmanager
def program(*command: str, cwd: Path, **environment: str) -> Iterator[Program]:
    one = Program(*command, cwd=cwd, **environment)
    try:
        yield one
    finally:
        one.close()


async def station(broker: Mosquitto, tmp_path: Path, act: Callable[[Any, Sky], Any]) -> None:
    """A station at work while `act` does something with it."""
    sink = sink_for(broker.port, tmp_path, station=StationSettings(latitude=19.3, longitude=-99.2))
    sky = Sky(sink, station=Station(19.3, -99.2))
    async with running(sink):
        await sink.finish()
        await act(sink, sky)
        await sink.finish()


def test_python_prints_an_alert_once_and_saves_its_picture(broker: Mosquitto, tmp_path: Path) -> None:
    with program(
        sys.executable, str(EXAMPLES / "python/alerts.py"), "127.0.0.1", str(broker.port), cwd=tmp_path
    ) as one:
        one.wait_for(lambda lines: "listening" in lines)

        async def act(sink: Any, sky: Sky) -> None:
            sink.alert(alert(), PICTURE)
            sink.alert(alert(), None)
            await sink.finish()
            await until((tmp_path / f"{alert().id}.png").exists)
            sink.alert(alert(state="ended", now=START_S + 60), None)
            await asyncio.to_thread(one.wait_for, lambda lines: any("ended" in line for line in lines))

        asyncio.run(station(broker, tmp_path, act))
        assert [line.split()[:2] for line in one.lines] == [["listening"], ["warning", "raised"], ["warning", "ended"]]
        assert (tmp_path / f"{alert().id}.png").read_bytes() == PICTURE


def test_shell_tells_an_aircraft_and_that_it_has_left(broker: Mosquitto, tmp_path: Path) -> None:
    with program(str(EXAMPLES / "shell/aircraft.sh"), "127.0.0.1", str(broker.port), cwd=tmp_path) as one:

        async def act(sink: Any, sky: Sky) -> None:
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await asyncio.to_thread(one.wait_for, lambda lines: any("ae4bd7 TROY701 19000 " in line for line in lines))

        asyncio.run(station(broker, tmp_path, act))
        one.wait_for(lambda lines: lines[-1] == "ae4bd7 has left")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """mqtt.js and Node-RED, installed once beside the checkout's other environments."""
    directory = Path(os.environ.get("SQUITTER_NODE_MODULES", ROOT / ".node-examples"))
    if not (directory / "node_modules" / "node-red").exists():
        npm = shutil.which("npm")
        assert npm is not None, "npm is missing; on Debian: apt install npm"
        directory.mkdir(exist_ok=True)
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", str(directory), "node-red@4", "mqtt@5"],
            check=True,
            capture_output=True,
            timeout=600,
        )
    return directory / "node_modules"


@pytest.mark.slow
@pytest.mark.timeout(700)
def test_javascript_counts_the_aircraft_and_names_the_nearest(
    broker: Mosquitto, tmp_path: Path, node_modules: Path
) -> None:
    script = str(EXAMPLES / "javascript/nearby.js")
    with program("node", script, "127.0.0.1", str(broker.port), cwd=tmp_path, NODE_PATH=str(node_modules)) as one:
        one.wait_for(lambda lines: "listening" in lines)

        async def act(sink: Any, sky: Sky) -> None:
            sky.hear(flight("ae4bd7", START_S))
            sky.hear(flight("0d0a0b", START_S + 1, callsign="XAABC", latitude_deg=20.4))
            sky.second()
            await asyncio.to_thread(
                one.wait_for, lambda lines: any(line.startswith("2 in view, nearest TROY701 at ") for line in lines)
            )

        asyncio.run(station(broker, tmp_path, act))
        one.wait_for(lambda lines: lines[-1] == "0 in view")


@pytest.mark.slow
@pytest.mark.timeout(700)
def test_the_node_red_flow_keeps_its_table_and_announces_a_new_alert_once(
    broker: Mosquitto, tmp_path: Path, node_modules: Path
) -> None:
    flow = json.loads((EXAMPLES / "node-red/flow.json").read_text())
    for node in flow:
        if node["type"] == "mqtt-broker":
            node["port"] = str(broker.port)
        if node["id"] == "squitter-table":
            node["wires"][0].append("test-table")
    mqtt_out = next(node for node in flow if node["type"] == "mqtt out")
    flow.append({**mqtt_out, "id": "test-table", "topic": "", "wires": []})
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    (tmp_path / "settings.js").write_text("module.exports = { logging: { console: { level: 'info' } } };\n")
    red = str(node_modules / "node-red" / "red.js")
    with (
        Listener(broker.port, "house/#", "aircraft in view") as listener,
        program(
            "node", red, "-s", str(tmp_path / "settings.js"), "-u", str(tmp_path), "-p", str(free_port()), "flow.json",
            cwd=tmp_path,
        ) as one,
    ):  # fmt: skip
        one.wait_for(lambda lines: any("Connected to broker" in line for line in lines), 90.0)

        async def act(sink: Any, sky: Sky) -> None:
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            sink.alert(alert("quiet-1", severity="info"), None)
            sink.alert(alert(), None)
            sink.alert(alert(), None)
            sink.alert(alert(state="updated", now=START_S + 9), None)
            await got(listener, has("house/announce"), 30.0)
            await got(listener, has("aircraft in view"), 30.0)

        asyncio.run(station(broker, tmp_path, act))
        listener.wait_for(lambda messages: messages[-1].payload == b"[]", 30.0)
        announced = [message.payload.decode() for message in listener.messages if message.topic == "house/announce"]
        assert announced == [alert().text]
        table = next(json.loads(m.payload) for m in listener.messages if m.topic == "aircraft in view")
        assert table[0].items() >= {"hex": "ae4bd7", "flight": "TROY701", "altitude": 19000}.items()
