"""The checks that need more than files: a dongle that plays, a broker that answers, the whole chain, the command."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from config.settings import Settings
from receiver.cli import main
from receiver.decode import Decoder
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.registers.bds08 import Identification
from receiver.doctor import CHECKS, Finding, Machine, Verdict, check_up, speed
from receiver.doctor.broker import check_broker
from receiver.doctor.chain import check_chain
from receiver.doctor.checkup import as_json, as_text, exit_status, summary
from receiver.doctor.hearing import check_dongle
from receiver.doctor.scene import CALL_SIGN, busy_sky, identification, squitter
from receiver.doctor.speed import check_speed
from receiver.wire.frame import Frame
from tests.mosquitto import Mosquitto, free_port
from tests.receiver.doctor.broken_machine import BrokenMachine, healthy
from tests.receiver.sources.dongle.fake_dongle import FakeDongle


@pytest.fixture
def dongle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDongle:
    scene = busy_sky(2.4e6)
    iq = tmp_path / "scene.cu8"
    iq.write_bytes(b"".join(block.iq.tobytes() for block in scene.blocks()))
    environment: dict[str, str] = {}
    fake = FakeDongle(tmp_path, environment, iq)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr("receiver.doctor.hearing.LISTEN_S", 0.5)
    monkeypatch.setattr("receiver.doctor.hearing.LIMIT_S", 6.0)
    return fake


def names(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_a_dongle_that_plays_is_well_whatever_the_bus_looks_like(dongle: FakeDongle, tmp_path: Path) -> None:
    machine = BrokenMachine(tmp_path / "empty", {}, programs={"dmesg": ""})
    found = names(check_dongle(machine, Settings()))
    assert set(found) == {"samples", "frames"}
    assert "none missing" in found["samples"].text


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"open": -6}, "dongle-held"),
        ({"open": -3}, "dongle-denied"),
        ({"devices": 0}, "dongle-absent"),
        ({"crash": 1}, "library"),
        ({"stall": 1}, "dongle-silent"),
        ({"read": -1}, "dongle-silent"),
    ],
)
def test_a_dongle_that_does_not_play_is_named_by_what_it_does(
    dongle: FakeDongle, tmp_path: Path, fault: dict[str, int], name: str
) -> None:
    dongle.set(**fault)
    found = names(check_dongle(healthy(tmp_path / "machine"), Settings()))
    assert found[name].verdict is Verdict.PROBLEM
    assert found[name].fix


@pytest.mark.parametrize(("byte", "name"), [(127, "deaf"), (255, "overload")])
def test_samples_without_sense_are_named(
    dongle: FakeDongle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, byte: int, name: str
) -> None:
    (tmp_path / "still.cu8").write_bytes(bytes([byte]) * 1_000_000)
    monkeypatch.setenv("SQUITTER_FAKE_IQ", str(tmp_path / "still.cu8"))
    found = names(check_dongle(healthy(tmp_path / "machine"), Settings()))
    assert found[name].verdict is Verdict.WARNING
    assert found["nothing-heard"].verdict is Verdict.NOTE


def test_a_library_that_is_none_is_named(dongle: FakeDongle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQUITTER_LIBRTLSDR", "/nowhere/librtlsdr.so")
    found = names(check_dongle(healthy(tmp_path / "machine"), Settings()))
    assert found["library"].verdict is Verdict.PROBLEM


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """Lets in `right` with the password `secret`, who may write below squitter/home, and `mute`, who may only read."""
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "acl").write_text("user right\ntopic readwrite squitter/home/#\nuser mute\ntopic read squitter/home/#\n")
    program = shutil.which("mosquitto_passwd")
    assert program is not None
    for user in ("right", "mute"):
        first = [] if (folder / "passwords").exists() else ["-c"]
        subprocess.run(
            [program, "-b", *first, str(folder / "passwords"), user, "secret"], check=True, capture_output=True
        )
    for name in ("acl", "passwords"):
        (folder / name).chmod(0o600)
    extra = f"allow_anonymous false\npassword_file {folder}/passwords\nacl_file {folder}/acl"
    server = Mosquitto(folder, extra=extra)
    server.start()
    yield server
    server.stop()


def with_broker(server: Mosquitto, user: str, password: str = "secret") -> Settings:
    return Settings.model_validate({"mqtt": {"port": server.port, "username": user, "password": password}})


def test_a_broker_that_lets_us_in_refuses_or_forbids_is_told_apart(broker: Mosquitto) -> None:
    assert set(names(check_broker(Machine(), with_broker(broker, "right")))) == {"broker"}
    assert set(names(check_broker(Machine(), with_broker(broker, "right", "wrong")))) == {"broker-refuses"}
    assert set(names(check_broker(Machine(), with_broker(broker, "mute")))) == {"broker-forbids"}


def test_a_server_that_is_no_broker_and_one_that_is_away_are_named() -> None:
    settings = Settings.model_validate({"mqtt": {"port": free_port()}})
    assert set(names(check_broker(Machine(), settings))) == {"broker-absent"}
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        settings = Settings.model_validate({"mqtt": {"port": server.getsockname()[1]}})
        assert set(names(check_broker(Machine(), settings))) == {"broker-speaks-not"}
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@contextlib.contextmanager
def server_that(answers: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server's port; each connection is given to `answers` in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answers, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_a_slow_broker_is_not_told_to_use_tls_and_one_with_tls_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("receiver.broker.client.TIMEOUT_S", 0.5)
    over = threading.Event()

    def says_nothing(connection: socket.socket) -> None:
        over.wait(30)
        connection.close()

    with server_that(says_nothing) as port:
        monkeypatch.setattr("receiver.doctor.machine.CONNECT_LIMIT_S", 0.5)
        settings = Settings.model_validate({"mqtt": {"port": port}})
        found = names(check_broker(Machine(), settings))
        over.set()
    assert set(found) == {"broker-silent"}
    assert "tls" not in found["broker-silent"].fix.lower()
    monkeypatch.setattr("receiver.doctor.machine.CONNECT_LIMIT_S", 5.0)

    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")

    def speaks_tls(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1)

    with server_that(speaks_tls) as port:
        assert Machine().speaks_tls("127.0.0.1", port)


def test_a_squitter_comes_out_on_the_users_broker_and_leaves_nothing_there(broker: Mosquitto) -> None:
    found = names(check_chain(Machine(), with_broker(broker, "right")))
    assert set(found) == {"chain"}
    assert str(broker.port) in found["chain"].text
    retained: list[str] = []
    subscribed = threading.Event()
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set("right", "secret")
    client.on_message = lambda _c, _u, message: retained.append(message.topic)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.subscribe("squitter/home/#", 1)
    assert subscribed.wait(5)
    subscribed.clear()
    client.subscribe("squitter/home/none", 1)  # answered after whatever was retained under the first one
    assert subscribed.wait(5)
    client.disconnect()
    client.loop_stop()
    assert retained == []


def test_a_squitter_comes_out_on_a_broker_of_our_own_when_there_is_none() -> None:
    found = names(check_chain(Machine(), Settings.model_validate({"mqtt": {"port": free_port()}})))
    assert set(found) == {"chain"}
    assert "of its own" in found["chain"].text


def test_a_chain_that_is_cut_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("receiver.doctor.chain.one_aircraft", lambda rate_hz: busy_sky(rate_hz, 0.2, 0))
    found = names(check_chain(Machine(), Settings.model_validate({"mqtt": {"enabled": False}})))
    assert found["chain-broken"].verdict is Verdict.PROBLEM
    assert "no frame" in found["chain-broken"].text


@pytest.mark.parametrize(
    ("loads", "effort", "name"),
    [((0.1, 0.05), "auto", "speed"), ((0.8, 0.3), "auto", "slow"), ((2.0, 1.1), "auto", "too-slow"),
     ((0.8, 0.3), "thorough", "slow")],
)  # fmt: skip
def test_speed_is_judged_by_what_is_asked_for_and_by_the_least(
    monkeypatch: pytest.MonkeyPatch, loads: tuple[float, float], effort: str, name: str
) -> None:
    monkeypatch.setattr(speed, "load_of", lambda _rate, level: loads[1] if level == "lean" else loads[0])
    settings = Settings.model_validate({"demodulator": {"effort": effort}})
    assert set(names(check_speed(Machine(), settings))) == {name}


def test_speed_is_really_measured() -> None:
    assert 0.001 < speed.load_of(2.4e6, speed.Effort.LEAN) < 20


def test_a_check_that_fails_itself_is_a_problem_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def faint(*_: object) -> Iterator[Finding]:
        raise RuntimeError("oh")

    monkeypatch.setitem(CHECKS, "power", faint)
    told: list[str] = []
    found = check_up(Machine(), Settings(), ["power", "settings"], lambda name, _: told.append(name))
    assert found[0][1].name == "check-failed"
    assert told[0] == "power"
    assert "settings" in told
    assert exit_status(found) == 1


def test_text_json_and_exit_status_agree() -> None:
    well = [("clock", Finding("clock", Verdict.GOOD, "It is right."))]
    ill = [*well, ("disk", Finding("disk-full", Verdict.PROBLEM, "It is full.", "Delete something."))]
    assert (exit_status(well), exit_status(ill)) == (0, 1)
    assert as_json(well)["well"] is True
    assert as_json(ill)["findings"][1] == {
        "check": "disk", "name": "disk-full", "verdict": "problem", "text": "It is full.", "fix": "Delete something.",
    }  # fmt: skip
    assert "→ Delete something." in as_text(*ill[1])
    assert summary(well) == "All is well."
    assert summary(ill) == "1 problem."


def test_the_command_prints_json_and_names_mistakes_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("logging.disable", lambda _: None)
    file = tmp_path / "squitter.toml"
    file.write_text("[receiver]\ngian = 3\n")
    assert main(["doctor", "--json", "--only", "settings", "--config", str(file)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["well"] is False
    assert "gian" in told["findings"][0]["text"]
    file.write_text("[station]\nlatitude = 52\nlongitude = 4\n")
    assert main(["doctor", "--only", "settings", "--config", str(file)]) == 0
    assert "All is well." in capsys.readouterr().out
    assert main(["doctor", "--only", "wallet", "--config", str(file)]) == 2


def test_the_call_sign_is_written_as_the_standard_says() -> None:
    message = Decoder().decode(Frame(squitter(0x123456, identification("KLMJETAB")), 0.0))
    assert isinstance(message, ExtendedSquitter)
    assert message.icao == "123456"
    assert isinstance(message.register, Identification)
    assert message.register.callsign == "KLMJETAB"
    assert len(CALL_SIGN) == 8
