"""Flights that look like orbits to a lap counter and have a name of their own."""

from __future__ import annotations

import random

import pytest

from benchmarks.flights import grids, searches, shuttles
from benchmarks.flights.pen import Track
from receiver.watch.patterns import PatternDetector


def called(track: Track) -> set[str]:
    detector = PatternDetector(None if track.field_ft is None else lambda lat, lon: track.field_ft)
    found = (detector.update(fix) for fix in track.fixes)
    return {pattern.kind for pattern in found if pattern is not None}


@pytest.mark.parametrize("track", list(searches(random.Random(3)))[:6], ids=lambda track: track.name)
def test_a_search_is_called_a_search_and_never_an_orbit(track: Track) -> None:
    assert called(track) == {"search"}


def test_air_tankers_come_down_in_one_place_again_and_again_and_never_orbit() -> None:
    kinds = [called(track) for track in list(shuttles(random.Random(3)))[:6]]
    assert sum("shuttle" in one for one in kinds) >= 4
    assert not any("orbit" in one for one in kinds)


def test_a_survey_is_none_of_them() -> None:
    for track in list(grids(random.Random(3)))[:4]:
        assert not called(track) & {"search", "shuttle"}
