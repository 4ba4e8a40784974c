"""What the sink publishes, as a plain client of a real broker sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mosquitto import Listener, Mosquitto, retained, running_mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, got, has, newest, running, sink_for
from tests.receiver.sinks.sky import START_S, Sky, flight


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as broker:
        yield broker


def test_status_station_stats_summary_and_aircraft_are_retained_and_the_aircraft_goes_with_a_tombstone(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def main(listener: Listener) -> None:
        sink = sink_for(broker.port, tmp_path)
        sky = Sky(sink)
        async with running(sink):
            sky.hear(flight("ae4bd7", START_S))
            sky.second()
            await sink.finish()
            messages = await got(listener, has(f"{BASE}/aircraft/ae4bd7"))
            kept = await asyncio.to_thread(retained, broker.port, f"{BASE}/#")
            assert kept.keys() == {
                f"{BASE}/{name}" for name in ("status", "station", "stats", "summary", "aircraft/ae4bd7")
            }
            assert kept[f"{BASE}/status"] == b"online"
            aircraft = newest(messages, f"{BASE}/aircraft/ae4bd7")
            assert (aircraft["hex"], aircraft["flight"], aircraft["alt_baro"]) == ("ae4bd7", "TROY701 ", 19000)
            assert (aircraft["lat"], aircraft["lon"]) == (pytest.approx(19.4, abs=1e-3), pytest.approx(-99.1, abs=1e-3))
            first = next(m for m in messages if m.topic == f"{BASE}/aircraft/ae4bd7")
            assert first.properties is not None
            assert 0 < first.properties.MessageExpiryInterval <= 120
            assert first.properties.ContentType == "application/json"
            assert newest(messages, f"{BASE}/stats")["noise_dbfs"] == -32.1
            assert newest(messages, f"{BASE}/summary")["with_position"] == 1
            sky.second(400)
            await sink.finish()
            await got(listener, has(f"{BASE}/aircraft/ae4bd7", b""))
            await got(listener, has(f"{BASE}/events/left"))
            events = [m.topic.rsplit("/", 1)[1] for m in listener.messages if "/events/" in m.topic]
            assert events == ["appeared", "identified", "left"]
        await got(listener, has(f"{BASE}/status", b"offline"))

    with Listener(broker.port, f"{BASE}/#") as listener:
        asyncio.run(main(listener))
        assert f"{BASE}/aircraft/ae4bd7" not in retained(broker.port, "#")
