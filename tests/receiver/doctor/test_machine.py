"""The real machine, as far as every machine has it."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from receiver.doctor.machine import Machine, is_squitter


def test_a_listening_socket_is_seen_from_both_sides() -> None:
    machine = Machine()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        error = machine.listen("127.0.0.1", port)
        assert error is not None
        assert error.errno == errno.EADDRINUSE
        assert machine.connect("127.0.0.1", port) is None
        assert os.getpid() in machine.listeners(port)
    assert machine.connect("127.0.0.1", port) is not None
    assert machine.listen("127.0.0.1", port) is None


def test_open_files_and_processes_are_found(tmp_path: Path) -> None:
    machine = Machine()
    with (tmp_path / "open").open("w") as file:
        assert os.getpid() in machine.holders(file.name)
    assert os.getpid() not in machine.holders(file.name)
    assert any(pid == os.getpid() for pid, _, _ in machine.processes())


def test_programs_answer_or_do_not() -> None:
    machine = Machine()
    assert machine.run("echo", "x") == "x\n"
    assert machine.run("false") is None
    assert machine.run("squitter-no-such-program") is None


def test_clock_and_disk_tell_something(tmp_path: Path) -> None:
    machine = Machine()
    assert machine.clock_synchronised() in (True, False, None)
    assert (machine.free_bytes(tmp_path / "not" / "there" / "yet") or 0) > 0
    assert machine.now_utc_s() > 1.7e9


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        ("/usr/bin/python3 /home/pi/.local/bin/squitter run", True),
        ("squitter replay x.cu8", True),
        ("python -P -m receiver.sources.dongle.rtlsdr_child {}", True),
        ("squitter doctor", False),
        ("vim squitter", False),
        ("", False),
    ],
)
def test_our_own_service_is_known_by_its_command_line(command: str, ours: bool) -> None:
    assert is_squitter(command) is ours
