"""Fewer frames for aggregators: what goes on, how often, and who it is from."""

from __future__ import annotations

import asyncio
from uuid import UUID

from config.network import NetworkSettings
from receiver.sinks.network_out import NetworkOutSink
from receiver.sinks.reduced import Reducer
from receiver.wire.beast import BeastReader
from receiver.wire.frame import Frame
from tests.receiver.decode.frames import bits, frame
from tests.receiver.network import connected, free_port, running, until
from tests.receiver.tracking.flying import ICAO, IDENTITY, velocity

WHO = UUID("12345678-9abc-def0-1234-56789abcdef0")


def squitter(me: int, icao: int = ICAO) -> bytes:
    return frame(b"\x8d" + icao.to_bytes(3, "big") + me.to_bytes(7, "big")).data


def half(odd: bool, k: int = 0) -> bytes:
    return squitter(11 << 51 | 0xB50 << 36 | int(odd) << 34 | (1000 + k) << 17 | 77)


def count(datas: list[bytes], interval_s: float = 0.5, every_s: float = 0.1) -> int:
    frames = [Frame(data, 1e9 + k * every_s) for k, data in enumerate(datas)]
    return len(Reducer(interval_s).kept(frames))


def test_each_kind_goes_on_once_in_its_interval() -> None:
    assert count([half(False, k) for k in range(50)]) == 10
    assert count([half(bool(k % 2), k) for k in range(50)]) in (17, 18, 20), "even and odd halves each for themselves"
    assert count([squitter(velocity(300, 400))] * 50) == 10
    assert count([squitter(IDENTITY)] * 50) == 3, "every fourth interval"
    assert count([frame(bytes.fromhex("20000610"), ICAO).data] * 50) == 10
    assert count([frame(bytes.fromhex("20000610"), 0x400000 + k).data for k in range(50)]) == 50


def test_news_of_an_emergency_goes_on_at_once() -> None:
    calm, mayday = (squitter(bits((28, 5), (1, 3), (state, 3), (0, 45))) for state in (0, 1))
    assert count([calm, calm, mayday, mayday, mayday, calm]) == 3


def test_a_clock_that_is_set_back_stops_nothing_and_memory_is_bounded() -> None:
    reducer = Reducer(0.5)
    assert len(reducer.kept([Frame(half(False), at) for at in (1e9, 1e9 + 0.1, 1e9 - 5000, 1e9 - 4999.9)])) == 2
    for k in range(20_000):
        reducer.kept([Frame(squitter(IDENTITY, 0x100000 + k), 1e9 + k * 0.1)])
    assert len(reducer._due_s) < 2000


def test_a_client_is_told_who_it_is_and_gets_fewer_frames() -> None:
    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(beast_reduce_out_port=free_port(), uuid=WHO, beast_reduce_interval_s=0.5))
        async with running(sink):
            reader, writer = await connected(sink.ports["beast_reduce_plus"])
            await until(lambda: len(sink.clients["beast_reduce_plus"]) == 1)
            sink.frames([Frame(half(False, k), 1e9 + k * 0.1, k, -10.0) for k in range(10)], 1e9 + 1)
            greeting = await reader.readexactly(38)
            assert greeting == b"\x1a\xe4" + str(WHO).encode()
            beast = BeastReader()
            got = beast.feed(await reader.read(4096))
            assert [(one.counter, one.receiver_id) for one in got] == [(0, 0x123456789ABCDEF0), (5, 0x123456789ABCDEF0)]
            writer.close()

    asyncio.run(work())
