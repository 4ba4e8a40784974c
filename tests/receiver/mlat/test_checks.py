from __future__ import annotations

import numpy as np

from receiver.mlat.checks import Checks

HONEST = [0.0, 40e-9, -80e-9, 100e-9]


def test_honest_positions_are_not_contradicted() -> None:
    checks, rng = Checks(), np.random.default_rng(1)
    for second in range(60):
        checks.note("400001", rng.normal(0, 100e-9, 5).tolist(), float(second))
    assert checks.contradiction("400001") is None


def test_positions_that_several_stations_contradict_are_marked_and_measured() -> None:
    checks = Checks()
    for second in range(10):
        checks.note("400001", [0.0, 30e-6, -50e-6, 12e-6], float(second))
    found = checks.contradiction("400001")
    assert found is not None
    assert found.stations == 4
    assert 11.0 < found.off_km < 13.0
    checks.located("400001", (51.0, 4.0), 20.5)
    located = checks.contradiction("400001")
    assert located is not None
    assert located.place == (51.0, 4.0)
    assert located.place_km == 20.5


def test_one_station_that_is_late_contradicts_nobody() -> None:
    checks = Checks()
    for second in range(30):
        assert checks.note("400001", [*HONEST, 60e-6], float(second)) is None
    assert checks.contradiction("400001") is None


def test_two_stations_say_nothing() -> None:
    assert Checks().note("400001", [0.0, 80e-6], 0.0) is None


def test_a_moment_is_not_enough() -> None:
    checks = Checks()
    for second in range(20):
        checks.note("400001", HONEST, float(second))
    for burst in range(6):
        checks.note("400001", [0.0, 30e-6, -50e-6, 12e-6], 20.0 + 0.1 * burst)
    assert checks.contradiction("400001") is None


def test_a_contradiction_ends_when_positions_are_right_again() -> None:
    checks = Checks()
    for second in range(10):
        checks.note("400001", [0.0, 30e-6, -50e-6, 12e-6], float(second))
    for second in range(80):
        checks.note("400001", HONEST, 10.0 + second)
    assert checks.contradiction("400001") is None
    checks.expire(1000.0)
    checks.expire(2000.0)
    assert checks.contradiction("400001") is None
