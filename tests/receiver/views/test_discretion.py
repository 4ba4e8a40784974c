"""The antenna's place cannot be worked out from what is told."""

from __future__ import annotations

import json
import math
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
    assert {icao: {**one, "r_dst": 0, "r_dir": 0, "rssi": 0} for icao, one in told.objects.items()} == {
        icao: {**one, "r_dst": 0, "r_dir": 0, "rssi": 0} for icao, one in known.objects.items()
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


def test_levels_are_those_of_the_published_place(kind: str, tmp_path: Path) -> None:
    known, home = heard(kind, tmp_path)
    station = StationSettings(latitude=home[0] + 0.0123, longitude=home[1] + 0.0321)
    told = Discretion(station).air(known)
    measured = Discretion(station.model_copy(update={"signal_levels": "measured"})).air(known)
    withheld = Discretion(station.model_copy(update={"signal_levels": "none"})).air(known)
    for icao, aircraft in known.objects.items():
        assert measured.objects[icao].get("rssi") == aircraft.get("rssi")
        assert "rssi" not in withheld.objects[icao]
        if "rssi" not in aircraft:
            continue
        assert abs(told.objects[icao]["rssi"] - aircraft["rssi"]) < 20
        if "lat" not in aircraft and "lastPosition" not in aircraft:
            assert told.objects[icao]["rssi"] == aircraft["rssi"]


def test_a_level_says_the_published_distance(kind: str) -> None:
    station = StationSettings(latitude=48.2449, longitude=16.3551)
    found = {"hex": "a", "lat": 48.2449, "lon": 16.3551, "alt_baro": 6076, "rssi": -10.0}  # overhead, one mile up
    level = Discretion(station).aircraft(found)["rssi"]
    assert level == pytest.approx(-10.0 - 20 * math.log10(math.hypot(3.24, 1.0)), abs=0.2)
