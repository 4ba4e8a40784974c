"""Frames of another receiver through the whole service, over the network on both sides, into every output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from pathlib import Path

import pytest

from receiver.app import Service, build_signal
from receiver.history.reader import HistoryReader
from tests.receiver.app.test_service import settings
from tests.receiver.network import connected, free_port, run, serving, until
from tests.recordings import KINDS, STATIONS, beast_bytes_of


def written(file: Path, aircraft: int, messages: int) -> bool:
    """Whether the file is there, lists so many aircraft and counts more messages than that."""
    if not file.exists():
        return False
    told = json.loads(file.read_bytes())
    return len(told["aircraft"]) >= aircraft and bool(told["messages"] > messages)


def without_copies(recording: bytes) -> bytes:
    """Beast records, each once: what is passed on of a recording in which some stand twice."""
    return b"".join(dict.fromkeys(re.findall(rb"\x1a[1-3](?:[^\x1a]|\x1a\x1a)*", recording, re.DOTALL)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["we connect to it", "it connects to us"])
def test_a_recording_comes_out_byte_for_byte_and_fills_every_file(tmp_path: Path, way: str, kind: str) -> None:
    recording = beast_bytes_of(kind)
    passed_on = without_copies(recording)
    aircraft, messages = {"made": (33, 8_000), "real": (11, 4_000)}[kind]  # half of the real one are copies
    theirs, ours, beast_out = free_port(), free_port(), free_port()
    given = settings(
        tmp_path,
        receiver__source="beast",
        receiver__port=theirs,
        station__latitude=STATIONS[kind][0],
        station__longitude=STATIONS[kind][1],
        network__beast_out_port=beast_out,
        network__beast_in_ports=[ours],
        json_files__dir=str(tmp_path / "json"),
        metrics__textfile=str(tmp_path / "squitter.prom"),
        history__enabled=True,
        history__dir=str(tmp_path / "history"),
        web__enabled=False,
        watch__enabled=False,
    )

    async def work() -> None:
        writers: list[asyncio.StreamWriter] = []

        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if way == "we connect to it":
                writer.write(recording)

        service = Service(given, build_signal(given))
        running = asyncio.create_task(service.run())
        reader, writer = await connected(beast_out)
        writers.append(writer)
        async with serving(serve, theirs):
            if way == "it connects to us":
                _, sender = await connected(ours)
                writers.append(sender)
                sender.write(recording)
            assert await reader.readexactly(len(passed_on)) == passed_on
            # frames go out at once, what is made of them follows: at the next second, for the file
            enough = messages if way == "we connect to it" else 0
            await until(lambda: written(tmp_path / "json" / "aircraft.json", aircraft, enough))
            service.stop()
            await running
        for one in writers:
            one.close()
            with contextlib.suppress(ConnectionError):
                await one.wait_closed()

    run(work())
    told = json.loads((tmp_path / "json" / "aircraft.json").read_bytes())
    if way == "it connects to us":  # beside a source nobody sets the time: minutes in a moment are no flight
        assert len(told["aircraft"]) == aircraft
        assert abs(told["now"] - time.time()) < 30
        assert not HistoryReader(tmp_path / "history").tracks(time.time() + 30, 4e9)
        return
    assert len(told["aircraft"]) == aircraft
    assert told["messages"] > messages
    assert json.loads((tmp_path / "json" / "stats.json").read_bytes())["total"]["remote"]["modes"] > messages
    assert f"\nsquitter_aircraft {aircraft}\n" in (tmp_path / "squitter.prom").read_text()
    tracks = HistoryReader(tmp_path / "history").tracks(0, 4e9)
    assert len(tracks) > 8
    assert {one["hex"] for one in told["aircraft"]} >= set(tracks)
