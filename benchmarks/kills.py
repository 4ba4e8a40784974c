"""The whole service is killed (`kill -9`) at random moments while aircraft declare emergencies: is every alert everywhere?

    python -m benchmarks.kills [--kills 100] [--seed 1]

A real process with its outputs (a real mosquitto, a webhook on this machine, the alert log, the watch's state) listens to a
Beast source in which every two seconds another aircraft declares an emergency and goes silent five seconds later. The
process is killed and started again; after the last time it runs on, then stops. Told: alerts that were seen anywhere, and
how many of them are missing on the bus, among the pushes and in the log; ended ones that were never raised.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from receiver.sinks.alert_log import Store
from receiver.sources.scene import encode
from receiver.wire.beast import COUNTER_HZ, beast_bytes
from tests.end_to_end.squitter_process import COMMAND, environment
from tests.mosquitto import Listener, free_port, running_mosquitto
from tests.receiver.network import serving

EVERY_S, SPEAKS_S = 2.0, 5.0
SETTLE_S = 60.0  # for the end: the last alerts end, everything is delivered
RULES = """
[[rule]]
name = "emergency"
severity = "critical"
notify = ["phone"]
hold_s = 0
linger_s = 5
picture = true
when = { squawk = ["7700"] }
"""


class Source:
    """Another receiver. Its aircraft go on whether somebody listens or not."""

    def __init__(self) -> None:
        self.began_s = time.monotonic()
        self.stop = False

    def frames(self, at_s: float) -> bytes:
        """What is sent in the tenth of a second from then on."""
        out = b""
        for number in range(max(0, int((at_s - SPEAKS_S) / EVERY_S)), int(at_s / EVERY_S) + 1):
            if self.stop or not 0.0 <= at_s - number * EVERY_S < SPEAKS_S:
                continue
            icao, turn = 0x440000 + number, round(at_s * 10) % 5
            latitude = 48.0 + number % 50 * 0.01
            me = [
                encode.airborne_position(latitude, 16.0 + at_s % 100 * 0.001, bool(int(at_s * 10) // 5 % 2), 20_000.0),
                encode.velocity(400.0, 90.0, 0.0),
                encode.identification(f"MAY{number % 1000:03d}", "A3"),
                encode.emergency_status("general", "7700"),
                encode.emergency_status("general", "7700"),
            ][turn]
            out += beast_bytes(encode.df17(icao, me), round((at_s + turn * 1e-3) * COUNTER_HZ) + number, 100)
        return out

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """To whoever connects."""
        try:
            while True:
                writer.write(self.frames(time.monotonic() - self.began_s))
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            writer.close()


async def measure(folder: Path, mqtt: int, listener: Listener, kills: int, seed: int) -> dict[str, float]:
    """Run it."""
    chance = random.Random(seed)
    pushed: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        pushed.append((await request.json())["alert"])
        return web.Response()

    application = web.Application(client_max_size=10_000_000)
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    hook = free_port()
    await web.TCPSite(runner, "127.0.0.1", hook).start()
    port, traffic = free_port(), Source()
    stack = contextlib.AsyncExitStack()
    await stack.enter_async_context(serving(traffic.serve, port))
    (folder / "rules.toml").write_text(RULES)
    settings = folder / "squitter.toml"
    settings.write_text(
        f"""
        receiver = {{ source = "beast", port = {port} }}
        mqtt = {{ port = {mqtt} }}
        watch = {{ rules_file = "rules.toml" }}
        alerts = {{ keep = 100000 }}
        web = {{ enabled = false }}
        [notify]
        max_per_hour = 0
        [[notify.channel]]
        name = "phone"
        kind = "webhook"
        url = "http://127.0.0.1:{hook}/"
        local_network = true
        """
    )

    async def start() -> asyncio.subprocess.Process:
        with (folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *COMMAND, "run", "--config", str(settings), stderr=log,
                env={**environment(folder), "PYTHONPATH": os.getcwd()},
            )  # fmt: skip

    process = await start()
    try:
        for number in range(kills):
            online = len(listener.messages)
            async with asyncio.timeout(120.0):
                while not any(  # noqa: ASYNC110
                    m.topic.endswith("/status") and m.payload == b"online" for m in listener.messages[online:]
                ):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(chance.uniform(0.0, 6.0))
            process.kill()
            await process.wait()
            process = await start()
            if number % 10 == 9:
                print(f"{number + 1} kills, {len(pushed)} pushes", flush=True)
        traffic.stop = True
        await asyncio.sleep(SETTLE_S)
        began_s = time.monotonic()
        process.terminate()
        status = await process.wait()
        stop_s = time.monotonic() - began_s
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await stack.aclose()
        await runner.cleanup()
    events = [json.loads(m.payload) for m in listener.messages if m.topic.endswith("/events/alert") and m.payload]
    bus = {event["id"] for event in events if event["state"] == "raised"}
    push = {told["id"] for told in pushed if told.get("state") == "raised"}
    logged = {
        entry.id: {state["payload"]["state"] for state in entry.states()}
        for entry in Store(log_folder(folder)).alerts()
    }
    kept = {name for name, states in logged.items() if "raised" in states}
    seen = (
        bus | push | set(logged) | {event["id"] for event in events} | {told["id"] for told in pushed if "id" in told}
    )
    ended = {event["id"] for event in events if event["state"] == "ended"}
    ended |= {name for name, states in logged.items() if "ended" in states}
    text = (folder / "log").read_text()
    return {
        "kills": kills,
        "alerts": len(seen),
        "not on the bus": len(seen - bus),
        "not pushed": len(seen - push),
        "not in the log": len(seen - kept),
        "ended, never raised": len(ended - (bus & kept)),
        "raised more than once on the bus": sum(event["state"] == "raised" for event in events) - len(bus),
        "pushed more than once": sum(told.get("state") == "raised" for told in pushed) - len(push),
        "tracebacks": text.count("Traceback"),
        "stop, s": stop_s,
        "exit status": status,
    }


def log_folder(folder: Path) -> Path:
    """Where the process keeps its alert log."""
    return folder / ".local/share/squitter/home/alerts"


def main() -> int:
    """The figures; exit status 1 when an alert is missing somewhere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_mosquitto(folder) as broker, Listener(broker.port, "squitter/#") as listener:
            figures = asyncio.run(measure(folder, broker.port, listener, arguments.kills, arguments.seed))
            log = (folder / "log").read_text()
    for what, value in figures.items():
        print(f"{what:34} {value:10.2f}")
    wrong = ("not on the bus", "not pushed", "not in the log", "ended, never raised", "tracebacks", "exit status")
    good = figures["alerts"] > 0 and not any(figures[what] for what in wrong)
    if not good:
        print(log[-6000:])
    print("as promised" if good else "NOT as promised")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
