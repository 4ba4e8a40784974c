"""Station and hub on a NATS server's MQTT port, with the users of the example configuration."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.fleet import FleetSettings
from config.mqtt import MqttSettings
from config.station import StationSettings
from receiver.broker.address import address_of
from receiver.clock import SignalClock
from receiver.fleet.fleet import Fleet
from receiver.sinks.fleet import FleetSink
from receiver.sources.fleet import FleetSource
from receiver.wire.frame import Frame
from tests.mosquitto import free_port
from tests.receiver.network import until

SERVER = shutil.which("nats-server", path="/usr/sbin:/usr/local/bin:/usr/bin")
EXAMPLE = Path(__file__).parents[3] / "config" / "nats-fleet.conf"
SQUITTER = bytes.fromhex("8D4840D6202CC371C32CE0576098")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None, reason="nats-server is missing; on Debian: apt install nats-server"),
]


@contextlib.contextmanager
def running_nats(folder: Path) -> Iterator[int]:
    """A server with the example configuration; the port that speaks MQTT."""
    port, mqtt = free_port(), free_port()
    text = EXAMPLE.read_text()
    text = text.replace("127.0.0.1:4222", f"127.0.0.1:{port}").replace("port: 1883", f'host: "127.0.0.1", port: {mqtt}')
    (folder / "nats.conf").write_text(text.replace('"/data"', f'"{folder / "store"}"'))
    assert SERVER is not None
    with (folder / "nats.log").open("wb") as log:
        process = subprocess.Popen(
            [SERVER, "-c", str(folder / "nats.conf")],
            env={"HUB_PASSWORD": "h", "ROOF_PASSWORD": "r"},
            stdout=log,
            stderr=log,
        )
        try:
            until_s = time.monotonic() + 20.0
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", mqtt), timeout=1.0).close()
                    break
                assert time.monotonic() < until_s, (folder / "nats.log").read_text()
                assert process.poll() is None, (folder / "nats.log").read_text()
                time.sleep(0.05)
            yield mqtt
        finally:
            process.kill()
            process.wait(20)


def station(port: int, name: str) -> FleetSink:
    mqtt = MqttSettings(port=port, username="roof", password=SecretStr("r"))
    return FleetSink(FleetSettings(publish=True), mqtt, StationSettings(name=name), backoff_s=(0.05, 0.1))


def test_a_station_writes_its_own_topics_and_no_others(tmp_path: Path) -> None:
    async def main() -> None:
        with running_nats(tmp_path) as port:
            fleet = Fleet()
            mqtt = MqttSettings(port=port, username="hub", password=SecretStr("h"))
            hub = FleetSource(
                replace(address_of(mqtt, "hub")), "auto", "squitter", fleet, SignalClock(), backoff_s=(0.05, 0.1)
            )
            own, foreign = station(port, "roof"), station(port, "cellar")
            work = [asyncio.create_task(one.run()) for one in (hub, own, foreign)]
            try:
                await until(lambda: hub.health.state == "open" and own.connected)
                for sink in (foreign, own):
                    sink.frames([Frame(SQUITTER, 1.7e9, 1000, -10.0, source="rtlsdr")], 1.7e9)
                    sink.frames([], 1.7e9 + 2)
                await until(lambda: "roof" in fleet.stations and fleet.stations["roof"].frames == 1)
                await until(lambda: not len(foreign._spool) or not foreign.connected)
                assert "cellar" not in fleet.stations
            finally:
                for one in work:
                    one.cancel()
                await asyncio.gather(*work, return_exceptions=True)

    asyncio.run(main())
