"""Who will pass near a place, when, and how high: the closest approach, foretold from track and speed.

A straight line from where it is now. One such line is a guess; two in a row that agree are told, and only of aircraft
that do not turn: a turn of 1°/s makes nonsense of a minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from receiver.watch.patterns.steps import KM_PER_S_PER_KT, offset_km

SLOWEST_KT = 50.0
AGREE_S, AGREE_KM, AGREE_SHARE = 25.0, 0.7, 0.3
APART_S = 30.0  # two foretellings farther apart than this are not in a row
MOST_TURN_DEG_S = 1.0


@dataclass(frozen=True, slots=True)
class Approach:
    """A closest approach.

    Attributes
    ----------
    told_s, at_s
        UTC seconds: when it was foretold, and when it will be.
    distance_km
        How near, over ground.
    altitude_ft
        How high by then, if it climbs or sinks on as now; None: not known.
    track_deg
        Which way it flew when it was foretold.
    agrees
        Whether the one before said the same.
    """

    told_s: float
    at_s: float
    distance_km: float
    altitude_ft: float | None
    track_deg: float
    agrees: bool = False


def foretell(
    now: float,
    place: tuple[float, float],
    position: tuple[float, float],
    speed_kt: float,
    track_deg: float,
    altitude_ft: float | None,
    rate_fpm: float | None,
) -> Approach | None:
    """The closest approach to a place (latitude, longitude, degrees) on a straight line; None when it lies behind or the
    aircraft hardly moves."""
    if speed_kt < SLOWEST_KT:
        return None
    east, north = offset_km(*place, *position)
    speed = speed_kt * KM_PER_S_PER_KT
    way = math.radians(track_deg)
    v_east, v_north = speed * math.sin(way), speed * math.cos(way)
    ahead_s = -(east * v_east + north * v_north) / (speed * speed)
    if ahead_s < 0.0:
        return None
    distance = math.hypot(east + v_east * ahead_s, north + v_north * ahead_s)
    altitude = altitude_ft
    if altitude is not None and rate_fpm is not None:
        altitude = max(0.0, altitude + rate_fpm * ahead_s / 60.0)
    return Approach(now, now + ahead_s, distance, altitude, track_deg)


def agree(before: Approach | None, here: Approach) -> bool:
    """Whether two foretellings in a row say the same, of an aircraft that flies straight on."""
    if before is None or not 0.0 < here.told_s - before.told_s <= APART_S:
        return False
    turned = abs((here.track_deg - before.track_deg + 180.0) % 360.0 - 180.0)
    if turned > MOST_TURN_DEG_S * (here.told_s - before.told_s):
        return False
    limit = max(AGREE_KM, AGREE_SHARE * max(before.distance_km, here.distance_km))
    return abs(here.at_s - before.at_s) <= AGREE_S and abs(here.distance_km - before.distance_km) <= limit
