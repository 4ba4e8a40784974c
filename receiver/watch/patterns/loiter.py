"""Loitering: long in one place, whatever the shape. Far flown, and hardly come away.

A circle to one hand is seen lap by lap. Who changes hands every lap and a half, wanders above a town for an hour, or
lies beyond the horizon and is heard on the same arc every seven minutes turns no two laps that anybody has seen. What
all of them have in common is the distance flown against the size of the box that they flew in: a straight flight has
2, a racetrack of ten legs 20.

The other kind drifts: a circle flown in a strong wind is a row of loops, each as far from the one before.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from receiver.earth import KM_PER_DEG, wrap_deg
from receiver.watch.patterns.laps import SECTORS_PER_LAP, LapCounter
from receiver.watch.patterns.steps import GAP_S, Step, offset_km

SAMPLE_S = 20.0
SAMPLES = 360  # two hours
ASKED = 3  # every third sample
SIZES_KM = (2.5, 6.0, 15.0)  # half of a box, at most
LEAST_KM = 0.4
FAR = 12.0  # flown, over half of the box
LONG_S = 900.0
TURNED_DEG = 1080.0  # both hands together
RETURNED = 3.0

SAME_DRIFT = 0.4  # by which share the drift of one lap may differ from that of the next
MOST_DRIFT = 6.0  # radii a lap: a wind of 0.9 of the airspeed
ROUND = 0.4  # second harmonic: a wind makes a first one, a survey's legs a second


@dataclass(frozen=True, slots=True)
class Stay:
    """Where somebody loiters: centre (degrees), half of the box (km), since when (UTC s), km flown in it."""

    latitude_deg: float
    longitude_deg: float
    radius_km: float
    since_s: float
    flown_km: float


@dataclass(slots=True)
class Loiter:
    """Keeps a position every 20 s: time, place, and what was flown and turned until then."""

    samples: deque[tuple[float, float, float, float, float]] = field(default_factory=deque)
    flown_km: float = 0.0
    turned_deg: float = 0.0
    taken: int = 0

    def __post_init__(self) -> None:
        self.samples = deque(self.samples, maxlen=SAMPLES)

    def reset(self) -> None:
        """Forget everything."""
        self.samples.clear()
        self.flown_km = self.turned_deg = 0.0

    def feed(self, step: Step) -> bool:
        """Take a step; True every minute or so: then it is worth asking where it stays."""
        self.flown_km += step.flown_km
        chord = math.hypot(step.east_km, step.north_km)
        # who flew far meanwhile and is hardly away has turned round, though nobody saw how
        unseen = step.duration_s > GAP_S and step.flown_km > RETURNED * chord + 1.0
        self.turned_deg += 360.0 if unseen else abs(step.turn_deg)
        if self.samples and step.time_s - self.samples[-1][0] < SAMPLE_S:
            return False
        latitude, longitude = step.point(1.0)
        self.samples.append((step.time_s, latitude, longitude, self.flown_km, self.turned_deg))
        self.taken += 1
        return self.taken % ASKED == 0

    def stay(self) -> Stay | None:
        """Where it has loitered up to now, the smallest box first; None: nowhere."""
        if len(self.samples) < 8:
            return None
        now_s, lat0, lon0, flown, turned = self.samples[-1]
        west = east = south = north = 0.0
        scale = KM_PER_DEG * max(0.02, math.cos(math.radians(lat0)))
        size, k = 0, len(self.samples) - 1
        since = self.samples[-1]
        box = (0.0, 0.0, 0.0, 0.0)
        while size < len(SIZES_KM):
            if k >= 0:
                sample = self.samples[k]
                x, y = wrap_deg(sample[2] - lon0) * scale, (sample[1] - lat0) * KM_PER_DEG
                west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
            if k >= 0 and max(east - west, north - south) <= 2.0 * SIZES_KM[size]:
                since, box, k = sample, (west, east, south, north), k - 1
                continue
            half = max(LEAST_KM, 0.5 * max(box[1] - box[0], box[3] - box[2]))
            far = flown - since[3]
            if now_s - since[0] >= LONG_S and far >= FAR * half and turned - since[4] >= TURNED_DEG:
                middle = (0.5 * (box[0] + box[1]), 0.5 * (box[2] + box[3]))
                return Stay(lat0 + middle[1] / KM_PER_DEG, wrap_deg(lon0 + middle[0] / scale), half, since[0], far)
            if k < 0:
                return None
            size += 1
        return None


def drifts(counter: LapCounter) -> Stay | None:
    """Three loops in a row, each as far from the one before and the same way: a circle carried by the wind."""
    sectors = list(counter.sectors)
    if len(sectors) < 3 * SECTORS_PER_LAP - 1:
        return None
    laps = [sectors[-SECTORS_PER_LAP * (k + 1) : len(sectors) - SECTORS_PER_LAP * k] for k in (2, 1, 0)]
    lat0, lon0 = sectors[-1].place()
    centres, paths = [], []
    for lap in laps:
        places = [(*offset_km(lat0, lon0, *sector.place()), sector.seconds) for sector in lap]
        seconds = sum(place[2] for place in places)
        if seconds <= 0.0:
            return None
        centres.append(tuple(sum(place[axis] * place[2] for place in places) / seconds for axis in (0, 1)))
        paths.append(sum(sector.path for sector in lap))
    first = (centres[1][0] - centres[0][0], centres[1][1] - centres[0][1])
    second = (centres[2][0] - centres[1][0], centres[2][1] - centres[1][1])
    drift = 0.5 * (math.hypot(*first) + math.hypot(*second))
    radius = sum(paths) / 3.0 / (2.0 * math.pi)
    if drift <= 0.0 or drift > MOST_DRIFT * radius or min(paths) < 0.6 * max(paths):
        return None
    if math.hypot(second[0] - first[0], second[1] - first[1]) > SAME_DRIFT * drift:
        return None
    path = sum(paths)
    double = math.hypot(sum(s.c2 for lap in laps for s in lap), sum(s.s2 for lap in laps for s in lap))
    if double > ROUND * path or sum(s.wasted for lap in laps for s in lap) > 120.0:
        return None
    scale = KM_PER_DEG * max(0.02, math.cos(math.radians(lat0)))
    return Stay(
        lat0 + centres[2][1] / KM_PER_DEG, wrap_deg(lon0 + centres[2][0] / scale), radius, laps[0][0].start_s, path
    )
