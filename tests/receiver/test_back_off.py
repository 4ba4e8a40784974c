from __future__ import annotations

from receiver.back_off import BackOff, doubling


def test_waits_grow_to_the_last_delay_and_begin_anew_after_a_success() -> None:
    back_off = BackOff((1.0, 2.0, 5.0), jitter=(1.0, 1.0))
    assert [back_off.failed() for _ in range(5)] == [1.0, 2.0, 5.0, 5.0, 5.0]
    back_off.succeeded()
    assert back_off.failed() == 1.0


def test_a_wait_is_within_its_jitter() -> None:
    back_off = BackOff((10.0,), jitter=(0.5, 1.0))
    assert all(5.0 <= back_off.failed() <= 10.0 for _ in range(100))


def test_delays_double_to_the_longest() -> None:
    assert doubling(5.0, 60.0) == (5.0, 10.0, 20.0, 40.0, 60.0)
