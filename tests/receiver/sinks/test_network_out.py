"""Beast, AVR and SBS to many clients, good, slow and dead."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import socket
from pathlib import Path

import pytest

from config.network import Feed, NetworkSettings
from receiver.decode import Decoder
from receiver.errors import SquitterError
from receiver.sinks import byte_clients, network_out
from receiver.sinks.network_out import NetworkOutSink
from receiver.sources.files.frame_file import FrameFile
from receiver.sources.frames.network import FrameStream
from receiver.tracking import Tracker
from receiver.views.sbs_message import sbs_message
from receiver.wire.beast import beast_bytes, frame_to_beast, receiver_id_bytes
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import Frame
from receiver.wire.sbs import format_sbs
from tests.receiver.network import connected, free_port, run, running, serving, until
from tests.recordings import KINDS, ULSS7, beast_bytes_of, frames_of
from tests.shared_data import shared

FRAME = Frame(bytes.fromhex("8D4840D6202CC371C32CE0576098"), 1_700_000_000.0, 0x1A1A1A1A1A1A, -6.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_beast_recording_leaves_byte_for_byte(kind: str) -> None:
    recording = beast_bytes_of(kind)
    once = b"".join(dict.fromkeys(re.findall(rb"\x1a[123](?:[^\x1a]|\x1a\x1a)*", recording, re.DOTALL)))
    everything_goes_through(recording, once)


def test_a_small_real_recording_leaves_byte_for_byte() -> None:
    recording = shared("truth/beast/sample_239.beast").read_bytes()
    everything_goes_through(recording, recording)


def test_mode_ac_and_unknown_levels_leave_as_they_came_and_receiver_ids_do_not() -> None:
    mode_ac = beast_bytes(b"\x1a\x00", 0x1A1A1A1A1A1A, 0x1A)
    again = beast_bytes(b"\x1a\x00", 0x1A1A1A1A1B1B, 0x1A)
    silent = beast_bytes(FRAME.data, 1, 0)
    everything_goes_through(
        receiver_id_bytes(0x1A) + mode_ac + receiver_id_bytes(7) + silent + b"rubbish" + again,
        mode_ac + silent + again,
    )


def everything_goes_through(recording: bytes, expected: bytes) -> None:
    """What is read from `recording` leaves as `expected`."""

    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(beast_out_port=free_port()))
        async with running(sink):
            reader, writer = await connected(sink.ports["beast"])
            await until(lambda: len(sink.clients["beast"]) == 1)
            stream = FrameStream("beast", "beast")
            for start in range(0, len(recording), 777):
                sink.frames(stream.feed(recording[start : start + 777], 0.0), 0.0)
                await asyncio.sleep(0)
            assert await reader.readexactly(len(expected)) == expected
            writer.close()

    run(work())


def test_avr_lines_with_and_without_the_counter() -> None:
    async def work() -> None:
        got: asyncio.Queue[bytes] = asyncio.Queue()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await got.put(await reader.readline())
            writer.close()

        async with contextlib.AsyncExitStack() as stack:
            port = await stack.enter_async_context(serving(take))
            feed = Feed(host="127.0.0.1", port=port, protocol="avr_mlat")
            sink = NetworkOutSink(NetworkSettings(avr_out_port=free_port(), feed=[feed]))
            await stack.enter_async_context(running(sink))
            reader, writer = await connected(sink.ports["avr"])
            await until(lambda: all(len(clients) == 1 for clients in sink.clients.values()))
            sink.frames([FRAME], 0.0)
            assert await reader.readline() == b"*8D4840D6202CC371C32CE0576098;\n"
            assert await got.get() == b"@1A1A1A1A1A1A8D4840D6202CC371C32CE0576098;\n"
            writer.close()

    run(work())


@pytest.mark.parametrize("kind", KINDS)
def test_sbs_lines_are_those_of_the_decoder(kind: str, tmp_path: Path) -> None:
    decoder, tracker = Decoder(), Tracker()
    expected: list[str] = []
    everything = frames_of(kind, tmp_path)
    lists = [everything[at : at + 300] for at in range(0, len(everything), 300)]

    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(sbs_out_port=free_port()))
        async with running(sink):
            reader, writer = await connected(sink.ports["sbs"])
            await until(lambda: len(sink.clients["sbs"]) == 1)
            for frames in lists:
                sink.frames(frames, frames[-1].time_s if frames else 0.0)
                for frame in frames:
                    message = decoder.decode(frame)
                    sighting = tracker.update(message) if message is not None else None
                    if message is None or sighting is None:
                        continue
                    line = sbs_message(message, sighting)
                    if line is not None:
                        expected.append(format_sbs(line))
                    sink.sighting(sighting)
                await asyncio.sleep(0)
            got = [(await reader.readline()).decode() for _ in expected]
            writer.close()
        assert len(expected) > len(everything) / 2
        assert [line.removesuffix("\r\n") for line in got] == expected
        assert all(line.endswith("\r\n") and line.count(",") == 21 for line in got)

    run(work())


def test_computed_positions_go_to_their_own_port_and_no_other() -> None:
    computed = Frame(bytes.fromhex("92ae4bd85885d3b2d4aa0f000000"), 5.0, counter_12mhz=MLAT_COUNTER, found="mlat")
    received = Frame(bytes.fromhex("5dae4bd8000000"), 5.0, counter_12mhz=77, found="network")

    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(mlat_out_port=free_port(), beast_out_port=free_port()))
        async with running(sink):
            got = [await connected(sink.ports[name]) for name in ("mlat", "beast")]
            await until(lambda: len(sink.clients["mlat"]) == len(sink.clients["beast"]) == 1)
            sink.frames([received, computed], 5.0)
            for (reader, writer), frame in zip(got, (computed, received), strict=True):
                expected = frame_to_beast(frame)
                assert await reader.readexactly(len(expected)) == expected
                writer.close()

    run(work())


def test_the_other_decoders_lines_are_among_ours() -> None:
    theirs = gzip.decompress(shared("truth/beast/ulss7_decoded_sbs.txt.gz").read_bytes()).decode().splitlines()
    decoder, tracker = Decoder(), Tracker()
    ours: set[tuple[str, ...]] = set()
    for frames in FrameFile(str(shared(ULSS7)), 0.0).frames():
        for frame in frames:
            message = decoder.decode(frame)
            sighting = tracker.update(message) if message is not None else None
            line = sbs_message(message, sighting) if message is not None and sighting is not None else None
            if line is not None:
                fields = format_sbs(line).split(",")
                ours.add((fields[1], fields[4], fields[10].strip(), fields[17]))
    wanted = {
        (fields[1], fields[4], fields[10].strip(), fields[17])
        for fields in (line.split(",") for line in theirs)
        if len(fields) == 22 and fields[1] in ("1", "6")
    }
    assert wanted, "the truth has identifications and squawks"
    missing = {one for one in wanted if one not in ours}
    assert len(missing) <= len(wanted) * 0.1, sorted(missing)[:10]


def test_fifty_clients_that_do_not_read_hold_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_clients, "BUFFER_LIMIT", 32_768)
    monkeypatch.setattr(byte_clients, "KERNEL_BUFFER", 16_384)
    pieces = [frame_to_beast(Frame(FRAME.data, 0.0, counter, -6.0)) * 200 for counter in range(400)]

    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(beast_out_port=free_port()))
        clients = sink.clients["beast"]
        async with running(sink):
            reader, writer = await connected(sink.ports["beast"])
            idle: list[socket.socket] = []
            for _ in range(50):
                one = socket.socket()
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.connect(("127.0.0.1", sink.ports["beast"]))
                idle.append(one)
            await until(lambda: len(clients) == 51)
            got = b""
            for piece in pieces:
                clients.send(piece)
                got += await reader.readexactly(len(piece))  # fails after the limit if anybody holds it up
            assert got == b"".join(pieces)
            assert clients.dropped > 50 * 100
            assert all(client.buffered() <= 32_768 for client in clients)
            assert sink.statistics()["beast_dropped_total"] == clients.dropped

            # and their patience with us ends before ours with them
            monkeypatch.setattr(byte_clients, "PATIENCE_S", -1.0)
            clients.send(pieces[0])
            await reader.readexactly(len(pieces[0]))
            await until(lambda: len(clients) == 1)
            assert clients.kicked == 50
            writer.close()
            for one in idle:
                one.close()

    run(work())


def test_a_client_too_many_is_turned_away() -> None:
    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(beast_out_port=free_port(), max_clients=1))
        async with running(sink):
            first, first_writer = await connected(sink.ports["beast"])
            await until(lambda: len(sink.clients["beast"]) == 1)
            second, second_writer = await connected(sink.ports["beast"])
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await second.readexactly(1)
            sink.frames([FRAME], 0.0)
            assert await first.readexactly(len(frame_to_beast(FRAME))) == frame_to_beast(FRAME)
            assert sink.statistics()["beast_refused_total"] == 1
            first_writer.close()
            second_writer.close()

    run(work())


def test_a_feed_is_connected_again_after_it_went_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_out, "BACK_OFF_S", (0.01,))
    port = free_port()

    async def work() -> None:
        got: asyncio.Queue[bytes] = asyncio.Queue()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await got.put(await reader.readexactly(len(frame_to_beast(FRAME))))
            writer.close()

        sink = NetworkOutSink(NetworkSettings(feed=[Feed(host="127.0.0.1", port=port)]))
        async with running(sink):
            await until(lambda: sink.feed_attempts >= 2)  # nobody is there yet
            for _ in range(2):
                async with serving(take, port):
                    await until(lambda: sink.feeds_connected == 1)
                    sink.frames([FRAME], 0.0)
                    assert await got.get() == frame_to_beast(FRAME)
                await until(lambda: sink.feeds_connected == 0)

    run(work())


def test_a_port_in_use_is_told_in_one_line() -> None:
    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            sink = NetworkOutSink(NetworkSettings(beast_out_port=free_port(), sbs_out_port=port))
            with pytest.raises(
                SquitterError, match=re.escape(f"network.sbs_out_port: cannot listen on 127.0.0.1:{port}")
            ):
                await sink.run()

    run(work())


def test_what_is_pending_is_handed_over_at_the_end() -> None:
    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(beast_out_port=free_port()))
        async with running(sink):
            reader, writer = await connected(sink.ports["beast"])
            await until(lambda: len(sink.clients["beast"]) == 1)
            for _ in range(20):
                sink.frames([FRAME] * 1000, 0.0)
            sent = len(frame_to_beast(FRAME)) * 20_000

            async def read() -> bytes:
                return await reader.readexactly(sent)

            reading = asyncio.create_task(read())
            await sink.finish()
            assert len(await reading) == sent
            assert sink.clients["beast"].dropped == 0
            writer.close()

    run(work())


def test_nothing_is_opened_unless_asked_for() -> None:
    sink = NetworkOutSink(NetworkSettings())
    assert sink.ports == {}
    assert sink.clients == {}
    sink.frames([FRAME], 0.0)
    assert sink.statistics() == {}
