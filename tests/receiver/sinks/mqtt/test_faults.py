"""A broker that is absent, refuses, is old, or is used by another with our name."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import receiver.sinks.mqtt.outgoing as outgoing_module
from receiver.back_off import BackOff, doubling
from receiver.sinks.mqtt import Publication
from tests.mosquitto import Listener, Mosquitto, free_port, retained, running_mosquitto
from tests.receiver.network import serving
from tests.receiver.sinks.mqtt.bus import BASE, got, has, newest, running, sink_for, until
from tests.receiver.sinks.sky import START_S, Sky, alert, flight


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


def test_a_broker_that_is_absent_at_start_gets_everything_when_it_comes(tmp_path: Path) -> None:
    async def main() -> None:
        broker = Mosquitto(tmp_path)
        sink = sink_for(broker.port, tmp_path)
        sky = Sky(sink)
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            sink.alert(alert(), None)
            await until(lambda: sink.publisher._back_off.failures > 1)
            broker.start()
            try:
                with Listener(broker.port) as listener:
                    for topic in ("status", "station", "stats", "aircraft/ae4bd7", "events/identified", "events/alert"):
                        await got(listener, has(f"{BASE}/{topic}"))
                    await got(listener, has(f"{BASE}/alerts/{alert().id}"))
            finally:
                broker.kill()

    asyncio.run(main())


def test_refused_credentials_are_told_once_without_the_password_and_right_ones_from_a_file_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import subprocess

    (tmp_path / "passwords").touch(mode=0o600)
    subprocess.run(
        ["mosquitto_passwd", "-b", str(tmp_path / "passwords"), "squitter", "s3cret-word"],
        check=True,
        capture_output=True,
    )
    (tmp_path / "password").write_text("s3cret-word\n")

    async def main(broker: Mosquitto) -> None:
        wrongs: list[dict[str, Any]] = [{}, {"username": "squitter", "password": "wr0ng-word"}]
        for wrong in wrongs:
            sink = sink_for(broker.port, tmp_path, **wrong)
            async with running(sink):
                await until(lambda sink=sink: sink.publisher._back_off.failures > 3)  # type: ignore[misc]
            told = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
            assert len(told) == 1, told
            caplog.clear()
        sink = sink_for(broker.port, tmp_path, username="squitter", password_file=tmp_path / "password")
        async with running(sink):
            assert await sink.publisher.drain()
            assert sink.publisher.version == "5"

    caplog.set_level(logging.DEBUG)
    extra = f"allow_anonymous false\npassword_file {tmp_path / 'passwords'}"
    with running_mosquitto(tmp_path, extra=extra) as broker:
        asyncio.run(main(broker))
    assert "word" not in caplog.text.replace("password", "")


def test_a_broker_whose_rules_forbid_our_topics_is_told_of_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main(port: int) -> None:
        sink = sink_for(port, tmp_path)
        async with running(sink):
            sink.alert(alert(), None)
            assert await sink.publisher.drain()
            assert sink.statistics()["refused_total"] == 2  # the alert and its event

    (tmp_path / "rules").write_text(f"topic readwrite {BASE}/status\ntopic read #\n")
    with running_mosquitto(tmp_path, extra=f"allow_anonymous true\nacl_file {tmp_path / 'rules'}") as broker:
        asyncio.run(main(broker.port))
    assert "refuses to take messages such as squitter/home/" in caplog.text


def test_two_clients_with_one_id_do_not_throw_each_other_out_without_end(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        one = sink_for(broker.port, tmp_path, outbox_file=tmp_path / "1")
        two = sink_for(broker.port, tmp_path, outbox_file=tmp_path / "2")
        one.publisher._back_off = BackOff(doubling(0.2, 5.0))
        two.publisher._back_off = BackOff(doubling(0.2, 5.0))
        async with running(one, two):
            await until(lambda: one.publisher.connects + two.publisher.connects >= 3)
            await asyncio.sleep(2.0)
            # it would be some hundred without the growing wait
            assert one.publisher.connects + two.publisher.connects < 14

    asyncio.run(main())
    assert "another client is called squitter-home" in caplog.text


def test_state_that_has_waited_for_the_broker_expires_as_if_it_had_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_s = 0.0
    monkeypatch.setattr(outgoing_module, "time", types.SimpleNamespace(monotonic=lambda: time.monotonic() + late_s))

    async def main() -> None:
        nonlocal late_s
        broker = Mosquitto(tmp_path)
        sink = sink_for(broker.port, tmp_path)
        sink.publisher.put(Publication(f"{BASE}/aircraft/aaaaaa", b"{}", retain=True, expiry_s=30))
        sink.publisher.put(Publication(f"{BASE}/aircraft/bbbbbb", b"{}", retain=True, expiry_s=120))
        late_s = 50.0
        broker.start()
        try:
            with Listener(broker.port, f"{BASE}/#") as listener:
                async with running(sink):
                    assert await sink.publisher.drain()
                    messages = await got(listener, has(f"{BASE}/aircraft/bbbbbb"))
        finally:
            broker.kill()
        assert not has(f"{BASE}/aircraft/aaaaaa")(messages)
        properties = next(m for m in messages if m.topic.endswith("bbbbbb")).properties
        assert properties is not None
        assert 60 <= properties.MessageExpiryInterval <= 70

    asyncio.run(main())


def test_without_a_broker_neither_state_nor_tombstones_pile_up(tmp_path: Path) -> None:
    async def main() -> None:
        sink = sink_for(free_port(), tmp_path)
        sky = Sky(sink)
        async with running(sink):
            for i in range(300):
                sky.hear(flight(f"{0xA00000 + i:06x}", sky.now + 1))
                sky.second(400)
                await asyncio.sleep(0)
            assert sink.publisher.statistics()["pending"] < 10
            assert sink.publisher.statistics()["topics"] < 10

    asyncio.run(main())


def test_an_old_broker_that_hangs_up_on_mqtt_5_gets_3_1_1_at_once(broker: Mosquitto, tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.read(1000)
        version = connect[connect.index(b"MQTT") + 4]
        seen.append(version)
        if version == 5:
            writer.close()
            return
        there, to_there = await asyncio.open_connection("127.0.0.1", broker.port)
        try:
            to_there.write(connect)
            await asyncio.gather(forward(reader, to_there), forward(there, writer))
        finally:
            to_there.transport.abort()
            await asyncio.gather(to_there.wait_closed(), return_exceptions=True)

    async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    async def main() -> None:
        async with serving(serve) as port:
            sink = sink_for(port, tmp_path)
            async with running(sink):
                await until(lambda: sink.publisher.is_connected, 3.0)
                assert sink.publisher.version == "3.1.1"

    seen: list[int] = []
    asyncio.run(main())
    assert seen == [5, 4]


def test_an_alert_that_ends_while_the_broker_is_away_leaves_nothing_retained_but_is_told(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        sink = sink_for(broker.port, tmp_path)
        async with running(sink):
            sink.alert(alert(), b"\x89PNG")
            await sink.finish()
            broker.freeze()
            sink.alert(alert(state="updated", now=START_S + 5), None)
            sink.alert(alert(state="ended", now=START_S + 9), None)
            broker.thaw()
            await sink.finish()
            await got(listener, has(f"{BASE}/alerts/{alert().id}", b""))
            states = [json.loads(m.payload)["state"] for m in listener.messages if m.topic == f"{BASE}/events/alert"]
            assert states == ["raised", "updated", "ended"]
            assert newest(listener.messages, f"{BASE}/alerts/{alert().id}")["ended_at"] == START_S + 9
        assert await asyncio.to_thread(retained, broker.port, f"{BASE}/alerts/#") == {}

    with Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(listener))
