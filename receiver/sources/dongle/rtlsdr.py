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
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dsp.samples import SampleBlock
from receiver.sources.dongle.live import LiveSource, Patience
from receiver.sources.dongle.ring import SampleRing

log = logging.getLogger(__name__)

SLOT_BYTES = 262_144  # librtlsdr's usual buffer: 54.6 ms at 2.4 MS/s
SLOTS = 32  # 1.75 s
STOP_LIMIT_S = 1.0  # for a process that was asked to stop
KILL_LIMIT_S = 5.0  # for one that was killed; it stays when it hangs inside the kernel


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


class RtlSdrSource(LiveSource):
    """A `SampleSource` over an RTL-SDR dongle.

    Parameters
    ----------
    settings
        What to open.
    patience
        Other time limits.
    slots
        Buffers in the ring.
    """

    kind = "rtlsdr"
    name = "dongle"

    def __init__(self, settings: DongleSettings, patience: Patience | None = None, slots: int = SLOTS) -> None:
        super().__init__(settings.sample_rate_hz, patience)
        self.settings = settings
        self._slots = slots
        self._gain_db = settings.gain_db
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def set_gain(self, gain_db: float | None) -> None:
        """Change the tuner gain (None: tuner AGC) now and for every later start, from any thread."""
        self._gain_db = gain_db
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.send(json.dumps({"gain_db": gain_db}).encode())

    def _run(self) -> Iterator[SampleBlock]:
        """Start one child and yield what it delivers, until it has failed or we are closing; it is gone afterwards."""
        settings = self.settings
        ring = SampleRing.create(self._slots, SLOT_BYTES)
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
            "slots": self._slots,
            "slot_bytes": SLOT_BYTES,
            "retry_s": self.patience.retry_s,
        }
        command = [sys.executable, "-P", "-m", "receiver.sources.dongle.rtlsdr_child", json.dumps(arguments)]
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
        self._started()
        last_data_s: float | None = None
        silent_since_s = time.monotonic()
        while not self._closing.is_set():
            opened = last_data_s is not None or self.health.state == "open"
            limit_s = self.patience.stall_s if opened else self.patience.start_s
            readable, _, _ = select.select([ours], [], [], min(0.25, self.patience.beat_s))
            now_s = time.monotonic()
            if not readable:
                if now_s - silent_since_s > limit_s:
                    self._change("stalled", f"no sign of life for {limit_s:g} s; starting its process again")
                    yield self._beat()  # the loop hears of it before the process is ended, which may take a second
                    return
                if last_data_s is None or now_s - last_data_s > self.patience.beat_s:
                    yield self._beat()
                continue
            packet = ours.recv(65536)
            if not packet:
                if self.health.state not in ("absent", "busy", "denied", "error"):
                    self._change("crashed", f"its process ended ({_end_of(child)}); starting it again")
                    yield self._beat()
                return
            silent_since_s = now_s
            message = json.loads(packet)
            if "slot" in message:
                data = ring.slot(message["slot"])[: message["bytes"]]
                yield self._place(data, message["at"], message["skipped"] // 2)
                ring.give_back(message["slot"] + 1)
                last_data_s = now_s
            elif "state" in message:
                self._take_state(message)
                last_data_s = None
                self._started()
                yield self._beat()
            elif "gain_db" in message:
                self.health.gain_db = message["gain_db"]
            elif "problem" in message:
                log.warning("%s: %s", self.name, message["problem"])

    def _take_state(self, message: dict[str, Any]) -> None:
        if message["state"] == "open":
            health = self.health
            health.serial, health.tuner = message["serial"], message["tuner"]
            health.gains_db, health.gain_db = message["gains_db"], message["gain_db"]
            gain = "automatic" if health.gain_db is None else f"{health.gain_db:g} dB"
            self._change("open", f"serial {health.serial or '(none)'}, tuner {health.tuner}, gain {gain}")
        else:
            self._change(message["state"], message["text"])

    @staticmethod
    def _end(child: subprocess.Popen[bytes], ours: socket.socket) -> None:
        """Ask the child to stop, then make it."""
        with contextlib.suppress(OSError):
            ours.send(json.dumps({"stop": True}).encode())
        try:
            child.wait(timeout=STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            try:
                child.wait(timeout=KILL_LIMIT_S)
            except subprocess.TimeoutExpired:
                log.error(
                    "The dongle's process hangs in the kernel; unplug the dongle and plug it in again: pid=%d",
                    child.pid,
                )
        ours.close()


def _end_of(child: subprocess.Popen[bytes]) -> str:
    """How a process that has closed its socket ended."""
    try:
        status = child.wait(timeout=STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        return "it does not say how"
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
