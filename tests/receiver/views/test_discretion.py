"""The antenna's place cannot be worked out from what is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.station import StationSettings
from receiver.earth import distance_nmi
from receiver.sinks import Air
from receiver.tracking import Station
from receiver.views.aircraft_json import aircraft_json, json_bytes
from receiver.views.discretion import Discretion
from receiver.views.metrics import prometheus_text
from receiver.views.stats_json import StatsWindows
from tests.receiver.skies import AirTaker, fly
from tests.recordings import KINDS, STATIONS, frames_of

pytestmark = pytest.mark.parametrize("kind", KINDS)


def heard(kind: str, folder: Path) -> tuple[Air, tuple[float, float]]:
    """What is known in the end, and the exact place of the antenna."""
    taker = AirTaker()
    fly(frames_of(kind, folder), [taker], Station(*STATIONS[kind]))
    return taker.airs[-1], STATIONS[kind]


@pytest.mark.parametrize("accuracy", [1, 0, 6])
def test_distances_are_from_the_published_place(accuracy: int, kind: str, tmp_path: Path) -> None:
    known, home = heard(kind, tmp_path)
    place = (round(home[0], accuracy), round(home[1], accuracy))
    told = Discretion(StationSettings(latitude=home[0], longitude=home[1], location_accuracy=accuracy)).air(known)
    measured = 0
    for icao, aircraft in told.objects.items():
        if "r_dst" not in aircraft:
            continue
        measured += 1
        assert aircraft["r_dst"] == pytest.approx(distance_nmi(*place, aircraft["lat"], aircraft["lon"]), abs=0.06)
        exact = known.objects[icao]["r_dst"]
        assert exact == pytest.approx(distance_nmi(*home, aircraft["lat"], aircraft["lon"]), abs=0.01)
    assert measured > 3
    assert {icao: {**one, "r_dst": 0, "r_dir": 0} for icao, one in told.objects.items()} == {
        icao: {**one, "r_dst": 0, "r_dir": 0} for icao, one in known.objects.items()
    }


def test_no_place_no_distance_anywhere(kind: str, tmp_path: Path) -> None:
    known, home = heard(kind, tmp_path)
    assert "max_distance_nmi" in known.statistics
    told = Discretion(StationSettings(latitude=home[0], longitude=home[1], location_accuracy=-1)).air(known)
    windows = StatsWindows()
    windows.add(told)
    everything = json_bytes(aircraft_json(told)).decode() + json.dumps(windows.object()) + prometheus_text(told)
    for word in ("r_dst", "r_dir", "max_distance", "distance_max"):
        assert word not in everything


def test_the_farthest_distance_is_told_in_coarse_steps(kind: str, tmp_path: Path) -> None:
    known, home = heard(kind, tmp_path)
    told = Discretion(StationSettings(latitude=home[0], longitude=home[1])).air(known)
    assert told.statistics["max_distance_nmi"] % 3 == 0
    assert told.statistics["max_distance_nmi"] == pytest.approx(known.statistics["max_distance_nmi"], abs=1.5)
