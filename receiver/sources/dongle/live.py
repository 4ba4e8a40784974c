"""What a dongle and an rtl_tcp server have in common: they come and go, and time goes on meanwhile."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from dsp.samples import SampleBlock, SampleFormat
from receiver.back_off import BackOff
from receiver.clock import SignalClock
from receiver.sources.dongle.loss import SampleLoss

log = logging.getLogger(__name__)

GAP_LIMIT_S = 0.05  # after a restart the sample clock follows the wall's; smaller differences are jitter
DRIFT_WINDOW_S = 60.0  # a crystal that is 50 ppm off moves the sample clock by 3 ms meanwhile, and by 4 s a day
DRIFT_STEP_S = 0.01  # most that UTC is corrected by at a time


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what. The tests are in more of a hurry than hardware is.

    Attributes
    ----------
    stall_s
        No buffer for so long while open: hung.
    start_s
        For a process to start, import and open, on a slow Pi.
    connect_s
        For a connection, and for the greeting on it.
    retry_s
        Between two looks for a dongle that is absent or busy.
    beat_s
        Between two empty blocks that only carry time.
    back_off_s
        After the first, second … start without a single buffer; the last one for ever.
    """

    stall_s: float = 1.2
    start_s: float = 12.0
    connect_s: float = 5.0
    retry_s: float = 1.0
    beat_s: float = 1.0
    back_off_s: tuple[float, ...] = (0.2, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


@dataclass(slots=True)
class ReceiverHealth:
    """What is known of the receiver now; replaced fields, never a history. Read from any thread."""

    state: str = "starting"  # starting, open, absent, busy, denied, error, stalled, crashed, closed
    text: str = ""
    since_s: float = 0.0
    serial: str = ""
    tuner: str = ""
    gain_db: float | None = None
    gains_db: list[float] = field(default_factory=list)
    restarts: int = 0
    samples_lost: int = 0  # never came, by the clock
    samples_overrun: int = 0  # came, but the ring was full
    samples_missed: int = 0  # while there was no dongle
    bytes_in: int = 0  # from other receivers, over the network
    copies: int = 0  # of frames that had come before, among these


class LiveSource:
    """A `SampleSource` over hardware: runs it again and again, keeps sample time along the monotonic clock.

    A subclass has `kind`, `name` (for people) and `_run`, which starts the hardware once and yields its blocks until it
    has failed or `closing` is set, saying why through `_change`.
    """

    kind = "live"
    name = "receiver"
    sample_format = SampleFormat.CU8

    def __init__(
        self, sample_rate_hz: float, patience: Patience | None = None, clock: SignalClock | None = None
    ) -> None:
        self.sample_rate_hz = float(sample_rate_hz)
        self.patience = patience if patience is not None else Patience()
        self.clock = clock if clock is not None else SignalClock()
        self._start_s = time.monotonic()
        self._offset_s = self.clock.offset_s
        self.start_utc_s = self._start_s + self._offset_s
        self.health = ReceiverHealth(since_s=self._start_s)
        self._closing = threading.Event()
        self._next_sample = 0
        self._loss = SampleLoss(self.sample_rate_hz)
        self._fresh = True  # no buffer yet since the hardware was started
        self._heard = False  # no buffer ever
        self._least_late_s = math.inf
        self._corrected_s = 0.0
        self._drift_window_s = self._start_s

    def close(self) -> None:
        """Stop `blocks`, from any thread."""
        self._closing.set()

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield blocks until `close`. The memory of a block is reused once the next one is asked for."""
        back_off = BackOff(self.patience.back_off_s, jitter=(1.0, 1.0))  # one dongle: nobody to keep clear of
        while not self._closing.is_set():
            delivered = False
            for block in self._run():
                delivered = delivered or block.n_samples > 0
                yield block
            if self._closing.is_set():
                break
            # the first wait is for what has worked before; who has not delivered yet waits longer
            back_off.failures = 0 if delivered else max(1, back_off.failures)
            self.health.restarts += 1
            yield from self._wait(back_off.failed())
        self._change("closed", "")

    def _run(self) -> Iterator[SampleBlock]:
        raise NotImplementedError

    def _started(self) -> None:
        """The hardware is being started anew: its sample clock has nothing to do with the last one."""
        self._loss = SampleLoss(self.sample_rate_hz)
        self._fresh = True

    def _wait(self, seconds: float) -> Iterator[SampleBlock]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closing.wait(min(left, self.patience.beat_s)):
            yield self._beat()

    def _beat(self) -> SampleBlock:
        """An empty block that moves the sample clock to now."""
        due = int((time.monotonic() - self._start_s) * self.sample_rate_hz)
        gap = max(0, due - self._next_sample)
        self._next_sample += gap
        self._miss(gap)
        return SampleBlock(np.zeros(0, np.uint8), self._next_sample, gap)

    def _miss(self, samples: int) -> None:
        """Count samples for which there was no hardware; what the very first start takes is nobody's fault."""
        if self._heard or self.health.state not in ("starting", "open"):
            self.health.samples_missed += samples

    def _change(self, state: str, text: str) -> None:
        """Note and log a change of state; the same state again is no news."""
        health = self.health
        health.text = text
        if state == health.state:
            return
        health.state, health.since_s = state, time.monotonic()
        if state in ("open", "closed"):
            log.info("%s %s%s", self.name, state, f": {text}" if text else "")
        else:
            log.warning("%s %s: %s", self.name, state, text)

    def _place(self, data: memoryview, at_s: float, overrun: int = 0) -> SampleBlock:
        """The block of a buffer that arrived at `at_s` (monotonic): its place in time and the gap before it.

        `overrun` samples were received before it and had to be thrown away.
        """
        n_samples = len(data) // 2
        gap = overrun
        if overrun:
            self.health.samples_overrun += overrun
            self._loss.arrived(at_s, overrun)
        if self._fresh:
            self._fresh = False
            missed = int((at_s - self._start_s) * self.sample_rate_hz) - n_samples - self._next_sample
            if missed > GAP_LIMIT_S * self.sample_rate_hz or self._next_sample == 0:
                self._miss(max(0, missed))
                gap += max(0, missed)
        self._heard = True
        lost = self._loss.arrived(at_s, n_samples)
        self.health.samples_lost += lost
        gap += lost
        self._next_sample += gap
        block = SampleBlock(np.frombuffer(data, np.uint8, 2 * n_samples), self._next_sample, gap)
        self._next_sample += n_samples
        self._follow_drift(at_s)
        return block

    def _follow_drift(self, at_s: float) -> None:
        """Keep UTC right over days: the crystal's rate is not the nominal one, so the start seems to move."""
        late_s = at_s - self._start_s - self._next_sample / self.sample_rate_hz
        self._least_late_s = min(self._least_late_s, late_s)
        if at_s - self._drift_window_s >= DRIFT_WINDOW_S:
            wrong_s = self._least_late_s - self._corrected_s
            step_s = max(-DRIFT_STEP_S, min(DRIFT_STEP_S, wrong_s))
            self._corrected_s += step_s
            self.start_utc_s += step_s
            self._least_late_s, self._drift_window_s = math.inf, at_s

    def follow_clock(self) -> float:
        """Follow the system's clock; the step (s) that was taken over just now, mostly 0. For the hearing thread, between
        two blocks: what was heard before and is told after is told by the clock as it is then."""
        step_s = self.clock.follow()
        self.start_utc_s += self.clock.offset_s - self._offset_s
        self._offset_s = self.clock.offset_s
        return step_s
