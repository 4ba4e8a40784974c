"""What two laps to one hand look like: the measures that tell an orbit from everything else that turns."""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass

from receiver.earth import KM_PER_DEG, KM_PER_NMI, wrap_deg
from receiver.watch.patterns.laps import SECTORS_PER_LAP, Sector
from receiver.watch.patterns.steps import offset_km

# 690°: with the sector in which the straight flight before it ended left out, two laps flown are enough.
WINDOW = 2 * SECTORS_PER_LAP - 1

NARROW = 0.62  # narrow over wide axis of a racetrack whose legs are 2.1 times the turn's radius


@dataclass(frozen=True, slots=True)
class Loop:
    """Measures of the newest two laps.

    Attributes
    ----------
    centre_lat_deg, centre_lon_deg
        Of the newest lap.
    radius_km
        Mean distance from the centre of the lap that it belongs to.
    lap_km
        Path of the newest lap.
    period_s
        Time of the newest lap, from its length and the speed (a lap with gaps does not get longer).
    speed_kt
        Mean over both laps.
    drift
        How far the centre moved from one lap to the next, in radii.
    elongation
        Second harmonic of path over heading: 0 a circle, about the share of straight legs for a racetrack. Where more
        than a sixth of the path was not received, a straight leg may hide in a gap; then a narrow outline of the places
        seen counts as well (1 − narrow over wide axis: the two agree for racetracks).
    steps
        Number of steps that the two laps were measured by.
    evenness
        Shorter over longer lap, 0 to 1.
    spread
        Greatest distance of a sector from its centre, in radii.
    wasted_deg
        Turned the other way within the two laps.
    climb_fpm
        Mean vertical speed between the laps' ends; None when altitude is unknown.
    altitude_low_ft, altitude_high_ft
        Range within the newest lap; None when unknown.
    start_s, end_s
        When the two laps began and ended.
    unseen
        Distance flown by speed over the length of the arcs counted: 1 when they are all that was flown, more when
        something else was flown in gaps.
    """

    centre_lat_deg: float
    centre_lon_deg: float
    radius_km: float
    lap_km: float
    period_s: float
    speed_kt: float
    drift: float
    elongation: float
    evenness: float
    spread: float
    wasted_deg: float
    climb_fpm: float | None
    altitude_low_ft: float | None
    altitude_high_ft: float | None
    start_s: float
    end_s: float
    steps: float
    unseen: float = 1.0


def measure(sectors: deque[Sector]) -> Loop | None:
    """Measures of the newest `WINDOW` sectors; None when there are fewer."""
    have = len(sectors)
    if have < WINDOW:
        return None
    newest = list(itertools.islice(sectors, have - SECTORS_PER_LAP, have))
    before = list(itertools.islice(sectors, have - WINDOW, have - SECTORS_PER_LAP))
    path_new = sum(s.path for s in newest)
    path_old = sum(s.path for s in before) * SECTORS_PER_LAP / (WINDOW - SECTORS_PER_LAP)
    if path_new <= 0.0 or path_old <= 0.0:
        return None
    lat0, lon0 = newest[-1].lat0, newest[-1].lon0
    new_centre, new_radius, new_spread, new_aspect = _ring(newest, lat0, lon0)
    old_centre, old_radius, old_spread, old_aspect = _ring(before, lat0, lon0)
    radius = max(0.5 * (new_radius + old_radius), 1e-3)
    drift = math.hypot(new_centre[0] - old_centre[0], new_centre[1] - old_centre[1])
    both = before + newest
    flown = sum(s.flown for s in both)
    seconds = sum(s.seconds for s in both)
    speed_km_s = flown / seconds if seconds > 0.0 else 0.0
    path = sum(s.path for s in both)
    elongation = math.hypot(sum(s.c2 for s in both), sum(s.s2 for s in both)) / path
    aspect = 0.5 * (new_aspect + old_aspect)
    if aspect < NARROW and drift < radius and sum(s.hidden for s in both) > path / 6.0:
        elongation = max(elongation, 1.0 - aspect)
    low = min((s.alt_min for s in newest), default=math.inf)
    high = max((s.alt_max for s in newest), default=-math.inf)
    ends = [s for s in both if not math.isnan(s.alt_end)]
    climb = None
    if len(ends) >= 2 and ends[-1].end_s > ends[0].end_s:
        climb = 60.0 * (ends[-1].alt_end - ends[0].alt_end) / (ends[-1].end_s - ends[0].end_s)
    east, north = new_centre
    return Loop(
        centre_lat_deg=lat0 + north / KM_PER_DEG,
        centre_lon_deg=wrap_deg(lon0 + east / (KM_PER_DEG * max(0.02, math.cos(math.radians(lat0))))),
        radius_km=radius,
        lap_km=path_new,
        period_s=path_new / speed_km_s if speed_km_s > 0.0 else math.inf,
        speed_kt=speed_km_s * 3600.0 / KM_PER_NMI,
        drift=drift / radius,
        elongation=elongation,
        evenness=min(path_new, path_old) / max(path_new, path_old),
        spread=max(new_spread, old_spread) / radius,
        wasted_deg=sum(s.wasted for s in both),
        climb_fpm=climb,
        altitude_low_ft=low if math.isfinite(low) else None,
        altitude_high_ft=high if math.isfinite(high) else None,
        start_s=before[0].start_s,
        end_s=newest[-1].end_s,
        steps=sum(s.steps for s in both),
        unseen=flown / path,
    )


def _ring(sectors: list[Sector], lat0: float, lon0: float) -> tuple[tuple[float, float], float, float, float]:
    """Path-weighted centre (east, north km), mean and greatest distance from it, narrow over wide axis."""
    places = [(*offset_km(lat0, lon0, *s.place()), s.path) for s in sectors]
    total = sum(p for _, _, p in places)
    east = sum(e * p for e, _, p in places) / total
    north = sum(n * p for _, n, p in places) / total
    ee = nn = en = mean = far = 0.0
    for e, n, p in places:
        de, dn = e - east, n - north
        distance = math.hypot(de, dn)
        mean += p * distance
        far = max(far, distance)
        ee += p * de * de
        nn += p * dn * dn
        en += p * de * dn
    half = math.hypot((ee - nn) / 2, en)
    wide, narrow = (ee + nn) / 2 + half, max(0.0, (ee + nn) / 2 - half)
    return (east, north), mean / total, far, math.sqrt(narrow / wide) if wide > 0.0 else 1.0
