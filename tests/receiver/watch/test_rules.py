"""Every key of a condition, alone: when it holds, when not, and the clause it gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from config.rules import FLEET_KEYS, Condition, Rule, load_rules
from receiver.watch import DEFAULT_RULES
from receiver.watch.fleet import Fleet
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern, PatternDetector
from receiver.watch.rules import MAKERS, make_check, ready
from receiver.watch.watched import Crossing, Watched
from receiver.watch.world import Fact, Land
from tests.receiver.watch.air import sighting

MEXICO, STATES = Land("MX", "Mexico", ""), Land("US", "United States", "")


def aircraft(icao: str = "ae4bd8", facts: tuple[Fact, ...] = (), **known: Any) -> Watched:
    one = Watched(sighting(icao, 1000.0, **known), PatternDetector(), first_seen=True)
    one.identity = Identity.of(facts, one.sighting.category)
    return one


def holds(condition: dict[str, Any], one: Watched, folder: Path = Path()) -> str | None:
    return make_check(Condition.model_validate(condition), folder)(one)


@pytest.mark.parametrize(
    ("condition", "known", "clause"),
    [
        ({"callsign": ["TROY*"]}, {"callsign": "TROY701"}, "call sign TROY701 is TROY*"),
        ({"callsign": ["troy7?1"]}, {"callsign": "TROY701"}, "call sign TROY701 is troy7?1"),
        ({"callsign": ["TROY"]}, {"callsign": "TROY701"}, None),
        ({"callsign": ["*"]}, {}, None),
        ({"callsign_regex": "[A-Z]{4}[0-9]+"}, {"callsign": "TROY701"}, "call sign TROY701 matches /[A-Z]{4}[0-9]+/"),
        ({"callsign_regex": "TROY"}, {"callsign": "TROY701"}, None),
        ({"address": ["AE4BD7-AE4BDA"]}, {}, "address ae4bd8 in ae4bd7-ae4bda"),
        ({"address": ["ae4bd8"]}, {}, "address ae4bd8"),
        ({"address": ["ae4bd9-ae4bda"]}, {}, None),
        ({"category": ["B6"]}, {"category": "B6"}, "category B6"),
        ({"squawk": ["7400", "7700"]}, {"squawk": "7700"}, "squawk 7700"),
        ({"squawk": ["7700"]}, {"squawk": "7000"}, None),
        ({"emergency": ["minfuel"]}, {"emergency": "minfuel"}, "emergency minfuel"),
        ({"altitude_below_ft": 2000}, {"altitude_baro_ft": 1500}, "altitude below 2000 ft"),
        ({"altitude_below_ft": 2000}, {}, None),
        ({"altitude_above_ft": 2000}, {"altitude_baro_ft": 1500}, None),
        ({"speed_above_kt": 600}, {"ground_speed_kt": 640.0}, "ground speed above 600 kt"),
        ({"speed_below_kt": 40}, {"ground_speed_kt": 640.0}, None),
        ({"on_ground": True}, {"on_ground": True}, "on the ground"),
        ({"on_ground": False}, {}, None),
        ({"first_seen": True}, {}, "never heard here before"),
        (
            {"near": {"latitude": 19.2, "longitude": -100.1, "radius_km": 20, "name": "the lake"}},
            {"latitude_deg": 19.3, "longitude_deg": -100.1},
            "within 20 km of the lake",
        ),
        (
            {"near": {"latitude": 19.2, "longitude": -100.1, "radius_km": 10}},
            {"latitude_deg": 19.3, "longitude_deg": -100.1},
            None,
        ),
        (
            {"squawk": ["1200"], "callsign": ["N*"]},
            {"squawk": "1200", "callsign": "N1"},
            "call sign N1 is N* and squawk 1200",
        ),
        ({"squawk": ["1200"], "callsign": ["N*"]}, {"squawk": "1200"}, None),
        ({"any": [{"squawk": ["1200"]}, {"callsign": ["N*"]}]}, {"callsign": "N1"}, "call sign N1 is N*"),
        ({"all": [{"squawk": ["1200"]}, {"callsign": ["N*"]}]}, {"callsign": "N1"}, None),
        ({"not": {"squawk": ["1200"]}}, {"squawk": "7000"}, "not (squawk)"),
        ({"not": {"squawk": ["1200"]}}, {"squawk": "1200"}, None),
    ],
)
def test_what_an_aircraft_sends(condition: dict[str, Any], known: dict[str, Any], clause: str | None) -> None:
    assert holds(condition, aircraft(**known)) == clause


@pytest.mark.parametrize(
    ("condition", "clause"),
    [
        ({"type": ["Q*"]}, "type Q9 (aircraft database)"),
        ({"operator": ["*customs*"]}, "operator US Customs and Border Protection (call-sign prefix TROY)"),
        ({"registration": ["CBP-*"]}, "registration CBP-104 (aircraft database)"),
        ({"country": ["US"]}, "country US (address block)"),
        ({"military": True}, "military (address block)"),
        ({"military": False}, None),
        ({"type": ["B738"]}, None),
    ],
)
def test_what_is_known_of_it_comes_with_its_source(condition: dict[str, Any], clause: str | None) -> None:
    facts = (
        Fact("type", "Q9", "aircraft database"),
        Fact("registration", "CBP-104", "aircraft database"),
        Fact("operator", "US Customs and Border Protection", "call-sign prefix TROY"),
        Fact("country", "US", "address block"),
        Fact("military", "yes", "address block"),
    )
    assert holds(condition, aircraft(facts=facts)) == clause


def test_borders_and_countries() -> None:
    one = aircraft()
    assert holds({"over": ["MX"]}, one) is None
    one.land, one.land_s = MEXICO, one.sighting.now
    one.crossed(Crossing(MEXICO, STATES, 900.0))
    assert holds({"over": ["MX"]}, one) == "over MX"
    assert holds({"entered": ["*"]}, one) == "entered MX"
    assert holds({"entered": ["US"]}, one) is None
    assert holds({"left": ["US"]}, one) == "left US"


def test_patterns_and_their_laps() -> None:
    one = aircraft()
    one.detector.pattern = Pattern("orbit", 0.0, 900.0, 3.2, 5.0, 300.0, 19.0, -100.0, "left")
    assert holds({"pattern": ["orbit"]}, one) == "pattern orbit (from the track)"
    assert holds({"pattern": ["racetrack"]}, one) is None
    assert holds({"pattern": ["orbit"], "laps_above": 3}, one) == "pattern orbit (from the track) and more than 3 laps"
    assert holds({"laps_above": 4}, one) is None


def test_gps_loss() -> None:
    one = aircraft()
    assert holds({"gps_lost": True}, one) is None
    one.integrity.lost_s = 1000.0
    assert holds({"gps_lost": True}, one) == "GPS lost (sent by the aircraft)"


def test_gps_loss_of_several_is_asked_of_the_fleet() -> None:
    fleet = Fleet(gps_lost={"a": 0.0, "b": 0.0, "c": 0.0})
    for count, lost in ((3, True), (4, False)):
        rule = ready(Rule.model_validate({"name": "it", "when": {"gps_lost_aircraft": count}}), Path())
        assert rule.fleet
        assert (rule.check(fleet) is not None) == lost


def test_what_is_below_is_not_known_for_long_without_a_position() -> None:
    one = aircraft()
    one.land, one.land_s = Land("MX", "Mexico", ""), one.sighting.now - 100.0
    assert holds({"over": ["MX"]}, one) == "over MX"
    one.land_s = one.sighting.now - 130.0
    assert holds({"over": ["MX"]}, one) is None


def test_who_has_gone_back_has_not_entered() -> None:
    one, mexico = aircraft(), Land("MX", "Mexico", "")
    one.crossed(Crossing(mexico, None, 900.0))
    assert holds({"entered": ["MX"]}, one) == "entered MX"
    one.crossed(Crossing(None, mexico, 950.0))
    assert holds({"entered": ["MX"]}, one) is None
    assert holds({"left": ["MX"]}, one) == "left MX"


def test_a_polygon_of_the_owner(tmp_path: Path) -> None:
    ring = [[-101, 19], [-100, 19], [-100, 20], [-101, 20], [-101, 19]]
    feature = {
        "type": "Feature",
        "properties": {"name": "home"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "home.geojson").write_text(json.dumps(feature))
    inside = aircraft(latitude_deg=19.5, longitude_deg=-100.5)
    assert holds({"inside": "home.geojson"}, inside, tmp_path) == "inside home"
    assert holds({"inside": "home.geojson"}, aircraft(latitude_deg=19.5, longitude_deg=-99.5), tmp_path) is None


def test_every_key_of_a_condition_has_a_check() -> None:
    assert set(MAKERS) | set(FLEET_KEYS) == set(Condition.model_fields)


def test_the_default_rules_are_good_and_quiet() -> None:
    rules = {rule.name: rule for rule in load_rules(DEFAULT_RULES).rule}
    assert {
        "emergency", "lost-link", "orbiting-notable", "drone", "notable-fly-by", "orbiting", "gps-loss", "gps-spoofing",
        "position-doubted", "formation", "military-at-once", "go-around", "unusual-here", "back-again",
    } == set(rules)  # fmt: skip
    assert rules["orbiting"].notify == rules["drone"].notify == []


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=10))
def test_no_call_sign_breaks_a_glob(text: str) -> None:
    holds({"callsign": ["TROY*", "[!"]}, aircraft(callsign=text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[rule]]\nname = "x"\nwhen = { sqwak = ["7700"] }',
            "rule x: when.sqwak (line 3): no such key; did you mean squawk?",
        ),
        (
            '[[rule]]\nname = "x"\nwhen = { squawk = ["7800"] }',
            "rule x: when.squawk.0 (line 3): got '7800', expected a list such as [\"7700\"]",
        ),
        (
            '[[rule]]\nname = "x"\nwhen = { any = [{ near = { latitude = 100, longitude = 0, radius_km = 1 } }] }',
            "rule x: when.any.0.near.latitude (line 3): got 100, expected -90–90 degrees",
        ),
        ('[[rule]]\nname = "x"', "rule x: when (line 1): missing"),
        ('[[rule]]\nname = "x"\nwhen = {}', "an empty condition would match every aircraft"),
        ('[[rule]]\nname = "Bad Name"\nwhen = { military = true }', "rule Bad Name: name (line 2)"),
        ('[[rule]]\nname = "x"\nwhen = { callsign_regex = "(" }', "not a regular expression"),
        ('[[rule]]\nname = "x"\nwhen = { inside = "nowhere.kml" }', "no such file"),
        ('[[rule]]\nname = "x"\nwhen = { gps_lost_aircraft = 3, military = true }', "gps_lost_aircraft stands alone"),
        ("[[rule]\n", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_rules_file_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_rules(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "x"\nwhen = { military = true }\n' * 2)
    with pytest.raises(ConfigError, match="several rules are called x"):
        load_rules(path)


def test_a_rule_has_sane_defaults() -> None:
    rule = Rule.model_validate({"name": "x", "when": {"military": True}})
    assert rule.notify == []
    assert rule.severity == "info"


@pytest.mark.parametrize(
    ("facts", "category", "pushed"),
    [
        ({"notable": "yes", "list_group": "police", "list_category": "Police Forces"}, None, False),
        ({"notable": "yes", "list_group": "police", "list_category": "UAV", "drone": "yes"}, None, True),
        ({"type": "BTB2", "operator": "Some National Police"}, None, True),
        ({"operator": "Some National Police"}, "B6", True),
        ({"notable": "yes", "list_category": "Jump Johnny Jump"}, None, False),
        ({"notable": "yes", "list_category": "Flying Doctors", "list_group": "civil"}, None, False),
        ({"military": "yes", "type": "PC21"}, None, False),
        ({"military": "yes", "type": "H60"}, None, False),
        ({"military": "yes"}, "A7", False),
        ({"military": "yes", "type": "R135"}, "A5", True),
        ({"notable": "yes", "list_category": "Governments"}, None, True),
        ({"operator": "Agencia Frontex"}, None, True),
        ({}, "A3", False),
    ],
)
def test_who_circles_for_a_living_is_not_pushed_and_a_drone_always_is(
    facts: dict[str, str], category: str | None, pushed: bool
) -> None:
    known = {} if category is None else {"category": category}
    one = aircraft("3c1234", tuple(Fact(name, value, "list") for name, value in facts.items()), **known)
    one.detector.pattern = Pattern("orbit", 0.0, 900.0, 4.0, 3.0, 225.0, 40.0, 5.0, "left")
    rule = next(rule for rule in load_rules(DEFAULT_RULES).rule if rule.name == "orbiting-notable")
    assert (make_check(rule.when, Path())(one) is not None) == pushed


def test_heads_of_state_are_noted_when_they_pass() -> None:
    rule = next(rule for rule in load_rules(DEFAULT_RULES).rule if rule.name == "notable-fly-by")
    assert (rule.severity, rule.notify) == ("info", [])
    check = make_check(rule.when, Path())
    assert check(aircraft(facts=(Fact("list_category", "Head of State", "list"),))) is not None
    assert check(aircraft(facts=(Fact("list_category", "Police Forces", "list"),))) is None
