"""The dongle, from the service's side: start its process, watch it, start it again, for ever.

The process (`rtlsdr_child`) may hang, crash or be killed. Whatever happens, `blocks` goes on: while there is no dongle
it yields empty blocks that only carry time, so that aircraft expire as they should, and it says once what is wrong.
"""

from __future__ import annotations

import contextlib
import json
import logging
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dsp.samples import SampleBlock, SampleFormat
from receiver.sources.sample_loss import SampleLoss
from receiver.sources.sample_ring import SampleRing

log = logging.getLogger(__name__)

SLOT_BYTES = 262_144  # librtlsdr's usual buffer: 54.6 ms at 2.4 MS/s
SLOTS = 32  # 1.75 s
STALL_S = 1.2  # no buffer for so long while open: hung
START_LIMIT_S = 12.0  # importing and opening on a slow Pi
BEAT_S = 1.0
BACK_OFF_S = (0.2, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)  # between children that die without a single buffer
GAP_LIMIT_S = 0.05  # after a restart the sample clock follows the wall's; smaller differences are jitter


@dataclass(frozen=True, slots=True)
class DongleSettings:
    """What to open and how.

    Attributes
    ----------
    device
        Serial number (str), index (int), or None for the first one.
    gain_db
        Tuner gain; None lets the tuner's own AGC choose.
    rtl_agc
        The RTL2832's digital AGC; rarely useful at 1090 MHz.
    """

    device: str | int | None = None
    sample_rate_hz: int = 2_400_000
    frequency_hz: int = 1_090_000_000
    gain_db: float | None = 49.6
    rtl_agc: bool = False
    bias_tee: bool = False
    ppm: int = 0


@dataclass(slots=True)
class DongleHealth:
    """What is known of the dongle now; replaced fields, never a history. Read from any thread."""

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


