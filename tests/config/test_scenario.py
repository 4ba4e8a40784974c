"""Scenario files: what they may say, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.scenario import Scenario, load_scenario

GOOD = """
title = "one"
start = 2025-08-09T18:00:00Z
duration_s = 60
[station]
latitude = 19.3
longitude = -99.7
[routes.north]
start = [19.0, -99.0]
altitude_ft = 30000
speed_kt = 400
legs = [{ to = [20.0, -99.0] }]
[[aircraft]]
icao = "0D0A11"
route = "north"
[[aircraft]]
icao = "0d0a12"
start = [19.0, -99.0]
altitude_ft = 3000
speed_kt = 90
legs = [{ orbit = [19.1, -99.0], for_s = 600 }]
"""


def load(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "scene.toml"
    path.write_text(text)
    return load_scenario(path)


def test_a_scenario_is_read(tmp_path: Path) -> None:
    scenario = load(tmp_path, GOOD)
    assert [flight.icao for flight in scenario.aircraft] == ["0d0a11", "0d0a12"]
    assert scenario.start_utc_s == 1754762400
    assert scenario.routes["north"].legs[0].to == (20.0, -99.0)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("latitude = 19.3", "latitude = 99.3", "station.latitude (line 6): got 99.3, expected -89–89 degrees"),
        ("duration_s = 60", "duration_s = 0", "duration_s (line 4): got 0, expected 1–864000 seconds"),
        ('route = "north"', 'route = "south"', "no route is called 'south'; known: north"),
        ('icao = "0d0a12"', 'icao = "0d0a11"', "several aircraft have the address 0d0a11"),
        ('icao = "0d0a12"', 'icao = "xyz"', "aircraft.1.icao (line 17): got 'xyz', expected six hex digits"),
        ("for_s = 600", "for_m = 10", "aircraft.1.legs.0.for_m (line 21): no such key"),
        (", for_s = 600", "", "aircraft.1.legs.0 (line 21): orbit needs for_s, how long"),
        ("orbit = [19.1, -99.0], ", "", "expected one of to, orbit, racetrack and wait_s"),
        ("speed_kt = 90\n", "", "aircraft.1 (line 16): expected a route, or start, altitude_ft and speed_kt"),
        ('title = "one"', "", "title: missing"),
        (
            "duration_s = 60",
            "duration_s = 6000\ncrowd = [{ count = 1000 }]",
            "crowds of 6000000 aircraft-seconds (count × duration_s), expected 5000000 at most",
        ),
    ],
)
def test_mistakes_are_told_with_file_key_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "scene.toml"))
