from __future__ import annotations

import numpy as np
import pytest

from receiver.mlat.ellipsoid import axes, to_place
from receiver.mlat.solver import Fix
from receiver.mlat.track import FRESH_S, Track
from tests.receiver.mlat.arrivals import Aircraft

ONE = Aircraft("400001", 51.0, 4.0, 6000.0, 150.0, 60.0)


def fix(place: np.ndarray, rng: np.random.Generator | None = None, sigma_m: float = 30.0, freedom: int = 1) -> Fix:
    where = place if rng is None else place + rng.normal(0, sigma_m, 3)
    return Fix(where, np.eye(3) * sigma_m**2, 0.0, 4 + freedom, freedom, 1.0, None, False)


def fed(until: float, step: float = 0.5, freedom: int = 1, seed: int = 1) -> Track:
    rng = np.random.default_rng(seed)
    track = Track(fix(ONE.place(0.0), rng, freedom=freedom), 0.0)
    for t in np.arange(step, until + step / 2, step):
        track.take(fix(ONE.place(float(t)), rng, freedom=freedom), float(t))
    return track


def error_m(track: Track, t: float) -> float:
    latitude, longitude, height = track.place()
    return float(np.linalg.norm((axes(51.0, 4.0) @ (to_place(latitude, longitude, height) - ONE.place(t)))[:2]))


def test_a_track_is_better_than_its_fixes_and_knows_speed_and_direction() -> None:
    track = fed(30.0)
    assert error_m(track, 30.0) < 30.0
    speed, direction, climb = track.speed()
    assert speed == pytest.approx(np.hypot(150, 60), abs=8.0)
    assert direction == pytest.approx(np.degrees(np.arctan2(150, 60)), abs=3.0)
    assert abs(climb) < 4.0
    assert error_m(track, 30.0) < track.error_m()
    assert track.is_published(30.5)


def test_one_fix_elsewhere_is_refused() -> None:
    track = fed(20.0)
    place = track.place()
    assert not track.take(fix(to_place(51.3, 4.2, 6000.0)), 20.5)
    assert track.place() == place


def test_nothing_is_published_of_too_few_fixes() -> None:
    assert not fed(0.5).is_published(0.6)
    assert not fed(3.0, freedom=0).is_published(3.1)


def test_fixes_that_do_not_test_themselves_count_when_they_follow_an_aircrafts_way() -> None:
    assert fed(15.0, freedom=0).is_published(15.1)


def test_what_is_old_is_not_published() -> None:
    track = fed(20.0)
    assert not track.is_published(20.0 + FRESH_S + 0.1)


def test_a_track_that_began_wrong_is_taken_over() -> None:
    rng = np.random.default_rng(2)
    track = Track(fix(to_place(51.5, 4.9, 6000.0)), 0.0)
    for t in np.arange(0.3, 8.0, 0.3):
        track.take(fix(ONE.place(float(t)), rng), float(t))
    assert error_m(track, 7.8) < 100.0


def test_a_turn_is_followed() -> None:
    rng, radius, speed = np.random.default_rng(3), 4000.0, 110.0
    east, north, _ = axes(51.0, 4.0)
    centre = to_place(51.0, 4.0, 6000.0)

    def place(t: float) -> np.ndarray:
        angle = speed / radius * t
        return centre + radius * (np.sin(angle) * east + np.cos(angle) * north)

    track = Track(fix(place(0.0), rng), 0.0)
    refused = 0
    off = []
    for t in np.arange(0.5, 120.0, 0.5):
        refused += not track.take(fix(place(float(t)), rng), float(t))
        found = to_place(*track.place())
        off.append(float(np.linalg.norm(found - place(float(t)))))
    assert refused == 0
    assert np.median(off[20:]) < 40.0
