"""Positions that cannot be true: what deceived receivers send, and what real flight looks like."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks.flights.pen import Pen
from config.rules import load_rules
from receiver.tracking import Sighting
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.watch.belief import Belief
from receiver.watch.patterns import PathPoint
from receiver.watch.world import Fact
from tests.receiver.watch.air import sighting
from tests.receiver.watch.worlds import SmallAtlas, SmallRegistry

START = 1_755_657_600.0
KM_PER_DEG = 111.195
HOME, THERE = (22.0, -100.0), (19.25, -100.1)  # where they fly, and where they are made to say that they are

Shift = Callable[[float, tuple[float, float], random.Random], tuple[float, float, float, float]]


def at(place: tuple[float, float], east_km: float, north_km: float) -> tuple[float, float]:
    return place[0] + north_km / KM_PER_DEG, place[1] + east_km / KM_PER_DEG / math.cos(math.radians(place[0]))


def circle(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """Round and round at the speed of before: 1 km at 450 kt."""
    angle = 450 * 0.000514444 * t
    return *at(THERE, math.sin(angle), math.cos(angle)), 450.0, (math.degrees(angle) + 90.0) % 360.0


def frozen(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """One place, while the speed is told as before."""
    return *at(THERE, rng.gauss(0, 0.01), rng.gauss(0, 0.01)), 450.0, 200.0


def parked(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """One place, and the speed is that of somebody who stands there."""
    return *at(THERE, rng.gauss(0, 0.01), rng.gauss(0, 0.01)), 2.0, 200.0


def small_circle(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """A circle that a light aircraft could fly, at the height of an airliner."""
    angle = 100 * 0.000514444 / 3.0 * t
    return *at(THERE, 3 * math.sin(angle), 3 * math.cos(angle)), 100.0, (math.degrees(angle) + 90.0) % 360.0


def elsewhere(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """The true flight, 200 km off."""
    return *at(true, 150.0, -130.0), 450.0, 200.0


FAMILIES: dict[str, Shift] = {
    "circle": circle, "frozen": frozen, "parked": parked, "small circle": small_circle, "elsewhere": elsewhere,
}  # fmt: skip


def airliner(icao: str, seed: int, deceived: Shift, from_s: float, until_s: float, end_s: float) -> Iterator[Sighting]:
    rng = random.Random(seed)
    way = math.radians(200.0)
    place = at(HOME, rng.uniform(-30, 30), rng.uniform(-30, 30))
    t = rng.uniform(0, 4)
    while t < end_s:
        true = at(place, 0.2315 * t * math.sin(way), 0.2315 * t * math.cos(way))
        lat, lon, speed, track = *true, 450.0, 200.0
        if from_s <= t < until_s:
            lat, lon, speed, track = deceived(t, true, rng)
        known: dict[str, Any] = {
            "callsign": f"AMX{seed}", "category": "A3", "latitude_deg": lat, "longitude_deg": lon, "altitude_baro_ft": 35000,
            "ground_speed_kt": speed, "track_deg": track, "on_ground": False, "nac_p": 9,
        }  # fmt: skip
        yield sighting(icao, START + t, **known)
        t += rng.uniform(2.0, 5.0)


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
