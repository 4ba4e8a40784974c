"""What is transmitted: many frames at once are the same as one by one, and lie where the aircraft are."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from receiver.decode import Decoder
from receiver.sources.scene import open_scene
from receiver.sources.scene.chance import mixed, normal, uniform
from receiver.sources.scene.stations import chances
from receiver.sources.scene.stations.globe import LIGHT_M_S, cartesian, delay_s, seen_from
from receiver.wire.frame import Frame
from tests.receiver.sources.scene.stations.scenes import NORTH, SOUTH, scene_of


def test_chances_of_arrays_are_those_of_numbers() -> None:
    keys = [0, 1, 2**63 + 5, 2**64 - 1]
    for number in (-2, 0, 7, 10**9):
        assert chances.mixed(keys, number).tolist() == [mixed(key, number) for key in keys]
        assert chances.uniform(keys, number).tolist() == [uniform(key, number) for key in keys]
        assert chances.normal(keys, number) == pytest.approx([normal(key, number) for key in keys], abs=1e-12)


@pytest.mark.parametrize("start_s", [0.0, 8.0, 40.5])
def test_frames_of_arrays_are_those_made_one_by_one(start_s: float) -> None:
    scene = scene_of([NORTH, SOUTH], pressure={"slope_hpa_100_km": [3, -5], "trend_hpa_h": 9})
    one_by_one = sorted(
        itertools.chain.from_iterable(a.transmissions(start_s, start_s + 12.0, -2000.0) for a in scene.aircraft)
    )
    sky = scene.stations.sky.transmissions(start_s, start_s + 12.0)
    assert [sky.frame(k) for k in range(len(sky))] == [sent.data for sent in one_by_one]
    assert sky.time_s == pytest.approx([sent.time_s for sent in one_by_one], abs=1e-9)
    assert sky.chance.tolist() == [sent.chance for sent in one_by_one]
    assert scene.stations.sky.icao[sky.who].tolist() == [sent.icao for sent in one_by_one]
    assert {frame[0] >> 3 for frame in (sent.data for sent in one_by_one)} >= {0, 4, 5, 11, 17, 18, 20, 21}


def test_a_busy_sky_has_every_format_and_no_difference() -> None:
    scene = open_scene("six-stations")
    scene.scenario.__dict__["arrivals"] = scene.scenario.arrivals.model_copy(update={"repeats": 0.0})
    one_by_one = sorted(itertools.chain.from_iterable(a.transmissions(100.0, 104.0, -2000.0) for a in scene.aircraft))
    sky = scene.stations.sky.transmissions(100.0, 104.0)
    assert [sky.frame(k) for k in range(len(sky))] == [sent.data for sent in one_by_one]
    assert {sent.data[0] >> 3 for sent in one_by_one} == {0, 4, 5, 11, 16, 17, 20, 21}


def test_an_aircraft_is_as_high_as_the_difference_that_it_tells() -> None:
    scene = scene_of([NORTH], pressure={"qnh_hpa": 990, "trend_hpa_h": -9, "altimeter_ft": 100})
    sky = scene.stations.sky.transmissions(0.0, 30.0)
    decoder, told = Decoder(), 0
    for k in range(len(sky)):
        if sky.frame(k)[0] >> 3 == 17 and sky.frame(k)[4] >> 3 == 19:
            message = decoder.decode(Frame(sky.frame(k), 1e9 + float(sky.time_s[k])))
            assert message is not None
            difference = message.register.geom_minus_baro_ft  # type: ignore[union-attr, attr-defined]
            assert sky.height_m[k] / 0.3048 - sky.altitude_ft[k] == pytest.approx(difference, abs=12.6)
            told += 1
    assert told > 50


def test_replies_come_again_within_milliseconds_but_not_before_the_first() -> None:
    alone, repeated = (
        scene_of([NORTH], arrivals={"repeats": mean}).stations.sky.transmissions(5.0, 45.0) for mean in (0.0, 1.0)
    )
    again = set(zip(repeated.time_s.tolist(), repeated.who.tolist(), strict=True))
    first = set(zip(alone.time_s.tolist(), alone.who.tolist(), strict=True))
    assert first < again
    more = sorted(again - first)
    called = [k for k in range(len(alone)) if alone.frame(k)[0] >> 3 in (4, 5, 20, 21)]
    assert 0.6 * len(called) < len(more) < 1.4 * len(called)
    assert len(np.unique(repeated.chance)) == len(repeated)
    # each within 9 ms of another one of the same aircraft
    for time_s, who in more:
        before = time_s - np.array([t for t, w in again if w == who and t < time_s])
        assert np.any((before >= 0.002) & (before <= 0.009)) or time_s < 5.05


def test_the_ellipsoid_by_its_parametric_latitude() -> None:
    a, b = 6_378_137.0, 6_356_752.314245
    for latitude, longitude, height in (
        (19.3, -99.7, 2600.0),
        (-72.0, 170.0, 12_000.0),
        (0.0, 0.0, 0.0),
        (89.0, 1.0, 5.0),
    ):
        phi, lam = math.radians(latitude), math.radians(longitude)
        beta = math.atan2(b * math.sin(phi), a * math.cos(phi))
        around = a * math.cos(beta) + height * math.cos(phi)
        expected = (around * math.cos(lam), around * math.sin(lam), b * math.sin(beta) + height * math.sin(phi))
        assert cartesian(latitude, longitude, height) == pytest.approx(expected, abs=1e-5)


def test_bearing_and_elevation_of_what_is_north_east_and_overhead() -> None:
    here = cartesian(19.3, -99.7, 0.0)
    others = np.stack([cartesian(19.31, -99.7, 0.0), cartesian(19.3, -99.69, 0.0), cartesian(19.3, -99.7, 1000.0)])
    distance, bearing, elevation = seen_from(19.3, -99.7, here, others)
    assert distance == pytest.approx([1106.9, 1051.0, 1000.0], abs=1.0)  # arcs of 0.01° by the radii of curvature there
    assert bearing[:2] == pytest.approx([0.0, 90.0], abs=0.01)
    assert elevation == pytest.approx([0.0, 0.0, 90.0], abs=0.01)


def test_air_slows_signals_by_its_mean_along_the_way() -> None:
    distance, height = np.array([100e3, 100e3, 5e3]), np.array([10_000.0, 2500.0, 2500.0])
    slow = delay_s(distance, height, 2500.0, 315.0) * LIGHT_M_S / distance - 1.0
    steps = (np.arange(20_000) + 0.5) / 20_000
    by_steps = 315e-6 * np.exp(-(2500.0 + steps * 7500.0) / 7350.0).mean()
    assert slow == pytest.approx([by_steps, 315e-6 * math.exp(-2500 / 7350), 315e-6 * math.exp(-2500 / 7350)], rel=1e-4)
