"""Two hubs on three NATS servers: one leads, the other takes over."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client

from receiver.decode.parity import remainder
from receiver.fleet.heard import Record, encode
from receiver.fleet.nats.lease import Lease, LeaseLostError
from receiver.fleet.nats.stream import connect, ensure_stream, read
from receiver.sources.scene.scene import open_scene
from tests.end_to_end.squitter_process import running_squitter
from tests.mosquitto import Listener, Mosquitto, running_mosquitto
from tests.receiver.fleet.antennas import Antenna, messages
from tests.receiver.fleet.nats.cluster import SERVER, Cluster, running_cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None, reason="nats-server is missing; on Debian: apt install nats-server"),
]
T = TypeVar("T")
IN_NEED = 0x0D7E99
TROUBLE = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)


async def tried(work: Callable[[], Awaitable[T]], limit_s: float = 40.0) -> T:
    """What comes of it once the cluster has found together."""
    until_s = time.monotonic() + limit_s
    while True:
        try:
            return await work()
        except TROUBLE:
            if time.monotonic() > until_s:
                raise
            await asyncio.sleep(0.3)


async def ready(cluster: Cluster) -> Client:
    client = await tried(lambda: connect(cluster.url))
    js = client.jetstream(timeout=3.0)
    await tried(lambda: ensure_stream(js, "squitter", 3))
    return client


def test_a_lease_has_one_holder_and_passes_on(tmp_path: Path) -> None:
    async def main() -> None:
        with running_cluster(tmp_path) as cluster:
            client = await ready(cluster)
            try:
                js = client.jetstream(timeout=3.0)
                one, two = await tried(lambda: Lease.open(js, "one", 3)), await Lease.open(js, "two", 3)
                await one.take()
                holding = asyncio.create_task(one.hold())
                waiting = asyncio.create_task(two.take())
                await asyncio.sleep(7.0)  # longer than a lease that is not renewed lasts
                assert not waiting.done()
                assert not holding.done()
                holding.cancel()  # it dies
                async with asyncio.timeout(10.0):
                    await waiting
                with pytest.raises(LeaseLostError):
                    async with asyncio.timeout(10.0):
                        await one.hold()
                await two.keep(b"{}")
                assert await one.state() == b"{}"
                await two.give_up()
                async with asyncio.timeout(3.0):
                    await one.take()
            finally:
                await client.close()

    asyncio.run(main())


def test_the_stream_is_read_once_and_in_order_while_servers_come_and_go(tmp_path: Path) -> None:
    async def main() -> None:
        with running_cluster(tmp_path) as cluster:
            client = await ready(cluster)
            found: list[int] = []
            partitioned: set[str] = set()

            async def reading() -> None:
                async for stored in read(client.jetstream(timeout=3.0), time.time() - 60.0):
                    found.append(int(stored.payload))
                    if len(found) == 300:
                        return

            async def partition(message: object) -> None:
                partitioned.add(message.subject)  # type: ignore[attr-defined]

            task = asyncio.create_task(reading())
            try:
                await client.subscribe("fleet.>", cb=partition)
                for number in range(300):
                    await tried(partial(publish, client, number))
                    if number == 100:
                        cluster.kill(1)
                    if number == 200:
                        cluster.start(1)
                async with asyncio.timeout(40.0):
                    await task
                assert found == list(range(300))
                assert len({subject.split(".")[1] for subject in partitioned}) > 32
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await client.close()

    asyncio.run(main())


async def publish(client: Client, number: int) -> None:
    """A message that the server takes once, however often it is sent."""
    await client.jetstream(timeout=3.0).publish(
        f"squitter.roof.heard.{number:06x}", str(number).encode(), headers={"Nats-Msg-Id": str(number)}
    )


def in_need(at_s: float, antenna: Antenna) -> bytes:
    """An aircraft that sends 7700 and emergency, as a station tells it."""
    assert antenna.start_s is not None
    body = bytes((0x8D,)) + IN_NEED.to_bytes(3, "big") + bytes.fromhex("E12AAA00000000")
    data = body + remainder(body + bytes(3)).to_bytes(3, "big")
    ticks = round((at_s - antenna.start_s) * 120e6)
    records = [Record(data, ticks + 24_000_000 * n, -10.0, True) for n in range(4)]
    return encode(antenna.clock, antenna.start_s + antenna.offset_s, 0.1, records)


async def transmit(client: Client, seconds: float, emergency: tuple[float, float]) -> None:
    """Two stations publish a sky in real time."""
    antennas = [Antenna("a"), Antenna("b", offset_s=0.02)]
    frames = [frame for chunk in open_scene("busy-sky").frames(0.0, seconds, keep=0.2) for frame in chunk]
    arrivals = list(messages(frames, antennas))
    scene_s, began_s, now_s = frames[0].time_s, time.monotonic(), time.time()
    shift_s = now_s - scene_s
    second = -1
    for at, name, hex_, payload in arrivals:
        await asyncio.sleep(max(0.0, at - scene_s - (time.monotonic() - began_s)))
        anchor_us = int.from_bytes(payload[12:20], "big", signed=True) + round(shift_s * 1e6)
        payload = payload[:12] + anchor_us.to_bytes(8, "big", signed=True) + payload[20:]
        await client.publish(f"squitter.{name}.heard.{hex_}", payload)
        if int(at - scene_s) != second:
            second = int(at - scene_s)
            if emergency[0] <= second < emergency[1]:
                for antenna in antennas:
                    moved = Antenna(antenna.name, clock=antenna.clock, offset_s=antenna.offset_s)
                    assert antenna.start_s is not None
                    moved.start_s = antenna.start_s + shift_s
                    await client.publish(
                        f"squitter.{antenna.name}.heard.{IN_NEED:06x}", in_need(at + shift_s - 1.0, moved)
                    )


def hub_arguments(cluster: Cluster, broker: Mosquitto) -> tuple[str, ...]:
    settings = [f"mqtt.port={broker.port}", "history.enabled=false", "fleet.mlat=false"]
    return ("hub", "--nats", cluster.url, "--replicas", "3", *(part for one in settings for part in ("--set", one)))


def test_a_hub_dies_and_the_other_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        homes = [tmp_path / name for name in ("one", "two", "broker", "nats")]
        for home in homes:
            home.mkdir()
        with (
            running_cluster(homes[3]) as cluster,
            running_mosquitto(homes[2]) as broker,
            Listener(broker.port, "squitter/fleet/#") as listener,
        ):
            client = await ready(cluster)
            try:
                arguments = hub_arguments(cluster, broker)
                with running_squitter(homes[0], *arguments) as first:
                    await asyncio.to_thread(
                        listener.wait_for, lambda got: any(one.topic.endswith("/status") for one in got), 60.0
                    )
                    with running_squitter(homes[1], *arguments):
                        sky = asyncio.create_task(transmit(client, 60.0, (10, 58)))
                        await asyncio.to_thread(
                            listener.wait_for, lambda got: any("/alerts/" in one.topic for one in got), 60.0
                        )
                        cluster.kill(2)
                        await asyncio.sleep(3.0)
                        first.kill()
                        died, died_s = len(listener.messages), time.monotonic()
                        await asyncio.to_thread(
                            listener.wait_for,
                            lambda got: any("/aircraft/" in one.topic and one.payload for one in got[died:]),
                            25.0,
                        )
                        print(f"taken over after {time.monotonic() - died_s:.1f} s")
                        cluster.start(2)
                        await sky
            finally:
                await client.close()
            events = [json.loads(one.payload) for one in listener.messages if one.topic.endswith("/events/alert")]
            raised = [event["id"] for event in events if event["event_type"] == "raised"]
            assert len(raised) == len(set(raised))
            assert sum(f"{IN_NEED:06x}" in one for one in raised) == 1

    asyncio.run(main())