class RtlSdrSource:
    """A `SampleSource` over an RTL-SDR dongle.

    Parameters
    ----------
    settings
        What to open.
    """

    kind = "rtlsdr"
    sample_format = SampleFormat.CU8

    def __init__(self, settings: DongleSettings) -> None:
        self.settings = settings
        self.sample_rate_hz = float(settings.sample_rate_hz)
        self.start_utc_s = time.time()
        self._start_s = time.monotonic()
        self.health = DongleHealth(since_s=self._start_s)
        self._gain_db = settings.gain_db
        self._closing = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._next_sample = 0

    def close(self) -> None:
        """Stop `blocks`, from any thread."""
        self._closing.set()

    def set_gain(self, gain_db: float | None) -> None:
        """Change the tuner gain (None: tuner AGC) now and for every later start, from any thread."""
        self._gain_db = gain_db
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.send(json.dumps({"gain_db": gain_db}).encode())

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield blocks until `close`. The memory of a block is reused once the next one is asked for."""
        failures = 0
        while not self._closing.is_set():
            delivered = False
            for block in self._run_child():
                delivered = delivered or block.n_samples > 0
                yield block
            if self._closing.is_set():
                break
            failures = 0 if delivered else failures + 1
            self.health.restarts += 1
            yield from self._wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
        self._change("closed", "")

    def _wait(self, seconds: float) -> Iterator[SampleBlock]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closing.wait(min(left, BEAT_S)):
            yield self._beat()

    def _beat(self) -> SampleBlock:
        """An empty block that moves the sample clock to now."""
        due = int((time.monotonic() - self._start_s) * self.sample_rate_hz)
        gap = max(0, due - self._next_sample)
        self._next_sample += gap
        self.health.samples_missed += gap
        return SampleBlock(np.zeros(0, np.uint8), self._next_sample, gap)

    def _change(self, state: str, text: str) -> None:
        """Note and log a change of state; the same state again is no news."""
        health = self.health
        health.text = text
        if state == health.state:
            return
        health.state, health.since_s = state, time.monotonic()
        if state in ("open", "closed"):
            log.info("dongle %s%s", state, f": {text}" if text else "")
        else:
            log.warning("dongle %s: %s", state, text)

    def _run_child(self) -> Iterator[SampleBlock]:
        """Start one child and yield what it delivers, until it has failed or we are closing; it is gone afterwards."""
        settings = self.settings
        ring = SampleRing.create(SLOTS, SLOT_BYTES)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments: dict[str, Any] = {
            "device": settings.device,
            "sample_rate_hz": settings.sample_rate_hz,
            "frequency_hz": settings.frequency_hz,
            "gain_db": self._gain_db,
            "rtl_agc": settings.rtl_agc,
            "bias_tee": settings.bias_tee,
            "ppm": settings.ppm,
            "ring_fd": ring.fd,
            "socket_fd": theirs.fileno(),
            "slots": SLOTS,
            "slot_bytes": SLOT_BYTES,
        }
        command = [sys.executable, "-P", "-m", "receiver.sources.rtlsdr_child", json.dumps(arguments)]
        child = subprocess.Popen(command, pass_fds=(ring.fd, theirs.fileno()), stdin=subprocess.DEVNULL)
        theirs.close()
        self._child, self._socket = child, ours
        try:
            yield from self._listen(child, ours, ring)
        finally:
            self._socket = self._child = None
            self._end(child, ours)
            ring.close()

    def _listen(self, child: subprocess.Popen[bytes], ours: socket.socket, ring: SampleRing) -> Iterator[SampleBlock]:
        loss = SampleLoss(self.sample_rate_hz)
        last_data_s: float | None = None
        silent_since_s = time.monotonic()
        while not self._closing.is_set():
            limit_s = STALL_S if last_data_s is not None or self.health.state == "open" else START_LIMIT_S
            readable, _, _ = select.select([ours], [], [], 0.25)
            now_s = time.monotonic()
            if not readable:
                if now_s - silent_since_s > limit_s:
                    self._change("stalled", f"no sign of life for {limit_s:g} s; starting its process again")
                    yield self._beat()  # the loop hears of it before the process is ended, which may take a second
                    return
                if last_data_s is None or now_s - last_data_s > BEAT_S:
                    yield self._beat()
                continue
            packet = ours.recv(65536)
            if not packet:
                if self.health.state not in ("absent", "busy", "denied", "error"):
                    status = child.wait(timeout=5)
                    self._change("crashed", f"its process ended (status {status}); starting it again")
                return
            silent_since_s = now_s
            message = json.loads(packet)
            if "slot" in message:
                yield self._block(message, ring, loss, first=last_data_s is None)
                ring.give_back(message["slot"] + 1)
                last_data_s = now_s
            elif "state" in message:
                self._take_state(message)
                last_data_s = None
                loss = SampleLoss(self.sample_rate_hz)
                yield self._beat()
            elif "gain_db" in message:
                self.health.gain_db = message["gain_db"]

    def _take_state(self, message: dict[str, Any]) -> None:
        if message["state"] == "open":
            health = self.health
            health.serial, health.tuner = message["serial"], message["tuner"]
            health.gains_db, health.gain_db = message["gains_db"], message["gain_db"]
            gain = "automatic" if health.gain_db is None else f"{health.gain_db:g} dB"
            self._change("open", f"serial {health.serial or '(none)'}, tuner {health.tuner}, gain {gain}")
        else:
            self._change(message["state"], message["text"])

    def _block(self, message: dict[str, Any], ring: SampleRing, loss: SampleLoss, *, first: bool) -> SampleBlock:
        """The block in a filled slot, its place in time and the gap before it."""
        n_samples = message["bytes"] // 2
        gap = message["skipped"] // 2
        if gap:
            self.health.samples_overrun += gap
            loss.arrived(message["at"], gap)
        if first:
            due = int((message["at"] - self._start_s) * self.sample_rate_hz) - n_samples
            missed = due - self._next_sample
            if missed > GAP_LIMIT_S * self.sample_rate_hz or self._next_sample == 0:
                self.health.samples_missed += max(0, missed)
                gap += max(0, missed)
        lost = loss.arrived(message["at"], n_samples)
        self.health.samples_lost += lost
        gap += lost
        self._next_sample += gap
        block = SampleBlock(np.frombuffer(ring.slot(message["slot"]), np.uint8, 2 * n_samples), self._next_sample, gap)
        self._next_sample += n_samples
        return block

    @staticmethod
    def _end(child: subprocess.Popen[bytes], ours: socket.socket) -> None:
        """Ask the child to stop, then make it."""
        with contextlib.suppress(OSError):
            ours.send(json.dumps({"stop": True}).encode())
        try:
            child.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        ours.close()
