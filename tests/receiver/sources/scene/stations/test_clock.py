"""A station's counter, against its own frequency added up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from config.scenario_stations import SceneStation
from receiver.sources.scene.stations.clock import COUNTER_SPAN, RESTART_S, Clock, Reading, random_gaps

UTC = 1_754_762_400.0  # a full hour, 18:00


def clock(key: int = 5, duration_s: float = 3600.0, **more: Any) -> Clock:
    return Clock(SceneStation(name="a", latitude=0.0, longitude=0.0, **more), key, UTC, duration_s)


def shown(reading: Reading) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Ticks since the first of them."""
    return (reading.ticks - reading.ticks[0]) + (reading.fraction - reading.fraction[0])


def test_the_counter_is_the_integral_of_its_frequency() -> None:
    one = clock(temperature_ppm=0.5, walk_ppb=20)
    times = np.arange(0.0, 600.0, 0.01)
    frequency = 12e6 * (1.0 + one.frequency_error((times[1:] + times[:-1]) / 2))
    added = np.concatenate([[0.0], np.cumsum(frequency * 0.01)])
    assert shown(one.read(times)) == pytest.approx(added, abs=1e-3)  # ticks: 0.1 ns


def test_a_free_clock_is_off_by_its_ppm_and_drifts() -> None:
    one = clock(ppm=-1.5, temperature_ppm=0.0, walk_ppb=0.0)
    times = np.array([0.0, 1000.0])
    assert shown(one.read(times))[1] == pytest.approx(12e9 * (1 - 1.5e-6), abs=1e-3)
    by_chance = [float(clock(key, walk_ppb=0, temperature_ppm=0).frequency_error(0.0)) * 1e6 for key in range(40)]
    assert max(np.abs(by_chance)) <= 2.0
    assert np.std(by_chance) > 0.8


def test_lost_samples_put_it_back_by_five_ticks_each() -> None:
    whole, holed = clock(), clock(lost_samples=[(100.0, 10), (200.0, 2000)])
    times = np.array([0.0, 99.999, 100.001, 199.999, 200.001, 300.0])
    assert (whole.read(times).ticks - holed.read(times).ticks).tolist() == [0, 0, 50, 50, 10_050, 10_050]


def test_random_losses_are_as_many_and_as_long_as_said() -> None:
    one = clock(duration_s=36_000.0, losses_per_hour=20.0)
    assert len(one.lost) == 200
    assert all(10 <= n <= 2000 for _, n in one.lost)
    assert np.median([n for _, n in one.lost]) == pytest.approx(141, rel=0.5)  # evenly on a logarithmic scale
    assert one.lost == sorted(one.lost)


def test_a_restart_is_silent_and_begins_at_zero() -> None:
    one = clock(restarts=[50.0], lost_samples=[(10.0, 100), (70.0, 10)])
    times = np.array([49.9, 50.0, 57.999, 50.0 + RESTART_S, 68.0, 72.0])
    assert one.is_silent(times).tolist() == [False, True, True, False, False, False]
    reading = one.read(times)
    assert reading.epoch.tolist() == [0, 0, 0, 1, 1, 1]
    assert reading.ticks[3] == 0
    assert reading.ticks[4] == pytest.approx(120e6, rel=3e-6)
    assert reading.ticks[5] == pytest.approx(168e6 - 50, rel=3e-6)


def test_a_counter_has_48_bits() -> None:
    for key in range(20):
        reading = clock(key).read(np.array([0.0, 3600.0]))
        assert np.all((reading.ticks >= 0) & (reading.ticks < COUNTER_SPAN))
        assert np.all((reading.fraction >= 0) & (reading.fraction < 1))


def test_gps_counts_since_midnight() -> None:
    one = clock(clock="gps", lost_samples=[(1.0, 500)])
    times = np.array([0.0, 3599.5, 6 * 3600.0 + 1.0])
    seconds = (one.read(times).ticks + one.read(times).fraction) / 12e6
    assert seconds == pytest.approx([18 * 3600.0, 18 * 3600 + 3599.5, 1.0], abs=100e-9)


def test_gaps_at_random_and_those_asked_for() -> None:
    station = SceneStation(name="a", latitude=0.0, longitude=0.0, gaps=[(5.0, 9.0)], gaps_per_hour=30.0)
    gaps = random_gaps(station, 9, 36_000.0)
    assert len(gaps) == 301
    assert (5.0, 9.0) in gaps
    assert all(1.0 <= end - begin <= 60.0 for begin, end in gaps)
