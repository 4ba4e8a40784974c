"""The links that the log shows are ones that work."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from receiver.web import reach
from receiver.web.guard import is_local_name
from receiver.web.reach import addresses, is_loopback, links, mdns_names


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine that is no container and has no mDNS responder, until the file is made."""
    mark = tmp_path / "avahi"
    monkeypatch.setattr(reach, "CONTAINER_MARKS", ())
    monkeypatch.setattr(reach, "MDNS_RESPONDERS", (mark,))
    return mark


def test_what_only_this_machine_can_open_has_no_token(bare: Path) -> None:
    assert links("127.0.0.1", 8080, "secret") == ["http://127.0.0.1:8080/"]
    assert links("::1", 8080, "secret") == ["http://[::1]:8080/"]


def test_all_addresses_are_those_of_this_machine_and_each_takes_connections(bare: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        for address in addresses():
            assert not is_loopback(address)
            if ":" not in address:
                socket.create_connection((address, port), timeout=5).close()
    shown = links("0.0.0.0", 8080, "a b+c")
    assert shown
    assert all(link.endswith(":8080/?token=a%20b%2Bc") for link in shown)
    assert not any("0.0.0.0" in link for link in shown)


def test_a_name_is_shown_only_where_something_answers_for_it(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "RaspberryPi")
    assert mdns_names() == []
    bare.touch()
    assert mdns_names() == ["raspberrypi.local"]
    assert "http://raspberrypi.local:8080/?token=x" in links("0.0.0.0", 8080, "x")


def test_in_a_container_the_names_of_the_world_outside_are_shown(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / ".dockerenv"
    mark.touch()
    monkeypatch.setattr(reach, "CONTAINER_MARKS", (mark,))
    assert links("0.0.0.0", 80, "x", ["raspberrypi.local"]) == ["http://raspberrypi.local:80/?token=x"]
    assert links("0.0.0.0", 80, "x", ["*"]) == ["http://localhost:80/?token=x"]


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("raspberrypi.local", True),
        ("pi.home.arpa", True),
        ("map.internal", True),
        ("local", False),
        ("x.local.evil.org", False),
    ],
)
def test_names_that_nobody_outside_can_give_are_local(name: str, local: bool) -> None:
    assert is_local_name(name) is local
