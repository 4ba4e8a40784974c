from __future__ import annotations

import asyncio
from typing import Any

import pytest

from receiver.app.supervisor import Supervisor, first_refusal
from receiver.errors import SquitterError
from tests.receiver.network import run, until


def test_a_part_that_fails_is_started_again_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    starts: list[int] = []
    others = 0

    async def failing() -> None:
        starts.append(len(starts))
        if len(starts) < 4:
            raise RuntimeError(f"fault {len(starts)}")
        await asyncio.Event().wait()

    async def other() -> None:
        nonlocal others
        others += 1
        await asyncio.Event().wait()

    async def work() -> None:
        supervisor = Supervisor(delays_s=(0.001,))
        supervisor.start("failing", failing)
        supervisor.start("other", other)
        await until(lambda: len(starts) == 4)
        assert supervisor.restarts == {"failing": 3}
        assert not supervisor.refused.done()
        await supervisor.stop(5.0)

    run(work())
    assert others == 1
    assert "failing: failed, and is started again" in caplog.text
    assert caplog.text.count("Traceback") == 1, "once is enough"


def test_a_part_that_cannot_start_is_for_a_person_to_mend() -> None:
    async def taken() -> None:
        raise ExceptionGroup("tasks", [SquitterError("port 30005 is taken")])

    async def work() -> None:
        supervisor = Supervisor()
        supervisor.start("network", taken)
        assert str(await supervisor.refused) == "port 30005 is taken"
        await supervisor.stop(1.0)

    run(work())


def test_a_part_that_does_not_end_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    released: list[asyncio.Event] = []

    async def deaf() -> None:
        released.append(asyncio.Event())
        while not released[0].is_set():
            try:
                await released[0].wait()
            except asyncio.CancelledError:
                continue

    async def work() -> None:
        supervisor = Supervisor()
        supervisor.start("deaf", deaf)
        await until(lambda: bool(released))
        await supervisor.stop(0.01)
        released[0].set()
        await asyncio.sleep(0)

    run(work())
    assert "deaf: does not end within" in caplog.text


@pytest.mark.parametrize("error", [ValueError("x"), ExceptionGroup("g", [ValueError("x")])])
def test_other_errors_are_no_refusals(error: Any) -> None:
    assert first_refusal(error) is None
