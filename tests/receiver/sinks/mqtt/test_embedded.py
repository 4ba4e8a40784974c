"""The broker in the process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from receiver.errors import SquitterError
from receiver.sinks.mqtt.embedded import embedded_broker
from tests.mosquitto import Listener
from tests.receiver.sinks.mqtt.bus import BASE, got, has, running, sink_for
from tests.receiver.sinks.sky import START_S, Sky, flight


def test_the_sink_falls_back_to_mqtt_3_1_1_and_its_state_and_tombstone_arrive(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with embedded_broker(0) as port:
            listener = await asyncio.to_thread(Listener, port, f"{BASE}/#", protocol=paho.MQTTv311)
            sink = sink_for(port, tmp_path)
            sky = Sky(sink)
            async with running(sink):
                sky.hear(flight("ae4bd7", START_S))
                sky.second()
                await sink.finish()
                await got(listener, has(f"{BASE}/aircraft/ae4bd7"))
                assert sink.publisher.version == "3.1.1"
                sky.second(400)
                await sink.finish()
                await got(listener, has(f"{BASE}/aircraft/ae4bd7", b""))
            await got(listener, has(f"{BASE}/status", b"offline"))
            await asyncio.to_thread(listener.__exit__)

    asyncio.run(main())
    assert not [record for record in caplog.records if record.name.startswith("amqtt") or record.levelname == "ERROR"]


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    async def main(port: int) -> None:
        async with embedded_broker(port):
            raise AssertionError("it started")

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SquitterError, match=f"127.0.0.1:{port}") as error:
            asyncio.run(main(port))
    assert "\n" not in str(error.value)


def connections(port: int) -> int:
    """How many sockets of this process are connected to a client of the port."""
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    ours = {f"socket:[{field[9]}]" for field in fields if field[1].endswith(f":{port:04X}") and field[3] != "0A"}
    opened = set()
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            opened.add(str(entry.readlink()))
    return len(ours & opened)


def test_a_client_is_sent_what_it_has_asked_for_and_nothing_else() -> None:
    def ask(port: int) -> list[list[str]]:
        with Listener(port, "#", protocol=paho.MQTTv311) as everything:  # nobody else's filter
            for topic in ("s/picture", "s/aircraft/1", "other/device"):
                everything.publish(topic, b"x", retain=True)
            answers = []
            for filters, last in ((("s/aircraft/+",), "s/aircraft/1"), (("s/#", "other/+"), "other/device")):
                with Listener(port, *filters, protocol=paho.MQTTv311) as listener:
                    found = listener.wait_for(lambda messages, last=last: any(m.topic == last for m in messages))  # type: ignore[misc]
                    answers.append([message.topic for message in found])
            return answers

    async def serve() -> list[list[str]]:
        async with embedded_broker(0) as port:
            answers = await asyncio.to_thread(ask, port)
            async with asyncio.timeout(10.0):  # until the broker has seen them go: it would leave their sockets open
                while connections(port):  # noqa: ASYNC110 - amqtt tells nobody
                    await asyncio.sleep(0.01)
            return answers

    assert asyncio.run(serve()) == [["s/aircraft/1"], ["s/picture", "s/aircraft/1", "other/device"]]
