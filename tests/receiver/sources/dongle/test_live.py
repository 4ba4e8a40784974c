"""The time of live samples: a clock that is set, a crystal that is off."""

from __future__ import annotations

import time

import pytest

from receiver.clock import SignalClock
from receiver.sources.dongle.live import LiveSource


@pytest.mark.parametrize("step_s", [86_400.0 * 365, -86_400.0 * 2])
def test_a_clock_that_is_set_is_followed_once(step_s: float, caplog: pytest.LogCaptureFixture) -> None:
    wall_s = 1_900_000_000.0
    clock = SignalClock(wall=lambda: wall_s + time.monotonic(), steady=time.monotonic)
    source = LiveSource(2.4e6, clock=clock)
    first_utc_s = source.start_utc_s
    assert source.follow_clock() == pytest.approx(0.0, abs=0.01)
    wall_s += step_s
    steps = [source.follow_clock() for _ in range(10)]
    assert [round(step) for step in steps] == [round(step_s)] + 9 * [0]
    assert source.start_utc_s == pytest.approx(first_utc_s + step_s, abs=0.01)
    assert len(caplog.records) == 1


def test_utc_follows_a_crystal_that_is_off(caplog: pytest.LogCaptureFixture) -> None:
    source = LiveSource(2.4e6)
    rate_hz = 2.4e6 * (1 + 80e-6)
    first_utc_s = source.start_utc_s
    buffer = memoryview(bytearray(262_144))
    for index in range(1, int(3600 / 0.0546)):
        source._place(buffer, source._start_s + index * 131_072 / rate_hz + (0.003 if index % 3 else 0.0))
    drifted_s = 3600 * 80e-6  # what the sample clock runs ahead by now
    assert caplog.records == []
    assert source.health.samples_lost == 0
    assert first_utc_s - source.start_utc_s == pytest.approx(drifted_s, abs=0.02)
