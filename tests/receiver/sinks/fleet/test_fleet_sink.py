"""A station publishes what it receives; a hub takes it in: both on a real broker."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.fleet import FleetSettings
from config.mqtt import MqttSettings
from config.station import StationSettings
from receiver.broker.address import address_of
from receiver.clock import SignalClock
from receiver.fleet.fleet import Fleet
from receiver.fleet.heard import decode
from receiver.sinks import Air
from receiver.sinks.fleet import FleetSink
from receiver.sinks.fleet.spool import Spool, Waiting
from receiver.sources.fleet import FleetSource
from receiver.wire.frame import Frame
from tests.mosquitto import Listener, running_mosquitto
from tests.receiver.network import until

SQUITTER = bytes.fromhex("8D4840D6202CC371C32CE0576098")
REPLY = bytes.fromhex("200012B0F1A0B4")
AIR = Air(0.0, {}, {}, {"source": "rtlsdr", "clock": {"synchronised": True, "steps": 0}, "samples_lost": 0})


def frame(at: float, data: bytes = SQUITTER, **changes: Any) -> Frame:
    whole = {"counter_12mhz": round(at * 12e6), "signal_dbfs": -10.0, "source": "rtlsdr"}
    return Frame(data, 1.7e9 + at, **{**whole, **changes})


def sink(port: int = 1, **fleet: Any) -> FleetSink:
    station = StationSettings(name="roof", latitude=19.123456, longitude=-100.654321, altitude_m=1850)
    return FleetSink(FleetSettings(publish=True, **fleet), MqttSettings(port=port), station, backoff_s=(0.05, 0.1))


def waiting(one: FleetSink) -> list[Waiting]:
    return one._spool.take(1000)


def test_an_aircraft_gets_one_message_a_second() -> None:
    station = sink()
    for tenth in range(31):
        station.frames([frame(tenth / 10)], 1.7e9 + tenth / 10)
    messages = waiting(station)
    assert [message.topic for message in messages] == ["squitter/roof/heard/4840d6"] * 2
    counts = [len(decode(message.payload, 0x4840D6)[1]) for message in messages]
    assert all(10 <= count <= 11 for count in counts)


def test_times_are_finer_than_the_counter() -> None:
    station = sink()
    station.frames([frame(1.0, counter_fraction=0.3)], 1.7e9 + 1.0)
    station.frames([], 1.7e9 + 2.5)
    head, records = decode(waiting(station)[0].payload, 0x4840D6)
    assert records[0].ticks == 120_000_003
    assert head.anchor_us / 1e6 == pytest.approx(1.7e9, abs=1e-3)


def test_replies_count_only_of_aircraft_that_have_proved_themselves() -> None:
    station = sink()
    station.frames([frame(0.0, REPLY)], 1.7e9)
    station.frames([], 1.7e9 + 5)
    assert waiting(station) == []


def test_what_came_in_beside_the_source_is_another_stations() -> None:
    station = sink()
    station.frames([frame(0.0, source="network", found="network")], 1.7e9)
    station.frames([], 1.7e9 + 5)
    assert waiting(station) == []


def test_lost_samples_are_another_counter() -> None:
    station = sink()
    station.frames([frame(0.0)], 1.7e9)
    station.second(AIR)
    station.second(Air(1.0, {}, {}, {**AIR.statistics, "samples_lost": 5}))
    station.frames([frame(3.0)], 1.7e9 + 3)
    station.frames([], 1.7e9 + 5)
    clocks = [decode(message.payload, 0x4840D6)[0].clock for message in waiting(station)]
    assert len(clocks) == len(set(clocks)) == 2


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 300)), max_size=40), st.integers(0, 2000))
def test_the_spool_is_bounded_and_loses_the_oldest(rows: list[tuple[int, int]], most: int) -> None:
    spool = Spool(most, 1e9)
    made = 0.0
    for step, size in rows:
        made += step
        spool.put(Waiting(made, "t", bytes(size)))
        assert spool.bytes <= most
    kept = len(spool)
    out = [spool.take(7) for _ in range(kept // 7 + 1)]
    assert sum(map(len, out)) == kept == len(rows) - spool.dropped
    assert spool.bytes == 0
    newest_first = [one.made_s for batch in out for one in reversed(batch)]
    assert newest_first == sorted(newest_first, reverse=True)


def test_what_could_not_be_sent_is_given_back() -> None:
    spool = Spool(1000, 1e9)
    for made in range(5):
        spool.put(Waiting(float(made), "t", b"xx"))
    taken = spool.take(2)
    spool.put(Waiting(9.0, "t", b"xx"))
    spool.give_back(taken)
    assert [one.made_s for one in spool.take(9)] == [0.0, 1.0, 2.0, 3.0, 4.0, 9.0]
    assert spool.bytes == 0


@pytest.mark.parametrize("shared", [True, False])
def test_from_station_to_hub_over_a_broker_that_goes_and_comes(tmp_path: Path, shared: bool) -> None:
    async def main() -> None:
        with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/roof/#") as listener:
            station = sink(broker.port, share_location=shared)
            fleet, clock = Fleet(), SignalClock()
            mqtt = MqttSettings(port=broker.port)
            hub = FleetSource(address_of(mqtt, "hub"), "auto", "squitter", fleet, clock, backoff_s=(0.05, 0.1))
            work = [asyncio.create_task(station.run()), asyncio.create_task(hub.run())]
            try:
                await until(lambda: station.connected and hub.health.state == "open")
                station.second(AIR)
                station.frames([frame(0.0)], 1.7e9)
                station.frames([], 1.7e9 + 1.5)
                await until(lambda: "roof" in fleet.stations and fleet.stations["roof"].frames == 1)
                await until(lambda: fleet.stations["roof"].clock.get("synchronised") is True)
                broker.stop()
                await until(lambda: not station.connected)
                station.frames([frame(2.0)], 1.7e9 + 2)
                station.frames([], 1.7e9 + 4)
                broker.start()
                await until(lambda: station.connected and hub.health.state == "open")
                await until(lambda: station.statistics()["waiting"] == 0.0)
                assert station.connects == 2
            finally:
                for one in work:
                    one.cancel()
                await asyncio.gather(*work, return_exceptions=True)
            if shared:
                assert fleet.stations["roof"].place == (19.123456, -100.654321, 1850.0)
            else:
                assert fleet.stations["roof"].place is None
                assert b"19.12" not in b"".join(listener.state().values())
            assert json.loads(listener.state()["squitter/roof/clock"])["ticks_hz"] == 120_000_000

    asyncio.run(main())


@given(st.text(max_size=60), st.binary(max_size=200), st.booleans())
def test_whatever_the_broker_brings_is_borne(topic: str, payload: bytes, retain: bool) -> None:
    from receiver.broker.client import Incoming

    fleet = Fleet()
    source = FleetSource(address_of(MqttSettings(), "hub"), "auto", "squitter", fleet, SignalClock())
    for prefix in ("", "squitter/", "squitter/roof/", "squitter/roof/heard/"):
        source.hear(Incoming(prefix + topic, payload, retain))
    for what in ("heard/4840d6", "clock", "place", "status"):
        source.hear(Incoming(f"squitter/roof/{what}", payload, retain))
    assert fleet.frames(fleet.turn(1.8e9)) is not None
