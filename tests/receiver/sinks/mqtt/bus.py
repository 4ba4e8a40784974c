"""A sink that runs, and a plain client that waits, for tests on one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from config.mqtt import MqttSettings
from config.station import StationSettings
from receiver.outbox import Outbox
from receiver.sinks.mqtt import MqttSink
from receiver.views.outlets import Sink
from tests.mosquitto import Listener, Received

BASE = "squitter/home"
QUICK = (0.05, 0.2)
OUTBOXES: WeakKeyDictionary[Sink, Outbox] = WeakKeyDictionary()


def sink_for(
    port: int,
    tmp_path: Path,
    *,
    station: StationSettings | None = None,
    controls: Mapping[str, Callable[[str], str]] | None = None,
    described: Mapping[str, Any] | None = None,
    lasting: bool = True,
    outbox_file: Path | None = None,
    **settings: Any,
) -> MqttSink:
    """A sink with quick attempts to connect."""
    outbox = Outbox(outbox_file or tmp_path / "outbox.sqlite3")
    sink = MqttSink(
        MqttSettings(port=port, **settings),
        station or StationSettings(),
        lambda: described or {"version": "0.0.0", "source": "test"},
        controls,
        outbox=outbox,
        lasting=lasting,
        backoff_s=QUICK,
    )
    OUTBOXES[sink] = outbox
    return sink


@contextlib.asynccontextmanager
async def running(*sinks: Sink) -> AsyncIterator[None]:
    """The sinks at work; at the end they are cancelled, as the app does it."""
    outboxes = [OUTBOXES[sink] for sink in sinks if sink in OUTBOXES]
    for outbox in outboxes:
        await outbox.open()
    tasks = [asyncio.create_task(part.run()) for part in (*sinks, *outboxes)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if result is not None and not isinstance(result, asyncio.CancelledError):
                raise result
        for outbox in outboxes:
            await outbox.close()


async def got(
    listener: Listener, condition: Callable[[list[Received]], bool], timeout_s: float = 10.0
) -> list[Received]:
    """Wait without holding up the loop."""
    return await asyncio.to_thread(listener.wait_for, condition, timeout_s)


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def has(topic: str, payload: bytes | None = None) -> Callable[[list[Received]], bool]:
    """A condition: a message of this topic (and payload) has come."""
    return lambda messages: any(m.topic == topic and (payload is None or m.payload == payload) for m in messages)


def newest(messages: list[Received], topic: str) -> Any:
    """The newest JSON of a topic."""
    return json.loads([m.payload for m in messages if m.topic == topic and m.payload][-1])
