"""Circles of rules, made coarse."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.privacy import coarse_near, coarse_rules
from config.rules import Near, Rule
from config.station import StationSettings
from receiver.earth import distance_nmi


@given(
    st.floats(-85, 85),
    st.floats(-179, 179),
    st.floats(0.1, 500),
    st.integers(0, 4),
    st.floats(0, 2 * math.pi),
)
def test_the_coarse_circle_holds_the_one_that_was_meant(
    latitude: float, longitude: float, radius_km: float, digits: int, turn: float
) -> None:
    near = Near(latitude=latitude, longitude=longitude, radius_km=radius_km)
    coarse = coarse_near(near, digits)
    assert (round(coarse.latitude, digits), round(coarse.longitude, digits)) == (coarse.latitude, coarse.longitude)
    moved_km = distance_nmi(latitude, longitude, coarse.latitude, coarse.longitude) * 1.852
    assert moved_km + radius_km <= coarse.radius_km * 1.01 + 0.1


def test_a_centre_that_is_coarse_already_and_one_that_is_to_be_exact_stay() -> None:
    coarse = Near(latitude=48.1, longitude=11.6, radius_km=30)
    assert coarse_near(coarse, 1) == coarse
    exact = Near(latitude=48.1234, longitude=11.6543, radius_km=5, exact=True)
    stayed = coarse_near(exact, 1)
    assert (stayed.latitude, stayed.longitude, stayed.radius_km) == (48.1234, 11.6543, 5)
    assert stayed.name == "48.1, 11.7", "words are coarse all the same"


@pytest.mark.parametrize("accuracy", [-1, 0, 1, 2])
def test_every_circle_of_a_rule_is_made_coarse_however_deep_it_stands(accuracy: int) -> None:
    near = {"near": {"latitude": 48.2449, "longitude": 16.3551, "radius_km": 9}}
    rule = Rule.model_validate({"name": "x", "when": {"all": [{"any": [near, {"not": near}]}, near], **near}})
    (coarse,) = coarse_rules([rule], StationSettings(location_accuracy=accuracy))
    circles = [part.near for part in coarse.when.parts() if part.near is not None]
    assert len(circles) == 4
    digits = max(0, accuracy)
    assert {circle.latitude for circle in circles} == {round(48.2449, digits)}
    assert "48.2449" not in coarse.model_dump_json()


def test_a_rule_without_a_circle_is_the_same() -> None:
    rule = Rule.model_validate({"name": "x", "when": {"military": True}})
    assert coarse_rules([rule], StationSettings()) == [rule]


def test_a_place_that_will_be_passed_is_made_coarse_too() -> None:
    when = {"will_pass": {"latitude": 48.13743, "longitude": 11.57549, "radius_km": 2, "minutes": 4, "name": "home"}}
    rule = Rule.model_validate({"name": "it", "when": {"any": [when]}})
    (coarse,) = coarse_rules([rule], StationSettings.model_validate({"location_accuracy": 2}))
    inner = coarse.when.any[0].will_pass if coarse.when.any else None
    assert inner is not None
    assert (inner.latitude, inner.longitude, inner.minutes, inner.name) == (48.14, 11.58, 4, "home")
    assert inner.radius_km > 2
