"""What becomes of state, events and alerts when the broker or the way to it fails."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import receiver.broker.client as client_module
import receiver.sinks.mqtt.outgoing as outgoing_module
from receiver.back_off import BackOff, doubling
from receiver.sinks.mqtt import Publication
from tests.mosquitto import Listener, Mosquitto, free_port, retained, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, got, has, newest, running, sink_for, until
from tests.receiver.sinks.mqtt.wire import wire_to
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


def test_a_broker_that_was_killed_and_has_lost_its_state_holds_all_of_it_again(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main() -> None:
        sink = sink_for(broker.port, tmp_path)
        sky = Sky(sink)
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S) + flight("ae4bd8", START_S + 1, callsign="TROY702"))
            sky.second()
            sink.alert(alert(), b"\x89PNG one")
            await sink.finish()
            before = await asyncio.to_thread(retained, broker.port, f"{BASE}/#")
            broker.kill()
            # while it is away one aircraft leaves, another comes
            sky.hear(flight("0d0a0b", START_S + 280, callsign="XAABC"))
            sky.second(100)
            broker.start()
            await sink.finish()
            after = await asyncio.to_thread(retained, broker.port, f"{BASE}/#")
            gone = {f"{BASE}/aircraft/ae4bd7", f"{BASE}/aircraft/ae4bd8"}
            assert before.keys() - gone == after.keys() - {f"{BASE}/aircraft/0d0a0b"}
            assert after.keys().isdisjoint(gone)
            assert f"{BASE}/aircraft/0d0a0b" in after
            assert after[f"{BASE}/alerts/{alert().id}/picture"] == b"\x89PNG one"
            assert after[f"{BASE}/status"] == b"online"

    asyncio.run(main())


def test_what_an_earlier_run_left_retained_is_cleared_except_open_alerts(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        with Listener(broker.port, "nothing") as listener:
            for topic in (
                "aircraft/abc123",
                "alerts/old",
                "alerts/old/picture",
                "alerts/still-open",
                "trackers/drones",
            ):
                listener.publish(f"{BASE}/{topic}", b"{}", retain=True)
            listener.publish("squitter/elsewhere/aircraft/abc123", b"{}", retain=True)
        sink = sink_for(broker.port, tmp_path)
        sink._open_elsewhere = lambda: {"still-open"}
        sky = Sky(sink)
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await sink.finish()
            kept = await asyncio.to_thread(retained, broker.port, "squitter/#")
        ours = {topic.removeprefix(f"{BASE}/") for topic in kept if topic.startswith(BASE)}
        assert ours == {"status", "station", "stats", "summary", "aircraft/ae4bd7", "alerts/still-open"}
        assert "squitter/elsewhere/aircraft/abc123" in kept

    asyncio.run(main())


def test_a_frozen_broker_holds_nobody_up_and_gets_the_newest_state_when_it_thaws(
    broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(client_module, "CONNECT_TIMEOUT_S", 1.0)

    async def main() -> None:
        sink = sink_for(broker.port, tmp_path)
        async with running(sink):
            await sink.finish()
            broker.freeze()
            padding = b"x" * 2000
            for i in range(20_000):  # `put` is no coroutine: it cannot wait for anybody
                sink.publisher.put(Publication(f"{BASE}/aircraft/{i % 500:06x}", b"%d " % i + padding, retain=True))
                if i % 200 == 0:
                    await asyncio.sleep(0)
            assert len(sink.publisher.pending) <= 510
            sink.alert(alert(), None)
            await until(lambda: not sink.publisher.is_connected)
            broker.thaw()
            assert await sink.publisher.drain()
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/aircraft/+", f"{BASE}/alerts/+")
            assert len(kept) == 501
            assert {int(payload.split()[0]) for topic, payload in kept.items() if "/aircraft/" in topic} == set(
                range(19_500, 20_000)
            )

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


def test_a_black_hole_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async def main() -> None:
        async with wire_to(free_port()) as wire:
            wire.cut()
            sink = sink_for(wire.port, tmp_path)
            async with running(sink):
                await until(lambda: wire.connections == 1)
                sink.alert(alert(), None)
                began_s = time.monotonic()
            assert time.monotonic() - began_s < 7
        # and the alert is delivered by the next run
        with running_mosquitto(tmp_path) as broker, Listener(broker.port, f"{BASE}/alerts/#") as listener:
            sink = sink_for(broker.port, tmp_path)
            async with running(sink):
                await got(listener, has(f"{BASE}/alerts/{alert().id}"))
                await sink.finish()
            assert retained(broker.port, f"{BASE}/alerts/#") == {}

    asyncio.run(main())


def test_a_crash_is_told_by_the_will(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        with Listener(broker.port, f"{BASE}/status") as listener:
            sink = sink_for(broker.port, tmp_path)
            task = asyncio.create_task(sink.run())
            await got(listener, has(f"{BASE}/status", b"online"))
            connection = sink.publisher._connection
            assert connection is not None
            connection._paho._sock_close()
            await got(listener, has(f"{BASE}/status", b"offline"))
            await got(listener, lambda messages: messages[-1].payload == b"online")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


@pytest.mark.slow
def test_a_vanished_network_is_told_by_the_will_within_45_seconds_and_healed_when_it_is_back(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main() -> None:
        async with wire_to(broker.port) as wire:
            with Listener(broker.port, f"{BASE}/#") as listener:
                sink = sink_for(wire.port, tmp_path)
                async with running(sink):
                    await got(listener, has(f"{BASE}/status", b"online"))
                    await sink.finish()
                    wire.cut()
                    began_s = time.monotonic()
                    sink.alert(alert(), None)
                    await got(listener, has(f"{BASE}/status", b"offline"), 60.0)
                    assert time.monotonic() - began_s <= 45.0
                    wire.mend()
                    await got(listener, has(f"{BASE}/alerts/{alert().id}"), 60.0)
                    await got(listener, lambda messages: any(m.payload == b"online" for m in messages[3:]), 60.0)

    asyncio.run(main())


@pytest.mark.slow
def test_a_thousand_alerts_arrive_all_while_the_broker_is_killed_twenty_times(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        chance = random.Random(6)
        sink = sink_for(broker.port, tmp_path)
        async with running(sink):
            for i in range(1000):
                sink.alert(alert(f"drones-{i:06x}", now=START_S + i), None)
                await asyncio.sleep(chance.uniform(0, 0.02))
                if i % 50 == 25:
                    await asyncio.to_thread(broker.kill)
                    await asyncio.sleep(chance.uniform(0, 0.2))
                    await asyncio.to_thread(broker.start)
            assert await sink.publisher.drain()
            wanted = {f"{BASE}/alerts/drones-{i:06x}" for i in range(1000)}
            # the listener is cut off by each kill, too: what it has missed is retained
            await asyncio.sleep(1.0)
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/alerts/+")
            assert wanted <= kept.keys()
            told = {json.loads(m.payload)["id"] for m in listener.messages if "/events/alert" in m.topic}
            assert len(told) > 500
            assert sink.publisher.box.dropped == 0
            assert len(sink.publisher.box) == 0

    with Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(listener))


def test_a_hundred_alerts_arrive_all_while_the_broker_is_killed_three_times(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        sink = sink_for(broker.port, tmp_path)
        async with running(sink):
            for i in range(100):
                sink.alert(alert(f"drones-{i:06x}", now=START_S + i), None)
                await asyncio.sleep(0.005)
                if i % 30 == 20:
                    await asyncio.to_thread(broker.kill)
                    await asyncio.to_thread(broker.start)
            assert await sink.publisher.drain()
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/alerts/+")
            assert {f"{BASE}/alerts/drones-{i:06x}" for i in range(100)} <= kept.keys()

    asyncio.run(main())


def test_an_event_whose_acknowledgement_never_came_is_sent_again(
    broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(client_module, "CONNECT_TIMEOUT_S", 0.5)

    async def main(listener: Listener) -> None:
        async with wire_to(broker.port) as wire:
            sink = sink_for(wire.port, tmp_path)
            sky = Sky(sink)
            async with running(sink):
                await sink.finish()
                wire.cut()
                sky.hear(flight("ae4bd7", START_S))
                await until(lambda: not sink.publisher.is_connected)
                assert not [m for m in listener.messages if "/events/" in m.topic]
                wire.mend()
                await got(listener, has(f"{BASE}/events/appeared"))
                await got(listener, has(f"{BASE}/events/identified"))

    with Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(listener))


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
        to_there.write(connect)

        async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
            sink.close()

        await asyncio.gather(forward(reader, to_there), forward(there, writer))

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        sink = sink_for(server.sockets[0].getsockname()[1], tmp_path)
        async with running(sink):
            await until(lambda: sink.publisher.is_connected, 3.0)
            assert sink.publisher.version == "3.1.1"
        server.close()
        await asyncio.sleep(0.05)

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


def test_thousands_of_leftovers_are_cleared(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        with Listener(broker.port, f"{BASE}/status") as listener:
            for number in range(2500):
                listener._client.publish(f"{BASE}/aircraft/{number:06x}", b"{}", 1, retain=True).wait_for_publish(30)
            sink = sink_for(broker.port, tmp_path)
            async with running(sink):
                await until(lambda: sink.publisher._sweep.is_done and sink.publisher.is_connected, 60.0)
                await sink.publisher.drain()
        with Listener(broker.port, f"{BASE}/aircraft/+") as after:
            await asyncio.sleep(0.5)
            assert [message.topic for message in after.messages if message.payload] == []

    asyncio.run(main())
