"""Whole flights with a known shape, flown by a generator that knows nothing of the detector."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.flights import airliners, circuits, eights, grids, holdings, racetracks, thermals
from benchmarks.flights.pen import Pen, Track
from benchmarks.flights.worse import DEGRADATIONS
from receiver.watch.patterns import PathPoint, Pattern, PatternDetector


def flown(fixes: list[PathPoint], field_ft: float | None = None) -> list[Pattern]:
    """The patterns in the order in which they were called."""
    detector = PatternDetector(None if field_ft is None else lambda lat, lon: field_ft)
    out: list[Pattern] = []
    for fix in fixes:
        pattern = detector.update(fix)
        if pattern is not None and (not out or out[-1].kind != pattern.kind):
            out.append(pattern)
    return out


def orbit(radius_km: float, speed_kt: float, laps: float, hand: int = 1, lat: float = 19.2, lon: float = -100.3) -> Pen:
    """Straight in, round, and the pen to go on with."""
    pen = Pen(random.Random(7), lat, lon, 80.0, speed_kt, 19000.0)
    pen.leg(20)
    pen.turn(hand * 360 * laps, radius_km)
    return pen


@settings(max_examples=12, deadline=None)
@given(
    radius_km=st.floats(0.5, 45.0),
    hand=st.sampled_from((-1, 1)),
    lat=st.floats(-70, 70),
    lon=st.floats(-180, 180),
)
def test_a_circle_of_any_size_anywhere_is_an_orbit_before_two_laps_and_a_third(
    radius_km: float, hand: int, lat: float, lon: float
) -> None:
    speed = 90.0 if radius_km < 1 else 160.0
    fixes = orbit(radius_km, speed, 2.3, hand, lat, lon).fixes
    (pattern,) = flown(fixes)
    assert pattern.kind == "orbit"
    assert pattern.radius_km == pytest.approx(radius_km, rel=0.15)
    assert pattern.hand == ("right" if hand > 0 else "left")
    assert pattern.period_s == pytest.approx(2 * math.pi * radius_km / (speed * 1.852 / 3600), rel=0.12)


def test_the_lap_of_25_minutes_on_20_km_is_found() -> None:
    speed = 2 * math.pi * 20 / 1500 / (1.852 / 3600)
    fixes = orbit(20.0, speed, 2.3).fixes
    (pattern,) = flown(fixes)
    assert pattern.kind == "orbit"
    assert pattern.period_s == pytest.approx(1500, rel=0.08)


def test_a_wide_orbit_with_a_quarter_of_each_lap_unheard_is_called_in_two_laps_and_a_third() -> None:
    pen = orbit(20.0, 163.0, 2.3)
    heard = [fix for fix in pen.fixes if fix.track_deg is None or not 120.0 <= fix.track_deg % 360.0 < 210.0]
    assert [pattern.kind for pattern in flown(heard)] == ["orbit"]


def test_seven_laps_are_counted_as_seven_and_the_pattern_ends_when_the_aircraft_leaves() -> None:
    pen = orbit(11.0, 180.0, 7)
    detector = PatternDetector()
    for fix in pen.fixes:
        detector.update(fix)
    assert detector.pattern is not None
    assert detector.pattern.laps == pytest.approx(7, abs=0.2)
    began = detector.pattern.since_s
    assert began == pytest.approx(pen.fixes[0].time_s + 20 / (180 * 1.852 / 3600), abs=120)
    seen = len(pen.fixes)
    pen.leg(60)
    for fix in pen.fixes[seen:]:
        detector.update(fix)
    assert detector.pattern is None


def test_laps_that_were_not_received_are_counted_from_speed_and_size() -> None:
    pen = orbit(3.0, 150.0, 9)
    lap = 2 * math.pi * 3 / (150 * 1.852 / 3600)
    begin = pen.fixes[0].time_s + 20 / (150 * 1.852 / 3600)
    heard = [f for f in pen.fixes if not begin + 3.4 * lap < f.time_s < begin + 5.6 * lap]
    detector = PatternDetector()
    for fix in heard:
        detector.update(fix)
    assert detector.pattern is not None
    assert detector.pattern.laps == pytest.approx(9, abs=0.35)


def test_an_orbit_may_follow_a_car() -> None:
    pen = Pen(random.Random(3), 48.0, 2.0, 0.0, 150.0, 5000.0)
    pen.leg(10)
    pen.wind = (0.018, 0.0)  # 35 kt to the east
    pen.turn(360 * 6, 2.0)
    (pattern,) = flown(pen.fixes)
    assert pattern.kind == "orbit"


def test_one_circle_is_no_orbit() -> None:
    pen = orbit(3.0, 150.0, 1.5)
    pen.leg(40)
    assert flown(pen.fixes) == []


def test_the_date_line_is_no_obstacle() -> None:
    (pattern,) = flown(orbit(9.0, 180.0, 3, lat=62.0, lon=179.95).fixes)
    assert pattern.kind == "orbit"
    assert abs(pattern.longitude_deg) > 179


def test_positions_without_speed_and_track_are_enough() -> None:
    fixes = [replace(f, ground_speed_kt=None, track_deg=None) for f in orbit(4.0, 150.0, 2.6).fixes]
    (pattern,) = flown(fixes)
    assert pattern.kind == "orbit"


def test_jumps_of_the_position_turn_nobody_round() -> None:
    rng = random.Random(5)
    pen = Pen(rng, 50.0, 8.0, 10.0, 420.0, 35000.0)
    pen.leg(600)
    fixes = [
        replace(f, latitude_deg=f.latitude_deg + rng.choice((-0.3, 0.3))) if rng.random() < 0.05 else f
        for f in pen.fixes
    ]
    assert flown(fixes) == []


def test_a_parked_and_jittering_aircraft_flies_nothing() -> None:
    rng = random.Random(2)
    fixes = [
        PathPoint(
            1e9 + 2 * k,
            50 + rng.gauss(0, 1e-4),
            8 + rng.gauss(0, 1e-4),
            300.0,
            rng.choice((0.0, 2.0)),
            rng.uniform(0, 360),
        )
        for k in range(4000)
    ]
    assert flown(fixes) == []


def test_time_that_runs_backwards_is_ignored() -> None:
    pen = orbit(3.0, 150.0, 3)
    fixes = list(pen.fixes)
    fixes[300:300] = [replace(f, time_s=f.time_s - 4000) for f in fixes[:20]]
    assert [p.kind for p in flown(fixes)] == ["orbit"]


@pytest.mark.parametrize(
    ("family", "label", "least"),
    [
        (racetracks, "racetrack", 1.0),
        (holdings, "holding", 0.85),
        (eights, "figure_of_eight", 1.0),
        (circuits, "aerodrome_circuit", 1.0),
        (thermals, "thermalling", 1.0),
        (grids, "survey_grid", 0.9),
    ],
)
def test_each_family_is_called_what_it_is_and_never_an_orbit(family: object, label: str, least: float) -> None:
    tracks: list[Track] = list(family(random.Random(11)))[:10]  # type: ignore[operator]
    right = 0
    for track in tracks:
        kinds = {p.kind for p in flown(track.fixes, track.field_ft)}
        assert "orbit" not in kinds, track.name
        right += label in kinds
    assert right >= least * len(tracks)


def test_ordinary_flights_fly_no_pattern() -> None:
    tracks = list(airliners(random.Random(4)))[:30]
    assert all(not flown(track.fixes) for track in tracks)


@pytest.mark.parametrize("name", [name for name in DEGRADATIONS if name != "clean"])
def test_an_orbit_survives_bad_reception(name: str) -> None:
    for seed, radius in enumerate((0.8, 2.5, 9.0, 25.0)):
        fixes = DEGRADATIONS[name](orbit(radius, 150.0 if radius > 1 else 90.0, 5).fixes, random.Random(seed))
        assert "orbit" in {p.kind for p in flown(fixes)}, radius


@pytest.mark.parametrize("name", list(DEGRADATIONS))
def test_gaps_do_not_turn_a_survey_into_circles(name: str) -> None:
    for track in list(grids(random.Random(21)))[::3][:4]:  # lines in order
        assert "orbit" not in {p.kind for p in flown(DEGRADATIONS[name](track.fixes, random.Random(1)))}


def test_a_detector_stays_small_however_long_it_watches() -> None:
    pen = orbit(1.0, 120.0, 60)
    detector = PatternDetector()
    for fix in pen.fixes:
        detector.update(fix)
    kept = sum(len(c.sectors) for c in detector._counters) + len(detector._swings.lobes) + len(detector._legs.legs)
    assert kept <= 100
