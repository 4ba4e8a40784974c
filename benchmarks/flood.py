"""Inventions flood a port for frames while real aircraft fly: does the service go on?

    python -m benchmarks.flood [--ghosts 500000] [--rate 8000] [--aircraft 100]

A real process (`squitter run`, map and MQTT on, a real mosquitto) listens to a Beast source with a number of aircraft, 4
frames a second each; a second connection sends frames of addresses that never were, as fast as asked for. Told: what share
of the real aircraft's frames counted, how long /healthz takes, whether MQTT was ever `offline`, the longest turn of the
loop, resident memory before and at its most, processor time. Fails when a figure misses what the project promises.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from receiver.wire.beast import COUNTER_HZ, beast_bytes
from tests.end_to_end.squitter_process import COMMAND, environment
from tests.mosquitto import Listener, free_port, running_mosquitto
from tests.receiver.network import serving
from tests.receiver.skies import straight
from tests.receiver.watch.air import frame, velocity

HEALTH_S, SHARE, GAP_S, MEMORY_MB = 1.0, 0.99, 0.05, 20.0


@dataclass
class Seen:
    """What was measured."""

    sent: int = 0
    ghosts: int = 0
    health_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)
    busy_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    counted: int = 0


def resident_mb(pid: int) -> float:
    """Resident memory of a process and what it has loaned from nobody."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """Processor time, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def serve_aircraft(port: int, count: int, seen: Seen, stop: asyncio.Event) -> None:
    """The source: aircraft that fly on, evenly."""
    flights = [straight(f"{0xA00000 + k:06x}", f"FLY{k:03d}", 0.0, 900, 15.0 + 0.05 * k) for k in range(count)]
    frames = sorted((one for flight in flights for one in flight.frames()), key=lambda one: one.time_s)

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        began_s = time.monotonic()
        for one in frames:
            wait_s = one.time_s - (time.monotonic() - began_s)
            if wait_s > 0.001:
                await asyncio.sleep(wait_s)
            if stop.is_set():
                break
            writer.write(beast_bytes(one.data, round(one.time_s * COUNTER_HZ), 100))
            seen.sent += 1

    async with serving(serve, port):
        await stop.wait()


def flood(port: int, ghosts: int, rate: int) -> subprocess.Popen[bytes]:
    """A process of its own sends the inventions."""
    return subprocess.Popen([sys.executable, "-m", "benchmarks.flood", "--send", str(port), str(ghosts), str(rate)])


def send(port: int, ghosts: int, rate: int) -> None:
    """In that process."""
    import socket

    rng = random.Random(7)

    def invention() -> bytes:
        return beast_bytes(frame(f"{rng.randrange(1 << 24):06x}", velocity(400, 90), 0.0).data, 0, 100)

    pieces = [invention() for _ in range(20_000)]  # computed before: the sender must not be the bottleneck
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began_s = time.monotonic()
        for first in range(0, ghosts, 80):
            wait_s = first / rate - (time.monotonic() - began_s)
            if wait_s > 0:
                time.sleep(wait_s)
            at = first % len(pieces)
            if first >= len(pieces):  # some addresses that were never sent before among them
                pieces[at : at + 8] = [invention() for _ in range(8)]
            connection.sendall(b"".join(pieces[at : at + 80]))


