"""The rtl_tcp client against servers that are good, bad and gone."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable

import numpy as np
import pytest

from dsp.samples import SampleBlock
from receiver.sources.rtl_tcp import RtlTcpSource
from receiver.sources.rtlsdr import SLOT_BYTES, DongleSettings


class Server:
    """Serves each connection with the next of `behaviours`; the last one serves all that follow."""

    def __init__(self, *behaviours: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._behaviours = list(behaviours)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            behave = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
            with connection:
                try:
                    behave(connection)
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


GREETING = b"RTL0" + struct.pack(">II", 5, 29)
commands = bytearray()


def good(connection: socket.socket) -> None:
    """A greeting, the commands, then bytes that count up modulo 251."""
    connection.sendall(GREETING)
    commands.clear()
    connection.settimeout(2)
    while len(commands) < 7 * 5:
        commands.extend(connection.recv(100))
    pattern = (np.arange(251 * 1024) % 251).astype(np.uint8).tobytes()
    while True:
        connection.sendall(pattern)


def silent(connection: socket.socket) -> None:
    """Nothing at all, until the client gives up."""
    connection.recv(1)


def collect(server: Server, buffers: int) -> tuple[RtlTcpSource, list[SampleBlock], list[str]]:
    """Run a source until it has delivered so many buffers; also the states that it went through."""
    source = RtlTcpSource("127.0.0.1", server.port, DongleSettings(gain_db=40.2, ppm=-3))
    states: list[str] = []
    taken: list[SampleBlock] = []
    for block in source.blocks():
        if source.health.state != (states[-1] if states else ""):
            states.append(source.health.state)
        if block.n_samples:
            taken.append(block)
        if len(taken) == buffers:
            source.close()
    server.close()
    return source, taken, states


def test_samples_come_byte_for_byte_and_settings_are_sent() -> None:
    source, blocks, _ = collect(Server(good), 5)
    data = np.concatenate([block.iq for block in blocks])
    assert len(data) == 5 * SLOT_BYTES
    assert np.array_equal(data, (np.arange(len(data)) % 251).astype(np.uint8))
    sent = [struct.unpack(">BI", commands[at : at + 5]) for at in range(0, len(commands), 5)]
    assert sent == [(2, 2_400_000), (1, 1_090_000_000), (5, 2**32 - 3), (8, 0), (14, 0), (3, 1), (4, 402)]
    assert source.health.tuner == "R820T"


@pytest.mark.parametrize(
    ("bad", "state", "text"),
    [
        (lambda connection: connection.sendall(b"RTL"), "error", "closed before its greeting"),
        (lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n"), "error", "is no rtl_tcp: got b'HTTP'"),
        (lambda connection: connection.sendall(GREETING + b"\x7f" * 1000), "error", "closed the connection"),
        (silent, "stalled", "for 5 s"),
    ],
)
def test_a_bad_server_is_named_and_a_good_one_after_it_is_used(
    bad: Callable[[socket.socket], None], state: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    source, blocks, states = collect(Server(bad, good), 2)
    assert len(blocks) == 2
    assert state in states
    assert states[-1] == "open"
    assert any(text in record.getMessage() for record in caplog.records)
    assert source.health.samples_missed > 0


def test_no_server_is_named_and_waited_for() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    source = RtlTcpSource("127.0.0.1", port, DongleSettings())
    blocks = source.blocks()
    block = next(blocks)
    assert block.n_samples == 0
    assert source.health.state == "absent"
    assert f"127.0.0.1:{port}" in source.health.text
    source.close()
    assert list(blocks) == []
