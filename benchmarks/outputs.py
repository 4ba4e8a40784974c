"""What each output costs: CPU per frame, per message and per aircraft and second; and that it says the right thing.

    python -m benchmarks.outputs [--beast ../shared/truth/beast/ulss7_1522782148.beast] [--aircraft 200] [--seconds 600]

Frames and messages are those of a real recording; the air of `--aircraft` is made up, all of them moving, as on a busy
day. Every figure is CPU time of the whole process, the mean of all rounds; what came out is compared with what went in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from config.history import HistorySettings
from config.network import NetworkSettings
from receiver.decode import Decoder
from receiver.decode.message import AddressType
from receiver.history.reader import HistoryReader
from receiver.sinks import Air
from receiver.sinks.history import HistorySink
from receiver.sinks.network_out import NetworkOutSink
from receiver.sources.files.frame_file import FrameFile
from receiver.sources.frames.network import FrameStream
from receiver.tracking import Position, Sighting, Tracker, Value
from receiver.tracking.sighting import Quality, Slot
from receiver.views.aircraft_json import aircraft_json, json_bytes
from receiver.views.aircraft_object import aircraft_object
from receiver.views.metrics import prometheus_text
from receiver.views.stats_json import StatsWindows
from receiver.wire.frame import Frame

START_S = 1_764_032_400.0
CLIENTS = 10


def cpu_s(work: Callable[[], object], rounds: int) -> float:
    """Mean CPU seconds of one round."""
    work()
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds


def sighting(number: int, second: int) -> Sighting:
    """One of many aircraft, somewhere on a circle of its own."""
    now, angle = START_S + second, second / 300.0 + number
    values: list[Value[Any] | None] = [None] * len(Slot)
    known: dict[Slot, Any] = {
        Slot.CALLSIGN: f"SQT{number:04d}",
        Slot.CATEGORY: "A3",
        Slot.SQUAWK: "1234",
        Slot.POSITION: Position(50 + 0.5 * math.sin(angle), 10 + number / 50 + 0.5 * math.cos(angle), 8, 186.0, False,
                                50.0, 90.0, 90.0),
        Slot.ALTITUDE_BARO: 30_000 + 25 * (second % 40),
        Slot.ALTITUDE_GEOM: 30_500,
        Slot.GROUND_SPEED: 440.0,
        Slot.TRACK: math.degrees(angle) % 360,
        Slot.RATE_BARO: 64,
        Slot.ON_GROUND: False,
        Slot.NAV_ALTITUDE_MCP: 35_008,
        Slot.NAV_QNH: 1013.2,
        Slot.QUALITY: Quality(2, 9, 1, 3, "perhour", 2, 2, 1),
    }  # fmt: skip
    for slot, value in known.items():
        values[slot] = Value(value, now - 0.3, AddressType.ADSB_ICAO, "0,5")
    return Sighting(
        icao=f"{number + 1:06x}", now=now, changed=frozenset(), events=(), address_type=AddressType.ADSB_ICAO, confirmed=True,
        messages=second + 1, rssi_dbfs=-12.0, first_seen_s=START_S, last_seen_s=now, last_position=values[Slot.POSITION],
        comm_b=None, values=tuple(values),
    )  # fmt: skip


def air(aircraft: int, second: int) -> Air:
    """All of them at one second."""
    sightings = {one.icao: one for one in (sighting(number, second) for number in range(aircraft))}
    objects = {icao: aircraft_object(one, START_S + second) for icao, one in sightings.items()}
    counted = {"uptime_s": second, "messages": 1000 * second, "aircraft": aircraft, "by_df": {"17": 900 * second}}
    return Air(START_S + second, sightings, objects, counted)


def report(name: str, seconds: float, per: float, unit: str, said: str = "") -> None:
    """One line of the table."""
    print(f"| {name} | {seconds / per * 1e6:.2f} µs per {unit} | {said} |")


def free_port() -> int:
    """A port that nobody uses right now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def to_clients(protocol: str, pieces: list[Callable[[NetworkOutSink], None]], expected: bytes | None) -> float:
    """CPU of sending all pieces to some clients that read; their bytes must be those expected."""
    ports: dict[str, Any] = {f"{protocol}_out_port": free_port()}
    sink = NetworkOutSink(NetworkSettings(**ports))
    running = asyncio.create_task(sink.run())
    got: list[int] = []
    contents: list[bytes] = []

    def read(keep: bool) -> None:  # in threads, so that their CPU can be told apart: it is not ours
        began, count, parts = time.thread_time(), 0, []
        with socket.create_connection(("127.0.0.1", sink.ports[protocol])) as connection:
            while data := connection.recv(1 << 20):
                count += len(data)
                if keep:
                    parts.append(data)
        contents.append(b"".join(parts))
        got.append(count)
        theirs.append(time.thread_time() - began)

    theirs: list[float] = []
    await asyncio.sleep(0.05)
    threads = [threading.Thread(target=read, args=(number == 0,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    while len(sink.clients[protocol]) < CLIENTS:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    began = time.thread_time()
    for piece in pieces:
        piece(sink)
        await asyncio.sleep(0)
    await sink.finish()
    spent = time.thread_time() - began
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    assert len(set(got)) == 1, f"{protocol}: clients got {got}"
    assert sink.clients[protocol].dropped == 0
    if expected is not None:
        assert max(contents, key=len) == expected, f"{protocol}: not what went in"
    return spent


def network(recording: bytes, lists: list[list[Frame]]) -> None:
    """Beast, AVR and SBS."""
    frames = [frame for one in lists for frame in one]
    batches = [frames[at : at + 20] for at in range(0, len(frames), 20)]
    stream_s = cpu_s(lambda: FrameStream("beast", "beast").feed(recording, 0.0), 5)
    report("Beast in", stream_s, len(frames), "frame")

    def give(batch: list[Frame]) -> Callable[[NetworkOutSink], None]:
        return lambda sink: sink.frames(batch, 0.0)

    spent = asyncio.run(to_clients("beast", [give(batch) for batch in batches], recording))
    report(f"Beast out, {CLIENTS} clients", spent, len(frames), "frame", "byte for byte what came in")
    spent = asyncio.run(to_clients("avr", [give(batch) for batch in batches], None))
    report(f"AVR out, {CLIENTS} clients", spent, len(frames), "frame")

    decoder, tracker = Decoder(), Tracker()
    steps: list[Callable[[NetworkOutSink], None]] = []
    messages = 0
    for batch in batches:
        sightings = [
            one
            for frame in batch
            if (message := decoder.decode(frame)) is not None and (one := tracker.update(message)) is not None
        ]
        messages += len(sightings)

        def tell(sink: NetworkOutSink, batch: list[Frame] = batch, sightings: list[Sighting] = sightings) -> None:
            sink.frames(batch, 0.0)
            for one in sightings:
                sink.sighting(one)

        steps.append(tell)
    spent = asyncio.run(to_clients("sbs", steps, None))
    report(f"SBS out, {CLIENTS} clients", spent, messages, "message")


def pictures(aircraft: int) -> None:
    """aircraft.json, stats.json, metrics."""
    one = air(aircraft, 100)
    objects_s = cpu_s(lambda: [aircraft_object(each, one.now) for each in one.sightings.values()], 30)
    report("aircraft objects (shared by MQTT, map and files)", objects_s, aircraft, "aircraft and second")
    size = len(json_bytes(aircraft_json(one)))
    assert len(json.loads(json_bytes(aircraft_json(one)))["aircraft"]) == aircraft
    report("aircraft.json", cpu_s(lambda: json_bytes(aircraft_json(one)), 30), aircraft, "aircraft and second",
           f"{size / aircraft:.0f} bytes each")  # fmt: skip
    windows = StatsWindows()
    airs = [Air(START_S + second, {}, {}, one.statistics) for second in range(1000)]
    for each in airs:
        windows.add(each)
    report("stats.json", cpu_s(windows.object, 100), 1, "file (every 10 s)")
    report("metrics", cpu_s(lambda: prometheus_text(one), 30), aircraft, "aircraft and scrape")


def history(aircraft: int, seconds: int) -> None:
    """What is kept of a busy time, and what it takes to get it back."""
    with tempfile.TemporaryDirectory() as folder:
        sink = HistorySink(HistorySettings(dir=Path(folder), commit_s=45))
        spent = commit = 0.0
        commits = 0

        async def work() -> None:
            nonlocal spent, commit, commits
            for second in range(seconds):
                one = air(aircraft, second)
                began = time.process_time()
                sink.second(one)
                spent += time.process_time() - began
                if second % 45 == 44:
                    began = time.process_time()
                    await sink._commit()
                    commit += time.process_time() - began
                    commits += 1
            await sink.finish()

        asyncio.run(work())
        rows = sink.rows_written
        files = list(Path(folder).iterdir())
        size = sum(path.stat().st_size for path in files)
        for path in files:
            connection = sqlite3.connect(path)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("SELECT count(*) FROM position").fetchone() == (rows,)
            connection.close()
        report("history, choosing", spent, aircraft * seconds, "aircraft and second", f"{rows:,} rows")
        report("history, writing", commit, rows, "row", f"{commit / max(commits, 1) * 1e3:.1f} ms a commit of 45 s")
        print(f"| history, size | {size / rows:.1f} bytes per row | {size / (aircraft * seconds) * 86_400 / 1e6:.2f} MB "
              "per aircraft that flies all day |")  # fmt: skip
        reader = HistoryReader(Path(folder))
        picture = reader.at(START_S + seconds - 1, trail_s=min(900, seconds))
        assert len(picture.aircraft) == aircraft
        at_s = cpu_s(lambda: reader.at(START_S + seconds - 1, trail_s=min(900, seconds)), 3)
        report("history, one moment with trails of 15 min", at_s, aircraft, "aircraft")
        tracks = reader.tracks(0, 4e9)
        assert sum(map(len, tracks.values())) == rows
        report("history, reading tracks", cpu_s(lambda: reader.tracks(0, 4e9), 1), rows, "row")


def main(argv: Iterable[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--beast", type=Path, default=Path("../shared/truth/beast/ulss7_1522782148.beast"))
    parser.add_argument("--aircraft", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=600)
    arguments = parser.parse_args(None if argv is None else list(argv))
    print("| output | CPU | remarks |\n|---|---|---|")
    network(arguments.beast.read_bytes(), list(FrameFile(str(arguments.beast)).frames()))
    pictures(arguments.aircraft)
    history(arguments.aircraft, arguments.seconds)


if __name__ == "__main__":
    main()
