"""A made-up squitter through everything: samples, demodulator, decoder, tracker, bus, and back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

from config.mqtt import MqttSettings
from config.settings import Settings
from config.station import StationSettings
from receiver import __version__
from receiver.broker.address import address_of
from receiver.broker.client import BrokerError, Connection
from receiver.doctor.broker import enter
from receiver.doctor.finding import Finding, good, problem
from receiver.doctor.machine import Machine
from receiver.doctor.scene import ADDRESS, CALL_SIGN, LATITUDE, LONGITUDE, one_aircraft
from receiver.errors import SquitterError
from receiver.pipeline.feeds import sample_feed
from receiver.pipeline.hub import Hub
from receiver.sinks.mqtt import MqttSink, Publication
from receiver.sinks.mqtt.embedded import embedded_broker
from receiver.tracking import Tracker

LIMIT_S = 40.0  # on a slow machine that compiles first
STATION = "doctor"


class BrokenChainError(Exception):
    """Where the chain ended, in words."""


def check_chain(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Over the broker of the settings, below the station's own topics; without one, over a broker in this process."""
    ours = not settings.mqtt.enabled or machine.connect(settings.mqtt.host, settings.mqtt.port) is not None
    try:
        by_way = asyncio.run(_run(settings, ours))
    except BrokenChainError as error:
        yield problem(
            "chain-broken",
            f"A simulated squitter was not published: {error}.",
            "If the broker is not at fault (see above), please report it with the output of `squitter doctor --json`.",
        )
    except TimeoutError:
        yield problem(
            "chain-broken",
            f"A simulated squitter was not published within {LIMIT_S:g} s.",
            "If the broker is not at fault (see above), please report it with the output of `squitter doctor --json`.",
        )
    except (BrokerError, SquitterError) as error:
        yield problem("chain-broken", f"A simulated squitter was not published: {error}.", "See the broker above.")
    else:
        yield good("chain", f"A simulated squitter was published ({by_way}): call sign, position, address as sent.")


async def _run(settings: Settings, ours: bool) -> str:
    async with contextlib.AsyncExitStack() as stack:
        if ours:
            port = await stack.enter_async_context(embedded_broker(0))
            mqtt = MqttSettings(port=port, protocol="3.1.1")
            by_way = "a broker of its own"
        else:
            # below the station's own topics: whoever may publish there may publish this
            base = f"{settings.mqtt.base_topic}/{settings.station.name}"
            mqtt = settings.mqtt.model_copy(
                update={"base_topic": base, "commands": False, "frames": False, "client_id": None}
            )
            by_way = f"{settings.mqtt.host}:{settings.mqtt.port}"
        async with asyncio.timeout(LIMIT_S):
            await _watch_it_come_out(mqtt, float(settings.receiver.sample_rate_hz))
        return by_way


async def _watch_it_come_out(mqtt: MqttSettings, sample_rate_hz: float) -> None:
    token = secrets.token_hex(4)
    sink = MqttSink(
        mqtt.model_copy(update={"client_id": f"squitter-doctor-{token}"}),
        StationSettings(name=STATION),
        lambda: {"version": __version__, "source": "scene"},
        lasting=False,
    )
    async with _listener(mqtt, sink, token) as listener:
        running = asyncio.create_task(sink.run())
        try:
            hub = Hub(Tracker(), sinks=[sink])
            heard = list(await asyncio.to_thread(lambda: list(sample_feed(one_aircraft(sample_rate_hz)))))
            if not any(piece.frames for piece in heard):
                raise BrokenChainError("the demodulator found no frame in the samples")
            for piece in heard:
                hub.hear(piece)
            hub.publish_now()
            if not len(hub.tracker):
                raise BrokenChainError("the tracker knows no aircraft though frames were found")
            waiting = asyncio.create_task(_wait_for(listener, sink.topics.aircraft(f"{ADDRESS:06x}")))
            while not waiting.done():
                await asyncio.wait({waiting, running}, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    waiting.cancel()
                    await running
                    raise BrokenChainError("the publisher has ended")
                hub.advance(hub.now + 0.5)
            waiting.result()
            hub.wind_down()
            await sink.finish()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def _listener(mqtt: MqttSettings, sink: MqttSink, token: str) -> AsyncIterator[Connection]:
    """Listens to the doctor's topics; at the end nothing retained is left there."""
    topics = sink.topics
    listener = await enter(address_of(mqtt, f"doctor-{token}-ear"), mqtt.protocol, f"{topics.base}/ear")
    try:
        await listener.subscribe(f"{topics.base}/#")
        yield listener
    finally:
        left = [topics.status, topics.station, topics.stats, topics.summary, topics.aircraft(f"{ADDRESS:06x}")]
        with contextlib.suppress(BrokerError):
            await listener.publish([Publication(topic, b"", 1, retain=True) for topic in left])
        await listener.close(politely=True)


async def _wait_for(listener: Connection, topic: str) -> None:
    """Until the aircraft comes by with everything that it said."""
    async for message in listener.messages():
        if message.topic != topic or not message.payload:
            continue
        told: dict[str, Any] = json.loads(message.payload)
        if told.get("hex") != f"{ADDRESS:06x}":
            raise BrokenChainError(f"the address came out as {told.get('hex')!r}")
        complete = str(told.get("flight", "")).strip() == CALL_SIGN and "lat" in told
        if complete and math.dist((told["lat"], told["lon"]), (LATITUDE, LONGITUDE)) < 0.01:
            return
    raise BrokenChainError("the connection ended")
