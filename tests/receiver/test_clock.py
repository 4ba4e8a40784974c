"""A clock of the signal against a system's clock that is set, by everything a system does."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.clock import EARLIEST, SignalClock, spoken

START = 1_900_000_000.0


class System:
    """A computer's two clocks."""

    def __init__(self, wall_s: float = START) -> None:
        self.steady_s, self.wall_s = 1000.0, wall_s

    def clock(self) -> SignalClock:
        return SignalClock(lambda: self.wall_s, lambda: self.steady_s)

    def pass_s(self, seconds: float) -> None:
        self.steady_s += seconds
        self.wall_s += seconds


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -2 * 86_400.0, 40 * 86_400.0, 56 * 31_557_600.0, 0.6])
def test_a_step_is_followed_once_and_told(step_s: float, caplog: pytest.LogCaptureFixture) -> None:
    system = System()
    clock = system.clock()
    system.pass_s(60.0)
    assert clock.follow() == 0.0
    system.wall_s += step_s
    assert clock.utc_s() == pytest.approx(START + 60.0)  # nobody has looked yet
    assert clock.follow() == pytest.approx(step_s)
    assert clock.utc_s() == pytest.approx(system.wall_s)
    system.pass_s(60.0)
    assert clock.follow() == 0.0
    assert (clock.state.steps, clock.moved_s) == (1, pytest.approx(step_s))
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert spoken(step_s) in caplog.text


def test_a_clock_that_was_never_set_begins_where_no_duration_reaches_and_follows(
    caplog: pytest.LogCaptureFixture,
) -> None:
    system = System(12.0)
    clock = system.clock()
    assert "1970-01-01 00:00:12 UTC: it was never set" in caplog.text
    system.pass_s(30.0)
    assert clock.follow() == 0.0
    assert clock.utc_s() == pytest.approx(EARLIEST + 30.0)
    system.wall_s = START
    assert clock.follow() == pytest.approx(START - EARLIEST - 30.0)
    assert clock.utc_s() == pytest.approx(START)
    system.wall_s = 5.0  # a battery that was taken out
    assert clock.follow() < -1e8
    assert clock.utc_s() == pytest.approx(EARLIEST)
    system.pass_s(10.0)
    assert clock.follow() == 0.0
    assert clock.utc_s() == pytest.approx(EARLIEST + 10.0)


def test_a_small_difference_is_slewed() -> None:
    system = System()
    clock = system.clock()
    system.wall_s += 0.3
    for _ in range(1000):
        before_s = clock.utc_s()
        system.pass_s(1.0)
        assert clock.follow() == 0.0
        assert 0.99 < clock.utc_s() - before_s < 1.01
    assert clock.utc_s() == pytest.approx(system.wall_s)


def test_two_readings_that_were_torn_apart_are_no_step() -> None:
    system = System()
    clock = system.clock()
    held_up = iter((2000.0, 2007.0))
    clock._steady = lambda: next(held_up)  # the process was held up for 7 s between them
    assert clock.follow() == 0.0


@given(
    st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(-1e9, 2e9) | st.floats(-1.0, 1.0) | st.just(0.0)), max_size=20)
)
def test_time_goes_forward_but_for_the_steps_that_are_told(changes: list[tuple[float, float]]) -> None:
    system = System()
    clock = system.clock()
    for seconds, change_s in changes:
        before_s = clock.utc_s()
        system.pass_s(seconds)
        system.wall_s = max(0.0, system.wall_s + change_s)
        step_s = clock.follow()
        went_s = clock.utc_s() - before_s - step_s
        assert -1e-3 <= went_s - seconds <= 0.1 or abs(went_s - seconds) <= 0.0005 * seconds + 1e-3
        assert clock.utc_s() >= EARLIEST - 1e-3
        assert clock.follow() == 0.0
        assert abs(clock.utc_s() - max(system.wall_s, EARLIEST)) <= 0.5 or system.wall_s < EARLIEST


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(56 * 31_557_600.0, "+56.0 years"), (-172_800.0, "-2.0 days"), (3600.0, "+1.0 h"), (-30.0, "-30.0 s")],
)
def test_a_step_is_told_in_words(seconds: float, said: str) -> None:
    assert spoken(seconds) == said
