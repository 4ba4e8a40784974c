"""Aircraft that are unsure of their position, by cell and hour."""

from __future__ import annotations

from typing import Any

from receiver.views.outlets import Air
from receiver.web.interference import HOURS, Interference

NOW = 1_764_061_200.0  # a full hour


def air(now: float, *aircraft: tuple[str, float, float, int | None]) -> Air:
    objects: dict[str, dict[str, Any]] = {}
    for icao, lat, lon, nac_p in aircraft:
        objects[icao] = {"lat": lat, "lon": lon, "alt_baro": 31_000, **({} if nac_p is None else {"nac_p": nac_p})}
    return Air(now, {}, objects, {})


def cells(picture: Interference) -> dict[tuple[float, float], dict[str, Any]]:
    return {
        tuple(feature["geometry"]["coordinates"][0][0]): feature["properties"] for feature in picture.told()["features"]
    }


def test_each_aircraft_counts_once_an_hour_and_cell_and_unsure_when_it_ever_was() -> None:
    picture = Interference()
    for t in range(0, 600, 5):
        unsure = 0 if 200 <= t < 300 else 9
        picture.second(
            air(NOW + t, ("a", 34.5, 35.5, unsure), ("b", 34.6, 35.1, 1), ("c", 34.7, 35.2, 8), ("d", -0.5, -0.5, 8))
        )
    told = cells(picture)
    assert told == {
        (35.0, 34.0): {"aircraft": 3, "unsure": 2, "share": 0.333, "hours": [(NOW, 3, 2)]},
        (-1.0, -1.0): {"aircraft": 1, "unsure": 0, "share": 0.0, "hours": [(NOW, 1, 0)]},
    }


def test_one_broken_receiver_disturbs_nothing_and_who_does_not_say_is_not_counted() -> None:
    picture = Interference()
    picture.second(air(NOW, ("a", 34.5, 35.5, 0), ("b", 34.6, 35.1, 9), ("c", 34.7, 35.2, None)))
    assert cells(picture)[35.0, 34.0]["share"] == 0.0
    assert cells(picture)[35.0, 34.0]["aircraft"] == 2


def test_it_is_by_hour_and_two_days_are_enough() -> None:
    picture = Interference()
    for hour in range(HOURS + 5):
        picture.second(air(NOW + 3600.0 * hour, ("a", 34.5, 35.5, 0)))
    hours = cells(picture)[35.0, 34.0]["hours"]
    assert len(hours) == HOURS
    assert hours[0][0] == NOW + 5 * 3600.0
