"""The antenna's place cannot be worked out from what is told."""

from __future__ import annotations

import json

import pytest

from config.station import StationSettings
from receiver.earth import distance_nmi
from receiver.sinks import Air
from receiver.tracking import Station
from receiver.views.aircraft_json import aircraft_json, json_bytes
from receiver.views.discretion import Discretion
from receiver.views.metrics import prometheus_text
from receiver.views.stats_json import StatsWindows
from tests.receiver.skies import AirTaker, fly, recorded

HOME = (59.81234, 30.31234)


def air() -> Air:
    taker = AirTaker()
    fly(recorded(), [taker], Station(*HOME))
    return taker.airs[-1]


@pytest.mark.parametrize(("accuracy", "place"), [(1, (59.8, 30.3)), (0, (60.0, 30.0)), (6, HOME)])
def test_distances_are_from_the_published_place(accuracy: int, place: tuple[float, float]) -> None:
    known = air()
    told = Discretion(StationSettings(latitude=HOME[0], longitude=HOME[1], location_accuracy=accuracy)).air(known)
    measured = 0
    for icao, aircraft in told.objects.items():
        if "r_dst" not in aircraft:
            continue
        measured += 1
        assert aircraft["r_dst"] == pytest.approx(distance_nmi(*place, aircraft["lat"], aircraft["lon"]), abs=0.06)
        exact = known.objects[icao]["r_dst"]
        assert exact == pytest.approx(distance_nmi(*HOME, aircraft["lat"], aircraft["lon"]), abs=0.01)
    assert measured > 3
    assert {icao: {**one, "r_dst": 0, "r_dir": 0} for icao, one in told.objects.items()} == {
        icao: {**one, "r_dst": 0, "r_dir": 0} for icao, one in known.objects.items()
    }


def test_no_place_no_distance_anywhere() -> None:
    known = air()
    assert "max_distance_nmi" in known.statistics
    told = Discretion(StationSettings(latitude=HOME[0], longitude=HOME[1], location_accuracy=-1)).air(known)
    windows = StatsWindows()
    windows.add(told)
    everything = json_bytes(aircraft_json(told)).decode() + json.dumps(windows.object()) + prometheus_text(told)
    for word in ("r_dst", "r_dir", "max_distance", "distance_max"):
        assert word not in everything


def test_the_farthest_distance_is_told_in_coarse_steps() -> None:
    known = air()
    told = Discretion(StationSettings(latitude=HOME[0], longitude=HOME[1])).air(known)
    assert told.statistics["max_distance_nmi"] % 3 == 0
    assert told.statistics["max_distance_nmi"] == pytest.approx(known.statistics["max_distance_nmi"], abs=1.5)
