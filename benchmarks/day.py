"""A simulated day at ten times the speed: does memory stay flat, and how much is written to disk?

    python -m benchmarks.day [--hours 24] [--speed 10] [--aircraft 60]

A real process (`squitter run` with its usual outputs: a real mosquitto, the map with one page that listens, history, alert
log, watch state) listens to a Beast source. So many aircraft are in view at any time; each flies for 15 to 45 minutes,
climbs, turns, holds or goes straight on, and sends two positions and two velocities a second, as real ones do. The counter
of the source runs at that speed, so that all that goes by the signal's clock (commits, expiry, statistics) does.

Told every simulated half hour: resident memory, bytes that reached the disk (`write_bytes` of /proc/PID/io), processor
time. At the end: MB a day, and memory at the end less memory after the first two simulated hours.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import heapq
import json
import math
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.flood import cpu_s, resident_mb
from receiver.sources.scene import encode
from receiver.wire.beast import COUNTER_HZ, beast_bytes
from tests.end_to_end.squitter_process import COMMAND, environment
from tests.mosquitto import free_port, running_mosquitto
from tests.receiver.network import serving

HOME = (48.2, 16.4)
WARM_S = 7200.0
DISK_MB, MEMORY_MB = 50.0, 5.0
EVERY_S = 1800.0
HOLDS = 0.1006  # above 0.1: a dozen aircraft a day circle long enough for an alert


@dataclass
class Plane:
    """One aircraft, flown a second at a time."""

    icao: int
    random: random.Random
    latitude: float
    longitude: float
    track: float
    until_s: float
    altitude_ft: float = 20_000.0
    speed_kt: float = 420.0
    turn_deg_s: float = 0.0
    climb_fpm: float = 0.0
    manoeuvre_until_s: float = 0.0
    seconds: int = 0

    def fly(self, now: float) -> None:
        """A second on: mostly straight and level, sometimes a turn, a climb, a hold."""
        if now >= self.manoeuvre_until_s:
            what = self.random.random()
            self.turn_deg_s, self.climb_fpm = 0.0, 0.0
            if what < 0.10:
                self.turn_deg_s, length_s = self.random.choice((-3.0, -1.5, 1.5, 3.0)), self.random.uniform(10, 60)
            elif what < HOLDS:
                self.turn_deg_s, length_s = 3.0, self.random.uniform(240, 720)
            elif what < 0.45:
                self.climb_fpm, length_s = self.random.uniform(-2500, 2500), self.random.uniform(60, 400)
            else:
                length_s = self.random.uniform(60, 600)
            self.manoeuvre_until_s = now + length_s
        self.seconds += 1
        self.track = (self.track + self.turn_deg_s) % 360.0
        self.altitude_ft = min(41_000.0, max(3_000.0, self.altitude_ft + self.climb_fpm / 60.0))
        self.latitude, self.longitude = self.place(1.0)

    def place(self, seconds: float) -> tuple[float, float]:
        """Where it is so long after the second has begun."""
        step_deg = self.speed_kt / 3600.0 / 60.0 * seconds
        north, east = math.cos(math.radians(self.track)), math.sin(math.radians(self.track))
        return self.latitude + step_deg * north, self.longitude + step_deg * east / math.cos(
            math.radians(self.latitude)
        )

    def frames(self, now: float) -> list[tuple[float, bytes]]:
        """What it sends in a second."""
        out = []
        for half in (0.0, 0.5):
            at = now + half + self.random.uniform(0.0, 0.45)
            me = encode.airborne_position(*self.place(at - now), half > 0, self.altitude_ft)
            out.append((at, encode.df17(self.icao, me)))
            me = encode.velocity(self.speed_kt, self.track, self.climb_fpm)
            out.append((at + 0.02, encode.df17(self.icao, me)))
        if self.seconds % 5 == 0:
            out.append(
                (
                    now + self.random.uniform(0.0, 0.99),
                    encode.df17(self.icao, encode.identification(f"DAY{self.icao & 4095:04d}", "A3")),
                )
            )
            out.append((now + self.random.uniform(0.0, 0.99), encode.df11(self.icao)))
        return out


def newcomer(number: int, now: float, chance: random.Random) -> Plane:
    """An aircraft somewhere within 200 km, for a while."""
    return Plane(
        0x440000 + number % 60_000,
        random.Random(number),
        HOME[0] + chance.uniform(-1.2, 1.2),
        HOME[1] + chance.uniform(-1.8, 1.8),
        chance.uniform(0, 360),
        now + chance.uniform(900, 2700),
        chance.uniform(6000, 39_000),
        chance.uniform(250, 480),
    )


class Source:
    """Another receiver, whose clock runs fast."""

    def __init__(self, count: int, speed: float) -> None:
        self.now = 0.0
        self.sent = 0
        self._count, self._speed = count, speed
        self._chance = random.Random(1)
        self._number = count
        self._planes = [newcomer(number, 0.0, self._chance) for number in range(count)]
        self._waiting: list[tuple[float, bytes]] = []

    def second(self) -> bytes:
        """The next simulated second."""
        for k, plane in enumerate(self._planes):
            if self.now >= plane.until_s:
                self._number += 1
                plane = self._planes[k] = newcomer(self._number, self.now, self._chance)
            plane.fly(self.now)
            for one in plane.frames(self.now):
                heapq.heappush(self._waiting, one)
        self.now += 1.0
        out = bytearray()
        while self._waiting and self._waiting[0][0] < self.now:
            at, data = heapq.heappop(self._waiting)
            out += beast_bytes(data, round(at * COUNTER_HZ), 100)
            self.sent += 1
        return bytes(out)

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """To whoever connects, at the pace."""
        due_s = time.monotonic()
        try:
            while True:
                writer.write(self.second())
                await writer.drain()
                due_s = max(due_s + 1.0 / self._speed, time.monotonic() - 1.0)  # what was late is not made up for
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        except ConnectionError:
            writer.close()


def written_mb(pid: int) -> float:
    """What has gone to the disk, and was not taken back before it got there."""
    told = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return (int(told["write_bytes"]) - int(told["cancelled_write_bytes"])) / 1e6


def sizes_mb(folder: Path) -> dict[str, float]:
    """Of all files in it."""
    return {str(path.relative_to(folder)): path.stat().st_size / 1e6 for path in folder.rglob("*") if path.is_file()}


async def page(port: int) -> None:
    """A page that is open all day."""
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            timeout = aiohttp.ClientTimeout(None, sock_read=60.0)
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.get(f"http://127.0.0.1:{port}/api/stream") as answer,
            ):
                async for _ in answer.content.iter_any():
                    pass
        await asyncio.sleep(1.0)


async def measure(folder: Path, mqtt: int, arguments: argparse.Namespace) -> dict[str, float]:
    """Run it."""
    source, web = free_port(), free_port()
    settings = folder / "squitter.toml"
    settings.write_text(
        f"""
        station = {{ latitude = {HOME[0]}, longitude = {HOME[1]} }}
        receiver = {{ source = "beast", port = {source} }}
        mqtt = {{ port = {mqtt} }}
        web = {{ enabled = true, port = {web} }}
        """
    )
    traffic = Source(arguments.aircraft, arguments.speed)
    stack = contextlib.AsyncExitStack()
    await stack.enter_async_context(serving(traffic.serve, source))
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "run", "--config", str(settings), env={**environment(folder), "PYTHONPATH": os.getcwd()}
    )
    looking = asyncio.create_task(page(web))
    seen: list[tuple[float, float, float, float]] = []
    try:
        while traffic.now < arguments.hours * 3600.0 and process.returncode is None:
            await asyncio.sleep(1.0)
            if traffic.now >= EVERY_S * (len(seen) + 1):
                row = (traffic.now, resident_mb(process.pid), written_mb(process.pid), cpu_s(process.pid))
                seen.append(row)
                print(f"{row[0] / 3600:5.1f} h {row[1]:8.1f} MB {row[2]:8.2f} MB written {row[3]:8.1f} s cpu "
                      f"{traffic.sent} frames", flush=True)  # fmt: skip
        looking.cancel()
        files = sizes_mb(folder)
    finally:
        looking.cancel()
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20.0):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        await stack.aclose()
    print(json.dumps({name: round(size, 2) for name, size in files.items()}, indent=1))
    warm = next((row for row in seen if row[0] >= WARM_S), seen[0])
    last = seen[-1]
    return {
        "simulated hours": last[0] / 3600,
        "memory after two hours, MB": warm[1],
        "memory at the end, MB": last[1],
        "memory at most after that, MB": max(row[1] for row in seen if row[0] >= warm[0]),
        "written a day, MB": (last[2] - warm[2]) / max(1.0, last[0] - warm[0]) * 86_400.0,
        "processor, s/s": last[3] / (last[0] / arguments.speed),
    }


def main() -> int:
    """The figures; exit status 1 when one is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("--aircraft", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_mosquitto(folder) as broker:
            figures = asyncio.run(measure(folder, broker.port, arguments))
    for what, value in figures.items():
        print(f"{what:30} {value:10.2f}")
    good = (
        figures["written a day, MB"] <= DISK_MB
        and figures["memory at most after that, MB"] - figures["memory after two hours, MB"] <= MEMORY_MB
    )
    print("as promised" if good else "NOT as promised")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
