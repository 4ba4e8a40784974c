"""The service as a whole, without hardware and network."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from config.settings import Settings
from receiver import atomic_file
from receiver.app import Service, Signal, build_signal, build_sinks, run_service, systemd_notify
from receiver.app import service as service_module
from receiver.errors import SquitterError
from receiver.pipeline import pump as pump_module
from receiver.pipeline.heard import Heard, Reception
from receiver.sinks import Sink
from receiver.sources.frames.network import NetworkListener
from receiver.web.server import WebSink
from receiver.wire.frame import Frame
from tests.mosquitto import free_port
from tests.receiver.pipeline.listening_sink import ListeningSink

CALLSIGN = bytes.fromhex("8D4840D6202CC371C32CE0576098")


def settings(tmp_path: Path, **options: Any) -> Settings:
    """Everything off but what a test asks for, and nothing outside its folder."""
    given = {
        "mqtt.enabled": False,
        "history.enabled": False,
        "alerts.enabled": False,
        "registry.database": str(tmp_path / "aircraft.sqlite"),
        "watch.state_file": str(tmp_path / "watch.json"),
        "outbox.file": str(tmp_path / "outbox.sqlite3"),
        **{key.replace("__", "."): value for key, value in options.items()},
    }
    return load(None, {}, {key: ("test", value) for key, value in given.items()}).settings


def signal_of(pieces: list[Heard], live: bool = False) -> Signal:
    made = Signal.of_feed(iter(pieces), lambda: None, "frames")
    return Signal(made.heard, made.close, made.kind, live=live)


def heard(at: float) -> Heard:
    return Heard([Frame(CALLSIGN, at)], at, Reception("frames"))


def test_sinks_are_told_of_everything_then_of_the_silence_after_it(tmp_path: Path) -> None:
    sink = ListeningSink()
    run_service(Service(settings(tmp_path), signal_of([heard(1.0), heard(1.5), heard(9.0)]), [sink]))
    assert len(sink.heard) == 3
    assert sink.gone == ["4840d6"]
    assert sink.finished == 2  # at the end of the signal, and after the aircraft has left
    assert sink.airs[-1].now == 9.0


def test_the_end_of_a_live_source_is_no_silence(tmp_path: Path) -> None:
    sink = ListeningSink()
    run_service(Service(settings(tmp_path), signal_of([heard(1.0)], live=True), [sink]))
    assert sink.gone == []
    assert sink.finished == 1


@pytest.mark.parametrize("live", [True, False])
def test_frames_from_others_are_taken_in_beside_a_live_source_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live: bool
) -> None:
    listened: list[NetworkListener] = []

    async def take_in(_service: Service, listener: NetworkListener) -> None:
        listened.append(listener)

    monkeypatch.setattr(Service, "_take_in", take_in)
    given = settings(tmp_path, network__beast_in_ports=[free_port()])
    run_service(Service(given, signal_of([heard(1.0)], live)))
    assert bool(listened) is live


def test_a_sink_that_fails_ends_the_service_with_its_error(tmp_path: Path) -> None:
    class Broken(Sink):
        async def run(self) -> None:
            raise SquitterError("port 30005 is taken")

    def endless() -> Iterator[Heard]:
        while not closed.is_set():
            yield heard(1.0)
            closed.wait(0.01)

    closed = threading.Event()
    with pytest.raises(SquitterError, match="30005"):
        run_service(Service(settings(tmp_path), Signal.of_feed(endless(), closed.set, "frames"), [Broken()]))
    assert closed.is_set()


def test_a_source_that_fails_ends_the_service_with_its_error(tmp_path: Path) -> None:
    def failing() -> Iterator[Heard]:
        yield heard(1.0)
        raise SquitterError("cut short")

    with pytest.raises(SquitterError, match="cut short"):
        run_service(Service(settings(tmp_path), Signal.of_feed(failing(), lambda: None, "frames"), [ListeningSink()]))


def test_told_to_stop_it_stops_though_the_source_would_go_on(tmp_path: Path) -> None:
    closed = threading.Event()

    def endless() -> Iterator[Heard]:
        now = 0.0
        while not closed.is_set():
            now += 1.0
            yield heard(now)
            closed.wait(0.005)

    async def main() -> None:
        sink = ListeningSink()
        service = Service(settings(tmp_path), Signal.of_feed(endless(), closed.set, "frames"), [sink])
        running = asyncio.create_task(service.run())
        while not sink.airs:  # noqa: ASYNC110 - bounded by the test's own limit
            await asyncio.sleep(0.005)
        service.stop()
        await asyncio.wait_for(running, 10)
        assert sink.finished == 1

    asyncio.run(main())
    assert closed.is_set()


def test_alerts_reach_the_sinks_with_their_picture(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "klm"\nwhen = { callsign = ["KLM*"] }\n')
    sink = ListeningSink()
    run_service(
        Service(
            settings(tmp_path, watch__rules_file=str(rules), watch__default_rules=False),
            signal_of([heard(1.0), heard(2.0), heard(8.0)]),
            [sink],
        )
    )
    assert [alert.state for alert, _ in sink.alerts] == ["raised", "ended"]
    assert all(picture is None for _, picture in sink.alerts)  # the rule asks for none


def test_a_live_watch_remembers_across_a_restart(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "klm"\nwhen = { callsign = ["KLM*"] }\n')
    options = settings(tmp_path, watch__rules_file=str(rules), watch__default_rules=False)
    first, second = ListeningSink(), ListeningSink()
    run_service(Service(options, signal_of([heard(1.0), heard(2.0)], live=True), [first]))
    run_service(Service(options, signal_of([heard(12.0), heard(13.0)], live=True), [second]))
    assert [alert.state for alert, _ in first.alerts] == ["raised"]
    assert "raised" not in [alert.state for alert, _ in second.alerts]
    assert json.loads((tmp_path / "watch.json").read_text())["open"][0]["icao"] == "4840d6"


def past_of(options: Settings, live: bool = True) -> list[dict[str, Any]]:
    """What the map tells of alerts once a service has come up."""

    async def until_it_is_up() -> AsyncGenerator[Heard, None]:
        async with asyncio.timeout(30):
            await sink.ready.wait()
        return
        yield

    service = Service(options, Signal(until_it_is_up, lambda: None, "frames", live=live))
    (sink,) = (sink for sink in service.hub.sinks if isinstance(sink, WebSink))
    run_service(service)
    return sink.alerts_told()


def test_the_map_knows_the_alerts_of_before_a_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "klm"\nwhen = { callsign = ["KLM*"] }\n')
    options = settings(
        tmp_path, watch__rules_file=str(rules), watch__default_rules=False, web__enabled=True, web__port=0,
        alerts__enabled=True, alerts__dir=str(tmp_path / "alerts"),
    )  # fmt: skip
    silent = options.model_copy(update={"web": options.web.model_copy(update={"enabled": False})})
    run_service(Service(silent, signal_of([heard(1.0), heard(2.0)], live=True)))
    (told,) = past_of(options)
    assert (told["rule"], told["state"]) == ("klm", "raised")
    assert past_of(options, live=False) == []  # a recording has nothing to do with it
    (tmp_path / "watch.json").unlink()  # nobody holds it open any more
    (told,) = past_of(options)
    assert told["state"] == "ended"
    (states,) = (tmp_path / "alerts").glob("*/states.jsonl")
    states.write_text("{ no JSON }\n")
    assert past_of(options) == []
    assert "1 of the latest alerts cannot be read" in caplog.text


def test_a_state_file_that_cannot_be_read_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "watch.json").write_text("{ not JSON")
    run_service(Service(settings(tmp_path), signal_of([heard(1.0)], live=True), []))
    assert "cannot be read" in caplog.text


def test_a_disk_that_is_slow_to_save_the_watch_does_not_hold_the_service_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "klm"\nwhen = { callsign = ["KLM*"] }\n')
    released = threading.Event()
    in_time: list[bool] = []
    monkeypatch.setattr(atomic_file.os, "fsync", lambda _descriptor: in_time.append(released.wait(5)))

    class Releasing(ListeningSink):
        def alert(self, alert: Any, picture: bytes | None) -> None:
            super().alert(alert, picture)
            asyncio.get_running_loop().call_soon(released.set)  # only a loop that goes on comes to this

    options = settings(tmp_path, watch__rules_file=str(rules), watch__default_rules=False)
    run_service(Service(options, signal_of([heard(1.0), heard(2.0)], live=True), [Releasing()]))
    assert in_time
    assert all(in_time)
    assert json.loads((tmp_path / "watch.json").read_text())["open"][0]["icao"] == "4840d6"


def test_folders_that_cannot_be_written_are_named_at_the_start_and_the_service_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    options = settings(
        tmp_path, history__enabled=True, history__dir=str(tmp_path / "file" / "tracks"),
        alerts__enabled=True, alerts__dir=str(tmp_path / "alerts" / "of" / "mine"),
    )  # fmt: skip
    sink = ListeningSink()
    run_service(Service(options, signal_of([heard(1.0)], live=True), [sink]))
    assert len(sink.heard) == 1
    (warning,) = [text for text in caplog.messages if "cannot be written (" in text]
    assert warning.startswith(
        f"history.dir: {tmp_path}/file/tracks cannot be written ({tmp_path}/file: Not a directory)"
    )
    assert "no tracks are remembered" in warning
    assert not (tmp_path / "alerts").exists()  # looking leaves nothing behind
    caplog.clear()
    run_service(Service(options, signal_of([heard(1.0)]), [sink]))
    assert "cannot be written (" not in caplog.text  # a replay's folders are looked at by who has asked for it


def test_the_station_is_described_no_more_exactly_than_allowed(tmp_path: Path) -> None:
    service = Service(settings(tmp_path, station__latitude=19.123456, station__longitude=-99.987654), signal_of([]))
    assert (service.describe()["lat"], service.describe()["lon"]) == (19.1, -100.0)
    hidden = settings(
        tmp_path, station__latitude=19.123456, station__longitude=-99.987654, station__location_accuracy=-1
    )
    assert "lat" not in Service(hidden, signal_of([])).describe()


def test_each_output_is_built_only_when_it_is_asked_for(tmp_path: Path) -> None:
    options = settings(tmp_path)
    assert build_sinks(options, Service(options, signal_of([]))) == []
    options = settings(
        tmp_path,
        web__enabled=True,
        json_files__dir=str(tmp_path / "json"),
        network__beast_out_port=30005,
        history__enabled=True,
        history__dir=str(tmp_path / "history"),
        metrics__textfile=str(tmp_path / "squitter.prom"),
        mqtt__enabled=True,
        alerts__enabled=True,
        alerts__dir=str(tmp_path / "alerts"),
        outbox__file=str(tmp_path / "outbox" / "outbox"),
    )
    sinks = build_sinks(options, Service(options, signal_of([])))
    assert [sink.name for sink in sinks] == [
        "mqtt", "home_assistant", "network", "json_files", "metrics_file", "history", "alerts", "web"
    ]  # fmt: skip


@pytest.mark.parametrize(("source", "kind"), [("rtlsdr", "rtlsdr"), ("rtl_tcp", "rtl_tcp"), ("beast", "beast")])
def test_every_source_of_the_settings_can_be_built(source: str, kind: str, tmp_path: Path) -> None:
    made = build_signal(settings(tmp_path, receiver__source=source))
    assert made.kind == kind
    assert made.live
    made.close()


def test_systemd_is_told_when_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        run_service(Service(settings(tmp_path), signal_of([heard(1.0)]), []))
        told = []
        until = time.monotonic() + 5
        while "STOPPING=1" not in told and time.monotonic() < until:
            told.append(listener.recv(100).decode())
        assert told[0] == "READY=1"
        assert "WATCHDOG=1" in told
    monkeypatch.delenv("NOTIFY_SOCKET")
    systemd_notify("READY=1")  # to nobody


def test_a_source_that_does_not_end_does_not_keep_the_service_from_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiling, for instance: the thread cannot be interrupted."""
    monkeypatch.setattr(service_module, "STOP_S", 0.05)
    monkeypatch.setattr(pump_module, "PATIENCE_S", 0.05)
    released = threading.Event()

    def deaf() -> Iterator[Heard]:
        released.wait(60)
        yield heard(1.0)

    async def main() -> None:
        sink = ListeningSink()
        service = Service(settings(tmp_path), Signal.of_feed(deaf(), lambda: None, "frames"), [sink])
        running = asyncio.create_task(service.run())
        await asyncio.sleep(0.01)
        service.stop()
        await asyncio.wait_for(running, 20)
        assert sink.finished == 1
        assert sink.heard == []

    asyncio.run(main())
    released.set()
