"""The stream of what stations publish: kept for some minutes, read from any moment of them, and partitioned by aircraft.

Every message goes out once more under `fleet.<partition>.<hex>.<station>`, 64 partitions by address: the server does that
(`republish`), so whoever wants to share the work subscribes to some of them. Account mappings would do the same, and
take the messages from those who read the original topics.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RePublish, StreamConfig

log = logging.getLogger(__name__)

STREAM = "FLEET_HEARD"
PARTITIONS = 64
KEEP_S = 600.0
BATCH = 500
WAIT_S = 1.0
IDLE_S = 30.0


class Stored(NamedTuple):
    """One message: of which station, about whom, when the server had it (UTC s), how many wait behind it."""

    station: str
    hex: str
    payload: bytes
    arrived_s: float
    sequence: int
    behind: int


async def connect(url: str) -> Client:
    """A client that connects again and again. Raises OSError or nats.errors.Error when no server answers at first."""
    client = Client()
    await client.connect(
        servers=url.split(","),
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        connect_timeout=3,
        allow_reconnect=True,
        error_cb=_quiet,
    )
    return client


async def _quiet(error: Exception) -> None:
    log.debug("nats: %r", error)


async def ensure_stream(js: JetStreamContext, base: str, replicas: int) -> None:
    """Make the stream, or leave it as it is where it is right. Raises nats.js.errors.Error."""
    subject = f"{base.replace('/', '.')}.*.heard.*"
    config = StreamConfig(
        name=STREAM,
        subjects=[subject],
        max_age=KEEP_S,
        num_replicas=replicas,
        republish=RePublish(
            src=subject, dest=f"fleet.{{{{partition({PARTITIONS},2)}}}}.{{{{wildcard(2)}}}}.{{{{wildcard(1)}}}}"
        ),
    )
    try:
        await js.add_stream(config)
    except nats.js.errors.BadRequestError:  # it is there, made by another version
        await js.update_stream(config)


async def read(js: JetStreamContext, since_s: float) -> AsyncIterator[Stored]:
    """Messages from a moment on (UTC s), indefinitely, each once and in order.

    A consumer that is lost with a server, or dead after its restart, is made anew behind the last message.
    """
    after = 0
    while True:
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=IDLE_S, mem_storage=True, num_replicas=1)
        if after:
            config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, after + 1
        else:
            config.deliver_policy = DeliverPolicy.BY_START_TIME
            config.opt_start_time = datetime.fromtimestamp(since_s, UTC)
        subscription = None
        try:
            subscription = await js.pull_subscribe("", stream=STREAM, config=config)
            silent = 0
            while silent < 3:
                try:
                    messages = await subscription.fetch(BATCH, timeout=WAIT_S)
                except (nats.errors.TimeoutError, TimeoutError):
                    silent += 1
                    if (await js.stream_info(STREAM)).state.last_seq <= after:
                        silent = 0  # there is nothing to be had
                    continue
                silent = 0
                for message in messages:
                    told = message.metadata
                    _, station, _, hex_ = message.subject.rsplit(".", 3)
                    after = told.sequence.stream
                    yield Stored(
                        station, hex_, message.data, told.timestamp.timestamp(), after, int(told.num_pending or 0)
                    )
        except (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError) as error:
            log.warning("The stream cannot be read; trying again: reason=%r", error)
            await asyncio.sleep(WAIT_S / 2)
        finally:
            if subscription is not None:
                with contextlib.suppress(nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError):
                    await subscription.unsubscribe()
