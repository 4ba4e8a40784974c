"""The rtl_tcp client against servers that are good, bad and gone."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from dsp.samples import SampleBlock
from receiver.sources.dongle.live import Patience
from receiver.sources.dongle.rtl_tcp import RtlTcpSource
from receiver.sources.dongle.rtlsdr import SLOT_BYTES, DongleSettings
from tests.receiver.sources.dongle.fake_dongle import FakeDongle, library


class Server:
    """Serves each connection with the next of `behaviours`; the last one serves all that follow."""

    def __init__(self, *behaviours: Callable[[socket.socket], object], port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._current: socket.socket | None = None
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
                self._current = connection
                try:
                    behave(connection)
                except OSError:
                    continue

    def cut(self) -> None:
        """Go away, as a machine does that is switched off."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._current is not None:
            self._current.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


HURRY = Patience(stall_s=0.4, connect_s=0.5, beat_s=0.1, back_off_s=(0.05, 0.1))
GREETING = b"RTL0" + struct.pack(">II", 5, 29)
commands = bytearray()


def greet(connection: socket.socket) -> list[None]:
    """A greeting; the commands are awaited."""
    connection.sendall(GREETING)
    commands.clear()
    connection.settimeout(2)
    while len(commands) < 7 * 5:
        commands.extend(connection.recv(100))
    return []


def good(connection: socket.socket) -> None:
    """As rtl_tcp does, with bytes that count up modulo 251."""
    greet(connection)
    pattern = (np.arange(251 * 1024) % 251).astype(np.uint8).tobytes()
    while True:
        connection.sendall(pattern)


def slow(connection: socket.socket) -> None:
    """One buffer and a half, then nothing more."""
    greet(connection)
    connection.sendall(bytes(SLOT_BYTES * 3 // 2))
    connection.recv(1)


def silent(connection: socket.socket) -> None:
    """Nothing at all, until the client gives up."""
    connection.recv(1)


def collect(server: Server, buffers: int) -> tuple[RtlTcpSource, list[SampleBlock], list[str]]:
    """Run a source until it has delivered so many buffers; also the states that it went through."""
    source = RtlTcpSource("127.0.0.1", server.port, DongleSettings(gain_db=40.2, ppm=-3), HURRY)
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
        (lambda connection: [*greet(connection), connection.sendall(b"\x7f" * 1000)], "error", "closed the connection"),
        (lambda connection: connection.sendall(GREETING + b"\x7f" * 1000), "error", "onnection"),  # it may be a reset
        (silent, "stalled", "for 0.5 s"),
        (lambda connection: [*greet(connection), connection.recv(1)], "stalled", "for 0.4 s"),
        (slow, "stalled", "for 0.4 s"),
    ],
)
def test_a_bad_server_is_named_and_a_good_one_after_it_is_used(
    bad: Callable[[socket.socket], object], state: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    source, blocks, states = collect(Server(bad, good), 3 if bad is slow else 2)
    assert len(blocks) == (3 if bad is slow else 2)
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


@pytest.fixture
def real_server(tmp_path: Path) -> Iterator[tuple[FakeDongle, int]]:
    """Debian's rtl_tcp over the test library, and its port."""
    program = shutil.which("rtl_tcp")
    if program is None:
        pytest.skip("rtl_tcp is not installed")
    environment = dict(os.environ)
    fake = FakeDongle(tmp_path, environment)
    environment["LD_LIBRARY_PATH"] = str(library().parent)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [program, "-a", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        yield fake, port
        server.kill()


def test_debians_rtl_tcp_takes_the_commands_and_delivers_every_byte(real_server: tuple[FakeDongle, int]) -> None:
    fake, port = real_server
    settings = DongleSettings(gain_db=40.2, ppm=-3, bias_tee=True, rtl_agc=True)
    source = RtlTcpSource("127.0.0.1", port, settings, Patience(back_off_s=(0.05,), beat_s=0.1))
    data = bytearray()
    for block in source.blocks():
        data += block.iq.tobytes()
        if block.n_samples and source.health.gain_db == 40.2:
            source.set_gain(20.7)
        if len(data) >= 6 * SLOT_BYTES:
            break
    source.close()
    steps = np.diff(np.frombuffer(bytes(data), np.uint8).astype(int)) % 251
    assert np.count_nonzero(steps != 1) == 0
    calls = fake.calls()
    for call in (("rate", 2_400_000), ("frequency", 1_090_000_000), ("ppm", -3), ("bias", 1), ("agc", 1)):
        assert call in calls
    gains = [value for name, value in calls if name == "gain"]
    assert gains[-2:] == [402, 207]
    assert source.health.tuner == "R820T"


def test_a_restarted_rtl_tcp_is_found_again() -> None:
    first = Server(good)
    source = RtlTcpSource("127.0.0.1", first.port, DongleSettings(), HURRY)
    blocks = source.blocks()
    while next(blocks).n_samples == 0:
        pass
    first.cut()
    while source.health.state == "open":
        next(blocks)
    second = Server(good, port=first.port)
    while next(blocks).n_samples == 0:
        pass
    assert source.health.state == "open"
    source.close()
    assert list(blocks) == []
    second.close()
