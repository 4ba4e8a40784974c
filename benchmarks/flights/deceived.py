"""Airliners whose GPS receivers are deceived for a while: what they send then, family by family."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from receiver.tracking import Sighting
from tests.receiver.watch.air import sighting

START = 1_755_657_600.0
KM_PER_DEG = 111.195
HOME, THERE = (22.0, -100.0), (19.25, -100.1)  # where they fly, and where they are made to say that they are

Shift = Callable[[float, tuple[float, float], random.Random], tuple[float, float, float, float]]


def at(place: tuple[float, float], east_km: float, north_km: float) -> tuple[float, float]:
    return place[0] + north_km / KM_PER_DEG, place[1] + east_km / KM_PER_DEG / math.cos(math.radians(place[0]))


def circle(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """Round and round at the speed of before: 1 km at 450 kt."""
    angle = 450 * 0.000514444 * t
    return *at(THERE, math.sin(angle), math.cos(angle)), 450.0, (math.degrees(angle) + 90.0) % 360.0


def frozen(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """One place, while the speed is told as before."""
    return *at(THERE, rng.gauss(0, 0.01), rng.gauss(0, 0.01)), 450.0, 200.0


def parked(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """One place, and the speed is that of somebody who stands there."""
    return *at(THERE, rng.gauss(0, 0.01), rng.gauss(0, 0.01)), 2.0, 200.0


def small_circle(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """A circle that a light aircraft could fly, at the height of an airliner."""
    angle = 100 * 0.000514444 / 3.0 * t
    return *at(THERE, 3 * math.sin(angle), 3 * math.cos(angle)), 100.0, (math.degrees(angle) + 90.0) % 360.0


def elsewhere(t: float, true: tuple[float, float], rng: random.Random) -> tuple[float, float, float, float]:
    """The true flight, 200 km off."""
    return *at(true, 150.0, -130.0), 450.0, 200.0


FAMILIES: dict[str, Shift] = {
    "circle": circle, "frozen": frozen, "parked": parked, "small circle": small_circle, "elsewhere": elsewhere,
}  # fmt: skip


def airliner(icao: str, seed: int, deceived: Shift, from_s: float, until_s: float, end_s: float) -> Iterator[Sighting]:
    rng = random.Random(seed)
    way = math.radians(200.0)
    place = at(HOME, rng.uniform(-30, 30), rng.uniform(-30, 30))
    t = rng.uniform(0, 4)
    while t < end_s:
        true = at(place, 0.2315 * t * math.sin(way), 0.2315 * t * math.cos(way))
        lat, lon, speed, track = *true, 450.0, 200.0
        if from_s <= t < until_s:
            lat, lon, speed, track = deceived(t, true, rng)
        known: dict[str, Any] = {
            "callsign": f"AMX{seed}", "category": "A3", "latitude_deg": lat, "longitude_deg": lon, "altitude_baro_ft": 35000,
            "ground_speed_kt": speed, "track_deg": track, "on_ground": False, "nac_p": 9,
        }  # fmt: skip
        yield sighting(icao, START + t, **known)
        t += rng.uniform(2.0, 5.0)
