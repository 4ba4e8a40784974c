"""Samples from another machine's rtl_tcp: twelve bytes of greeting, then cu8 for ever; commands of five bytes back.

```
 server → client   "RTL0" | tuner (u32 big-endian) | number of gain steps (u32) | I Q I Q …
 client → server   command (u8) | value (u32 big-endian)
```

Source: the protocol as rtl_tcp.c of librtlsdr speaks it. TCP loses nothing, so what is missing by the clock was lost
before it: at the server's dongle, or because the network is too slow and rtl_tcp dropped what it could not send.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

from dsp.samples import SampleBlock
from receiver.sources.dongle.live import LiveSource, Patience
from receiver.sources.dongle.rtlsdr import SLOT_BYTES, DongleSettings
from receiver.sources.dongle.rtlsdr_child import TUNERS

GREETING = struct.Struct(">4sII")
COMMAND = struct.Struct(">BI")
SET_FREQUENCY, SET_SAMPLE_RATE, SET_GAIN_MODE, SET_GAIN, SET_PPM, SET_AGC_MODE, SET_BIAS_TEE = 1, 2, 3, 4, 5, 8, 14
# Asking again costs the network a packet, unlike starting a process: never wait long
PATIENCE = Patience(back_off_s=(0.2, 1.0, 2.0, 4.0))


class RtlTcpSource(LiveSource):
    """A `SampleSource` over the network.

    Parameters
    ----------
    host, port
        Where rtl_tcp listens.
    settings
        As for a dongle; `device` is the server's choice and not used.
    patience
        Other time limits.
    """

    kind = "rtl_tcp"
    name = "rtl_tcp"

    def __init__(self, host: str, port: int, settings: DongleSettings, patience: Patience = PATIENCE) -> None:
        super().__init__(settings.sample_rate_hz, patience)
        self.address = (host, port)
        self.settings = settings
        self._gain_db = settings.gain_db
        self._connection: socket.socket | None = None

    def set_gain(self, gain_db: float | None) -> None:
        """Change the tuner gain (None: tuner AGC) now and for every later connection, from any thread."""
        self._gain_db = gain_db
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.sendall(self._gain_commands())

    def _gain_commands(self) -> bytes:
        self.health.gain_db = self._gain_db  # the server answers nothing: this is what was asked for
        if self._gain_db is None:
            return COMMAND.pack(SET_GAIN_MODE, 0)
        return COMMAND.pack(SET_GAIN_MODE, 1) + COMMAND.pack(SET_GAIN, round(self._gain_db * 10))

    def _commands(self) -> bytes:
        settings = self.settings
        return b"".join(
            (
                COMMAND.pack(SET_SAMPLE_RATE, settings.sample_rate_hz),
                COMMAND.pack(SET_FREQUENCY, settings.frequency_hz),
                COMMAND.pack(SET_PPM, settings.ppm & 0xFFFFFFFF),
                COMMAND.pack(SET_AGC_MODE, int(settings.rtl_agc)),
                COMMAND.pack(SET_BIAS_TEE, int(settings.bias_tee)),
                self._gain_commands(),
            )
        )

    def _run(self) -> Iterator[SampleBlock]:
        host, port = self.address
        try:
            connection = socket.create_connection(self.address, self.patience.connect_s)
        except OSError as error:
            self._change("absent", f"no answer from {host}:{port}: {error.strerror or error}")
            yield self._beat()
            return
        with connection:
            self._connection = connection
            try:
                yield from self._receive(connection)
            except OSError as error:
                self._change("error", f"connection to {host}:{port}: {error.strerror or error}")
            finally:
                self._connection = None

    def _receive(self, connection: socket.socket) -> Iterator[SampleBlock]:
        host, port = self.address
        self._started()
        connection.settimeout(min(0.25, self.patience.beat_s))
        buffer = bytearray(SLOT_BYTES)
        filled = 0
        wanted = GREETING.size
        last_s = last_beat_s = time.monotonic()
        while not self._closing.is_set():
            try:
                count = connection.recv_into(memoryview(buffer)[filled:wanted])
            except TimeoutError:
                now_s = time.monotonic()
                limit_s = self.patience.stall_s if wanted == SLOT_BYTES else self.patience.connect_s
                if now_s - last_s > limit_s:
                    self._change("stalled", f"nothing from {host}:{port} for {limit_s:g} s; connecting again")
                    yield self._beat()
                    return
                if now_s - last_beat_s > self.patience.beat_s:
                    last_beat_s = now_s
                    yield self._beat()
                continue
            if count == 0:
                said = "before its greeting" if wanted == GREETING.size else "the connection"
                self._change("error", f"{host}:{port} closed {said}; connecting again")
                return
            last_s = time.monotonic()
            filled += count
            if filled < wanted:
                continue
            filled = 0
            if wanted == GREETING.size:
                magic, tuner, gains = GREETING.unpack_from(buffer)
                if magic != b"RTL0":
                    self._change("error", f"{host}:{port} is no rtl_tcp: got {magic!r}, expected b'RTL0'")
                    return
                connection.sendall(self._commands())
                self.health.tuner = TUNERS.get(tuner, "unknown")
                self._change("open", f"{host}:{port}, tuner {self.health.tuner}, {gains} gain steps")
                wanted = SLOT_BYTES
                continue
            last_beat_s = last_s
            yield self._place(memoryview(buffer), last_s)
            buffer = bytearray(SLOT_BYTES)
