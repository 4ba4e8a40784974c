"""A start with a clock that is not synchronised ends nothing of before; cooldowns do not lie in the future."""

from __future__ import annotations

import pytest

from config.rules import Rule
from receiver.moments import move_moments
from receiver.watch import Watch
from tests.receiver.watch.air import sighting
from tests.receiver.watch.test_watch import START

DAY = 86_400.0
RULES = [
    Rule.model_validate(
        {"name": "emergency", "severity": "critical", "linger_s": 60, "cooldown_s": 3600, "when": {"squawk": ["7700"]}}
    )
]
QUIET = Rule.model_validate({"name": "radio", "group": "emergency", "linger_s": 60, "when": {"squawk": ["7600"]}})


def running(with_alert_at: float) -> Watch:
    watch = Watch(RULES)
    watch.trust_clock(True, with_alert_at)
    (alert,) = watch.update(sighting("abcdef", with_alert_at, squawk="7700"))
    assert alert.state == "raised"
    return watch


@pytest.mark.parametrize("ahead_s", [40 * DAY, 3600.0, -40 * DAY])
def test_an_open_alert_survives_a_start_with_a_wrong_clock_and_goes_on_when_it_is_set(ahead_s: float) -> None:
    state = running(START).state(whole=True)
    watch = Watch(RULES, state=state)
    now = START + 30.0 + ahead_s
    watch.trust_clock(False, now)
    for second in range(120):
        assert watch.expire(now + second) == []
    assert watch.update(sighting("abcdef", now + 120.0, squawk="1000")) == []
    move_moments(-ahead_s, watch, since=now - 60.0, until=now + 180.0)
    watch.trust_clock(True, START + 151.0)
    (ended,) = watch.update(sighting("abcdef", START + 155.0, squawk="1000"))
    assert (ended.state, ended.raised_s) == ("ended", START)


def test_a_machine_that_never_gets_the_time_ends_alerts_all_the_same() -> None:
    state = running(START).state(whole=True)
    watch = Watch(RULES, state=state)
    ended = []
    for second in range(0, 4000, 10):
        watch.trust_clock(False, START + DAY + second)
        ended += watch.expire(START + DAY + second)
    assert [alert.state for alert in ended] == ["ended"]


def test_with_a_clock_that_can_be_right_what_is_old_ends_at_once() -> None:
    watch = Watch(RULES, state=running(START).state(whole=True))
    watch.trust_clock(True, START + DAY)
    assert [alert.state for alert in watch.expire(START + DAY)] == ["ended"]


@pytest.mark.parametrize("step_s", [-40 * DAY, -3600.0, 40 * DAY])
def test_the_rest_of_a_story_is_quiet_for_the_cooldown_and_no_longer_whatever_the_clock_does(step_s: float) -> None:
    watch = Watch([*RULES, QUIET])
    watch.update(sighting("abcdef", START, squawk="7700"))
    (ended,) = watch.update(sighting("abcdef", START + 90.0, squawk="1000"))
    assert ended.state == "ended"
    move_moments(step_s, watch, since=START - 60.0, until=START + 150.0)
    now = START + 90.0 + step_s
    assert watch.update(sighting("abcdef", now + 30.0, squawk="7600")) == []
    assert watch.update(sighting("abcdef", now + 45.0, squawk="1000")) == []
    for minute in range(1, 60):
        watch.update(sighting("abcdef", now + 60.0 * minute, squawk="1000"))
    (raised,) = watch.update(sighting("abcdef", now + 3605.0, squawk="7600"))
    assert (raised.state, raised.rule) == ("raised", "radio")
