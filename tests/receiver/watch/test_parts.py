"""Areas, integrity and trail."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from config.rules import FLEET_KEYS, PatternKind
from receiver.watch.areas import read_areas
from receiver.watch.fleet import Fleet
from receiver.watch.identity import Identity
from receiver.watch.integrity import IntegrityWatch
from receiver.watch.language import LANGUAGES, language, words
from receiver.watch.patterns import Pattern
from receiver.watch.sentence import Story, brief, from_place, tell
from receiver.watch.trail import MAX_POINTS, Trail
from receiver.watch.usual import TOLD_CLASSES, News, Oddity
from receiver.watch.world import Fact, Land, NearPlace

KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>lake</name><Polygon>
<outerBoundaryIs><LinearRing><coordinates>-101,19,0 -100,19,0 -100,20,0 -101,20,0</coordinates></LinearRing>
</outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>-100.6,19.4 -100.4,19.4 -100.4,19.6 -100.6,19.6</coordinates></LinearRing>
</innerBoundaryIs></Polygon></Placemark></Document></kml>"""


def polygon(ring: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_kml_polygon_with_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "lake.kml"
    path.write_text(KML)
    (area,) = read_areas(path)
    assert area.name == "lake"
    assert area.holds(19.2, -100.5)
    assert not area.holds(19.5, -100.5)
    assert not area.holds(18.9, -100.5)


def test_a_polygon_across_the_date_line(tmp_path: Path) -> None:
    path = tmp_path / "fiji.geojson"
    path.write_text(json.dumps(polygon([[177, -19], [-178, -19], [-178, -15], [177, -15], [177, -19]])))
    (area,) = read_areas(path)
    assert area.holds(-17, 179.9)
    assert area.holds(-17, -179.9)
    assert not area.holds(-17, 0)
    assert not area.holds(-17, -170)


def test_a_hole_beyond_the_date_line_is_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "fiji.geojson"
    outer = [[177, -19], [-178, -19], [-178, -15], [177, -15], [177, -19]]
    for hole in (
        [[-179.5, -18], [-179, -18], [-179, -16], [-179.5, -16]],
        [[180.5, -18], [181, -18], [181, -16], [180.5, -16]],
    ):
        path.write_text(json.dumps({"type": "Polygon", "coordinates": [outer, hole]}))
        (area,) = read_areas(path)
        assert not area.holds(-17, -179.2)
        assert area.holds(-17, -178.5)
        assert area.holds(-17, 179)


AROUND = [[lon, 70] for lon in (0, 90, 180, -90)]


@pytest.mark.parametrize(
    ("ring", "inside", "outside"),
    [
        ([*AROUND, AROUND[0]], [(75, 10), (89.9, -170), (71, 179.9), (71, -0.5)], [(65, 10), (-80, 0)]),
        ([*AROUND[::-1], AROUND[-1]], [(75, 10), (89.9, -170)], [(65, 10), (-80, 0)]),
        ([[lon, -lat] for lon, lat in [*AROUND, AROUND[0]]], [(-75, 10), (-89.9, -170)], [(-65, 10), (80, 0)]),
        ([[-180, 60], [180, 60], [180, 90], [-180, 90], [-180, 60]], [(75, 10), (61, -179)], [(59, 10), (-75, 10)]),
        ([[-180, -10], [180, -10], [180, 10], [-180, 10], [-180, -10]], [(0, 0), (5, 179)], [(11, 0), (-11, 100)]),
        (
            [[-180, 60], [-60, 62], [60, 64], [180, 60], [180, 90], [-180, 90], [-180, 60]],
            [(75, 10), (61, -179)],
            [(59, 10), (-75, 10)],
        ),
        ([[170, 0], [180, 0], [-180, 0], [-170, 0], [-170, 5], [170, 5]], [(2, 175), (2, -175)], [(2, 0), (6, 175)]),
    ],
    ids=["cap", "the other way round", "south", "cap as a box", "band", "cap with a wavy edge", "across the date line"],
)
def test_a_polygon_around_a_pole_or_the_whole_earth(
    tmp_path: Path, ring: list[list[float]], inside: list[tuple[float, float]], outside: list[tuple[float, float]]
) -> None:
    path = tmp_path / "around.geojson"
    path.write_text(json.dumps(polygon(ring)))
    (area,) = read_areas(path)
    assert [place for place in inside if not area.holds(*place)] == []
    assert [place for place in outside if area.holds(*place)] == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.geojson", "[" * 100_000, "not a GeoJSON or KML"),
        ("a.geojson", "{", "not a GeoJSON or KML"),
        ("a.geojson", '{"type": "Point", "coordinates": [0, 0]}', "holds no polygon"),
        ("a.geojson", json.dumps(polygon([[0, 0], [1, 1]])), "three points"),
        ("a.geojson", json.dumps(polygon([[0, 0], [1, 100], [2, 2]])), "nowhere on Earth"),
        ("a.kml", "<kml>", "not a GeoJSON or KML"),
        ("a.kml", '<!DOCTYPE x [<!ENTITY a "b">]><kml/>', "document type"),
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_areas(path)
    assert str(path) in str(caught.value)


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(0.1, 5), st.floats(0, 2 * math.pi), st.floats(0, 2))
def test_a_many_sided_polygon_is_nearly_a_circle(lat: float, lon: float, radius: float, way: float, far: float) -> None:
    from receiver.watch.areas import _area

    ring = [[lon + radius * math.cos(a / 20 * math.pi), lat + radius * math.sin(a / 20 * math.pi)] for a in range(40)]
    if not all(-90 <= y <= 90 for _, y in ring) or 0.95 < far < 1.05:
        return
    area = _area("", [ring])
    x = (lon + far * radius * math.cos(way) + 180) % 360 - 180
    assert area.holds(lat + far * radius * math.sin(way), x) == (far < 1)


def test_gps_must_have_been_good_and_must_stay_bad() -> None:
    integrity = IntegrityWatch()
    for t in range(100):
        integrity.update(float(t), 0, 0, flying=True)
    assert integrity.lost_s is None  # never was good: that is its equipment
    integrity.update(100.0, 9, 8, flying=True)
    for t in range(101, 130):
        integrity.update(float(t), 1, 0, flying=True)
    assert integrity.lost_s is None
    integrity.update(132.0, 1, 0, flying=True)
    assert integrity.lost_s == 132.0
    integrity.update(140.0, 9, 8, flying=True)
    assert integrity.lost_s is None


def test_an_aircraft_on_the_ground_loses_nothing() -> None:
    integrity = IntegrityWatch()
    integrity.update(0.0, 9, 8, flying=True)
    for t in range(1, 200):
        integrity.update(float(t), 0, 0, flying=False)
    assert integrity.lost_s is None


def test_the_fleet_forgets_after_ten_minutes_and_knows_who_has_it_again() -> None:
    fleet, integrity = Fleet(), IntegrityWatch()
    integrity.lost_s = 1.0
    fleet.update("a", integrity, 0.0)
    assert fleet.lost(599.0) == ("a",)
    assert fleet.lost(601.0) == ()
    fleet.update("a", IntegrityWatch(good_s=30.0), 30.0)
    assert fleet.lost(31.0) == ()
    assert fleet.gps_back == {"a": 30.0}


def test_gps_that_was_lost_and_of_which_nothing_more_is_said_is_not_lost_for_ever() -> None:
    integrity = IntegrityWatch()
    integrity.update(0.0, 9, 8, flying=True)
    for t in range(1, 60):
        integrity.update(float(t), 0, 0, flying=True)
    assert integrity.lost_s == 31.0
    integrity.update(650.0, None, None, flying=True)
    assert integrity.lost_s == 31.0
    integrity.update(660.0, None, None, flying=True)
    assert integrity.lost_s is None


def test_a_trail_stays_bounded_and_keeps_first_and_last() -> None:
    trail = Trail()
    for k in range(20_000):
        trail.add(3.0 * k, 10.0, 20.0, None if k % 2 else 1000.0, (20.0 * k) % 360)
        assert len(trail) <= MAX_POINTS
    points = list(trail)
    assert points[0].time_s == 0.0
    assert points[-1].time_s == 3.0 * 19_999
    assert all(a.time_s < b.time_s for a, b in itertools.pairwise(points))


def test_a_straight_flight_leaves_a_point_a_minute() -> None:
    trail = Trail()
    for k in range(3600):
        trail.add(float(k), 10.0, 20.0 + k / 1000, 30000.0, 90.0)
    assert len(trail) == 60


def test_a_registration_that_follows_from_the_address_makes_nobody_known() -> None:
    identity = Identity.of(
        [Fact("registration", "N2085A", "computed from the address"), Fact("country", "US", "address block")], None
    )
    assert not identity.known
    text = tell(Story("a1b2c3", None, identity, 0.0, registered_in="United States"), "en", UTC)
    assert text.startswith("N2085A, unknown aircraft registered in United States (address block; no database entry)")
    assert Identity.of([Fact("registration", "N2085A", "aircraft database")], None).known


def test_contradictions_are_said() -> None:
    identity = Identity.of(
        [Fact("type", "C172", "aircraft database"), Fact("type", "Q9", "call-sign prefix TROY")], "B6"
    )
    text = tell(Story("a1b2c3", "TROY1", identity, 0.0), "en", UTC)
    assert "sources disagree: C172 (aircraft database) but Q9 (call-sign prefix TROY)" in text
    assert "C172 (aircraft database) but B6 (sent by the aircraft)" in text


def test_a_racetrack_is_told_by_its_length_and_an_orbit_by_its_diameter() -> None:
    pattern = Pattern("racetrack", 0.0, 3600.0, 4.0, 12.0, 900.0, 10.0, 20.0, "left", 0.0, 60.0)
    story = Story("a1b2c3", "X1", Identity(), 3600.0, pattern=pattern, flown_s=3600.0)
    assert "flying a racetrack for 1 h 0 min (since 00:00 UTC), 4 laps of 60 km length" in tell(story, "en", UTC)
    assert "4 vueltas de 60 km de largo" in tell(story, "es", UTC)
    orbit = replace(story, pattern=replace(pattern, kind="orbit"))
    assert "4 laps of 24 km diameter" in tell(orbit, "en", UTC)


@pytest.mark.parametrize(
    ("km", "bearing", "short", "sentence"),
    [
        (0.9, 90, None, "at Valle de Bravo, Mexico"),
        (2.44, 348.7, "2.4 km NNW of Valle de Bravo", "2.4 km NNW of Valle de Bravo, Mexico"),
        (12.4, 348.8, "12 km N of Valle de Bravo", "12 km N of Valle de Bravo, Mexico"),
    ],
)
def test_a_place_is_told_in_the_same_words_with_and_without_its_country(
    km: float, bearing: float, short: str | None, sentence: str
) -> None:
    near = NearPlace("Valle de Bravo", km, bearing, "", "Mexico")
    assert from_place(near, near.name, language("en").sentence) == short
    told = tell(Story("ae4bd7", None, Identity(()), 0.0, near=near), "en", UTC)
    assert sentence in told


def test_a_hole_in_reception_is_marked_and_survives_thinning() -> None:
    trail = Trail()
    for k in range(400):
        trail.add(10.0 * k, 10.0, 20.0 + k / 100, None, (9.0 * k) % 360)
    trail.add(4000.0 + 300.0, 10.0, 25.0, None, 0.0)
    for k in range(3000):
        trail.add(
            4400.0 + 10.0 * k, 10.0 + 0.05 * math.sin(k / 7), 25.0 + 0.05 * math.cos(k / 7), None, (9.0 * k) % 360
        )
    holes = [point for point in trail if point.unheard]
    assert [point.time_s for point in holes] == [4300.0]
    assert len(trail) <= MAX_POINTS


def test_thinning_keeps_the_shape() -> None:
    """Half an hour straight, then circles: the straight points go first, the circles stay round."""
    trail = Trail()
    for k in range(180):
        trail.add(10.0 * k, 10.0 + k / 1000, 20.0, None, 9.0 * k % 360)
    for k in range(2000):
        angle = k * math.radians(9)
        trail.add(
            2000.0 + 10.0 * k, 10.2 + 0.05 * math.sin(angle), 20.0 + 0.05 * math.cos(angle), None, (9.0 * k) % 360
        )
    points = list(trail)
    straight = [point for point in points if point.time_s < 1800]
    assert len(straight) < 30
    assert straight[0].time_s == 0.0


KINDS_OF_STORY = st.builds(
    Story,
    icao=st.just("ae4bd8"),
    callsign=st.none() | st.text(max_size=8),
    identity=st.builds(
        lambda kind, operator: Identity.of(
            [Fact(name, value, "aircraft database") for name, value in (("type_name", kind), ("operator", operator)) if value], None
        ),
        st.text(max_size=40),
        st.text(max_size=130),
    ),
    now=st.just(20_000.0),
    pattern=st.none()
    | st.builds(
        Pattern, st.sampled_from(get_args(PatternKind)), st.just(0.0), st.just(9000.0), st.floats(2, 500), st.floats(0.2, 50), st.just(300.0),
        st.just(10.0), st.just(20.0), st.just("left"), st.just(0.0), st.floats(0, 200),
    ),
    flown_s=st.floats(0, 90_000),
    squawk=st.none() | st.sampled_from(("7700", "1000")),
    near=st.none() | st.builds(NearPlace, st.text(min_size=1, max_size=60), st.floats(0, 150), st.floats(0, 359), st.text(max_size=40), st.text(max_size=40)),
    ended=st.booleans(),
    fleet=st.just(()) | st.just(tuple(f"ae{k:04x}" for k in range(40))),
    about=st.sampled_from(FLEET_KEYS),
    met_s=st.none() | st.floats(0.0, 9000.0),
    went_around=st.none() | st.just("Toluca"),
    places=st.none() | st.just((3, 100.0)),
    news=st.none() | st.builds(
        News, st.none() | st.just(5e6), st.none() | st.just("B52"),
        st.none() | st.builds(Oddity, st.sampled_from(("height", *sorted(TOLD_CLASSES))), st.none() | st.just(3000.0), st.integers(7, 400), st.just(0.0)),
        st.integers(0, 7),
    ),
)  # fmt: skip


@given(KINDS_OF_STORY, st.sampled_from(LANGUAGES))
def test_a_push_fits_into_a_line_whatever_strangers_wrote(story: Story, code: str) -> None:
    text = brief(story, code, UTC)
    assert 0 < len(text) <= 110
    assert text.isprintable()


def test_a_push_says_who_what_and_where_and_leaves_sources_to_the_details() -> None:
    facts = [
        Fact("type_name", "MQ-9", "aircraft database"), Fact("operator", "US Customs and Border Protection", "call-sign prefix"),
    ]  # fmt: skip
    near = NearPlace("Valle de Bravo", 10.0, 247.0, "Estado de México", "Mexico")
    pattern = Pattern("orbit", 0.0, 10_200.0, 20.2, 10.0, 510.0, 19.1, -100.2, "left")
    story = Story("ae4bd8", "TROY701", Identity.of(facts, None), 10_200.0, pattern, 10_200.0, near=near)
    assert brief(story, "en", UTC) == (
        "TROY701, MQ-9 of US Customs and Border Protection, orbiting for 2 h 50 min, 10 km WSW of Valle de Bravo"
    )
    assert "(aircraft database; call-sign prefix)" in tell(story, "en", UTC)


def test_regions_are_compared_as_countries_are() -> None:
    near = NearPlace("Amealco", 14.0, 180.0, "Querétaro", "Mexico")
    story = Story("ae4bd8", "X", Identity(), 0.0, near=near, land=Land("MX", "Mexico", "Michoacán"))
    assert "14 km S of Amealco, Querétaro, Mexico, over Michoacán" in tell(story, "en", UTC)
    same = replace(story, land=Land("MX", "Mexico", "Querétaro"))
    assert "over" not in tell(same, "en", UTC)


def test_spanish_has_its_own_decimals_and_thousands() -> None:
    near = NearPlace("Valle", 2.44, 348.7, "", "México")
    pattern = Pattern("orbit", 0.0, 600.0, 3.0, 0.8, 200.0, 10.0, 20.0, "left")
    text = tell(Story("ae4bd7", None, Identity(), 600.0, pattern, 600.0, near=near), "es", UTC)
    assert "3 vueltas de 1,6 km de diámetro, 2,4 km al NNO de Valle" in text
    assert "a 19.000 ft" in tell(Story("ae4bd7", None, Identity(), 0.0, altitude_ft=19_000.0), "es", UTC)


def test_what_was_heard_here_before_is_told_apart_from_now() -> None:
    pattern = Pattern("orbit", 7200.0, 8400.0, 5.0, 3.0, 240.0, 10.0, 20.0, "left")
    text = tell(Story("ae4bd7", "X", Identity(), 8400.0, pattern, 1200.0, earlier=(0.0, 1800.0)), "en", UTC)
    assert "orbiting for 20 min (since 02:00 UTC), 5 laps" in text
    assert "; heard doing so here before, 00:00–00:30 UTC, and not in between" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentence": {"at": "at"}}, "sentence.at: got"),
        ({"sentence": {"another": "x"}}, "sentence.another: no such key"),
        ({"card": {"hands": "left"}}, "card.hands: got a text, expected a table"),
    ],
)
def test_a_language_that_differs_from_english_is_refused_by_key(change: dict[str, Any], message: str) -> None:
    model = words._read("en")
    data = json.loads(json.dumps(model))
    for section, more in change.items():
        data[section].update(more)
    with pytest.raises(ValueError, match=message):
        words.complain(model, data, "xx")
    del data["sentence"]
    with pytest.raises(ValueError, match="sentence: missing"):
        words.complain(model, {**data, "card": model["card"]}, "xx")
