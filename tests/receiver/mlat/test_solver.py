from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.multilateration import AIR_M_S
from receiver.mlat.ellipsoid import axes, distance_m, to_degrees, to_place
from receiver.mlat.solver import Fix, Height, NoFix, dilution, solve
from tests.receiver.mlat.arrivals import ring

STATIONS = np.array([station.place for station in ring()])
SIGMA_S = 40e-9
inside = st.tuples(st.floats(50.8, 51.2), st.floats(3.7, 4.3), st.floats(1500.0, 12_000.0))


def times(place: np.ndarray, who: list[int], rng: np.random.Generator | None = None) -> np.ndarray:
    exact = np.linalg.norm(STATIONS[who] - place, axis=1) / AIR_M_S
    return exact if rng is None else exact + rng.normal(0, SIGMA_S, len(who))


def located(who: list[int], arrived: np.ndarray, height: Height | None) -> Fix:
    fix = solve(STATIONS[who], arrived, np.full(len(who), SIGMA_S), height)
    assert isinstance(fix, Fix), fix
    return fix


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-500, 20_000))
def test_degrees_and_metres_are_each_others_inverse(latitude: float, longitude: float, height: float) -> None:
    found = to_degrees(to_place(latitude, longitude, height))
    assert distance_m(to_place(*found), to_place(latitude, longitude, height)) < 0.01
    assert found[2] == pytest.approx(height, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(inside, st.permutations(range(6)), st.integers(3, 6))
def test_exact_times_give_the_exact_place(where: tuple[float, float, float], order: list[int], count: int) -> None:
    place = to_place(*where)
    fix = located(order[:count], times(place, order[:count]), Height(where[2], 20.0))
    assert distance_m(fix.place, place) < 1.0 or fix.ambiguous
    assert fix.left_out is None
    assert fix.freedom == count - 3


@settings(max_examples=30, deadline=None)
@given(inside, st.floats(-1e5, 1e5), st.integers(0, 2**31))
def test_another_origin_of_time_moves_nothing(where: tuple[float, float, float], by_s: float, seed: int) -> None:
    place, who = to_place(*where), list(range(6))
    arrived = times(place, who, np.random.default_rng(seed))
    a, b = located(who, arrived, Height(where[2], 50.0)), located(who, arrived + by_s, Height(where[2], 50.0))
    assert distance_m(a.place, b.place) < 1.0
    assert b.sent_s - a.sent_s == pytest.approx(by_s, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(inside, st.permutations(range(6)), st.integers(0, 2**31))
def test_the_order_of_the_stations_does_not_matter(
    where: tuple[float, float, float], order: list[int], seed: int
) -> None:
    arrived = times(to_place(*where), list(range(6)), np.random.default_rng(seed))
    a, b = (
        located(list(range(6)), arrived, Height(where[2], 50.0)),
        located(order, arrived[order], Height(where[2], 50.0)),
    )
    assert distance_m(a.place, b.place) < 0.5
    assert a.cost == pytest.approx(b.cost, rel=1e-3, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(inside, st.integers(0, 5), st.floats(1e-6, 100e-6), st.booleans(), st.integers(0, 2**31))
def test_one_wrong_station_is_found_and_excluded(
    where: tuple[float, float, float], wrong: int, by_s: float, early: bool, seed: int
) -> None:
    who, place = list(range(6)), to_place(*where)
    arrived = times(place, who, np.random.default_rng(seed))
    arrived[wrong] += -by_s if early else by_s
    fix = solve(STATIONS, arrived, np.full(6, SIGMA_S), Height(where[2], 30.0))
    # rarely what is left fails its own test: then there is no fix, and never a wrong one
    if isinstance(fix, Fix):
        assert fix.left_out == wrong
        assert distance_m(fix.place, place) < 5 * max(fix.error_m(), 30.0)
    else:
        assert fix.reason == "contradiction"


def test_a_wrong_station_among_four_gives_no_fix() -> None:
    place = to_place(51.05, 4.1, 9000.0)
    arrived = times(place, [0, 1, 3, 4])
    arrived[1] += 5e-6
    assert solve(STATIONS[[0, 1, 3, 4]], arrived, np.full(4, SIGMA_S), Height(9000.0, 30.0)) == NoFix("contradiction")


@pytest.mark.parametrize(
    ("count", "height", "reason"),
    [(2, True, "few_stations"), (2, False, "few_stations"), (3, False, "three_without_altitude")],
)
def test_too_few_stations_are_a_reason(count: int, height: bool, reason: str) -> None:
    who = list(range(count))
    arrived = times(to_place(51.0, 4.0, 8000.0), who)
    found = solve(STATIONS[who], arrived, np.full(count, SIGMA_S), Height(8000.0, 30.0) if height else None)
    assert found == NoFix(reason)


def test_the_stated_error_holds_nineteen_of_twenty() -> None:
    rng = np.random.default_rng(4)
    within, errors = [], []
    for _ in range(300):
        where = (51 + rng.uniform(-0.3, 0.3), 4 + rng.uniform(-0.5, 0.5), rng.uniform(2000, 11_000))
        place, who = to_place(*where), rng.permutation(6)[:5].tolist()
        fix = located(who, times(place, who, rng), Height(where[2] + rng.normal(0, 30), 30.0))
        error = float(np.linalg.norm((axes(where[0], where[1]) @ (fix.place - place))[:2]))
        errors.append(error)
        within.append(error <= fix.error_m())
    assert 0.93 <= np.mean(within) <= 1.0
    assert np.median(errors) < 20.0


def test_far_outside_the_geometry_is_worse_and_says_so() -> None:
    rng, who = np.random.default_rng(5), list(range(6))
    near, far = (
        located(who, times(to_place(latitude, 4.0, 9000.0), who, rng), Height(9000.0, 30.0))
        for latitude in (51.0, 52.4)
    )
    assert far.error_m() > 3 * near.error_m()
    assert dilution(far, np.full(6, SIGMA_S)) > 3 * dilution(near, np.full(6, SIGMA_S))


def test_three_stations_that_fit_two_places_say_so() -> None:
    rng, told = np.random.default_rng(6), 0
    for _ in range(60):
        where = (51 + rng.uniform(-1.2, 1.2), 4 + rng.uniform(-1.8, 1.8), 9000.0)
        who = rng.permutation(6)[:3].tolist()
        fix = solve(STATIONS[who], times(to_place(*where), who), np.full(3, SIGMA_S), Height(9000.0, 30.0))
        if isinstance(fix, Fix):
            told += fix.ambiguous
            assert fix.ambiguous or distance_m(fix.place, to_place(*where)) < 500.0
    assert told > 3
