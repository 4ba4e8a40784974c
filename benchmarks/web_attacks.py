"""How long `/healthz` takes while somebody attacks the map's server: 300 aircraft with a quarter of an hour of memory, the real base map.

    python -m benchmarks.web_attacks [--seconds 6]

The server is a process of its own. Each attack goes on for some seconds; meanwhile the health is asked for ten times a
second over fresh connections, and what took longest counts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp

from tests.receiver.web.airs import START_S, FakeAlert, air, web_sink

TOKEN = "correct-horse-battery"
AIRCRAFT, PAST_S = 300, 900
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
Attack = Callable[[str, int], Awaitable[None]]


async def serve() -> None:
    """The server; a line on its input makes it raise 25 alerts at once."""
    from receiver.atlas import base_map_file

    sink = web_sink(base_map=base_map_file(), token=TOKEN)
    for second in range(-PAST_S, 0, 4):
        sink.second(air(START_S + second, AIRCRAFT))
    task = asyncio.create_task(sink.run())
    await sink.ready.wait()
    print(sink.url, flush=True)
    now, number = START_S, 0
    loop = asyncio.get_running_loop()
    asked = loop.run_in_executor(None, sys.stdin.readline)
    while True:
        sink.second(air(now, AIRCRAFT))
        now += 1.0
        await asyncio.wait({asked}, timeout=1.0)
        if asked.done():
            if not asked.result():
                break
            for _ in range(25):
                number += 1
                sink.alert(FakeAlert(id=f"alert-{number}"), bytes(60_000))
            asked = loop.run_in_executor(None, sys.stdin.readline)
    task.cancel()


async def ask_health(url: str, seconds: float) -> None:
    """Print the longest time until /healthz was answered, and how often it was asked for."""
    worst_s, count = 0.0, 0
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        began_s = time.monotonic()
        async with aiohttp.ClientSession() as client, client.get(url + "healthz") as answer:
            assert answer.status == 200, answer.status
        worst_s, count = max(worst_s, time.monotonic() - began_s), count + 1
        await asyncio.sleep(0.1)
    print(worst_s, count)


async def worst_health_s(url: str, seconds: float) -> tuple[float, int]:
    """What `ask_health` finds, in a process of its own: the attackers' is busy."""
    call = f"asyncio.run(ask_health({url!r}, {seconds}))"
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"import asyncio; from benchmarks.web_attacks import ask_health; {call}",
        stdout=subprocess.PIPE,
    )  # fmt: skip
    out, _ = await asking.communicate()
    worst, count = out.split()
    return float(worst), int(count)


async def raw(port: int, text: bytes, hold_s: float = 3600.0) -> None:
    """Send, and hold the connection."""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(text)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(hold_s):
                    while await reader.read(65_536):
                        pass
        finally:
            writer.transport.abort()


async def half_requests(url: str, port: int) -> None:
    """512 sockets, opened again as soon as they are cut off."""

    async def again() -> None:
        while True:
            await raw(port, HEAD + b"X: y")
            await asyncio.sleep(0.1)

    await asyncio.gather(*(again() for _ in range(512)))


async def inflating_bodies(url: str, port: int) -> None:
    """16 bodies of half a megabyte that become half a gigabyte, without a token, again and again."""
    bomb = gzip.compress(bytes(500_000_000), 1)[:500_000]
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    async def again() -> None:
        while True:
            await raw(port, head + bomb)

    await asyncio.gather(*(again() for _ in range(16)))


async def slow_bodies(url: str, port: int) -> None:
    """200 bodies, a byte now and then."""

    async def drip() -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /data/aircraft.json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
                for _ in range(100):
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.2)

    await asyncio.gather(*(drip() for _ in range(200)))


async def aborted_maps(url: str, port: int) -> None:
    """Large pieces of the base map, given up after a moment."""
    async with aiohttp.ClientSession(headers=AUTHORIZED, connector=aiohttp.TCPConnector(limit=0)) as client:

        async def again() -> None:
            while True:
                start = random.randrange(4_000_000)
                wanted = {"Range": f"bytes={start}-{start + 3_900_000}"}
                with contextlib.suppress(TimeoutError, aiohttp.ClientError):
                    async with asyncio.timeout(0.3), client.get(url + "map/base.pmtiles", headers=wanted) as answer:
                        await answer.read()

        await asyncio.gather(*(again() for _ in range(20)))


async def playback(url: str, port: int) -> None:
    """16 sliders over 300 aircraft."""
    async with aiohttp.ClientSession(headers=AUTHORIZED) as client:

        async def again() -> None:
            while True:
                at = START_S - random.uniform(0, PAST_S)
                async with client.get(f"{url}api/playback?at={at}&hex=ae4bd7") as answer:
                    await answer.read()

        await asyncio.gather(*(again() for _ in range(16)))


async def guesses(url: str, port: int) -> None:
    """Tokens, 32 at a time."""
    async with aiohttp.ClientSession() as client:

        async def again() -> None:
            while True:
                async with client.get(f"{url}?token={random.getrandbits(64)}"):
                    pass

        await asyncio.gather(*(again() for _ in range(32)))


async def pages(url: str, port: int) -> None:
    """31 pages that follow and do not read, and as many that come and go."""
    head = HEAD.replace(b"/ ", b"/api/stream ") + f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()

    async def sleeper() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(head)
        await asyncio.sleep(3600)

    async def again() -> None:
        while True:
            await raw(port, head, 0.5)

    await asyncio.gather(*(sleeper() for _ in range(20)), *(again() for _ in range(11)))


ATTACKS: tuple[Attack, ...] = (half_requests, inflating_bodies, slow_bodies, aborted_maps, playback, guesses, pages)


async def measure(seconds: float) -> dict[str, float]:
    """The worst time in seconds by attack."""
    server = subprocess.Popen(  # noqa: ASYNC220 - before anything else runs
        [sys.executable, "-c", "import asyncio; from benchmarks.web_attacks import serve; asyncio.run(serve())"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    assert server.stdin is not None
    out: dict[str, float] = {}
    try:
        url = server.stdout.readline().strip()
        port = int(url.rstrip("/").rpartition(":")[2])
        for attack in (None, *ATTACKS):
            task = asyncio.create_task(attack(url, port)) if attack else None
            await asyncio.sleep(0.5)
            if attack is pages:
                server.stdin.write("alerts\n")
                server.stdin.flush()
            name = attack.__name__ if attack else "nothing"
            out[name], count = await worst_health_s(url, seconds)
            print(f"{name:18} {1000 * out[name]:6.0f} ms at worst of {count}", flush=True)
            if task is not None:
                if task.done():
                    task.result()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
    finally:
        server.stdin.close()
        server.wait(30)
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=6.0)
    asyncio.run(measure(parser.parse_args().seconds))
