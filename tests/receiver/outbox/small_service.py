"""The part of the service that must lose nothing, without the rest: desk, outbox, alert log, push, watch's state.

    python -m tests.receiver.outbox.small_service          a server: reads jobs, a line of JSON each, forks, says how it ended

A job is a run of the service over `folder`, with an error at the n-th call of the disk or killed after so many µs. The watch is
a counter: it raises alert after alert and ends those before; what it remembers is how far it was. Who has got what is written
into files outside of the folder, each line at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from config.alerts import AlertLogSettings
from config.notify import Channel, NotifySettings
from config.watch import WatchSettings
from receiver.app.desk import AlertDesk
from receiver.app.supervisor import Supervisor
from receiver.atlas import Atlas
from receiver.back_off import BackOff
from receiver.outbox import Outbox
from receiver.pipeline.hub import Hub
from receiver.sinks import Sink
from receiver.sinks.alert_log import AlertLog
from receiver.sinks.alert_log import sink as alert_log_module
from receiver.sinks.notify import Notify
from receiver.sinks.notify import line as line_module
from receiver.sinks.notify.message import Message
from receiver.tracking import Tracker
from receiver.watch.state_file import StateFile
from tests.receiver.sinks.sky import START_S, alert

ALERTS = 8
LIMIT_S = 20.0


class CountingWatch:
    """Remembers how many alerts it has raised, and which of them are open."""

    def __init__(self, state: dict[str, Any] | None) -> None:
        self.raised = int((state or {}).get("raised", 0))
        self.open = list((state or {}).get("open", []))

    def state(self, whole: bool = False) -> dict[str, Any]:
        del whole
        return {"raised": self.raised, "open": list(self.open)}


class Bus(Sink):
    """Stands for the broker: takes letters out of its box, one at a time."""

    name = "bus"

    def __init__(self, outbox: Outbox, got: int) -> None:
        self._box = outbox.box("mqtt")
        self._got = got

    def alert(self, alert: Any, picture: bytes | None) -> None:
        self._box.add(json.dumps([alert.id, alert.state]).encode(), 2, made_s=alert.updated_s, key=alert.id)

    async def run(self) -> None:
        while True:
            self._box.news.clear()
            for letter in self._box.oldest(1):
                await asyncio.sleep(0)
                os.write(self._got, letter.body + b"\n")
                self._box.done([letter])
                break
            else:
                await self._box.news.wait()

    async def finish(self) -> None:
        while len(self._box):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def serve(folder: Path, bus: int, phone: int) -> None:
    """Go on where the last run has ended, until all alerts are raised and everybody has everything."""
    outbox = Outbox(folder / "state" / "outbox.sqlite3")
    outbox._back_off = BackOff((0.002,))
    state_file = StateFile(folder / "state" / "watch.json")
    watch = CountingWatch(state_file.read())

    async def send(_channel: Channel, message: Message, _picture: bytes | None) -> None:
        await asyncio.sleep(0)
        os.write(phone, json.dumps(message.alert_id).encode() + b"\n")

    settings = NotifySettings.model_validate(
        {"channel": [{"name": "phone", "url": "json://localhost/"}], "max_per_hour": 0}
    )
    log = AlertLog(AlertLogSettings(dir=folder / "alerts"), {"rules": []}, outbox)
    log._back_off = BackOff((0.002,))
    hub = Hub(Tracker(), sinks=[Bus(outbox, bus), Notify(settings, outbox, send=send), log])
    hub.watch = watch  # type: ignore[assignment]
    desk = AlertDesk(hub, outbox, Atlas(), WatchSettings(), state_file)
    await outbox.open()
    supervisor = Supervisor((0.002,))
    for sink in hub.sinks:
        supervisor.start(sink.name, sink.run)
    supervisor.start("desk", desk.run)
    supervisor.start("cards", desk.run_cards)
    supervisor.start("outbox", outbox.run)
    while watch.open or watch.raised < ALERTS:
        for number in list(watch.open):
            watch.open.remove(number)
            desk.take(told(f"alert-{number:03d}", "ended", number))
        if watch.raised < ALERTS:
            watch.open.append(watch.raised)
            desk.take(told(f"alert-{watch.raised:03d}", "raised", watch.raised))
            watch.raised += 1
        await asyncio.sleep(0.003 if watch.raised % 3 else 0.0)
    with contextlib.suppress(TimeoutError):  # the disk may never take it: the next run goes on
        async with asyncio.timeout(0.5):
            await desk.finish()
    for sink in hub.sinks:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await sink.finish()
    await supervisor.stop(1.0)
    await outbox.close()
    await asyncio.to_thread(state_file.close)


def told(name: str, state: str, number: int) -> Any:
    """An alert that asks for the phone when it is raised."""
    from dataclasses import replace

    one = alert(name, state, now=START_S + number)
    return replace(one, picture=False, trail=(), notify=("phone",) if state == "raised" else ())


def run(job: dict[str, Any]) -> None:
    """In a process of its own."""
    alert_log_module.RETRY_S = (0.002, 0.002)
    line_module.FIRST_RETRY_S = line_module.LONGEST_RETRY_S = 0.002
    folder = Path(job["folder"])
    got = [os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) for name in ("bus", "phone")]
    shim = ctypes.CDLL(None)
    if "fail" in job:
        shim.fault_arm(ctypes.c_long(job["fail"]), ctypes.c_int(job["sticky"]), f"{folder}/".encode())
    asyncio.run(serve(folder, *got))
    if "fail" in job:
        shim.fault_calls.restype = ctypes.c_long
        Path(job["calls"]).write_text(str(shim.fault_calls()))


def main() -> None:
    """The server."""
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            status = 1
            with open(job["errors"], "a") as errors:
                os.dup2(errors.fileno(), 2)
                try:
                    run(job)
                    status = 0
                except BaseException:  # noqa: BLE001 - whatever it is, it is told
                    traceback.print_exc(file=errors)
            os._exit(status)
        if "kill_after_s" in job:
            time.sleep(job["kill_after_s"])
            os.kill(child, signal.SIGKILL)
        until_s = time.monotonic() + LIMIT_S
        ended: int | None = None
        while ended is None and time.monotonic() < until_s:
            done, status_now = os.waitpid(child, os.WNOHANG)
            ended = status_now if done else None
            if ended is None:
                time.sleep(0.002)
        if ended is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            ended = -1
        print(ended, flush=True)


if __name__ == "__main__":
    main()
