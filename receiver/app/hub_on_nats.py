"""A hub of several machines: whoever holds the lease is the hub, the others wait to take over.

The one that takes over reads the last minutes of the stream again, so it knows the sky, and gets what the watch remembered,
so it raises no alert a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from pathlib import Path

import nats.errors
import nats.js.errors
from nats.aio.client import Client

from config.fleet import fleet_broker
from config.settings import Settings
from receiver.app.building import hub_limits
from receiver.app.lock import locked_folders
from receiver.app.service import Service
from receiver.app.signal import Signal
from receiver.atomic_file import replace_file
from receiver.clock import SignalClock
from receiver.errors import SquitterError
from receiver.fleet.fleet import Fleet
from receiver.fleet.nats.lease import Lease, LeaseLostError
from receiver.fleet.nats.stream import connect, ensure_stream
from receiver.mlat.locator import Locator
from receiver.pipeline.feeds import fleet_feed
from receiver.sinks import Sink
from receiver.sources.fleet.nats import NatsFleetSource

log = logging.getLogger(__name__)

LOOK_S = 0.5


class LeaseSink(Sink):
    """Holds the lease while the service runs, and keeps what the watch remembers for the next one."""

    name = "lease"

    def __init__(self, lease: Lease, state_file: Path) -> None:
        self._lease = lease
        self._state_file = state_file
        self._kept: bytes | None = None
        self.service: Service | None = None
        self.lost = False

    async def run(self) -> None:
        """Work until cancelled; the service stops when the lease is lost."""
        keeping = asyncio.create_task(self._keep(), name="lease state")
        try:
            await self._lease.hold()
        except LeaseLostError as error:
            log.warning("This hub leads no more: reason=%s", error)
            self.lost = True
            if self.service is not None:
                self.service.stop()
            await asyncio.Event().wait()  # until the service cancels us
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.keep_now()

    async def keep_now(self) -> None:
        """Keep the state file's content, when it is another one."""
        try:
            state = await asyncio.to_thread(self._state_file.read_bytes)
        except OSError:
            return
        if state != self._kept:
            with contextlib.suppress(nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError):
                await self._lease.keep(state)
                self._kept = state


async def run_on_nats(settings: Settings, url: str, replicas: int) -> None:
    """Wait for the lease, be the hub; again when it was lost; until SIGINT or SIGTERM.

    Raises
    ------
    SquitterError
        No NATS server answers, or it has no JetStream.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        client = await connect(url)
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise SquitterError(
            f"--nats: no server answers on {url} ({error}); is nats-server running, with -js?"
        ) from None
    try:
        while not stopping.is_set():
            await _lead_once(settings, client, replicas, stopping)
    finally:
        await client.close()


async def _lead_once(settings: Settings, client: Client, replicas: int, stopping: asyncio.Event) -> None:
    owner = f"{socket.gethostname()}-{os.getpid()}"
    js = client.jetstream(timeout=3.0)
    try:
        lease = await Lease.open(js, owner, replicas)
        await ensure_stream(js, fleet_broker(settings.fleet, settings.mqtt).base_topic, replicas)
    except (nats.errors.Error, nats.js.errors.Error, TimeoutError) as error:
        raise SquitterError(f"--nats: JetStream cannot be used: {error!r}; start nats-server with -js") from None
    taking = asyncio.create_task(lease.take(), name="lease")
    stopped = asyncio.create_task(stopping.wait(), name="stop")
    try:
        await asyncio.wait((taking, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not taking.done():
            return
        await taking
        log.info("This hub leads: owner=%s", owner)
        state_file = settings.watch.state_file.expanduser()
        state = await lease.state()
        if state is not None:
            state_file.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(replace_file, state_file, state)
        with locked_folders(settings):
            await _serve(settings, client, lease, state_file, stopped)
    finally:
        for one in (taking, stopped):
            one.cancel()
        await asyncio.gather(taking, stopped, return_exceptions=True)


async def _serve(
    settings: Settings, client: Client, lease: Lease, state_file: Path, stopped: asyncio.Task[bool]
) -> None:
    clock = SignalClock()
    fleet = Fleet(hub_limits(settings))
    source = NatsFleetSource(client.jetstream(timeout=3.0), fleet, clock)
    locator = Locator() if settings.fleet.mlat else None
    feed = Signal(
        lambda: fleet_feed(source, clock, locator), lambda: None, source.kind, live=True,
        about=fleet.about, clock=clock, locator=locator,
    )  # fmt: skip
    holder = LeaseSink(lease, state_file)
    service = holder.service = Service(settings, feed, extra_sinks=(holder,))
    running = asyncio.create_task(service.run(), name="hub")
    try:
        await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            service.stop()
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    if not holder.lost:
        await holder.keep_now()
        await lease.give_up()
