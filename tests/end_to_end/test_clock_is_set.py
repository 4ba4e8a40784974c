"""The system's clock is set while the service runs: a real process under libfaketime, a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsp.air.modulator import Emissions
from receiver.cli.bench_measure import modulated
from receiver.history.day_file import DAY_MS, PositionRow, day_of, day_path
from receiver.history.store import HistoryStore
from receiver.wire.beast import COUNTER_HZ, beast_bytes
from tests.end_to_end.squitter_process import COMMAND, environment
from tests.mosquitto import Listener, running_mosquitto
from tests.receiver.network import free_port, serving
from tests.receiver.skies import straight
from tests.receiver.sources.dongle.fake_dongle import FakeDongle, library

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (apt install faketime)")
SETTLED_S = 20.0  # of a loaded machine; the service itself looks several times a second
DAYS = 60
HOUR = 3600.0
DAY = 24 * HOUR
STEPS_S = (HOUR, 0.0, -HOUR, 0.0, DAY, -DAY, 40 * DAY, -40 * DAY, 56 * 365.25 * DAY, 0.0)
"""What the clock is off by, one after the other."""


async def until(holds: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 the conditions are of every kind
            await asyncio.sleep(0.05)


async def serve_frames(port: int, stop: asyncio.Event) -> None:
    """Another receiver: two aircraft, a position a second each, for as long as somebody listens."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flights = [straight("ae4bd7", "TROY701", 0.0, 900), straight("abcdef", "SLOW1", 0.0, 900, 20.0)]
        frames = sorted((frame for flight in flights for frame in flight.frames()), key=lambda frame: frame.time_s)
        began_s = time.monotonic()
        for frame in frames:
            await asyncio.sleep(max(0.0, frame.time_s - (time.monotonic() - began_s)))
            if stop.is_set():
                break
            writer.write(beast_bytes(frame.data, round(frame.time_s * COUNTER_HZ), 100))

    async with serving(serve, port):
        await stop.wait()


def fill_history(folder: Path) -> set[str]:
    """Sixty days until today, all within `max_age_days`."""
    store = HistoryStore(folder, 3650)
    today = day_of(round(time.time() * 1000))
    store.append(
        [PositionRow((today - k) * DAY_MS, 0xABCDEF, 0, 0, None, None, None, None, None, 0) for k in range(1, DAYS + 1)]
    )
    store.close()
    return {path.name for path in folder.glob("*.sqlite")}