async def watch(pid: int, web: int, seen: Seen, stop: asyncio.Event) -> None:
    """Ask the map how it does, every second."""

    def get(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{web}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    while not stop.is_set():
        began_s = time.monotonic()
        with contextlib.suppress(OSError):
            await asyncio.to_thread(get, "/healthz")
        seen.health_s.append(time.monotonic() - began_s)
        with contextlib.suppress(OSError):
            for line in (await asyncio.to_thread(get, "/metrics")).splitlines():
                if line.startswith("squitter_loop_gap_seconds "):
                    seen.gaps_s.append(float(line.split()[1]))
                if line.startswith("squitter_loop_busy_seconds "):
                    seen.busy_s.append(float(line.split()[1]))
        seen.memory_mb.append(resident_mb(pid))
        await asyncio.sleep(1.0)


def counted(folder: Path) -> int:
    """Messages that counted towards the real aircraft."""
    with contextlib.suppress(OSError, ValueError):
        told: dict[str, Any] = json.loads((folder / "json" / "aircraft.json").read_bytes())
        return sum(one["messages"] for one in told["aircraft"] if one["hex"].startswith("a000"))
    return 0


async def measure(folder: Path, mqtt: int, arguments: argparse.Namespace) -> tuple[Seen, dict[str, float]]:
    """Run it."""
    seen, stop = Seen(), asyncio.Event()
    source, into, web = free_port(), free_port(), free_port()
    settings = folder / "squitter.toml"
    settings.write_text(
        f"""
        receiver = {{ source = "beast", port = {source} }}
        mqtt = {{ port = {mqtt} }}
        network = {{ beast_in_ports = [{into}] }}
        web = {{ enabled = true, port = {web} }}
        json_files = {{ dir = "{folder}/json" }}
        """
    )
    serving = asyncio.create_task(serve_aircraft(source, arguments.aircraft, seen, stop))
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "run", "--config", str(settings), env={**environment(folder), "PYTHONPATH": os.getcwd()}
    )
    try:
        while counted(folder) < 20 * arguments.aircraft:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        await asyncio.sleep(10.0)
        before_mb, before_cpu, began_s = resident_mb(process.pid), cpu_s(process.pid), time.monotonic()
        sent, took = seen.sent, counted(folder)
        watching = asyncio.create_task(watch(process.pid, web, seen, stop))
        sender = flood(into, arguments.ghosts, arguments.rate)
        while sender.poll() is None and time.monotonic() - began_s < arguments.seconds:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        sender.kill()
        sender.wait()
        await asyncio.sleep(3.0)
        sent, took = seen.sent - sent, counted(folder) - took
        figures = {
            "seconds": time.monotonic() - began_s,
            "real frames sent": sent,
            "share that counted": took / sent,
            "healthz at most, s": max(seen.health_s),
            "loop gap at most, s": max(seen.gaps_s, default=0.0),
            "the same, processor, s": max(seen.busy_s, default=0.0),
            "memory before, MB": before_mb,
            "memory at most, MB": max(seen.memory_mb),
            "processor, s/s": (cpu_s(process.pid) - before_cpu) / (time.monotonic() - began_s),
        }
        began_s = time.monotonic()
        process.terminate()
        await process.wait()
        figures["stop, s"] = time.monotonic() - began_s
    finally:
        stop.set()
        watching.cancel()
        await serving
        if process.returncode is None:
            process.kill()
            await process.wait()
    return seen, figures


def main() -> int:
    """The figures; exit status 1 when one is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ghosts", type=int, default=500_000)
    parser.add_argument("--rate", type=int, default=8000)
    parser.add_argument("--aircraft", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=120.0, help="stop the flood after so long in any case")
    parser.add_argument("--send", nargs=3, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.send:
        send(*arguments.send)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_mosquitto(folder) as broker, Listener(broker.port, "squitter/+/status") as listener:
            _, figures = asyncio.run(measure(folder, broker.port, arguments))
            told = [message.payload for message in listener.messages]
    for what, value in figures.items():
        print(f"{what:24} {value:10.3f}")
    print("MQTT status", *(text.decode() for text in told))
    good = (
        figures["share that counted"] >= SHARE
        and figures["healthz at most, s"] <= HEALTH_S
        and figures["loop gap at most, s"] <= GAP_S
        and figures["memory at most, MB"] - figures["memory before, MB"] <= MEMORY_MB
        and told[:-1].count(b"offline") == 0
    )
    print("as promised" if good else "NOT as promised")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
