"""What an earlier run left retained on the broker is cleared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mosquitto import Listener, Mosquitto, retained, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, running, sink_for, until
from tests.receiver.sinks.sky import START_S, Sky, flight


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


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


def test_thousands_of_leftovers_are_cleared(broker: Mosquitto, tmp_path: Path) -> None:
    async def main() -> None:
        with Listener(broker.port, f"{BASE}/status") as listener:
            for number in range(5000):
                last = listener._client.publish(f"{BASE}/aircraft/{number:06x}", b"{}", 1, retain=True)
            last.wait_for_publish(30)
            sink = sink_for(broker.port, tmp_path)
            async with running(sink):
                await until(lambda: sink.publisher._sweep.is_done and sink.publisher.is_connected, 60.0)
                await sink.publisher.drain()
        with Listener(broker.port, f"{BASE}/aircraft/+") as after:
            await asyncio.sleep(0.5)
            assert [message.topic for message in after.messages if message.payload] == []

    asyncio.run(main())