@pytest.mark.parametrize(
    ("first_s", "then_s"),
    [
        pytest.param(-time.time() + 30.0, 0.0, id="1970, then now"),
        pytest.param(-2 * 24 * HOUR, 0.0, id="two days behind"),
        pytest.param(40 * 24 * HOUR, 0.0, id="forty days ahead"),
        pytest.param(0.0, -HOUR, id="an hour back"),
        pytest.param(0.0, 56 * 365.25 * 24 * HOUR, id="56 years on"),
    ],
)
def test_the_service_follows_once_and_nothing_is_lost(tmp_path: Path, first_s: float, then_s: float) -> None:
    assert LIBRARY is not None
    port = free_port()
    history = tmp_path / "history"
    days = fill_history(history)
    clock = tmp_path / "clock"
    clock.write_text(f"{first_s:+.0f}")
    (tmp_path / "squitter.toml").write_text(
        f"""
        receiver = {{ source = "beast", port = {port} }}
        mqtt = {{ port = MQTT }}
        outbox = {{ file = "{tmp_path}/outbox" }}
        home_assistant = {{ enabled = false }}
        history = {{ dir = "{history}", max_age_days = 60, commit_s = 1 }}
        json_files = {{ dir = "{tmp_path}/json" }}
        watch = {{ state_file = "{tmp_path}/watch.json" }}
        alerts = {{ dir = "{tmp_path}/alerts" }}
        """
    )

    async def work(mqtt: int) -> str:
        settings = tmp_path / "squitter.toml"
        settings.write_text(settings.read_text().replace("MQTT", str(mqtt)))
        stop = asyncio.Event()
        serving = asyncio.create_task(serve_frames(port, stop))
        fake = {
            "LD_PRELOAD": LIBRARY,
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "run", "--config", str(settings), env={**environment(tmp_path), **fake, "PYTHONPATH": os.getcwd()},
            stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            await until(lambda: len(told(tmp_path).get("aircraft", [])) == 2, 60)
            await until(lambda: told(tmp_path)["messages"] > 60, 60)
            clock.write_text(f"{then_s:+.0f}")
            set_at_s = time.monotonic()
            await until(lambda: abs(told(tmp_path)["now"] - time.time() - then_s) < 3.0, SETTLED_S)
            followed_s = time.monotonic() - set_at_s
            messages = told(tmp_path)["messages"]
            await until(lambda: told(tmp_path)["messages"] > messages + 20, 60)
            assert len(told(tmp_path)["aircraft"]) == 2
        finally:
            stop.set()
            process.terminate()
            _, errors = await process.communicate()
            await serving
        print(f"followed within {followed_s:.1f} s")
        assert process.returncode == 0
        return errors.decode()

    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/#") as listener:
        log = asyncio.run(work(broker.port))
        events = [message for message in listener.messages if message.topic.endswith("/events/left")]
        stats = [json.loads(message.payload) for message in listener.messages if message.topic.endswith("/stats")]
    assert events == []
    assert log.count("the clock was set by") == 1, log
    assert abs(stats[-1]["now"] - time.time() - then_s) < 60 or len(stats) < 2
    left = {path.name for path in history.glob("*.sqlite")}
    assert days <= left
    fresh = {day_path(history, day_of(round((time.time() + then_s + by_s) * 1000))).name for by_s in (-86_400.0, 0.0)}
    assert left - days <= fresh, "what was written by the wrong clock has been moved"


def samples(path: Path) -> None:
    """Three seconds of the two aircraft, as a dongle gives them."""
    rate_hz = 2.4e6
    flights = [straight("ae4bd7", "TROY701", 0.4, 3), straight("abcdef", "SLOW1", 0.7, 3, 20.0)]
    frames = [frame for flight in flights for frame in flight.frames()]
    emissions = Emissions.of([frame.time_s for frame in frames], [frame.data for frame in frames], level_dbfs=-15.0)
    with path.open("wb") as stream:
        for block in modulated(emissions, 3.0, rate_hz):
            stream.write(block.iq.tobytes())


@contextlib.contextmanager
def source_of(kind: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The receiver's settings and environment; dongles are the compiled stand-in."""
    if kind == "beast":
        yield f'source = "beast", port = {free_port()}', {}
        return
    samples(folder / "two.cu8")
    environment: dict[str, str] = {}
    FakeDongle(folder, environment, folder / "two.cu8")
    if kind == "dongle":
        yield 'source = "rtlsdr", gain = 30', environment
        return
    program = shutil.which("rtl_tcp")
    if program is None:
        pytest.skip("rtl_tcp is not installed (apt install rtl-sdr)")
    port = free_port()
    serving = {**os.environ, **environment, "LD_LIBRARY_PATH": str(library().parent)}
    command = [program, "-a", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, env=serving, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield f'source = "rtl_tcp", port = {port}, gain = 30', {}
        finally:
            server.kill()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["beast", "dongle", "rtl_tcp"])
def test_steps_of_every_size_are_followed_with_each_kind_of_source(tmp_path: Path, kind: str) -> None:
    assert LIBRARY is not None
    history, clock = tmp_path / "history", tmp_path / "clock"
    days = fill_history(history)
    clock.write_text("+0")
    followed: list[str] = []

    async def work(mqtt: int, source: str, more: dict[str, str]) -> str:
        settings = tmp_path / "squitter.toml"
        settings.write_text(
            f"""
            receiver = {{ {source} }}
            demodulator = {{ effort = "lean" }}
            mqtt = {{ port = {mqtt} }}
            outbox = {{ file = "{tmp_path}/outbox" }}
            history = {{ dir = "{history}", max_age_days = 60, commit_s = 1 }}
            json_files = {{ dir = "{tmp_path}/json" }}
            watch = {{ state_file = "{tmp_path}/watch.json" }}
            alerts = {{ dir = "{tmp_path}/alerts" }}
            """
        )
        stop = asyncio.Event()
        serving = None
        if kind == "beast":
            serving = asyncio.create_task(serve_frames(int(source.rpartition(" ")[2]), stop))
        fake = {
            "LD_PRELOAD": LIBRARY,
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "run", "--config", str(settings),
            env={**environment(tmp_path), **more, **fake, "PYTHONPATH": os.getcwd()}, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        reading = asyncio.create_task(process.stderr.read())
        try:
            await until(lambda: process.returncode is not None or len(told(tmp_path).get("aircraft", [])) == 2, 300)
            assert process.returncode is None
            for step_s in STEPS_S:
                clock.write_text(f"{step_s:+.0f}")
                set_at_s = time.monotonic()
                await until(lambda to_s=step_s: abs(told(tmp_path)["now"] - time.time() - to_s) < 3.0, 60)  # type: ignore[misc]
                followed.append(f"{step_s / HOUR:+.0f} h: {time.monotonic() - set_at_s:.1f} s")
                messages = told(tmp_path)["messages"]
                await until(lambda count=messages: told(tmp_path)["messages"] > count + 10, 60)  # type: ignore[misc]
                assert len(told(tmp_path)["aircraft"]) == 2
        finally:
            stop.set()
            process.terminate()
            errors = await reading
            await process.wait()
            if serving is not None:
                await serving
        assert process.returncode == 0
        return errors.decode()

    with (
        running_mosquitto(tmp_path) as broker,
        Listener(broker.port, "squitter/#") as listener,
        source_of(kind, tmp_path) as (source, more),
    ):
        log = asyncio.run(work(broker.port, source, more))
        left = [message.topic for message in listener.messages if message.topic.endswith("/events/left")]
    print(kind, *followed, sep="; ")
    assert left == []
    assert log.count("the clock was set by") == len(STEPS_S), log
    assert days <= {path.name for path in history.glob("*.sqlite")}


def told(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "json" / "aircraft.json").read_bytes()))
    except (OSError, ValueError):
        return {"aircraft": [], "messages": 0, "now": 0.0}
