"""Who is believed, of six stations of which one lies."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

import pytest

from config.scenario_stations import Hostile
from receiver.earth import distance_nmi
from receiver.fleet.fleet import Fleet, Limits
from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.hub import Hub
from receiver.sinks import Sink
from receiver.sources.scene.scene import Scene, open_scene
from receiver.tracking import Sighting, Tracker
from tests.receiver.fleet.crowd_of_stations import Message, published

LIAR = 2
SECONDS = 6.0
LIES = Hostile(ghosts=8, displaced=8, replay_share=0.05, shifted_share=0.3, shift_us=(1.0, 1e6))


@cache
def scene(hostile: Hostile | None) -> Scene:
    found = open_scene("six-stations")
    if hostile is None:
        return found
    stations = list(found.scenario.stations)
    stations[LIAR] = stations[LIAR].model_copy(update={"hostile": hostile})
    return Scene(found.scenario.model_copy(update={"stations": stations}))


@cache
def said(hostile: Hostile | None, seconds: float) -> tuple[Message, ...]:
    return tuple(published(scene(hostile).stations, 0.0, seconds))


class Seen(Sink):
    """Where aircraft were said to be."""

    def __init__(self) -> None:
        self.messages: dict[str, int] = {}
        self.places: list[tuple[str, float, float, float]] = []

    def sighting(self, sighting: Sighting) -> None:
        self.messages[sighting.icao] = self.messages.get(sighting.icao, 0) + 1
        position = sighting.position
        if position is not None and "latitude_deg" in sighting.changed:
            self.places.append((sighting.icao, sighting.now, position.latitude_deg, position.longitude_deg))


def seen(arrivals: tuple[Message, ...], fleet: Fleet, hold_s: float = 2.0) -> Seen:
    sink = Seen()
    hub = Hub(Tracker(), sinks=[sink])
    due_s = arrivals[0][0]
    for at, name, hex_, payload in arrivals:
        while at >= due_s:
            hub.hear(Heard(fleet.frames(fleet.turn(due_s)), due_s - hold_s, Reception("fleet")))
            due_s += 0.25
        fleet.hear(name, hex_, payload, at)
    return sink


@cache
def real_addresses() -> set[str]:
    return {f"{int(address):06x}" for address in scene(None).stations.sky.icao.tolist()}


def moved(found: Seen, truth: Seen) -> list[tuple[str, float]]:
    """Places that are not on the way that the same aircraft flew when nobody lied: address and distance (nmi)."""
    ways: dict[str, list[tuple[float, float, float]]] = {}
    for icao, at, latitude, longitude in truth.places:
        ways.setdefault(icao, []).append((at, latitude, longitude))
    out = []
    for icao, at, latitude, longitude in found.places:
        way = ways.get(icao, [])
        first = bisect_left(way, (at,))
        near = [
            distance_nmi(latitude, longitude, y, x)
            for when, y, x in way[max(0, first - 2) : first + 2]
            if abs(when - at) <= 3.0
        ]
        if not near or min(near) > 1.0:
            out.append((icao, min(near, default=float("inf"))))
    return out


def test_a_hostile_station_moves_nobody_and_invents_nobody() -> None:
    honest = seen(said(None, SECONDS), Fleet(Limits(trusted=frozenset(scene(None).stations.names))))
    lied_to = seen(said(LIES, SECONDS), Fleet())
    assert len(lied_to.messages) > 20
    assert set(lied_to.messages) <= real_addresses()
    assert moved(lied_to, honest) == []


@pytest.mark.slow
def test_whoever_is_trusted_is_believed() -> None:
    names = scene(LIES).stations.names
    believed = seen(said(LIES, SECONDS), Fleet(Limits(trusted=frozenset(names))))
    assert not set(believed.messages) <= real_addresses()


@pytest.mark.slow
def test_honest_stations_lose_little() -> None:
    trusting, wary = Fleet(Limits(trusted=frozenset(scene(None).stations.names))), Fleet()
    all_ = sum(seen(said(None, SECONDS), trusting).messages.values())
    kept = sum(seen(said(None, SECONDS), wary).messages.values())
    assert kept >= 0.9 * all_
    assert not any(standing.is_quarantined(1e12) for standing in wary.agreement.standings.values())
    assert {station["state"] for station in wary.health()} == {"receiving"}


def test_every_aircraft_says_who_receives_it() -> None:
    fleet = Fleet()
    found = seen(said(None, SECONDS), fleet)
    busiest = max(found.messages, key=lambda icao: found.messages[icao])
    about = fleet.about(busiest)
    assert len(about["stations"]) >= 5
    assert about["best_station"] in about["stations"]
    assert about["stations"] == sorted(about["stations"])
    assert fleet.about("123456") == {}


@pytest.mark.slow
def test_a_hostile_station_for_minutes() -> None:
    honest = seen(said(None, 240.0), Fleet(Limits(trusted=frozenset(scene(None).stations.names))))
    fleet = Fleet()
    lied_to = seen(said(LIES, 240.0), fleet)
    assert set(lied_to.messages) <= real_addresses()
    assert moved(lied_to, honest) == []
    (liar,) = [one for one in fleet.health() if one["name"] == scene(None).stations.names[LIAR]]
    assert sum(liar["contradicted"].values()) > 0
