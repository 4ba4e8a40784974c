"""How the stations' clocks go against each other, from aircraft that broadcast where they are.

Each pair of stations that receive the same aircraft has a Kalman filter for offset and rate (`dsp.clock_pairs.synchronise`). Pairs, not
one network: a pair needs only what both receive, so it works for two stations as for a continent, and a station that goes wrong is
wrong in all of its pairs while the others agree, which is how it is named.

What a transmission says is taken by vote: the largest set of stations that agree updates its pairs. Who does not agree is noted, and a
station that is late by the same amount for several aircraft has lost samples (or gained them): all of its pairs are moved at once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.clock_pairs import (
    PAIR_AT,
    PAIR_COUNT,
    PAIR_NOISE,
    PAIR_OFFSET,
    PAIR_P00,
    PAIR_RATE,
    PAIR_SIZE,
    offset_variance,
    one_clock,
    synchronise,
)
from receiver.mlat.clock_state import ClockEvent, PairQuality, StationClock, level_bin
from receiver.mlat.ellipsoid import Place
from receiver.mlat.matching import Match, Point

MOST_STATIONS = 1024
BEST_SIGMA_S, WORST_SIGMA_S = 15e-9, 400e-9
GATES_S = np.array([300e-9, 3e-6])
SAME_JUMP_S = 0.4e-6
JUMP_STRIKES, JUMP_STRIKES_OF_ONE = 3, 6  # by several aircraft; by a single one
STRIKES_S = 6.0
UNSURE_S = 500e-9  # a pair whose offset is known less well is matched anew
ACQUAINTED = 12  # votes before a station's share of agreement says anything
LEAST_AGREEMENT = 0.6
PROVEN = 0.85
SHARE = 0.04  # of the newest vote


class Clocks:
    """The clocks of all stations. Stations are numbers here, given by `number`.

    Parameters
    ----------
    ticks_hz
        Of the counters.
    """

    def __init__(self, ticks_hz: float) -> None:
        self.ticks_hz = ticks_hz
        self.events: deque[ClockEvent] = deque(maxlen=256)
        self.now = -math.inf
        self._numbers: dict[str, int] = {}
        self._stations: list[StationClock] = []
        self._rows = np.full((16, 16), -1, np.int64)
        self._pairs = np.zeros((32, PAIR_SIZE))
        self._pair_of: list[tuple[int, int]] = []
        self._free: list[int] = []
        self._matching: dict[tuple[int, int], Match] = {}
        self._pair_strikes: dict[tuple[int, int], deque[tuple[float, float, str]]] = {}

    def number(self, name: str, clock: int, ticks: int) -> int | None:
        """Number of a station whose counter has that number; None when there are too many. Another counter begins anew."""
        number = self._numbers.get(name)
        if number is None:
            number = len(self._stations)
            if number >= MOST_STATIONS:
                return None
            self._numbers[name] = number
            self._stations.append(StationClock(name, clock, ticks))
            if number >= len(self._rows):
                grown = np.full((2 * number, 2 * number), -1, np.int64)
                grown[:number, :number] = self._rows
                self._rows = grown
        elif self._stations[number].clock != clock:
            station = self._stations[number]
            self.forget(number)
            station.clock, station.base = clock, ticks
            self.events.append(ClockEvent("restart", (name,), self.now))
        return number

    def name(self, number: int) -> str:
        """Of a station."""
        return self._stations[number].name

    def reading(self, number: int, ticks: int) -> float:
        """Seconds of a station's clock since it was first heard of."""
        return (ticks - self._stations[number].base) / self.ticks_hz

    def noises(self, numbers: Sequence[int], levels: Sequence[float | None]) -> NDArray[np.float64]:
        """Variances of arrival times (s²), as measured lately at those levels."""
        stations = self._stations
        return np.array(
            [stations[n].noise[level_bin(level)] for n, level in zip(numbers, levels, strict=True)], np.float64
        )

    def trusted(self, number: int) -> bool:
        """Whether the station's arrival times agree with the others'."""
        return not self._stations[number].erratic

    def proven(self, number: int) -> bool:
        """Whether it has agreed with others often, and hardly ever not."""
        station = self._stations[number]
        return station.votes >= ACQUAINTED and station.agreement > PROVEN

    def matched(self, number: int) -> bool:
        """Whether its clock is matched with any other."""
        return bool((self._rows[number] >= 0).any() or (self._rows[:, number] >= 0).any())

    def forget(self, number: int) -> None:
        """Whatever is known of a station's clock does not hold any more."""
        for row, pair in enumerate(self._pair_of):
            if number in pair and self._rows[pair] == row:
                self._drop(row)
        for pair in [pair for pair in self._matching if number in pair]:
            del self._matching[pair]
        station = self._stations[number]
        station.strikes.clear()
        station.matched = False

    def forget_name(self, name: str) -> None:
        """The same by the station's name, which need not be known."""
        number = self._numbers.get(name)
        if number is not None:
            self.forget(number)

    def take(
        self,
        numbers: Sequence[int],
        readings: NDArray[np.float64],
        levels: Sequence[float | None],
        stations: NDArray[np.float64],
        place: Place,
        place_sigma_m: float,
        icao: str,
        now: float,
        believed: bool = True,
    ) -> NDArray[np.float64] | None:
        """Take in a transmission from a known place; one that is not believed only says how late the arrivals are.

        Returns
        -------
        How late each arrival was against those that agree, s, NaN where that is not known; None when no two are matched yet.
        """
        self.now = now
        k = len(numbers)
        who = np.array(numbers)
        rows = self._rows[who[:, None], who]
        noise = self.noises(numbers, levels)
        delays, surprise, agree = np.empty(k), np.empty(k), np.empty(k, np.bool_)
        pairs = self._pairs if believed else self._pairs.copy()
        count = synchronise(
            readings, stations, place, place_sigma_m, noise, rows, pairs, GATES_S, delays, surprise, agree
        )
        if not believed:
            return None if np.isnan(surprise).all() else surprise
        for number, reading in zip(numbers, readings.tolist(), strict=True):
            self._stations[number].read, self._stations[number].read_s = reading, now
        if count >= 2:
            self._vote(numbers, levels, surprise, agree, icao, now)
        elif k == 2 and not math.isnan(surprise[1]):
            late_s = float(surprise[1] - surprise[0])
            self._disagree((numbers[0], numbers[1]), rows, late_s, icao, now)
        self._match(numbers, readings, delays, rows, icao)
        return None if np.isnan(surprise).all() else surprise

    def common(
        self, numbers: Sequence[int], readings: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Readings as one of the clocks would have read, and the variances of the way there; NaN for who is not matched.

        None when no two are.
        """
        who = np.array(numbers)
        times, variances = np.empty(len(who)), np.empty(len(who))
        rows = self._rows[who[:, None], who]
        if one_clock(readings, rows, self._pairs, times, variances) < 0:
            return None
        times[variances > UNSURE_S**2] = np.nan
        return times, variances

    def note_solution(self, number: int, fits: bool) -> None:
        """A transmission from an unknown place was located: the station's arrival fits, or contradicts all others."""
        self._count_vote(self._stations[number], fits, self.now)

    def expire(self, now: float) -> None:
        """Drop pairs that nothing has kept up. To be called every second or so."""
        self.now = now
        for row, pair in enumerate(self._pair_of):
            if self._rows[pair] == row and self._spread(row, pair) > UNSURE_S:
                self._drop(row)

    def _spread(self, row: int, pair: tuple[int, int]) -> float:
        """Standard deviation of a pair's offset now."""
        first = self._stations[pair[0]]
        return math.sqrt(offset_variance(self._pairs, row, first.read + max(self.now - first.read_s, 0.0)))

    def quality(self) -> list[PairQuality]:
        """Of every matched pair."""
        found = []
        for row, (first, second) in enumerate(self._pair_of):
            if self._rows[first, second] != row:
                continue
            pair = self._pairs[row]
            found.append(
                PairQuality(
                    self.name(first),
                    self.name(second),
                    self._spread(row, (first, second)),
                    math.sqrt(float(pair[PAIR_NOISE])),
                    float(pair[PAIR_RATE]) * 1e6,
                    int(pair[PAIR_COUNT]),
                )
            )
        return found

    def stations(self) -> dict[str, dict[str, Any]]:
        """Of every station: with how many its clock is matched and how well, its rate against their mean, what went wrong."""
        found: dict[str, dict[str, Any]] = {}
        of: dict[str, list[tuple[float, float]]] = {}
        for pair in self.quality():
            of.setdefault(pair.first, []).append((pair.sigma_s, -pair.rate_ppm))
            of.setdefault(pair.second, []).append((pair.sigma_s, pair.rate_ppm))
        for station in self._stations:
            pairs = of.get(station.name, [])
            one: dict[str, Any] = {"matched": len(pairs), "jumps": station.jumps}
            if pairs:
                one["sigma_ns"] = round(1e9 * sorted(sigma for sigma, _ in pairs)[len(pairs) // 2])
                one["rate_ppm"] = round(math.fsum(rate for _, rate in pairs) / len(pairs), 3)
            if station.votes:
                one["agreement"] = round(station.agreement, 3)
            if station.erratic:
                one["erratic"] = True
            found[station.name] = one
        return found

    def offset(self, first: str, second: str, at_s: float) -> float | None:
        """How much more the second clock reads than the first when that reads `at_s`; None when they are not matched."""
        a, b = self._numbers[first], self._numbers[second]
        row = int(self._rows[a, b])
        if row < 0:
            return None
        pair = self._pairs[row]
        return float(pair[PAIR_OFFSET] + (at_s - pair[PAIR_AT]) * pair[PAIR_RATE])

    def _vote(
        self,
        numbers: Sequence[int],
        levels: Sequence[float | None],
        surprise: NDArray[np.float64],
        agree: NDArray[np.bool_],
        icao: str,
        now: float,
    ) -> None:
        late, said = surprise.tolist(), agree.tolist()
        together = [value for value, yes in zip(late, said, strict=True) if yes]
        mean = math.fsum(together) / len(together)
        for number, level, value, yes in zip(numbers, levels, late, said, strict=True):
            if value != value:
                continue
            station = self._stations[number]
            if yes:
                if len(together) > 2:
                    spread = (value - mean) ** 2 * len(together) / (len(together) - 1)
                    bin_of = level_bin(level)
                    spread = min(max(spread, 0.0), WORST_SIGMA_S**2)
                    noise = station.noise[bin_of] + 0.02 * (spread - station.noise[bin_of])
                    station.noise[bin_of] = max(noise, BEST_SIGMA_S**2)
                station.last_agreed_s = now
                station.strikes.clear()
                self._count_vote(station, True, now)
            else:
                station.strikes.append((now, value, icao))
                if not self._jumped(number, now):
                    self._count_vote(station, False, now)

    def _count_vote(self, station: StationClock, fits: bool, now: float) -> None:
        station.votes += 1
        station.agreement += SHARE * (fits - station.agreement)
        if station.votes < ACQUAINTED:
            return
        if station.erratic and station.agreement > 0.5 + LEAST_AGREEMENT / 2:
            station.erratic = False
            self.events.append(ClockEvent("trusted", (station.name,), now))
        elif not station.erratic and station.agreement < LEAST_AGREEMENT:
            station.erratic = True
            self.events.append(ClockEvent("erratic", (station.name,), now))

    def _jumped(self, number: int, now: float) -> bool:
        station = self._stations[number]
        by_s = _same_step(station.strikes, now)
        if by_s is None:
            return False
        for row, pair in enumerate(self._pair_of):
            if number in pair and self._rows[pair] == row:
                self._step(row, by_s if pair[1] == number else -by_s)
        for pair in [pair for pair in self._matching if number in pair]:
            del self._matching[pair]
        station.strikes.clear()
        station.jumps += 1
        self.events.append(ClockEvent("jump", (station.name,), now, by_s))
        return True

    def _step(self, row: int, by_s: float) -> None:
        self._pairs[row, PAIR_OFFSET] += by_s
        self._pairs[row, PAIR_P00] += (SAME_JUMP_S / 2) ** 2

    def _disagree(self, pair: tuple[int, int], rows: NDArray[np.int64], late_s: float, icao: str, now: float) -> None:
        """Two stations alone do not agree: which of them is at fault only others can say."""
        if rows[0, 1] < 0:
            pair, late_s = (pair[1], pair[0]), -late_s
        strikes = self._pair_strikes.setdefault(pair, deque(maxlen=24))
        agreed = min(self._stations[pair[0]].last_agreed_s, self._stations[pair[1]].last_agreed_s)
        if strikes and agreed > strikes[-1][0]:
            strikes.clear()
        strikes.append((now, late_s, icao))
        by_s = _same_step(strikes, now)
        if by_s is None:
            return
        del self._pair_strikes[pair]
        row = int(self._rows[pair])
        self._step(row, by_s)
        # who has agreed with somebody else meanwhile is not the one
        recent = [n for n in pair if now - self._stations[n].last_agreed_s < STRIKES_S]
        at_fault = [n for n in pair if n not in recent] if len(recent) == 1 else list(pair)
        sign = 1.0 if at_fault != [pair[0]] else -1.0
        for n in at_fault:
            self._stations[n].jumps += 1
        self.events.append(ClockEvent("jump", tuple(self.name(n) for n in at_fault), now, sign * by_s))

    def _match(
        self,
        numbers: Sequence[int],
        readings: NDArray[np.float64],
        delays: NDArray[np.float64],
        rows: NDArray[np.int64],
        icao: str,
    ) -> None:
        unmatched = np.argwhere(np.triu((rows < 0) & (rows.T < 0), 1))
        for i, j in unmatched.tolist():
            if numbers[i] > numbers[j]:
                i, j = j, i
            pair = (numbers[i], numbers[j])
            match = self._matching.get(pair)
            if match is None:
                match = self._matching[pair] = Match()
            sent = float(readings[i] - delays[i])
            found = match.add(Point(sent, float(readings[j] - delays[j]) - sent, icao))
            if found is None:
                continue
            del self._matching[pair]
            self._enter(pair, found)

    def _enter(self, pair: tuple[int, int], values: list[float]) -> None:
        if self._free:
            row = self._free.pop()
            self._pair_of[row] = pair
        else:
            row = len(self._pair_of)
            self._pair_of.append(pair)
            if row >= len(self._pairs):
                self._pairs = np.concatenate([self._pairs, np.zeros_like(self._pairs)])
        self._pairs[row] = values
        self._rows[pair] = row
        for n in pair:
            station = self._stations[n]
            if not station.matched:
                station.matched = True
                self.events.append(ClockEvent("matched", (station.name,), self.now))

    def _drop(self, row: int) -> None:
        self._rows[self._pair_of[row]] = -1
        self._free.append(row)


def _same_step(strikes: deque[tuple[float, float, str]], now: float) -> float | None:
    """The step that the newest strikes agree on; None while they are too few, or differ."""
    newest = strikes[-1][1]
    same = []
    for when, late_s, icao in reversed(strikes):
        if now - when > STRIKES_S or abs(late_s - newest) > SAME_JUMP_S:
            break
        same.append((late_s, icao))
    aircraft = len({icao for _, icao in same})
    if len(same) < (JUMP_STRIKES if aircraft > 1 else JUMP_STRIKES_OF_ONE):
        return None
    return math.fsum(late_s for late_s, _ in same) / len(same)
