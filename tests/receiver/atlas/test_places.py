"""What a person would say where that is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from receiver.atlas import Atlas, Box
from receiver.atlas.files import UNIT, waters
from receiver.atlas.points import Points
from receiver.earth import EARTH_KM, bearing_deg

ATLAS = Atlas()


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"),
    [
        (19.15, -100.24, "Valle de Bravo"),  # and not Colorines, a village 4 km away
        (19.195, -100.135, "Valle de Bravo"),
        (19.20, -100.17, "Presa Valle de Bravo"),
        (19.40, -99.66, "Toluca"),
        (19.108, -99.758, "Toluca"),
        (19.43, -99.13, "Mexico City"),
        (34.05, -118.25, "Los Angeles"),
        (39.74, -104.99, "Denver"),
        (51.50, -0.12, "London"),
        (46.00, 7.75, "Zermatt"),
        (45.92, 6.87, "Chamonix-Mont-Blanc"),
        (37.40, 14.92, "Catania"),
        (54.80, 20.50, "Kaliningrad"),
        (36.10, -112.10, "Grand Canyon Village"),
        (29.52, -101.20, "Amistad Reservoir"),
        (39.10, -120.02, "Lake Tahoe"),
        (66.00, -153.00, "Fairbanks"),
        (43.50, 31.00, "Sevastopol"),
    ],
)
def test_the_place_that_a_person_would_name(latitude: float, longitude: float, name: str) -> None:
    near = ATLAS.near(latitude, longitude, "en")
    assert near is not None
    assert near.name == name


def test_distance_and_bearing_are_those_of_the_great_circle() -> None:
    near = ATLAS.near(19.15, -100.24, "en")
    assert near is not None
    east = math.radians(-100.24 + 100.13132) * math.cos(math.radians(19.17)) * 6371
    north = math.radians(19.15 - 19.19501) * 6371
    assert near.distance_km == pytest.approx(math.hypot(east, north), rel=0.01)
    assert near.bearing_deg == pytest.approx(math.degrees(math.atan2(east, north)) % 360, abs=0.5)


def test_the_place_is_told_in_the_language_asked_for() -> None:
    near = ATLAS.near(46.0, 7.75, "es")
    assert near is not None
    assert (near.name, near.region, near.country) == ("Zermatt", "Valais", "Suiza")


def test_above_a_reservoir_the_distance_is_nought() -> None:
    for water in waters():
        near = ATLAS.near(water["latitude_deg"], water["longitude_deg"], "en")
        assert near is not None
        assert near.name == water["name"] or near.distance_km < 12
        if near.name == water["name"]:
            assert near.distance_km == 0
    valle = ATLAS.near(19.2, -100.17, "en")
    assert valle is not None
    assert (valle.name, valle.distance_km) == ("Presa Valle de Bravo", 0)


@pytest.mark.parametrize("position", [(90.0, 0.0), (-90.0, 0.0), (10.0, -140.0), (-60.0, -120.0), (88.0, 170.0)])
def test_far_from_everywhere_there_is_no_place(position: tuple[float, float]) -> None:
    assert ATLAS.near(*position, "en") is None


def test_the_date_line_hides_no_place() -> None:
    west, east = ATLAS.near(-17.0, 179.99, "en"), ATLAS.near(-17.0, -179.99, "en")
    assert west is not None
    assert east is not None
    assert west.name == east.name


@pytest.mark.parametrize(
    ("latitude", "longitude", "word", "elevation_ft"),
    [  # elevations as the aeronautical publications have them
        (39.85, -104.70, "Denver", 5434),
        (19.43, -99.08, "Juarez", 7316),
        (32.73, -117.18, "San Diego", 17),
        (51.47, -0.45, "Heathrow", 83),
        (46.23, 6.10, "Geneva", 1411),
        (50.03, 8.57, "Frankfurt", 364),
        (31.81, -106.37, "El Paso", 3962),
        (52.31, 4.76, "Schiphol", -11),
        (28.10, -80.64, "Melbourne", 33),
        (-34.82, -58.53, "Pistarini", 67),
    ],
)
def test_the_nearest_aerodrome_and_its_elevation(
    latitude: float, longitude: float, word: str, elevation_ft: float
) -> None:
    found = ATLAS.aerodrome(latitude, longitude)
    assert found is not None
    assert word.casefold() in found.name.casefold()
    assert found.distance_km < 5
    assert found.elevation_ft == pytest.approx(elevation_ft, abs=25)


def test_no_aerodrome_within_fifteen_kilometres_is_none() -> None:
    assert ATLAS.aerodrome(0.0, -30.0) is None
    assert ATLAS.aerodrome(19.15, -100.24) is None


def test_places_in_a_box_come_by_population() -> None:
    found = ATLAS.places(Box(-101, 18.5, -98.5, 20), 30)
    assert len(found) == 30
    assert found[0].name == "Mexico City"
    people = [place.population for place in found if place.kind == "city"]
    assert people == sorted(people, reverse=True)
    assert all(-101 <= place.longitude_deg <= -98.5 and 18.5 <= place.latitude_deg <= 20 for place in found)


def test_waters_are_among_the_places_of_a_small_box() -> None:
    found = ATLAS.places(Box(-100.3, 19.1, -100.0, 19.3), 20)
    assert ("Presa Valle de Bravo", "water") in [(place.name, place.kind) for place in found]
    assert ("Valle de Bravo", "city") in [(place.name, place.kind) for place in found]


def test_names_can_be_kept_apart() -> None:
    found = ATLAS.places(Box(-100.6, 18.8, -99.4, 19.7), 12, apart_deg=0.2)
    towns = [place for place in found if place.kind == "city"]
    assert "Valle de Bravo" in [place.name for place in towns]
    for one in towns:
        for other in towns:
            if one is not other:
                east = (one.longitude_deg - other.longitude_deg) * math.cos(math.radians(19.25))
                assert math.hypot(one.latitude_deg - other.latitude_deg, east) >= 0.2


def test_a_box_across_the_date_line_has_places_of_both_sides() -> None:
    found = ATLAS.places(Box(170, -25, -170, -10), 200)
    assert any(place.longitude_deg > 170 for place in found)
    assert any(place.longitude_deg < -170 for place in found)
    assert not any(-170 < place.longitude_deg < 170 for place in found)


def test_points_within_reach_are_those_of_the_plain_sum() -> None:
    """All distances by the spherical law of cosines, in double precision, against the search by latitude."""
    rng = np.random.default_rng(5)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, 4000)))
    longitude = rng.uniform(-180, 180, 4000)
    table = Points(np.stack((latitude * UNIT, longitude * UNIT), axis=1).round().astype(np.int32))
    for place in [*zip(latitude[:60], longitude[:60], strict=True), (89.9, 10.0), (-89.0, 179.9), (84.0, -180.0)]:
        for reach_km in (20.0, 300.0, 600.0):
            a, b = math.radians(place[0]), np.radians(latitude)
            cosine = math.sin(a) * np.sin(b) + math.cos(a) * np.cos(b) * np.cos(np.radians(longitude - place[1]))
            plain = np.arccos(np.clip(cosine, -1, 1)) * EARTH_KM
            which, distance = table.within(*place, reach_km)
            assert set(np.flatnonzero(plain < reach_km - 0.1)) <= set(which.tolist())
            assert set(which.tolist()) <= set(np.flatnonzero(plain < reach_km + 0.1))
            assert np.abs(plain[which] - distance).max(initial=0.0) < 0.1


@pytest.mark.parametrize(
    ("one", "other", "degrees"),
    [
        ((0, 0), (1, 0), 0),
        ((0, 0), (0, 1), 90),
        ((0, 0), (-1, 0), 180),
        ((0, 0), (0, -1), 270),
        ((10, 179), (10, -179), 89.8),
    ],
)
def test_bearings(one: tuple[float, float], other: tuple[float, float], degrees: float) -> None:
    assert bearing_deg(*one, *other) == pytest.approx(degrees, abs=0.1)


def test_each_water_names_its_source() -> None:
    for water in waters():
        assert len(water["source"]) > 15
        assert 0 < water["area_km2"] < 1100
        assert abs(water["latitude_deg"]) <= 90
        assert abs(water["longitude_deg"]) <= 180
