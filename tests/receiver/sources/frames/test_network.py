"""Frames from other receivers: connections that come and go, rubbish in between, clocks of every kind."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.network import NetworkSettings
from receiver.errors import SquitterError
from receiver.sources.files.frame_file import FrameFile
from receiver.sources.frames import network
from receiver.sources.frames.clock import MLAT_COUNTER, NetworkClock
from receiver.sources.frames.network import FrameStream, NetworkClient, NetworkListener
from receiver.tracking.precedence import another_transmission
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK, beast_bytes, frame_to_beast
from receiver.wire.frame import Frame
from tests.receiver.network import connected, free_port, run, serving, until
from tests.recordings import KINDS, Made, beast_bytes_of

SQUAWK_7700 = bytes.fromhex("28000AAA5B22B4")
DATA = bytes.fromhex("8D4840D6202CC371C32CE0576098")
START = 1_700_000_000.0


async def send(port: int, content: bytes) -> None:
    _, writer = await connected(port)
    writer.write(content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("piece", [1, 777, 1 << 20])
def test_a_recording_gives_the_frames_that_the_file_gives_and_its_bytes(piece: int, kind: str, tmp_path: Path) -> None:
    with_copies = beast_bytes_of(kind)
    recording = b"".join(dict.fromkeys(re.findall(rb"\x1a[123](?:[^\x1a]|\x1a\x1a)*", with_copies, re.DOTALL)))
    recording = recording[: 20_000 if piece == 1 else None]
    file = tmp_path / "whole.beast"
    file.write_bytes(beast_bytes_of(kind))
    stream = FrameStream("beast", "beast")
    got = [frame for at in range(0, len(recording), piece) for frame in stream.feed(recording[at : at + piece], START)]
    whole = [frame for frames in FrameFile(str(file), START).frames() for frame in frames][: len(got)]
    assert len(got) > 700
    assert [(frame.data, frame.counter_12mhz, frame.signal_dbfs) for frame in got] == [
        (frame.data, frame.counter_12mhz, frame.signal_dbfs) for frame in whole
    ]
    assert recording.startswith(b"".join(map(frame_to_beast, got)))
    # the recording is some minutes long and came in within a moment: its own clock tells how long it was
    for ours, theirs in zip(got, whole, strict=True):
        assert ours.time_s == pytest.approx(theirs.time_s, abs=1e-3)


def test_a_client_connects_again_after_every_kind_of_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "BACK_OFF_S", (0.01,))
    port = free_port()
    states: list[str] = []

    async def work() -> None:
        source = NetworkClient("beast", "127.0.0.1", port)
        lists = cast(AsyncGenerator[list[Frame]], source.frames())

        async def one() -> Frame:
            async with asyncio.timeout(20):
                return (await anext(lists))[0]

        waiting = asyncio.create_task(one())
        await until(lambda: source.health.state == "absent")
        assert "127.0.0.1" in source.health.text
        counter = 0

        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal counter
            counter += 1
            writer.write(b"\x1a3 cut short" + beast_bytes(DATA, counter, 100) + b"\x1a3\x00")
            await writer.drain()
            if counter == 2:
                writer.transport.abort()
            writer.close()

        async with serving(serve, port):
            for expected in range(1, 4):
                frame = await (waiting if expected == 1 else one())
                states.append(source.health.state)
                told = (frame.data, frame.counter_12mhz, frame.found, frame.source)
                assert told == (DATA, expected, "network", "beast")
            await lists.aclose()

    run(work())
    assert states == ["open"] * 3


def test_avr_comes_in_with_and_without_counters() -> None:
    stream = FrameStream("avr", "avr")
    lines = (
        b"*8D4840D6202CC371C32CE0576098;\n*02E197B0000000;\r\n@00000000000C8D4840D6202CC371C32CE0576098;\nno;\n*7700;\n"
    )
    frames = stream.feed(lines, START)
    assert [len(frame.data) for frame in frames] == [14, 7, 14, 2]
    assert [frame.counter_12mhz for frame in frames] == [0, 0, 12, 0]
    times = [frame.time_s for frame in frames]
    assert times == sorted(set(times)), "each has a time of its own"
    assert START <= times[0] <= times[-1] < START + 0.01


def test_a_listener_takes_from_many_at_once_and_tells_their_streams_apart(made: Made) -> None:
    async def work() -> None:
        ports = [free_port() for _ in range(3)]
        source = NetworkListener(NetworkSettings(beast_in_ports=ports[:2], avr_in_ports=ports[2:]))
        assert source.enabled
        got: list[Frame] = []

        async def take() -> None:
            async for frames in source.frames():
                got.extend(frames)

        taking = asyncio.create_task(take())
        recording = made.beast.read_bytes()
        halves = [beast_bytes(DATA, 5, 50)[:10], beast_bytes(DATA, 5, 50)[10:]]
        _, slow = await connected(ports[0])
        slow.write(halves[0])
        await asyncio.gather(
            send(ports[0], recording), send(ports[1], recording), send(ports[2], b"*02E197B0000000;\n" * 10)
        )
        slow.write(halves[1])
        one = len([frame for frames in FrameFile(str(made.beast)).frames() for frame in frames])
        await until(lambda: len(got) == 2 * one + 10 + 1)
        assert source.clients == 1
        assert source.health.bytes_in == 2 * len(recording) + 10 * 17 + len(b"".join(halves))
        slow.close()
        await until(lambda: source.clients == 0)
        taking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await taking

    run(work())


@pytest.mark.parametrize("apart_s", [0.15, 0.3, 0.6, 0.9, 3.0, 1000.0, -0.3, -0.9])
def test_two_receivers_in_one_stream_without_their_names_confirm_nothing_for_each_other(apart_s: float) -> None:
    stream = FrameStream("beast", "beast")
    got: list[Frame] = []
    for k in range(300):
        sent = [(10.0 + k * 0.25, b"\x8d" + k.to_bytes(13, "big"))]
        if k == 200:
            sent.append((10.1 + k * 0.25, SQUAWK_7700))
        for at, data in sent:
            for way in (0, 1):
                counter = round((at + way * apart_s + 1e6) * 12e6) & COUNTER_MASK
                got += stream.feed(beast_bytes(data, counter, 100), START + at + way * 0.01)
    first, second = (frame for frame in got if frame.data == SQUAWK_7700)
    assert not another_transmission(first, second)


def test_copies_are_counted_where_they_come_in() -> None:
    async def work() -> None:
        port = free_port()
        source = NetworkListener(NetworkSettings(beast_in_ports=[port]))
        got: list[Frame] = []

        async def take() -> None:
            async for frames in source.frames():
                got.extend(frames)

        taking = asyncio.create_task(take())
        one, other = beast_bytes(DATA, 12_000_000, 50), beast_bytes(DATA, 24_000_000, 50)
        await send(port, one + one + other + one)
        await until(lambda: len(got) == 2)
        assert source.health.copies == 2
        taking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await taking

    run(work())


def test_a_listener_makes_those_wait_who_send_more_than_is_taken() -> None:
    async def work() -> None:
        port = free_port()
        source = NetworkListener(NetworkSettings(beast_in_ports=[port]))
        lists = cast(AsyncGenerator[list[Frame]], source.frames())
        first = asyncio.ensure_future(anext(lists))
        flood = beast_bytes(DATA, 1, 1) * 2000
        _, writer = await connected(port)
        for _ in range(600):
            writer.write(flood)
        await first
        await asyncio.sleep(0.2)  # if it did not wait, all 28 MB would be in memory by now
        assert source._lists.qsize() <= 1
        writer.transport.abort()
        await lists.aclose()

    run(work())


def test_a_port_in_use_is_told_in_one_line_and_none_is_no_listener() -> None:
    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            source = NetworkListener(NetworkSettings(beast_in_ports=[port]))
            with pytest.raises(SquitterError, match=re.escape(f"cannot listen on 127.0.0.1:{port}")):
                await anext(source.frames())

    run(work())
    assert not NetworkListener(NetworkSettings()).enabled


def ticks(seconds: float) -> int:
    return round(seconds * COUNTER_HZ) & COUNTER_MASK


def test_a_good_counter_tells_the_time_to_the_microsecond_and_its_crystal_is_followed() -> None:
    clock = NetworkClock()
    drift = 1 + 50e-6  # a cheap crystal: 4 s a day
    worst = 0.0
    for second in range(86_400):
        arrived = START + second + (0.03 if second % 3 else 0.1)
        worst = max(worst, abs(clock.utc_s(ticks(second * drift), arrived) - arrived))
    assert worst < 0.3


def test_a_counter_that_wraps_goes_on() -> None:
    clock = NetworkClock()
    first = clock.utc_s(COUNTER_MASK - 11, START)
    assert clock.utc_s(ticks(0.5) - 12, START + 0.5) - first == pytest.approx(0.5, abs=1e-5)


def test_a_recording_played_fast_keeps_its_pace_through_pauses_of_some_seconds() -> None:
    clock = NetworkClock()
    times = [clock.utc_s(ticks(k * 0.1 + (k // 100) * 8.0), START + k * 1e-4) for k in range(1000)]
    assert times[-1] - times[0] == pytest.approx(99.9 + 72.0, abs=0.01)


def test_a_reset_counter_goes_by_the_clock_once() -> None:
    clock = NetworkClock()
    clock.utc_s(ticks(1e6), START)
    assert clock.utc_s(ticks(3.0), START + 10) == START + 10
    assert clock.utc_s(ticks(4.0), START + 11.2) == pytest.approx(START + 11, abs=0.01)


@pytest.mark.parametrize("kind", ["stuck", "two receivers", "two receivers at odds by seconds", "random"])
def test_a_counter_that_is_none_is_found_out(kind: str) -> None:
    clock = NetworkClock()
    late = []
    for k in range(2000):
        arrived = START + k * 0.05
        counter = {
            "stuck": 0,
            "two receivers": ticks(k * 0.05 + (k % 2) * 5000.0),
            "two receivers at odds by seconds": ticks(k * 0.05 + (k % 2) * 8.0),
            "random": (k * 0x5DEECE66D + 11) * 0x5DEECE66D & COUNTER_MASK,
        }[kind]
        late.append(clock.utc_s(counter, arrived) - arrived)
    assert max(map(abs, late[30:])) < 1e-3
    assert max(map(abs, late)) < 60
    assert late[0] == 0.0


def test_a_computed_position_leaves_the_clock_alone() -> None:
    clock = NetworkClock()
    clock.utc_s(ticks(1.0), START)
    assert clock.utc_s(MLAT_COUNTER, START + 1.0) == START + 1.0
    assert clock.utc_s(ticks(2.5), START + 1.5) == pytest.approx(START + 1.5, abs=0.01)


@given(
    st.sampled_from([st.none(), st.integers(0, COUNTER_MASK), st.integers(0, 10**9)]).flatmap(
        lambda counters: st.lists(st.tuples(counters, st.floats(0, 100, allow_nan=False)), max_size=300)
    )
)
def test_time_seldom_goes_back_by_more_than_a_second_and_then_to_the_time_of_arrival(
    steps: list[tuple[int | None, float]],
) -> None:
    clock, arrived, before, back = NetworkClock(), START, START, 0
    for counter, wait in steps:
        arrived += wait
        now = clock.utc_s(counter, arrived)
        if now < before - 1.0:
            back += 1
            assert now >= arrived - 2.0, "to the time of arrival, no further"
        before = now
    assert back <= 6, "after five breaks the counter is given up"


@given(st.lists(st.binary(max_size=200), max_size=20), st.sampled_from(["beast", "avr"]))
def test_rubbish_is_skipped_and_a_frame_after_it_is_found(pieces: list[bytes], protocol: str) -> None:
    stream = FrameStream(protocol, protocol)
    for piece in pieces:
        stream.feed(piece, START)
    good = beast_bytes(DATA, 9, 9) * 3 if protocol == "beast" else b"\n\n*8D4840D6202CC371C32CE0576098;\n"
    assert DATA in [frame.data for frame in stream.feed(good, START)]
