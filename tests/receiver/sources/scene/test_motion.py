"""Aircraft move as they are told and as aircraft can."""

from __future__ import annotations

import itertools
import math

import pytest

from config.scenario import Event, Flight, Leg
from receiver.earth import EARTH_M
from receiver.sources.scene.motion import Path, State, fly


def flight(legs: list[Leg], **more: object) -> Flight:
    start = {"icao": "0d0a11", "start": (19.0, -100.0), "altitude_ft": 20_000.0, "speed_kt": 180.0, "legs": legs}
    return Flight.model_validate(start | more)


def flown(legs: list[Leg], **more: object) -> Path:
    return fly(flight(legs, **more), None, 86_400)


def distance_km(state: State, latitude: float, longitude: float) -> float:
    north = math.radians(state.latitude - latitude)
    east = math.radians(state.longitude - longitude) * math.cos(math.radians(latitude))
    return math.hypot(north, east) * EARTH_M / 1000


@pytest.mark.parametrize(("turn", "sign"), [("left", -1), ("right", 1)])
@pytest.mark.parametrize("radius_km", [2.5, 6.0, 20.0])
def test_an_orbit_is_a_circle_of_its_radius_flown_the_way_it_says(turn: str, sign: int, radius_km: float) -> None:
    path = flown([Leg(orbit=(19.2, -100.1), radius_km=radius_km, for_s=9000, turn=turn)])  # type: ignore[arg-type]
    circling = path.states[3000:]
    assert all(abs(distance_km(s, 19.2, -100.1) - radius_km) < 0.03 * radius_km for s in circling)
    lap_s = 2 * math.pi * radius_km * 1000 / (180 * 0.514444)
    turned = sum(s.turn_deg_s for s in circling)
    assert turned == pytest.approx(sign * 360 * len(circling) / lap_s, rel=0.03)


def test_a_drifting_centre_is_followed() -> None:
    path = flown([Leg(orbit=(19.0, -100.0), radius_km=6, for_s=7200, drift_km_h=(10.0, 0.0))])
    east_km = 10.0 * 7000 / 3600
    centre = -100.0 + math.degrees(east_km * 1000 / (EARTH_M * math.cos(math.radians(19))))
    assert distance_km(path.states[7000], 19.0, centre) == pytest.approx(6.0, abs=0.4)


def test_a_racetrack_has_two_straights_and_two_turns() -> None:
    path = flown([Leg(racetrack=((19.0, -100.0), (19.3, -100.0)), radius_km=4, for_s=6000)])
    states = path.states[2000:]
    straight = [s for s in states if abs(s.turn_deg_s) < 0.05]
    assert 0.5 < len(straight) / len(states) < 0.85
    assert {round(s.track_deg / 180) % 2 for s in straight} == {0, 1}
    assert all(abs(math.sin(math.radians(s.track_deg))) < 0.15 for s in straight)


def test_places_are_passed_in_their_order_without_impossible_turns() -> None:
    path = flown([Leg(to=(19.5, -100.0)), Leg(to=(19.5, -99.0)), Leg(to=(19.0, -99.0))], speed_kt=400.0)
    assert distance_km(path.states[-1], 19.0, -99.0) < 1
    assert min(distance_km(s, 19.5, -99.0) for s in path.states) < 6
    fastest = math.degrees(9.81 * math.tan(math.radians(25)) / (400 * 0.514444))
    assert all(abs(s.turn_deg_s) <= fastest + 1e-9 for s in path.states)
    for a, b in itertools.pairwise(path.states):
        assert distance_km(a, b.latitude, b.longitude) == pytest.approx(0.2058, abs=0.002)


def test_climbs_begin_at_once_and_descents_end_with_the_leg() -> None:
    up = flown([Leg(to=(20.0, -100.0), altitude_ft=24_000)])
    assert up.states[60].vertical_rate_fpm == 1800
    assert next(k for k, s in enumerate(up.states) if s.altitude_ft == 24_000) == pytest.approx(134, abs=2)
    down = flown([Leg(to=(20.0, -100.0), altitude_ft=10_000)])
    assert down.states[300].vertical_rate_fpm == 0
    assert down.states[-1].altitude_ft == pytest.approx(10_000, abs=300)
    assert min(s.vertical_rate_fpm for s in down.states) > -2800


def test_take_off_and_landing_change_where_it_is_said_to_be() -> None:
    legs = [
        Leg(wait_s=30),
        Leg(to=(19.1, -100.0), altitude_ft=10_000, speed_kt=170),
        Leg(to=(19.4, -100.0), altitude_ft=8_000, speed_kt=140, land=True),
        Leg(to=(19.41, -100.0), speed_kt=15),
        Leg(wait_s=60),
    ]
    path = flown(legs, altitude_ft=8_000.0, speed_kt=0.0, on_ground=True)
    grounded = [s.on_ground for s in path.states]
    changes = [k for k, (a, b) in enumerate(itertools.pairwise(grounded)) if a != b]
    assert len(changes) == 2
    assert grounded[0]
    assert grounded[-1]
    assert path.states[0].ground_speed_kt == path.states[-1].ground_speed_kt == 0
    assert all(s.altitude_ft == 8_000 for s in path.states if s.on_ground)
    assert path.states[changes[0]].ground_speed_kt >= 130


def test_between_seconds_it_is_in_between_and_outside_nowhere() -> None:
    path = flown([Leg(to=(19.5, -100.0))], enters_s=100.0)
    assert path.at(99.9) is None
    assert path.at(path.end_s + 0.1) is None
    a, b, c = path.at(150.0), path.at(150.5), path.at(151.0)
    assert a is not None
    assert b is not None
    assert c is not None
    assert b.latitude == pytest.approx((a.latitude + c.latitude) / 2, abs=1e-12)


def test_a_path_is_no_longer_than_the_scene() -> None:
    endless = flight([Leg(orbit=(19.0, -100.0), for_s=86_400)], enters_s=50.0, events=[Event(at_s=1)])
    assert len(fly(endless, None, 200.0).states) == pytest.approx(152, abs=1)
