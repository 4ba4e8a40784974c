"""Positions that cannot be true: what deceived receivers send, and what real flight looks like."""

from __future__ import annotations

import math
import random

import pytest

from benchmarks.flights.deceived import FAMILIES, START, airliner, circle
from benchmarks.flights.pen import Pen
from config.rules import load_rules
from receiver.tracking import Sighting
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.watch.belief import Belief
from receiver.watch.patterns import PathPoint
from receiver.watch.world import Fact
from tests.receiver.watch.worlds import SmallAtlas, SmallRegistry


def told(sightings: list[Sighting]) -> list[Alert]:
    registry = SmallRegistry({f"ae9{k:03x}": [Fact("notable", "yes", "list")] for k in range(64)})
    watch = Watch(load_rules(DEFAULT_RULES).rule, None, registry, SmallAtlas())
    out: list[Alert] = []
    second = START
    for one in sorted(sightings, key=lambda s: s.now):
        while second + 1.0 <= one.now:
            second += 1.0
            out += watch.expire(second)
        out += watch.update(one)
    while watch.open_alerts():
        second += 10.0
        out += watch.expire(second)
    return out


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(2))
def test_several_that_are_deceived_are_one_alert_and_no_orbit(family: str, seed: int) -> None:
    """Notable and military ones, so that any orbit would be pushed."""
    sightings = [
        one
        for k in range(5)
        for one in airliner(f"ae9{10 * seed + k:03x}", 10 * seed + k, FAMILIES[family], 400.0 + 20 * k, 1300.0, 1800.0)
    ]
    alerts = told(sightings)
    pushed = [alert for alert in alerts if alert.notify]
    assert [alert.rule for alert in pushed] == ["gps-spoofing"]
    assert pushed[0].text.startswith("GPS spoofing: 3 aircraft say they are ")
    assert ", where they cannot be, " in pushed[0].text
    assert pushed[0].brief.endswith(" km from where they were believed last")
    assert len(pushed[0].brief) <= 110
    assert {alert.rule for alert in alerts} == {"gps-spoofing", "position-doubted"}
    assert not any("entered" in alert.text for alert in alerts)
    assert not any(alert.pattern for alert in alerts)
    ended = [alert for alert in alerts if alert.rule == "gps-spoofing"][-1]
    assert ended.state == "ended"
    assert ended.text.startswith("GPS spoofing is over: 5 aircraft said they were ")


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "elsewhere"])
def test_one_that_is_met_while_it_is_deceived_is_not_believed_either(family: str) -> None:
    alerts = told(list(airliner("ae9001", 3, FAMILIES[family], 0.0, 900.0, 900.0)))
    assert {alert.rule for alert in alerts} == {"position-doubted"}
    assert not any(alert.notify for alert in alerts)


def test_the_sentence_says_why_and_where_it_was_believed_last() -> None:
    alerts = told(list(airliner("ae9001", 3, circle, 400.0, 900.0, 900.0)))
    (raised,) = [alert for alert in alerts if alert.state == "raised"]
    assert "positions that cannot be true (a leap of " in raised.text
    assert ", believed last " in raised.text


def test_positions_are_believed_again_when_they_are_where_they_can_be() -> None:
    belief = Belief()
    for one in airliner("ae9001", 3, circle, 400.0, 600.0, 900.0):
        position = one.position
        assert position is not None
        fix = PathPoint(
            one.now, position.latitude_deg, position.longitude_deg, 35000.0, one.ground_speed_kt, one.track_deg
        )
        believed = belief.take(fix, "A3")
        t = one.now - START
        assert believed == (not 400.0 <= t < 600.0), t


@pytest.mark.parametrize("seed", range(6))
def test_real_flight_is_believed(seed: int) -> None:
    """Steep orbits, climbs, straight flight; one position in a hundred is far off, and only that is doubted."""
    rng = random.Random(seed)
    pen = Pen(rng, 40.0, 5.0, 30.0, rng.uniform(70, 250), 8000.0)
    for _ in range(6):
        pen.leg(rng.uniform(2, 20))
        speed_m_s = pen.speed * 0.514444
        bank = math.radians(rng.uniform(15, 45))
        pen.turn(rng.choice((-1, 1)) * rng.uniform(90, 900), speed_m_s**2 / (9.81 * math.tan(bank)) / 1000)
    belief, wrong, doubted = Belief(), 0, 0
    for fix in pen.fixes[::3]:
        off = rng.random() < 0.01
        wrong += off
        lat = fix.latitude_deg + (1.0 if off else 0.0)
        believed = belief.take(
            PathPoint(fix.time_s, lat, fix.longitude_deg, fix.altitude_ft, fix.ground_speed_kt), None
        )
        doubted += not believed
    assert doubted <= wrong
