"""What ends, ends; what lasts, lasts; a restart changes nothing: every scenario as it is, with restarts at any moment, and
with silences."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from config.rules import Rule
from receiver.tracking import Sighting
from receiver.watch import Alert, Watch
from tests.receiver.watch.scenarios import (
    OWN,
    START,
    Plane,
    flown,
    in_full,
    in_short,
    moments,
    sky_of_chance,
    told,
    watch,
)  # fmt: skip

LAP = (240.0, 1.5)


def orbiter(begins_s: float = 0.0, laps: int = 6, home: tuple[float, float] = (19.0, -100.4)) -> Plane:
    return Plane("ae4bd8", *home, 70.0, [(600.0, 0.0), *[LAP] * laps, (900.0, 0.0)], begins_s)


def traffic() -> list[Plane]:
    return [
        Plane(f"0d10{k:02x}", 18.5 + k / 8, -101.0, 40.0 + k, [(2400.0, 0.0)], 37.0 * k, 400.0, 31000.0)
        for k in range(6)
    ]


def jammed(k: int, until_s: float) -> Callable[[float], dict[str, Any]]:
    return lambda t: {"nac_p": 0 if 400.0 + 25.0 * k <= t < until_s else 9}


SCENARIOS: dict[str, list[Plane]] = {
    "a drone circles and flies off": [orbiter(), *traffic()],
    "a drone circles and is heard no more": [
        Plane("ae4bd8", 19.0, -100.4, 70.0, [(600.0, 0.0), *[LAP] * 5]), *traffic(),
    ],
    "the same drone passes by the next day, far away": [
        Plane("ae4bd8", 19.0, -100.4, 70.0, [(600.0, 0.0), *[LAP] * 5]),
        Plane("ae4bd8", 21.5, -98.0, 200.0, [(1800.0, 0.0)], 43_200.0), *traffic(),
    ],
    "an emergency comes and goes": [
        Plane("0d1234", 19.3, -100.0, 10.0, [(1800.0, 0.0)], more=lambda t: {"squawk": "7700" if 300 <= t < 900 else "1000"}),
        *traffic(),
    ],
    "jammed aircraft leave": [
        Plane(f"0d20{k:02x}", 19.0 + k / 9, -99.0, 90.0, [(1000.0 + 30 * k, 0.0)], speed_kt=420.0, altitude_ft=35000.0, more=jammed(k, 1e9))
        for k in range(5)
    ],
    "jammed aircraft have it again": [
        Plane(f"0d20{k:02x}", 19.0 + k / 9, -99.0, 90.0, [(2400.0, 0.0)], speed_kt=420.0, altitude_ft=35000.0, more=jammed(k, 1300.0))
        for k in range(5)
    ],
    "somebody comes in low": [Plane("0d1234", 17.4, -101.0, 20.0, [(2400.0, 0.0)], speed_kt=140.0, altitude_ft=3000.0)],
}  # fmt: skip


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda name: name.replace(" ", "-"))
def scenario(request: pytest.FixtureRequest) -> tuple[list[Sighting], list[Alert]]:
    sightings = flown(SCENARIOS[request.param])
    return sightings, told(sightings)


def test_every_alert_begins_once_and_ends_once(scenario: tuple[list[Sighting], list[Alert]]) -> None:
    _, alerts = scenario
    assert alerts
    for id_ in {alert.id for alert in alerts}:
        states = [alert.state for alert in alerts if alert.id == id_]
        assert states[0] == "raised"
        assert states[-1] == "ended"
        assert set(states[1:-1]) <= {"updated"}
        assert states.count("raised") == states.count("ended") == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_restart_changes_nothing_not_a_letter(scenario: tuple[list[Sighting], list[Alert]], seed: int) -> None:
    sightings, alerts = scenario
    assert in_full(told(sightings, moments(sightings, seed, 4))) == in_full(alerts)


@pytest.mark.parametrize("seed", range(2))
def test_nor_does_a_power_cut_repeat_or_lose_anything(scenario: tuple[list[Sighting], list[Alert]], seed: int) -> None:
    sightings, alerts = scenario
    assert in_short(told(sightings, moments(sightings, seed, 3), whole=False)) == in_short(alerts)


@pytest.mark.parametrize("seed", range(3))
def test_nor_do_silences(scenario: tuple[list[Sighting], list[Alert]], seed: int) -> None:
    sightings, alerts = scenario
    rng = random.Random(seed)
    silences = [(at, at + rng.uniform(5.0, 50.0)) for at in moments(sightings, seed, 5)]
    assert in_short(told(sightings, silences=silences)) == in_short(alerts)


def test_the_next_flight_is_another_story() -> None:
    alerts = told(flown(SCENARIOS["the same drone passes by the next day, far away"]))
    later = [alert for alert in alerts if alert.raised_s > START + 40_000.0]
    assert later
    assert all(alert.pattern is None and not alert.notify for alert in later)


def test_gps_is_back_only_with_those_who_say_so() -> None:
    left = [a.text for a in told(flown(SCENARIOS["jammed aircraft leave"])) if a.state == "ended" and not a.icao]
    back = [
        a.text for a in told(flown(SCENARIOS["jammed aircraft have it again"])) if a.state == "ended" and not a.icao
    ]
    assert left
    assert back
    assert all(text.startswith("No more aircraft without GPS are heard: 5 had lost it: ") for text in left)
    assert all(text.startswith("GPS is back: 5 aircraft had lost it: ") for text in back)


def test_a_louder_rule_of_the_same_group_is_told_within_the_cooldown_of_the_quieter_one() -> None:
    alerts = told(flown(SCENARIOS["jammed aircraft leave"]))
    pushed = [alert.rule for alert in alerts if alert.notify and alert.id.startswith("jam-")]
    assert pushed == ["few-jammed", "many-jammed"]
    few, many = (next(a.updated_s for a in alerts if a.rule == rule) for rule in pushed)
    assert many >= few + 40.0


def test_an_alert_whose_rule_is_gone_ends() -> None:
    sightings = flown(SCENARIOS["a drone circles and flies off"])
    one = watch()
    for each in sightings[: len(sightings) // 2]:
        one.update(each)
    before = {alert.id for alert in one.open_alerts()}
    other = Watch([Rule.model_validate(OWN[0])], state=json.loads(json.dumps(one.state())))
    still = {alert.id for alert in other.open_alerts()}
    ended = other.expire(sightings[len(sightings) // 2].now)
    assert still < before
    assert {(alert.id, alert.state) for alert in ended} == {(id_, "ended") for id_ in before - still}
    assert other.expire(sightings[len(sightings) // 2].now + 1.0) == []


SEEDS = [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 60))]


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_sky_of_chance_neither_restarts_nor_power_cuts_nor_silences_change_what_is_told(seed: int) -> None:
    sightings = sky_of_chance(seed)
    alerts = told(sightings)
    assert in_full(told(sightings, moments(sightings, seed, 5))) == in_full(alerts)
    assert in_short(told(sightings, moments(sightings, seed, 4), whole=False)) == in_short(alerts)
    rng = random.Random(seed)
    silences = [(at, at + rng.uniform(5.0, 50.0)) for at in moments(sightings, seed, 4)]
    assert in_short(told(sightings, silences=silences)) == in_short(alerts)
