"""Who is believed: what two stations received is; what one alone says must fit that.

A station can send whatever it likes. In a fleet of three or more, of which one may be hostile or broken:

- A transmission that two stations received is believed.
- What one station alone says of an aircraft that others receive, too, is believed when it fits: a place that can be flown
  to from where others say it is, a call sign, a squawk, an altitude that others say. Else it waits until a second station
  says the same, in whatever transmission.
- An aircraft that one station alone receives is believed where the others receive nothing (`coverage.py`), and only from
  a station in good standing: some minutes with hardly a statement that others contradict.
- A station that says things that cannot be is in quarantine: it counts for nothing until it has behaved for a while.

Stations named in `[fleet] trusted` are always believed, and with fewer than three stations everybody is: nobody could
tell which of two is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from receiver.fleet.content import Place, Says, alike, altitude_of, near, place_near, place_of_pair, says
from receiver.fleet.coverage import Coverage
from receiver.fleet.grouping import Groups

MAJORITY = 3
AGREED_S = 30.0
CLAIM_S = 60.0
FORGET_S = 300.0
GOOD_AFTER_S = 300.0
GOOD_AFTER = 500  # transmissions
STRIKE_HALF_LIFE_S = 300.0
FEW_STRIKES = 4.0  # an aircraft in a valley that others do not see happens
STRIKES = 20.0
GHOST_STRIKES = 3.0  # an aircraft counts once
QUARANTINE_S = 600.0
MAX_AIRCRAFT = 20_000

Statement = tuple[bytes, float]


class _Aircraft:
    """What stations agree on about one aircraft, and what each alone says."""

    __slots__ = ("agreed", "agreed_s", "claims", "ghost_of", "met", "place")

    def __init__(self) -> None:
        self.agreed_s = -np.inf  # the last transmission that two received
        self.agreed: dict[int, Statement] = {}  # newest by kind
        self.place: tuple[Place, float] | None = None
        self.claims: dict[tuple[int, int], Statement] = {}  # newest by station and kind
        self.ghost_of: set[int] = set()  # stations that were struck for it
        self.met: dict[int, float] = {}  # stations that received it alone: when last


class Standing:
    """How a station has behaved. Times are UTC (s) by the signal."""

    __slots__ = ("contradicted", "quarantined_until_s", "since_s", "strikes", "struck_s", "transmissions")

    def __init__(self, now: float) -> None:
        self.since_s = now
        self.transmissions = 0
        self.strikes = 0.0
        self.struck_s = -np.inf
        self.contradicted: Counter[str] = Counter()
        self.quarantined_until_s = -np.inf

    def strike(self, why: str, now: float, weight: float = 1.0) -> bool:
        """Count a statement that cannot be; whether the station is now in quarantine for it."""
        self.contradicted[why] += 1
        self.strikes = self.weight(now) + weight
        self.struck_s = now
        if self.strikes < STRIKES:
            return False
        self.quarantined_until_s = now + QUARANTINE_S
        return True

    def weight(self, now: float) -> float:
        """Strikes that are not forgotten yet."""
        return float(self.strikes * 0.5 ** (max(0.0, now - self.struck_s) / STRIKE_HALF_LIFE_S))

    def is_quarantined(self, now: float) -> bool:
        """Whether nothing of it counts."""
        return now < self.quarantined_until_s

    def is_good(self, now: float) -> bool:
        """Whether its word is enough where nobody else receives anything."""
        return (
            now - self.since_s >= GOOD_AFTER_S
            and self.transmissions >= GOOD_AFTER
            and self.weight(now) <= FEW_STRIKES
            and not self.is_quarantined(now)
        )


class Agreement:
    """Judges transmissions, some times a second, in order of time.

    Parameters
    ----------
    coverage
        Where whom is received.
    is_trusted
        Whether a station's word is enough, by its number.

    Attributes
    ----------
    standings
        By number of the station.
    withheld
        Transmissions that were not believed, by reason.
    """

    def __init__(self, coverage: Coverage, is_trusted: Callable[[int], bool] = lambda station: False) -> None:
        self.standings: dict[int, Standing] = {}
        self.withheld: Counter[str] = Counter()
        self._coverage = coverage
        self._is_trusted = is_trusted
        self._aircraft: dict[int, _Aircraft] = {}
        self._swept_s = 0.0

    def judge(self, groups: Groups, now: float, active: int) -> NDArray[np.bool_]:
        """Which transmissions are believed.

        Parameters
        ----------
        now
            UTC (s) by the signal's clock.
        active
            Stations that send.
        """
        rows, starts = groups.receptions, groups.starts[:-1]
        counts = np.bincount(rows.station).tolist() if len(groups) else []
        for number, count in enumerate(counts):
            if count:
                self.standings.setdefault(number, Standing(now)).transmissions += count
        if active < MAJORITY or not len(groups):
            return np.ones(len(groups), np.bool_)
        quarantined = np.array(
            [number in self.standings and self.standings[number].is_quarantined(now) for number in range(len(counts))]
        )
        counts_here = ~quarantined[rows.station]
        voices = np.add.reduceat(counts_here.astype(np.int64), starts)
        believed = voices >= 2
        self._agree(groups, believed)
        first = np.maximum.reduceat(np.where(counts_here, rows.station, -1), starts)
        for group in np.flatnonzero(voices == 1).tolist():
            believed[group] = self._alone(groups, group, int(first[group]), now)
        self.withheld["quarantine"] += int((voices == 0).sum())
        if not 0.0 <= now - self._swept_s < 30.0:
            self._sweep(now)
        return believed

    def places(self, now: float) -> list[tuple[int, Place, int | None]]:
        """Address, place and altitude (ft) of the aircraft that stations agree on, as of the last seconds."""
        out = []
        for address, aircraft in self._aircraft.items():
            place = self._place(aircraft)
            if place is not None and now - place[1] <= 10.0:
                newest = aircraft.agreed.get(Says.EVEN) or aircraft.agreed.get(Says.ODD)
                out.append((address, place[0], None if newest is None else altitude_of(newest[0])))
        return out

    def _get(self, address: int) -> _Aircraft:
        found = self._aircraft.get(address)
        if found is None:
            if len(self._aircraft) >= MAX_AIRCRAFT:
                del self._aircraft[next(iter(self._aircraft))]
            found = self._aircraft[address] = _Aircraft()
        return found

    def _agree(self, groups: Groups, believed: NDArray[np.bool_]) -> None:
        """Note what two stations received: the newest of each kind."""
        rows = groups.receptions
        first = groups.starts[:-1][believed]
        if not len(first):
            return
        data = rows.data[first]
        # the last frame of each aircraft and first byte of its content stands for its kind
        kind = (data[:, 0] >> 3).astype(np.int64) << 8 | np.where(data[:, 0] >= 0x80, data[:, 4] >> 3, 0)
        kind = kind << 1 | np.where(data[:, 0] >= 0x80, data[:, 6] >> 2 & 1, 0)
        key = (rows.address[first].astype(np.int64) << 16) | kind
        _, last = np.unique(key[::-1], return_index=True)
        newest = first[len(first) - 1 - last]
        for address, content, n_bytes, at in zip(
            rows.address[newest].tolist(),
            [row.tobytes() for row in rows.data[newest]],
            rows.n_bytes[newest].tolist(),
            rows.time_s[newest].tolist(),
            strict=True,
        ):
            aircraft = self._get(address)
            aircraft.agreed_s = max(aircraft.agreed_s, at)
            said, what = says(content[:n_bytes])
            if said is not Says.NOTHING:
                aircraft.agreed[_key(said, content)] = (what, at)

    def _alone(self, groups: Groups, group: int, station: int, now: float) -> bool:
        rows, row = groups.receptions, int(groups.starts[group])
        if self._is_trusted(station):
            return True
        data, at = rows.data[row, : rows.n_bytes[row]].tobytes(), float(rows.time_s[row])
        aircraft = self._get(int(rows.address[row]))
        said, what = says(data)
        aircraft.met[station] = at
        others = [other for other, met_s in aircraft.met.items() if other != station and at - met_s <= CLAIM_S]
        if at - aircraft.agreed_s <= AGREED_S or others:
            fits = self._fits(aircraft, station, said, what, _key(said, data), at)
            if fits is None:
                self.withheld["unconfirmed"] += 1
                return False
            if not fits:
                self.withheld["contradicted"] += 1
                self.standings[station].strike("contradicted", now)
            return fits
        return self._only_here(aircraft, station, said, what, _key(said, data), at, now)

    def _fits(self, aircraft: _Aircraft, station: int, said: Says, what: bytes, key: int, at: float) -> bool | None:
        """Whether a statement fits what others say; None when they say nothing of the kind."""
        if said is Says.NOTHING:
            return True
        aircraft.claims[station, key] = what, at
        if said in (Says.EVEN, Says.ODD, Says.SURFACE):
            return self._place_fits(aircraft, station, said, what, at)
        known = aircraft.agreed.get(key)
        age_s = CLAIM_S if said in (Says.ALTITUDE, Says.VELOCITY) else FORGET_S
        if known is not None and at - known[1] <= age_s:
            if alike(said, *known, what, at):
                return True
            contradicts = said is Says.VELOCITY and at - known[1] < 5.0
        else:
            contradicts = False
        for (other, other_key), claim in aircraft.claims.items():
            if other != station and other_key == key and at - claim[1] <= CLAIM_S and alike(said, *claim, what, at):
                return True
        return False if contradicts else None

    def _place_fits(self, aircraft: _Aircraft, station: int, said: Says, what: bytes, at: float) -> bool | None:
        is_surface = said is Says.SURFACE
        known = self._place(aircraft)
        if known is not None and at - known[1] <= AGREED_S:
            place = place_near(what, known[0], is_surface)
            return place is not None and near(*known, place, at)
        for other in {other for other, _ in aircraft.claims if other != station}:
            claimed = self._claimed(aircraft, other)
            if claimed is not None and abs(at - claimed[1]) <= AGREED_S:
                place = place_near(what, claimed[0], is_surface)
                if place is not None and near(*claimed, place, at):
                    return True
        return None

    def _only_here(
        self, aircraft: _Aircraft, station: int, said: Says, what: bytes, key: int, at: float, now: float
    ) -> bool:
        """An aircraft that one station alone receives."""
        if said is not Says.NOTHING:
            aircraft.claims[station, key] = what, at
        claimed = self._claimed(aircraft, station)
        if claimed is None:
            self.withheld["one station"] += 1
            return False
        newest = aircraft.claims.get((station, Says.EVEN)) or aircraft.claims.get((station, Says.ODD))
        altitude_ft = None if newest is None else altitude_of(newest[0])
        expected = self._coverage.expected(claimed[0], altitude_ft, now) - {station}
        if len(expected) >= 2:
            self.withheld["others should receive it"] += 1
            if station not in aircraft.ghost_of:
                aircraft.ghost_of.add(station)
                self.standings[station].strike("ghost", now, GHOST_STRIKES)
            return False
        standing = self.standings[station]
        if not standing.is_good(now):
            self.withheld["one station"] += 1
            return False
        return True

    def _claimed(self, aircraft: _Aircraft, station: int) -> tuple[Place, float] | None:
        return place_of_pair(aircraft.claims.get((station, Says.EVEN)), aircraft.claims.get((station, Says.ODD)))

    def _place(self, aircraft: _Aircraft) -> tuple[Place, float] | None:
        """Where the stations agree that it is: by a pair, then beside the place before."""
        even, odd = aircraft.agreed.get(Says.EVEN), aircraft.agreed.get(Says.ODD)
        newest = max((one for one in (even, odd) if one is not None), key=lambda one: one[1], default=None)
        if newest is None:
            return None
        before = aircraft.place
        if before is not None and before[1] == newest[1]:
            return before
        found = place_of_pair(even, odd)
        if found is None and before is not None and newest[1] - before[1] < FORGET_S:
            place = place_near(newest[0], before[0])
            found = None if place is None else (place, newest[1])
        aircraft.place = found
        return found

    def _sweep(self, now: float) -> None:
        self._swept_s = now
        for address, aircraft in list(self._aircraft.items()):
            last_s = max(aircraft.agreed_s, max(aircraft.met.values(), default=-np.inf))
            if now - last_s > FORGET_S:
                del self._aircraft[address]


def _key(said: Says, data: bytes) -> int:
    """Statements with the same key can be held against each other: call signs, squawks and status are kinds of their own."""
    if said in (Says.IDENTITY, Says.OTHER):
        return int(said) | (data[0] >> 3) << 8 | (data[4] >> 3 if len(data) == 14 else 0) << 16
    return int(said)


def active_stations(heard_s: Sequence[float | None], now: float, within_s: float = CLAIM_S) -> int:
    """How many stations have sent something lately."""
    return sum(at is not None and now - at <= within_s for at in heard_s)
