"""Who receives what, and where."""

from __future__ import annotations

import numpy as np

from receiver.fleet.coverage import Coverage, cell_of
from receiver.fleet.grouping import Grouper
from tests.receiver.fleet.test_grouping import SQUITTER, receptions

ICAO = 0x4840D6
PLACE = (48.2, 16.3)


def heard(coverage: Coverage, at: float, by: tuple[int, ...], level: float = -20.0) -> None:
    grouper = Grouper()
    grouper.add(receptions([(station, SQUITTER, at, 0.0) for station in by], [level - station for station in by]))
    coverage.take(grouper.take(at + 1.0), 4)


def test_an_aircraft_knows_its_stations() -> None:
    coverage = Coverage()
    heard(coverage, 100.0, (0, 1, 2))
    heard(coverage, 120.0, (1,))
    assert [station for station, _ in coverage.of(ICAO, 121.0)] == [0, 1, 2]
    assert [station for station, _ in coverage.of(ICAO, 140.0)] == [1]
    assert coverage.of(0x123456, 121.0) == []


def test_the_best_station_does_not_flicker() -> None:
    coverage = Coverage()
    heard(coverage, 100.0, (0, 1))
    assert coverage.best(ICAO, 101.0) == 0
    for second in range(20):
        heard(coverage, 101.0 + second, (0,), -22.0)  # a decibel below the other one
    assert coverage.best(ICAO, 121.0) == 0
    for second in range(20):
        heard(coverage, 121.0 + second, (0,), -40.0)
        heard(coverage, 121.0 + second, (1,), -20.0)
    assert coverage.best(ICAO, 141.0) == 1


def test_who_receives_everything_is_expected_to() -> None:
    coverage = Coverage()
    for second in range(60):
        heard(coverage, 100.0 + second, (0, 1) if second % 2 else (0, 1, 2))
        coverage.second([(ICAO, PLACE, 30_000)], 101.0 + second)
    coverage_2 = coverage.expected(PLACE, 30_000, 160.0)
    assert {0, 1} <= coverage_2
    assert 3 not in coverage_2
    assert coverage.expected(PLACE, 500, 160.0) == set()
    assert coverage.expected((10.0, 10.0), 30_000, 160.0) == set()
    assert coverage.overlap()[0] == (1, 0)


def test_what_was_known_fades() -> None:
    coverage = Coverage()
    for second in range(10):
        heard(coverage, 100.0 + second, (0, 1))
        coverage.second([(ICAO, PLACE, 30_000)], 101.0 + second)
    assert coverage.expected(PLACE, 30_000, 111.0) == {0, 1}
    for hour in range(1, 8):
        coverage.second([], 111.0 + 3600.0 * hour)
    assert coverage.expected(PLACE, 30_000, 111.0 + 3600.0 * 8) == set()
    assert coverage.of(ICAO, 111.0 + 3600.0 * 8) == []


def test_cells_have_layers() -> None:
    assert len({cell_of(PLACE, altitude)[2] for altitude in (0, 3_000, 10_000, 30_000, None)}) == 4
    assert cell_of((-0.1, -0.1), None)[:2] == (-1, -1)
    assert np.isfinite(cell_of(PLACE, 10)).all()
