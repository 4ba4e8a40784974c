"""A thousand aircraft declare an emergency at once, and one alert of another rule comes after them.

    python -m benchmarks.emergencies [--alerts 1000]

The whole service but for the antenna, in this process: desk, outbox, a real mosquitto, alert log, a webhook on this machine. Told: how
many pushes went out, what they cover, how long the other rule's critical alert took, how long the bus took for all, resident
memory. Then a clean stop, and a second start that must send nothing again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from config.load import load
from receiver.app import Service, Signal
from receiver.app.process import share_heaps
from receiver.clock import SignalClock
from receiver.pipeline.heard import Heard, Reception
from receiver.sinks.alert_log import Store
from receiver.watch.trail import TrailPoint
from tests.mosquitto import Listener, free_port, running_mosquitto
from tests.receiver.sinks.sky import alert


def resident_mb() -> float:
    """Resident memory now."""
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def quiet() -> Signal:
    """A live signal in which nothing is heard."""
    clock, closed = SignalClock(), asyncio.Event()

    async def heard() -> AsyncGenerator[Heard, None]:
        while not closed.is_set():
            yield Heard([], clock.utc_s(), Reception("quiet", clock=clock.look()))
            await asyncio.sleep(0.1)

    return Signal(heard, closed.set, "quiet", live=True, clock=clock)


async def measure(folder: Path, mqtt: int, listener: Listener, count: int) -> dict[str, float]:
    """The figures."""
    pushes: list[tuple[float, dict[str, Any]]] = []
    port = free_port()

    async def take(request: web.Request) -> web.Response:
        pushes.append((time.monotonic(), (await request.json())["alert"]))
        return web.Response()

    application = web.Application(client_max_size=10_000_000)
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    settings = folder / "squitter.toml"
    settings.write_text(
        f"""
        mqtt = {{ port = {mqtt} }}
        outbox = {{ file = "{folder}/outbox" }}
        watch = {{ state_file = "{folder}/watch.json" }}
        history = {{ enabled = false }}
        alerts = {{ dir = "{folder}/alerts", keep = 5000 }}
        web = {{ enabled = false }}
        [[notify.channel]]
        name = "phone"
        kind = "webhook"
        url = "http://127.0.0.1:{port}/"
        local_network = true
        """
    )
    loaded = load(settings, {}, {}).settings
    service = Service(loaded, quiet())
    running = asyncio.create_task(service.run())
    await asyncio.sleep(3.0)
    before_mb, most_mb = resident_mb(), 0.0
    began_s = time.monotonic()
    trail = tuple(TrailPoint(1.8e9 + k, 19.0 + k / 100, -100.0, 19_000.0) for k in range(60))
    for k in range(count):
        one = alert(f"emergency-{k:06x}", icao=f"{k:06x}", severity="critical", rule="emergency", now=time.time())
        service._desk.take(replace(one, notify=("phone",), trail=trail))
    other = alert("other-abcdef", icao="abcdef", severity="critical", rule="other", now=time.time())
    service._desk.take(replace(other, notify=("phone",), picture=False))
    other_s = bus_s = 0.0
    while time.monotonic() - began_s < 40.0:
        await asyncio.sleep(0.05)
        most_mb = max(most_mb, resident_mb())
        if not other_s:
            other_s = next((at - began_s for at, told in pushes if told.get("id") == "other-abcdef"), 0.0)
        if not bus_s:
            told = {message.topic for message in list(listener.messages) if "/alerts/" in message.topic}
            bus_s = time.monotonic() - began_s if len(told) >= count + 1 else 0.0
    covered = len({told["id"] for _, told in pushes if "id" in told})
    covered += sum(told["count"] for _, told in pushes if told.get("summary"))
    waiting = len(service.outbox.box("push:phone"))
    stop_s = time.monotonic()
    service.stop()
    await running
    stop_s = time.monotonic() - stop_s
    sent = len(pushes)
    again = Service(loaded, quiet())
    running = asyncio.create_task(again.run())
    await asyncio.sleep(5.0)
    again.stop()
    await running
    await runner.cleanup()
    return {
        "pushes": sent,
        "alerts that they cover": covered,
        "other rule's alert, s": other_s,
        "all on the bus, s": bus_s,
        "memory before, MB": before_mb,
        "memory at most, MB": most_mb,
        "messages left": waiting,
        "stop, s": stop_s,
        "sent again after it": len(pushes) - sent,
        "in the log": len(Store(folder / "alerts").alerts()),
    }


def main() -> int:
    """Print them; exit status 1 when one is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=1000)
    count = parser.parse_args().alerts
    share_heaps()  # as the service's process does
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_mosquitto(folder) as broker, Listener(broker.port, "squitter/#") as listener:
            figures = asyncio.run(measure(folder, broker.port, listener, count))
    for what, value in figures.items():
        print(f"{what:24} {value:10.2f}")
    good = (
        figures["pushes"] <= 10
        and figures["alerts that they cover"] == count + 1
        and 0.0 < figures["other rule's alert, s"] <= 2.0
        and figures["memory at most, MB"] - figures["memory before, MB"] <= 50.0
        and figures["sent again after it"] == 0
        and figures["in the log"] == count + 1
    )
    print("as promised" if good else json.dumps("NOT as promised"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
