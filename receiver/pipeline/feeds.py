"""The hearing thread: from a source's samples or frames to `Heard`, one after the other.

A feed is a plain iterator, run in a thread of its own by `pump`; it blocks while the source has nothing. What comes
from the network lives on the event loop from the start (`network_feed`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from typing import Protocol

from dsp.demodulator import Demodulator, DemodulatorStatistics
from dsp.effort import LEVELS, Effort, EffortPolicy
from dsp.samples import SampleBlock
from dsp.warm_up import warm_up, warm_up_multilateration
from receiver.clock import SignalClock
from receiver.fleet.fleet import Fleet
from receiver.mlat.locator import Locator
from receiver.pipeline.heard import Heard, Reception
from receiver.sources import FrameSource, SampleSource
from receiver.sources.dongle.live import LiveSource
from receiver.sources.fleet import HubSource
from receiver.sources.frames.network import moved
from receiver.wire.frame import Frame
from receiver.wire.from_batch import frames_from_batch

log = logging.getLogger(__name__)


TURN_S = 0.25  # a hub's transmissions are given out so often
SET_BACK_S = 5.0  # frames of a file may be out of order; more than that and another recording was added to it


class Listener(Protocol):
    """Something that looks on in the hearing thread: the choice of gain, a recording of the samples."""

    def heard(self, block: SampleBlock, statistics: DemodulatorStatistics) -> str | None:
        """A block was demodulated. A text is something that the owner should read. Must take far less than a block."""


def _say_that_it_compiles() -> None:
    log.warning(
        "Compiling the demodulator for this processor: once, some minutes on a Raspberry Pi (`squitter warmup`)"
    )


def sample_feed(
    source: SampleSource,
    effort: Effort = Effort.AUTO,
    listeners: Iterable[Listener] = (),
    on_slow: Callable[[], None] | None = _say_that_it_compiles,
) -> Iterator[Heard]:
    """Demodulate a source until it ends.

    Parameters
    ----------
    effort
        AUTO follows the time that demodulating takes, but only where time matters: on hardware. A recording is never
        in a hurry, and a replay must give the same output each time.
    on_slow
        Called from another thread when kernels have to be compiled first. None: nobody waits for the first sample, they
        may be compiled on the way.
    """
    live = source if isinstance(source, LiveSource) else None
    policy = EffortPolicy() if effort is Effort.AUTO and live is not None else None
    if on_slow is not None:  # before the source is opened, or what is sent meanwhile is lost
        levels = LEVELS if policy is not None else (Effort.THOROUGH if effort is Effort.AUTO else effort,)
        warm_up(source.sample_rate_hz, source.sample_format, levels, on_slow=on_slow)
    demodulator = Demodulator(source.sample_rate_hz, source.sample_format, effort=effort)
    listeners = tuple(listeners)
    rate = source.sample_rate_hz
    load: float | None = None
    busy_s = 0.0
    for block in source.blocks():
        began_s, wall_s = time.thread_time(), time.perf_counter()
        batch = demodulator.feed(block)
        notes = []
        signal_s = block.n_samples / rate
        took_s = time.thread_time() - began_s
        busy_s += took_s
        if signal_s > 0:
            share = took_s / signal_s
            load = share if load is None else load + min(1.0, signal_s) * (share - load)
            if policy is not None:
                before = policy.level
                level = policy.choose(
                    max(took_s, time.perf_counter() - wall_s), signal_s
                )  # others want the processor, too
                if level is not before:
                    demodulator.set_effort(level)
                    notes.append(f"effort {before} → {level}: demodulating takes {policy.load:.0%} of the time")
        clock_step_s = 0.0 if live is None else live.follow_clock()
        statistics = demodulator.statistics
        for listener in listeners:
            note = listener.heard(block, statistics)
            if note is not None:
                notes.append(note)
        frames = frames_from_batch(batch, sample_rate_hz=rate, start_utc_s=source.start_utc_s, source=source.kind)
        now = source.start_utc_s + (block.first_sample + block.n_samples) / rate
        reception = _reception(source, live, statistics, load, busy_s)
        yield Heard(frames, now, reception, tuple(notes), clock_step_s)
    frames = frames_from_batch(
        demodulator.flush(), sample_rate_hz=rate, start_utc_s=source.start_utc_s, source=source.kind
    )
    if frames:
        yield Heard(frames, frames[-1].time_s, _reception(source, live, demodulator.statistics, load, busy_s))


def _reception(
    source: SampleSource, live: LiveSource | None, counted: DemodulatorStatistics, load: float | None, busy_s: float
) -> Reception:
    if live is None:
        return Reception(
            source.kind, sample_rate_hz=source.sample_rate_hz, samples_lost=counted.samples_lost, demodulator=counted
        )
    health = live.health
    return Reception(
        source=source.kind,
        state=health.state,
        text=health.text,
        sample_rate_hz=source.sample_rate_hz,
        gain_db=health.gain_db,
        samples_lost=health.samples_lost + health.samples_missed,
        samples_dropped=health.samples_overrun,
        restarts=health.restarts,
        load=load,
        cpu_s={"demodulator": busy_s, "loop": time.process_time() - busy_s},
        demodulator=counted,
        clock=live.clock.look(),
    )


def frame_feed(kind: str, lists: Iterable[list[Frame]], step_s: float = 1.0) -> Iterator[Heard]:
    """Frames that were demodulated by somebody else, cut into pieces of at most `step_s` of signal."""
    reception = Reception(kind)
    flat: Iterator[Frame] = itertools.chain.from_iterable(lists)
    pending: list[Frame] = []
    anew = False
    for frame in flat:
        if pending and not pending[0].time_s <= frame.time_s < pending[0].time_s + step_s:
            yield Heard(pending, max(one.time_s for one in pending), reception, begins_anew=anew)
            anew = frame.time_s < pending[0].time_s - SET_BACK_S
            pending = []
        pending.append(frame)
    if pending:
        yield Heard(pending, max(one.time_s for one in pending), reception, begins_anew=anew)


def paced(feed: Iterable[Heard], speed: float, sleep: Callable[[float], object] = time.sleep) -> Iterator[Heard]:
    """The same, each no sooner than it would have been heard at `speed` times real time.

    Samples are paced at their source (`PacedSource`); this is for frames. `sleep` may return early to stop waiting.
    """
    start_s: float | None = None
    first: float | None = None
    for heard in feed:
        if start_s is None or first is None:
            start_s, first = time.monotonic(), heard.now
        wait_s = start_s + (heard.now - first) / speed - time.monotonic()
        if wait_s > 0:
            sleep(wait_s)
        yield heard


async def network_feed(source: FrameSource, clock: SignalClock) -> AsyncGenerator[Heard, None]:
    """Frames that other receivers send; each second of silence, the time. Follows steps of the system's clock.

    Parameters
    ----------
    clock
        The one that the source stamps its frames with.
    """
    pieces: asyncio.Queue[tuple[list[Frame], float]] = asyncio.Queue(1)

    async def take() -> None:
        async for frames in source.frames():
            await pieces.put((frames, clock.moved_s))

    taking = asyncio.create_task(take(), name=source.kind)
    ahead_s = 0.0  # a recording that was sent faster than real time: the silence after it goes on from its end
    try:
        while True:
            waiting = asyncio.ensure_future(pieces.get())
            await asyncio.wait((waiting, taking), timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            step_s = clock.follow()
            frames: list[Frame] = []
            if waiting.done():
                frames, stamped_s = waiting.result()
                frames = moved(frames, clock.moved_s - stamped_s)
            else:
                waiting.cancel()
                if taking.done():
                    await taking  # what it raised
                    return
            if frames:
                ahead_s = max(0.0, frames[-1].time_s - clock.utc_s())
            health = source.health
            reception = Reception(
                source.kind,
                health.state,
                health.text,
                restarts=health.restarts,
                bytes_in=health.bytes_in,
                copies=health.copies,
                clock=clock.look(),
            )
            now = frames[-1].time_s if frames else clock.utc_s() + ahead_s
            yield Heard(frames, now, reception, clock_step_s=step_s)
    finally:
        taking.cancel()


async def fleet_feed(
    source: HubSource, clock: SignalClock, locator: Locator | None = None
) -> AsyncGenerator[Heard, None]:
    """Transmissions that the stations of a fleet have received, some seconds ago (`[fleet] hold_s`).

    Parameters
    ----------
    clock
        The one that the source stamps messages with.
    locator
        Is told who received what, before the frames come.
    """
    fleet, warm = source.fleet, False
    taking = asyncio.create_task(source.run(), name=source.kind)
    try:
        while True:
            await asyncio.wait((taking,), timeout=TURN_S)
            if taking.done():
                await taking  # what it raised
            step_s = clock.follow()
            if step_s:
                fleet.move(step_s)
            now = source.now()
            groups = fleet.turn(now)
            if locator is not None:
                places = fleet.places()
                if places and not warm:
                    await asyncio.to_thread(warm_up_multilateration)
                    warm = True
                locator.set_stations(places)
                locator.expect(groups.transmissions(fleet.names))
            health = source.health
            reception = Reception(
                source.kind,
                health.state,
                _roll(fleet, now, health.text),
                restarts=health.restarts,
                clock=clock.look(),
                stations=fleet.health(),
            )
            yield Heard(fleet.frames(groups), now - fleet.limits.hold_s, reception, clock_step_s=step_s)
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)


def _roll(fleet: Fleet, now: float, text: str) -> str:
    """How many stations there are, and which of them are silent."""
    silent = [station.name for station in fleet.stations.values() if station.is_silent(now)]
    roll = f"{len(fleet.stations) - len(silent)} of {len(fleet.stations)} stations"
    return f"{text}; {roll}" + (f"; silent: {', '.join(sorted(silent)[:10])}" if silent else "")
