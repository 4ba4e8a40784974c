"""A broker, or the way to it, that dies or hangs while messages are on their way."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import receiver.broker.client as client_module
from receiver.broker.client import Connection
from receiver.sinks.mqtt import Publication
from tests.mosquitto import Listener, Mosquitto, free_port, retained, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, got, has, running, sink_for, until
from tests.receiver.sinks.mqtt.wire import wire_to
from tests.receiver.sinks.sky import START_S, Sky, alert, flight


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


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


def cut(connection: Connection) -> None:
    """Break it off: both sides notice, nothing is said."""
    open_socket: Any = connection._paho.socket()
    if open_socket is not None:
        open_socket.shutdown(socket.SHUT_RDWR)


def test_a_crash_is_told_by_the_will(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        with Listener(broker.port, f"{BASE}/status") as listener:
            sink = sink_for(broker.port, tmp_path)
            task = asyncio.create_task(sink.run())
            await got(listener, has(f"{BASE}/status", b"online"))
            connection = sink.publisher._connection
            assert connection is not None
            cut(connection)
            await got(listener, has(f"{BASE}/status", b"offline"))
            await got(listener, lambda messages: messages[-1].payload == b"online")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


def test_somebody_elses_offline_is_answered(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        with Listener(broker.port, f"{BASE}/status") as listener:
            sink = sink_for(broker.port, tmp_path)
            async with running(sink):
                await got(listener, has(f"{BASE}/status", b"online"))
                await sink.finish()
                for number, forged in enumerate((b"offline", b"", b"gone"), start=1):
                    listener.publish(f"{BASE}/status", forged, retain=True)
                    told = await got(
                        listener,
                        lambda messages, number=number: [m.payload for m in messages].count(b"online") > number,  # type: ignore[misc]
                    )
                    assert told[-1].payload == b"online"
                assert await asyncio.to_thread(retained, broker.port, f"{BASE}/status") == {f"{BASE}/status": b"online"}
            await got(listener, lambda messages: messages[-1].payload == b"offline")  # our own

    asyncio.run(main())


def test_a_publisher_whose_connection_is_cut_at_any_moment_can_be_cancelled(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        for turns in range(0, 60, 3):
            sink = sink_for(broker.port, tmp_path)
            task = asyncio.create_task(sink.run())
            await until(lambda sink=sink: sink.publisher._connection is not None)  # type: ignore[misc]
            for _ in range(turns):
                await asyncio.sleep(0)
            connection = sink.publisher._connection
            if connection is not None:
                cut(connection)
            await until(lambda sink=sink: sink.publisher.connects > 1)  # type: ignore[misc]
            task.cancel()
            await asyncio.wait({task}, timeout=10.0)
            assert task.cancelled()

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
