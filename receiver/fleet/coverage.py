"""Who receives what: by aircraft, and where.

The sky is cut into cells of a quarter of a degree and four layers of altitude. Each second counts, for each cell with an
aircraft that several stations agree on, which stations received it. A station *covers* a cell when it received at least
half of those seconds; counts fade within half an hour, so a station that goes deaf stops covering.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from receiver.fleet.content import Place
from receiver.fleet.grouping import Groups

CELL_DEG = 0.25
LAYERS_FT = (1_500, 5_000, 18_000)
HALF_LIFE_S = 1800.0
ENOUGH = 5.0  # seconds of aircraft in a cell
SHARE = 0.5
SURE = 0.9
CLEARLY_DB = 3.0
RECENT_S = 30.0
SECOND_S = 3.0  # a station that receives an aircraft has done so within that
MAX_CELLS = 50_000

Cell = tuple[int, int, int]


class Hearing(NamedTuple):
    """How one station receives one aircraft: when last (UTC s), how many frames, mean level (dBFS, None: unknown)."""

    last_s: float
    frames: int
    level_dbfs: float | None


class Coverage:
    """Counts who receives what. Times are UTC (s) by the signal's clock."""

    def __init__(self) -> None:
        self._aircraft: dict[int, dict[int, Hearing]] = {}
        self._cells: dict[Cell, dict[int, float]] = {}  # seconds by station; −1: all
        self._best: dict[int, int] = {}
        self._faded_s: float | None = None

    # --- in -------------------------------------------------------------------------------------------------------

    def take(self, groups: Groups, names: int) -> None:
        """Note who received which aircraft.

        Parameters
        ----------
        names
            How many stations there are.
        """
        rows = groups.receptions
        if not len(groups):
            return
        key = rows.address.astype(np.int64) * names + rows.station
        pairs, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
        known = ~np.isnan(rows.level_dbfs)
        level = np.bincount(inverse[known], rows.level_dbfs[known], len(pairs))
        with_level = np.bincount(inverse[known], minlength=len(pairs))
        last = np.zeros(len(pairs))
        np.maximum.at(last, inverse, rows.time_s)
        for pair, count, sum_, n, last_s in zip(
            pairs.tolist(), counts.tolist(), level.tolist(), with_level.tolist(), last.tolist(), strict=True
        ):
            heard = self._aircraft.setdefault(pair // names, {})
            station = pair % names
            before = heard.get(station)
            mean = sum_ / n if n else None
            if before is not None:
                count += before.frames
                if mean is None:
                    mean = before.level_dbfs
                elif before.level_dbfs is not None:
                    mean = before.level_dbfs + 0.2 * (mean - before.level_dbfs)
            heard[station] = Hearing(last_s, count, mean)

    def second(self, places: Iterable[tuple[int, Place, int | None]], now: float) -> None:
        """Once a second: count for each placed aircraft who receives it; forget and fade."""
        for address, place, altitude_ft in places:
            heard = self._aircraft.get(address)
            if heard is None:
                continue
            cell = cell_of(place, altitude_ft)
            counts = self._cells.get(cell)
            if counts is None:
                if len(self._cells) >= MAX_CELLS:
                    del self._cells[next(iter(self._cells))]
                counts = self._cells[cell] = defaultdict(float)
            counts[-1] += 1.0
            for station, hearing in heard.items():
                if now - hearing.last_s <= SECOND_S:
                    counts[station] += 1.0
        self._fade(now)

    def _fade(self, now: float) -> None:
        if self._faded_s is None or now < self._faded_s:
            self._faded_s = now
        if now - self._faded_s < 30.0:
            return
        factor = 0.5 ** ((now - self._faded_s) / HALF_LIFE_S)
        self._faded_s = now
        for cell, counts in list(self._cells.items()):
            for station in counts:
                counts[station] *= factor
            if counts[-1] < 0.5:
                del self._cells[cell]
        for address, heard in list(self._aircraft.items()):
            for station, hearing in list(heard.items()):
                if now - hearing.last_s > 2 * RECENT_S:
                    del heard[station]
            if not heard:
                del self._aircraft[address]
                self._best.pop(address, None)

    # --- out ------------------------------------------------------------------------------------------------------

    def best(self, address: int, now: float) -> int | None:
        """The station with the highest level, until another one is `CLEARLY_DB` above it; None: nobody says levels."""
        levels = {station: one.level_dbfs for station, one in self.of(address, now) if one.level_dbfs is not None}
        if not levels:
            return None
        before = self._best.get(address)
        best = max(levels, key=lambda station: (levels[station], -station))
        if before in levels and levels[best] < levels[before] + CLEARLY_DB:
            return before
        self._best[address] = best
        return best

    def of(self, address: int, now: float) -> list[tuple[int, Hearing]]:
        """Stations that receive an aircraft, the one that does best first: most frames, then level."""
        heard = self._aircraft.get(address, {})
        recent = [(station, one) for station, one in heard.items() if now - one.last_s <= RECENT_S]
        return sorted(recent, key=lambda pair: (-(pair[1].level_dbfs or -100.0), -pair[1].frames, pair[0]))

    def expected(self, place: Place, altitude_ft: int | None, now: float) -> set[int]:
        """Stations that certainly receive an aircraft there: they have received nearly everything in its cell and the ones
        beside it, in its layer and below. Of the lowest layer nobody is expected to receive anything: a hill is enough.
        """
        latitude, longitude, layer = cell_of(place, altitude_ft)
        if layer == 0:
            return set()
        counts: defaultdict[int, float] = defaultdict(float)
        for below in range(layer + 1):
            for north in (-1, 0, 1):
                for east in (-1, 0, 1):
                    for station, seconds in self._cells.get((latitude + north, longitude + east, below), {}).items():
                        counts[station] += seconds
        if counts[-1] < ENOUGH:
            return set()
        return {station for station, seconds in counts.items() if station >= 0 and seconds >= SURE * counts[-1]}

    def overlap(self) -> dict[int, tuple[int, int]]:
        """By station: cells that it covers, and those of them that no other station covers: what it adds."""
        found: dict[int, tuple[int, int]] = {}
        for counts in self._cells.values():
            total = counts.get(-1, 0.0)
            if total >= ENOUGH:
                by = [station for station, seconds in counts.items() if station >= 0 and seconds >= SHARE * total]
                for station in by:
                    covered, alone = found.get(station, (0, 0))
                    found[station] = covered + 1, alone + (len(by) == 1)
        return found


def cell_of(place: Place, altitude_ft: int | None) -> Cell:
    """The cell of a place; without an altitude the highest layer."""
    layer = len(LAYERS_FT) if altitude_ft is None else sum(altitude_ft >= foot for foot in LAYERS_FT)
    return math.floor(place[0] / CELL_DEG), math.floor(place[1] / CELL_DEG), layer
