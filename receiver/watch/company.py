"""Who flies together: pairs that stay close for minutes, at one height and on one course; several pairs make a group.

Aircraft on one airway pass each other a thousand feet apart, and those on parallel approaches are low over an aerodrome: both
are left out. A pair whose members were received apart for some minutes before has met: a rendezvous, as with a tanker.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from receiver.earth import wrap_deg
from receiver.watch.patterns.steps import offset_km

CLOSE_KM, LEVEL_FT, COURSE_DEG, PACE_KT = 2.0, 500.0, 20.0, 40.0
FRESH_S = 20.0
TOGETHER_S = 120.0
PARTED_S = 60.0
APART_S = 300.0
SLOWEST_KT = 60.0
LOW_FT = 6_000.0  # above an aerodrome nearby: there, close is how everybody flies
CELL_DEG = 0.05

Ground = Callable[[float, float], "float | None"]


@dataclass(slots=True)
class Present:
    """An aircraft in the air: since when, and where it was last (UTC s, degrees, feet, degrees, knots)."""

    since_s: float
    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_ft: float
    track_deg: float
    speed_kt: float
    military: bool


@dataclass(slots=True)
class Pair:
    """Two that fly together: since when, until when, and whether they were apart before."""

    since_s: float
    last_s: float
    met: bool


@dataclass(slots=True)
class Company:
    """Everybody in the air, and the pairs among them ("address address", in order)."""

    present: dict[str, Present] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)

    def take(self, icao: str, here: Present) -> None:
        """Where an aircraft is now."""
        before = self.present.get(icao)
        if before is not None and here.time_s - before.time_s <= APART_S:
            here.since_s = before.since_s
        self.present[icao] = here

    def military(self, now: float) -> tuple[str, ...]:
        """Military aircraft in the air now, sorted."""
        return tuple(sorted(icao for icao, one in self.present.items() if one.military and now - one.time_s <= 60.0))

    def look(self, now: float, ground: Ground) -> None:
        """Find pairs; call it every few seconds."""
        self.present = {icao: one for icao, one in self.present.items() if now - one.time_s <= APART_S}
        for icao, other in self._close(now):
            key = f"{icao} {other}"
            pair = self.pairs.get(key)
            if pair is not None:
                pair.last_s = now
                continue
            a, b = self.present[icao], self.present[other]
            field_ft = ground(a.latitude_deg, a.longitude_deg)
            if field_ft is not None and a.altitude_ft - field_ft < LOW_FT:
                continue
            self.pairs[key] = Pair(now, now, now - max(a.since_s, b.since_s) >= APART_S)
        self.pairs = {key: pair for key, pair in self.pairs.items() if now - pair.last_s <= PARTED_S}

    def group(self) -> tuple[tuple[str, ...], float | None]:
        """The largest group that has flown together for some minutes, sorted; and when the last of it met the others,
        if somebody did (UTC s)."""
        lasting = {key: pair for key, pair in self.pairs.items() if pair.last_s - pair.since_s >= TOGETHER_S}
        members: dict[str, set[str]] = {}
        for key in lasting:
            a, b = key.split(" ")
            joined = members.get(a, {a}) | members.get(b, {b})
            for one in joined:
                members[one] = joined
        if not members:
            return (), None
        found: list[set[str]] = list(members.values())
        largest = max(found, key=_size)
        best = sorted(largest)
        met = [pair.since_s for key, pair in lasting.items() if pair.met and key.split(" ")[0] in best]
        return tuple(best), max(met, default=None)

    def _close(self, now: float) -> Iterable[tuple[str, str]]:
        cells: dict[tuple[int, int], list[str]] = defaultdict(list)
        for icao, one in self.present.items():
            if now - one.time_s <= FRESH_S and one.speed_kt >= SLOWEST_KT:
                cells[int(one.latitude_deg // CELL_DEG), int(one.longitude_deg // CELL_DEG)].append(icao)
        for (row, column), inside in cells.items():
            around = [
                *itertools.combinations(inside, 2),
                *(
                    (a, b)
                    for r, c in ((0, 1), (1, -1), (1, 0), (1, 1))
                    for b in cells.get((row + r, column + c), ())
                    for a in inside
                ),
            ]
            for a, b in around:
                if self._alike(self.present[a], self.present[b]):
                    yield min(a, b), max(a, b)

    @staticmethod
    def _alike(a: Present, b: Present) -> bool:
        if abs(a.altitude_ft - b.altitude_ft) > LEVEL_FT or abs(a.speed_kt - b.speed_kt) > PACE_KT:
            return False
        if abs(wrap_deg(a.track_deg - b.track_deg)) > COURSE_DEG:
            return False
        # positions of two moments: the older one flies on until the newer
        late_s = b.time_s - a.time_s
        east, north = offset_km(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)
        way = a.speed_kt * 0.000514444 * late_s
        east, north = (
            east - way * math.sin(math.radians(a.track_deg)),
            north - way * math.cos(math.radians(a.track_deg)),
        )
        return math.hypot(east, north) <= CLOSE_KM


def _size(group: set[str]) -> tuple[int, str]:
    return len(group), min(group)
