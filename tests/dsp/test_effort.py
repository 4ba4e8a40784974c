"""The choice of the level by the margin to real time."""

from __future__ import annotations

from dsp.effort import SETTINGS, Effort, EffortPolicy


def test_the_level_falls_at_once_and_rises_slowly() -> None:
    policy = EffortPolicy()
    assert policy.level is Effort.THOROUGH
    for _ in range(100):
        policy.choose(0.09, 0.1)
    assert policy.level is Effort.LEAN
    seconds = 0.0
    while policy.level is Effort.LEAN and seconds < 200.0:
        policy.choose(0.001, 0.1)
        seconds += 0.1
    assert policy.level is Effort.NORMAL
    assert 30.0 <= seconds < 45.0


def test_between_the_two_shares_nothing_changes() -> None:
    policy = EffortPolicy()
    for _ in range(2000):
        assert policy.choose(0.05, 0.1) is Effort.THOROUGH


def test_one_slow_block_is_no_reason() -> None:
    policy = EffortPolicy()
    for _ in range(100):
        policy.choose(0.02, 0.05)
    assert policy.choose(0.5, 0.027) is Effort.THOROUGH


def test_more_effort_never_has_a_tighter_gate() -> None:
    lean, normal, thorough = (SETTINGS[level] for level in (Effort.LEAN, Effort.NORMAL, Effort.THOROUGH))
    for less, more in ((lean, normal), (normal, thorough)):
        assert more.factor <= less.factor
        assert more.floor <= less.floor
        assert more.power <= less.power
        assert more.gate <= less.gate
        assert more.timings >= less.timings
        assert more.second >= less.second
