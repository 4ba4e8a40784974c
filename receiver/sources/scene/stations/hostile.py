"""What a hostile station invents: aircraft of its own, wrong places of others, wrong times, old frames as new."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from config.scenario import Crowd, Flight, Scenario
from config.scenario_stations import Hostile
from receiver.sources.scene.chance import mixed as mixed_one
from receiver.sources.scene.chance import uniform as uniform_one
from receiver.sources.scene.crowd import crowd_flights
from receiver.sources.scene.stations.chances import Keys, uniform
from receiver.sources.scene.stations.receptions import REPLAYED, SHIFTED, TRUE, Receptions, shifted_counter

FIRST_GHOST = 0x0DF000
REPLAY_S = (0.5, 60.0)


def ghosts(hostile: Hostile, number: int, scenario: Scenario, known: list[Flight]) -> list[Flight]:
    """Flights that only station `number` says it receives; the first ones have addresses of real aircraft."""
    key = mixed_one(scenario.seed, 2000 + number)
    station = scenario.stations[number]
    invented = []
    if hostile.ghosts:
        crowd = Crowd(
            count=hostile.ghosts, first_icao=f"{FIRST_GHOST + 256 * number:06x}", callsign="GHO",
            centre=(station.latitude, station.longitude), radius_km=80.0, mode_s_share=0.0,
        )  # fmt: skip
        invented = crowd_flights(crowd, scenario, key)
    moved = []
    for k, flight in enumerate([one for one in known if one.transponder == "adsb"][: hostile.displaced]):
        away_km, bearing = 20.0 + 20.0 * uniform_one(key, 2 * k), 2.0 * math.pi * uniform_one(key, 2 * k + 1)
        offset = (away_km * math.sin(bearing), away_km * math.cos(bearing))
        moved.append(flight.model_copy(update={"told_offset_km": offset}))
    return moved + invented


def with_lies(heard: Receptions, hostile: Hostile, chance: Keys) -> Receptions:
    """What a hostile station tells of what it received; `chance`: of each reception."""
    active = heard.arrived_s >= hostile.from_s
    wrong = active & (heard.lie == TRUE) & (uniform(chance, 70) < hostile.shifted_share)
    low, high = hostile.shift_us
    by_s = 1e-6 * low * (high / low) ** uniform(chance, 71) * np.where(uniform(chance, 72) < 0.5, -1.0, 1.0)
    by_s = np.where(wrong, by_s, 0.0)
    ticks, fraction = shifted_counter(heard.ticks, heard.fraction, by_s)
    told = replace(
        heard, ticks=ticks, fraction=fraction, error_s=heard.error_s + by_s, lie=np.where(wrong, SHIFTED, heard.lie)
    )
    again = active & (uniform(chance, 73) < hostile.replay_share)
    if not again.any():
        return told
    old = heard[again]
    wait_s = REPLAY_S[0] + (REPLAY_S[1] - REPLAY_S[0]) * uniform(chance[again], 74)
    ticks, fraction = shifted_counter(old.ticks, old.fraction, wait_s)
    replayed = replace(
        old, ticks=ticks, fraction=fraction, arrived_s=old.arrived_s + wait_s, lie=np.full(len(old), REPLAYED)
    )
    return Receptions.joined([told, replayed])
