"""What several stations receive of one sky: when, how strong, and what never was sent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from receiver.errors import UsageError
from receiver.sources.scene import Scene, open_scene
from receiver.sources.scene.stations import Receptions
from receiver.sources.scene.stations.receptions import GHOST, NOT_SENT, REPLAYED, SHIFTED, TRUE
from tests.receiver.sources.scene.stations.scenes import AIRCRAFT, NORTH, SOUTH, WEST, scene_of

STILL = {"ppm": 0.0, "temperature_ppm": 0.0, "walk_ppb": 0.0}


def all_of(scene: Scene, start_s: float = 0.0, end_s: float | None = None, chunk_s: float = 5.0) -> Receptions:
    return Receptions.joined(list(scene.stations.receptions(start_s, end_s, chunk_s)))


def columns(heard: Receptions) -> list[Any]:
    return [heard.station.tolist(), heard.ticks.tolist(), heard.fraction.tolist(), heard.frames(), heard.lie.tolist()]


def test_the_pieces_make_no_difference() -> None:
    hostile = {"ghosts": 2, "displaced": 1, "replay_share": 0.2, "shifted_share": 0.3}
    scene = scene_of([NORTH, SOUTH, WEST | {"hostile": hostile}], arrivals={"repeats": 1.0})
    whole = all_of(scene, 10.0, 40.0, 30.0)
    assert len(whole) > 800
    for chunk_s in (0.7, 5.0):
        assert columns(all_of(scene, 10.0, 40.0, chunk_s)) == columns(whole)
    assert np.all(np.diff(whole.arrived_s) >= 0)


def test_iterating_gives_what_the_arrays_hold() -> None:
    scene = scene_of([NORTH, SOUTH])
    heard = all_of(scene, 0.0, 5.0)
    rows = list(heard)
    assert len(rows) == len(heard) > 50
    k = len(rows) // 2
    assert (rows[k].station, rows[k].ticks, rows[k].fraction) == (heard.station[k], heard.ticks[k], heard.fraction[k])
    assert len(rows[k].data) == heard.n_bytes[k]
    assert abs(rows[k].arrived_utc_ns - round((scene.start_utc_s + heard.arrived_s[k]) * 1e9)) < 300  # a float's grain
    frames = heard.as_frames(1)
    assert [frame.data for frame in frames] == heard[heard.station == 1].frames()
    assert frames[0].time_s == pytest.approx(scene.start_utc_s, abs=5.0)


def test_two_stations_counters_differ_by_the_way_of_light() -> None:
    scene = scene_of([NORTH | STILL, SOUTH | STILL], arrivals={"sigma_ns": 0, "floor_ns": 0})
    pairs = 0
    for chunk in scene.stations.chunks(0.0, 20.0):
        heard, sky = chunk.heard, chunk.sky
        ticks = heard.ticks + heard.fraction
        bases = [int(clock.read(0.0).ticks) for clock in scene.stations.clocks]
        for sent in np.unique(heard.sent):
            rows = np.flatnonzero(heard.sent == sent)
            if len(rows) < 2 or sent < chunk.first:
                continue
            one, two = rows[np.argsort(heard.station[rows])]
            place = sky.place_m[sent - chunk.first]
            # By the angle between the radii and the law of cosines, with the parametric latitude's radii
            way = [_far(scene, number, sky, int(sent - chunk.first)) for number in (0, 1)]
            assert place.shape == (3,)
            apart = (ticks[one] - bases[0]) - (ticks[two] - bases[1])
            assert apart / 12e6 == pytest.approx((way[0] - way[1]) / 299_792_458.0, abs=3e-9)
            pairs += 1
    assert pairs > 100


def _far(scene: Scene, number: int, sky: Any, row: int) -> float:
    """Distance from the geocentric radii and the angle between them."""
    station = scene.scenario.stations[number]
    here = _polar(station.latitude, station.longitude, station.altitude_m + station.antenna_m)
    there = _polar(sky.latitude[row], sky.longitude[row], sky.height_m[row])
    cosine = np.sin(here[0]) * np.sin(there[0]) + np.cos(here[0]) * np.cos(there[0]) * np.cos(here[1] - there[1])
    half = (1.0 - cosine) / 2.0
    return float(np.sqrt((here[2] - there[2]) ** 2 + 4.0 * here[2] * there[2] * half))


def _polar(latitude: float, longitude: float, height_m: float) -> tuple[float, float, float]:
    """Geocentric latitude, longitude (rad) and radius (m)."""
    a, b = np.longdouble(6_378_137.0), np.longdouble(6_356_752.314245)
    phi = np.radians(np.longdouble(latitude))
    beta = np.arctan2(b * np.sin(phi), a * np.cos(phi))
    around, up = a * np.cos(beta) + height_m * np.cos(phi), b * np.sin(beta) + height_m * np.sin(phi)
    return np.arctan2(up, around), np.radians(np.longdouble(longitude)), np.hypot(around, up)


def test_arrival_errors_have_the_sigma_that_is_stated() -> None:
    scene = scene_of([NORTH, SOUTH], crowd=[{"count": 60, "radius_km": 200}], radio={"level_at_100_km_dbfs": -24})
    heard = all_of(scene)
    seen = 0
    for low in range(6, 30, 4):
        here = heard.error_s[(heard.snr_db >= low) & (heard.snr_db < low + 1.0)]
        if len(here) > 500:
            stated = np.hypot(20.0 * 10 ** ((20 - low - 0.5) / 20), 5.0)
            assert 1e9 * here.std() == pytest.approx(stated, rel=0.12)
            assert abs(1e9 * here.mean()) < 0.2 * stated
            seen += 1
    assert seen >= 4


def test_a_detour_makes_some_late() -> None:
    arrivals = {"sigma_ns": 0, "floor_ns": 0, "late_share": 0.1, "late_ns": 500}
    heard = all_of(scene_of([NORTH], arrivals=arrivals))
    late = heard.error_s > 0
    assert late.mean() == pytest.approx(0.1, abs=0.04)
    assert np.all(heard.error_s >= 0)
    assert 1e9 * heard.error_s[late].mean() == pytest.approx(500, rel=0.4)


def test_levels_fall_with_the_distance_and_end_at_the_horizon() -> None:
    scene = scene_of(
        [NORTH | {"ripple_db": 0}],
        [{"icao": "0d0a01", "start": [19.6, lon], "altitude_ft": 20_000, "speed_kt": 0, "legs": [{"wait_s": 50}]} for lon in [-99.5]],
        radio={"fading_db": 0},
    )  # fmt: skip
    near = all_of(scene).level_dbfs.mean()
    aircraft = [
        dict(AIRCRAFT[0], start=[19.6, lon], legs=[{"to": [19.6, lon + 0.2]}], speed_kt=100) for lon in (-98.6,)
    ]
    far = all_of(scene_of([NORTH | {"ripple_db": 0}], aircraft, radio={"fading_db": 0})).level_dbfs.mean()
    assert near - far == pytest.approx(20 * np.log10(125 / 31.5), abs=1.5)
    beyond = [dict(AIRCRAFT[0], start=[19.6, -95.5], legs=[{"to": [19.6, -95.4]}], altitude_ft=8000, events=[])]
    assert len(all_of(scene_of([NORTH], beyond, radio={"level_at_100_km_dbfs": 0}))) == 0


def test_blind_sectors_gaps_restarts_and_losses() -> None:
    station = NORTH | {"gaps": [(20, 25)], "restarts": [40], "loss": 0.3}
    whole, holed = all_of(scene_of([NORTH | {"loss": 0.0}])), all_of(scene_of([station]))
    assert not np.any((holed.arrived_s >= 20) & (holed.arrived_s < 25))
    assert not np.any((holed.arrived_s >= 40) & (holed.arrived_s < 48))
    before = holed.arrived_s < 20
    assert before.sum() / (whole.arrived_s < 20).sum() == pytest.approx(0.7, abs=0.06)
    assert set(holed.epoch.tolist()) == {0, 1}
    # All aircraft are south of it; a sector over north hides none of them
    assert len(all_of(scene_of([NORTH | {"blind": [(300, 60, 90)], "loss": 0.0}]))) == len(whole)
    assert len(all_of(scene_of([NORTH | {"blind": [(61, 299, 90)]}]))) == 0


def test_a_hostile_station_lies_alone_and_as_said() -> None:
    hostile = {"from_s": 30, "ghosts": 3, "displaced": 2, "replay_share": 0.1, "shifted_share": 0.2}
    scene = scene_of([NORTH, SOUTH, WEST | {"hostile": hostile}])
    heard, honest = all_of(scene), all_of(scene_of([NORTH, SOUTH, WEST]))
    lies = heard.lie != TRUE
    assert set(heard.lie.tolist()) == {TRUE, GHOST, SHIFTED, REPLAYED}
    assert set(heard.station[lies].tolist()) == {2}
    assert heard.arrived_s[lies].min() >= 30
    assert np.all(heard.sent[heard.lie == GHOST] == NOT_SENT)
    assert np.all(heard.sent[(heard.lie == SHIFTED) | (heard.lie == TRUE)] != NOT_SENT)
    others = heard[heard.station != 2]
    assert columns(others) == columns(honest[honest.station != 2])
    shifts = np.abs(heard.error_s[heard.lie == SHIFTED])
    assert np.all((shifts > 0.9e-6) & (shifts < 101e-6))
    assert shifts.max() > 50e-6
    assert shifts.min() < 2e-6
    real = {frame for frame, lie in zip(heard.frames(), heard.lie.tolist(), strict=True) if lie != REPLAYED}
    assert {f for f, lie in zip(heard.frames(), heard.lie.tolist(), strict=True) if lie == REPLAYED} <= real
    names = {
        f[1:4].hex() for f, lie in zip(heard.frames(), heard.lie.tolist(), strict=True) if lie == GHOST and f[0] == 0x8D
    }
    assert names == {"0df200", "0df201", "0df202", "0d0a01", "0d0a02"}


def test_a_counter_read_with_its_error_is_the_clock_at_that_moment() -> None:
    scene = scene_of([NORTH, SOUTH | {"clock": "gps"}])
    heard = all_of(scene)
    for number, clock in enumerate(scene.stations.clocks):
        mine = heard[heard.station == number]
        right = clock.read(mine.arrived_s + mine.error_s)
        assert mine.ticks.tolist() == right.ticks.tolist()
        assert mine.fraction == pytest.approx(right.fraction)


def test_without_stations_it_says_so() -> None:
    with pytest.raises(UsageError, match=r"got no \[\[stations\]\], expected at least one"):
        _ = open_scene("busy-sky").stations


def test_troy_circles_unseen_in_the_scene_that_comes_along() -> None:
    scene = open_scene("six-stations")
    heard = all_of(scene, 3000.0, 3010.0)
    sky = next(iter(scene.stations.chunks(3000.0, 3010.0, 10.0))).sky
    troy = np.flatnonzero(scene.stations.sky.icao[sky.who] == 0xAE4BD8)
    assert {int(sky.data[k, 0]) >> 3 for k in troy} <= {0, 4, 5, 11, 16, 20, 21}
    by = {number for number in range(6) if np.isin(heard.sent[heard.station == number], troy).any()}
    assert len(by) >= 5
