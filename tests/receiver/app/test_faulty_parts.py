"""Whatever one part does, the others go on, and the finish is run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from receiver.app import Service, Signal, run_service
from receiver.errors import SquitterError
from receiver.pipeline.heard import Heard
from receiver.sinks import Sink
from tests.receiver.app.test_service import heard, settings, signal_of
from tests.receiver.pipeline.listening_sink import ListeningSink

HOOKS = ("frames", "sighting", "departed", "alert", "second", "statistics", "clock_set", "finish", "picture")


class Faulty(Sink):
    """Raises wherever it is told to."""

    name = "faulty"


def fault(*_: Any) -> None:
    raise RuntimeError("a bug")


async def late_fault(*_: Any) -> None:
    raise RuntimeError("a bug")


@pytest.mark.parametrize("hook", HOOKS)
def test_an_output_that_fails_at_anything_takes_nothing_from_the_others(
    tmp_path: Path, hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "klm"\nwhen = { callsign = ["KLM*"] }\n')
    faulty = type("Faulty", (Faulty,), {hook: late_fault if hook == "finish" else fault})()
    sink = ListeningSink()
    at, day = 1_900_000_000.0, 86_400.0
    pieces = [heard(at), heard(at + 2.0), Heard([], at + day + 3.0, None, clock_step_s=day), heard(at + day + 9.0)]
    options = settings(tmp_path, watch__rules_file=str(rules), watch__default_rules=False)
    run_service(Service(options, signal_of(pieces), [faulty, sink]))
    assert len(sink.heard) == 3
    assert sink.gone == ["4840d6"]
    assert [alert.state for alert, _ in sink.alerts] == ["raised", "ended"]
    assert sink.finished == 2
    if hook != "picture":
        assert "output=faulty" in caplog.text


def test_an_output_whose_work_fails_is_started_again_while_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = 0

    class Failing(Faulty):
        async def run(self) -> None:
            nonlocal starts
            starts += 1
            if starts < 3:
                raise OSError("the disk has gone")
            again.set()
            await asyncio.Event().wait()

    again = asyncio.Event()

    async def endless() -> Any:
        now = 1.0
        while not again.is_set():
            now += 0.1
            yield heard(now)
            await asyncio.sleep(0.001)

    sink = ListeningSink()
    monkeypatch.setattr("receiver.app.supervisor.Supervisor.__init__.__defaults__", ((0.001,),))
    run_service(Service(settings(tmp_path), Signal(endless, lambda: None, "frames"), [Failing(), sink]))
    assert starts == 3
    assert sink.finished


def test_the_finish_is_run_when_the_source_fails(tmp_path: Path) -> None:
    def failing() -> Iterator[Heard]:
        yield heard(1.0)
        raise SquitterError("cut short")

    sink = ListeningSink()
    with pytest.raises(SquitterError, match="cut short"):
        run_service(Service(settings(tmp_path), Signal.of_feed(failing(), lambda: None, "frames"), [sink]))
    assert sink.finished == 1
