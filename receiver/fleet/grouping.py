"""Receptions of many stations become transmissions: the same bytes, within the clocks' uncertainty and light's reach.

```
  station A  ──■────────■─────        two receptions by one station are two transmissions, however alike: a reply to a
  station B  ───■────────■────        radar is repeated within 10 ms, a squitter on the ground within half a second
               ╰1╯      ╰2╯           1: no farther apart than light takes between two stations
```

A station whose clock is known to `reach_s` or so joins by that. One whose clock is known less well joins where there is
no doubt: within its uncertainty there is one transmission of these bytes and one reception by it. Where there is doubt
its receptions stay by themselves (`Groups.is_loose`): that counts a message twice, and mixes nothing.

`Grouper` takes arrays and gives arrays (`Groups`): 100,000 receptions a second are a tenth of a core. Who wants them one
by one, such as multilateration, asks `Groups.transmissions` for `Transmission`s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from receiver.fleet.heard import TICKS_HZ

REACH_S = 0.002
"""Light's way between two stations that hear the same aircraft: 600 km."""
MOST_UNCERTAIN_S = 0.5  # a clock known less well than that joins nobody
TOLERANCE_S = 2e-4  # of a clock that is aligned with the others


@dataclass(frozen=True, slots=True)
class Reception:
    """One station's reception of a transmission.

    Attributes
    ----------
    station
        Its name.
    ticks
        Its own counter in units of 1/120 MHz (`receiver.fleet.heard.TICKS_HZ`), at the start of the frame (rising edge
        of the first preamble pulse); as exact as the station's demodulator, 42 ns or better for ours, 83 ns for others'.
    clock
        Number of that counter: receptions with different numbers, also of the same station, have no common time.
    level_dbfs
        Pulse power, 0 dBFS = full scale, in steps of half a decibel; None when the station does not say.
    received_s
        UTC (s), by the station's anchor and what the hub has learned of it: good to some ms, for order and age only.
    """

    station: str
    ticks: int
    clock: int
    level_dbfs: float | None
    received_s: float

    @property
    def counter_s(self) -> float:
        """Seconds of the station's own clock; exact to 1 ns for three months."""
        return self.ticks / TICKS_HZ


@dataclass(frozen=True, slots=True)
class Transmission:
    """One transmission and everybody who has received it.

    Attributes
    ----------
    data
        7 or 14 bytes.
    receptions
        At most one by each station, the earliest first.
    time_s
        UTC (s) of the earliest reception.
    """

    data: bytes
    receptions: tuple[Reception, ...]
    time_s: float


@dataclass(frozen=True, slots=True)
class Receptions:
    """Receptions in columns, one row each.

    Attributes
    ----------
    station
        int32: number of the station.
    clock
        int32: number of its counter.
    ticks
        int64: the counter, 1/120 MHz.
    time_s
        float64: UTC by the station's clock as far as it is known.
    moved_s
        float64: by how much the hub has moved it, for that clock to agree with the others.
    uncertainty_s
        float64: how well it is known; 0 for a clock that is aligned with the others.
    level_dbfs
        float32: NaN when not known.
    is_clean
        bool: no bit was corrected.
    address
        uint32: 24 bits.
    data
        uint8 (n, 16): the frame, filled up with zeros.
    n_bytes
        uint8: 7 or 14.
    """

    station: NDArray[np.int32]
    clock: NDArray[np.int32]
    ticks: NDArray[np.int64]
    time_s: NDArray[np.float64]
    moved_s: NDArray[np.float64]
    uncertainty_s: NDArray[np.float64]
    level_dbfs: NDArray[np.float32]
    is_clean: NDArray[np.bool_]
    address: NDArray[np.uint32]
    data: NDArray[np.uint8]
    n_bytes: NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.ticks.shape[0])

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Receptions:
        return Receptions(*(getattr(self, one.name)[rows] for one in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Receptions]) -> Receptions:
        """All of them, in order; at least one part."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))

    @classmethod
    def none(cls) -> Receptions:
        """No receptions."""
        return cls(
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0, np.int64),
            np.zeros(0),
            np.zeros(0),
            np.zeros(0),
            np.zeros(0, np.float32),
            np.zeros(0, np.bool_),
            np.zeros(0, np.uint32),
            np.zeros((0, 16), np.uint8),
            np.zeros(0, np.uint8),
        )


@dataclass(frozen=True, slots=True)
class Groups:
    """Transmissions in columns, oldest first.

    Attributes
    ----------
    receptions
        Of all groups, group by group, the earliest of a group first.
    starts
        int64 (groups + 1): where the rows of each group begin, and the end.
    is_loose
        bool: a single reception by a clock so uncertain that others may have received the same transmission.
    strongest
        int64: row of the reception with the highest level of each group.
    """

    receptions: Receptions
    starts: NDArray[np.int64]
    is_loose: NDArray[np.bool_]
    strongest: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.starts.shape[0]) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many stations received each."""
        return np.diff(self.starts)

    def only(self, wanted: NDArray[np.bool_]) -> Groups:
        """Some of the groups."""
        if wanted.all():
            return self
        sizes = self.sizes
        rows = np.repeat(wanted, sizes)
        starts = np.concatenate(([0], np.cumsum(sizes[wanted]))).astype(np.int64)
        number = np.cumsum(rows) - 1
        return Groups(self.receptions[rows], starts, self.is_loose[wanted], number[self.strongest[wanted]])

    def transmissions(self, names: Sequence[str], at_least: int = 1) -> Iterator[Transmission]:
        """One by one, those received by so many stations at least.

        Parameters
        ----------
        names
            Of the stations, by number.
        """
        rows = self.receptions
        for group in np.flatnonzero(self.sizes >= at_least).tolist():
            first, end = int(self.starts[group]), int(self.starts[group + 1])
            n_bytes = int(rows.n_bytes[first])
            yield Transmission(
                rows.data[first, :n_bytes].tobytes(),
                tuple(
                    Reception(names[station], ticks, clock, None if level != level else level, time_s)
                    for station, ticks, clock, level, time_s in zip(
                        rows.station[first:end].tolist(),
                        rows.ticks[first:end].tolist(),
                        rows.clock[first:end].tolist(),
                        rows.level_dbfs[first:end].tolist(),
                        rows.time_s[first:end].tolist(),
                        strict=True,
                    )
                ),
                float(rows.time_s[first]),
            )


class Grouper:
    """Holds receptions until all stations have had the time to tell theirs, then groups them.

    Parameters
    ----------
    reach_s
        The longest way of light between two stations that hear the same aircraft.

    Attributes
    ----------
    late
        Receptions that came after their moment had been given out; they are in no group.
    """

    def __init__(self, reach_s: float = REACH_S) -> None:
        self.reach_s = reach_s
        self.late = 0
        self._waiting: list[Receptions] = []
        self._until_s = -np.inf

    def __len__(self) -> int:
        return sum(map(len, self._waiting))

    def add(self, receptions: Receptions) -> Receptions:
        """Take in receptions; those that come too late are given back."""
        in_time = receptions.time_s > self._until_s
        if in_time.all():
            late = Receptions.none()
        else:
            late, receptions = receptions[~in_time], receptions[in_time]
            self.late += len(late)
        if len(receptions):
            self._waiting.append(receptions)
        return late

    def take(self, until_s: float) -> Groups:
        """The transmissions up to that moment (UTC s), which does not go back. Receptions somewhat later than it that
        belong to one of them are in it."""
        until_s = max(until_s, self._until_s)
        self._until_s = until_s
        rows = Receptions.joined(self._waiting) if self._waiting else Receptions.none()
        # whoever may belong to a transmission before the moment is looked at, and waits on if it does not
        due = rows.time_s <= until_s + self.reach_s + TOLERANCE_S + np.minimum(rows.uncertainty_s, MOST_UNCERTAIN_S)
        later, rows = rows[~due], rows[due]
        rows, group, is_loose = self._grouped(rows)
        starts = (
            np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1]))) if len(rows) else np.zeros(0, np.int64)
        )
        early = rows.time_s[starts] <= until_s
        if not early.all():
            stays = ~early[np.cumsum(np.bincount(starts, minlength=len(rows))) - 1]
            later = Receptions.joined([later, rows[stays]])
            rows, is_loose = rows[~stays], is_loose[~stays]
            starts = np.concatenate(([0], np.cumsum(np.diff(np.append(starts, len(stays)))[early])))[:-1]
        self._waiting = [later] if len(later) else []
        return _in_order(rows, starts.astype(np.int64), is_loose)

    def _grouped(self, rows: Receptions) -> tuple[Receptions, NDArray[np.int64], NDArray[np.bool_]]:
        """The rows sorted so that groups lie together, each by time; the number of the group of each; which are loose."""
        n = len(rows)
        if n == 0:
            return rows, np.zeros(0, np.int64), np.zeros(0, np.bool_)
        halves = np.ascontiguousarray(rows.data).view(np.uint64)
        key = halves[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ halves[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)
        order = np.lexsort((rows.clock, rows.time_s, key))
        rows, halves = rows[order], halves[order]
        again = np.zeros(n, np.bool_)
        again[1:] = (
            (rows.ticks[1:] == rows.ticks[:-1])
            & (rows.clock[1:] == rows.clock[:-1])
            & (halves[1:] == halves[:-1]).all(axis=1)
        )
        if again.any():  # the same message came twice, as a broker may have it
            rows, halves = rows[~again], halves[~again]
            n = len(rows)
        reach_s = self.reach_s + TOLERANCE_S
        loose_s = np.minimum(rows.uncertainty_s, MOST_UNCERTAIN_S)
        gap_s = np.diff(rows.time_s)
        same = (halves[1:] == halves[:-1]).all(axis=1)
        # a run: the same bytes, no gap longer than the least certain of these bytes may be off
        block = np.concatenate(([0], np.cumsum(~same)))
        blocks = np.flatnonzero(np.concatenate(([True], ~same)))
        most_s = np.maximum.reduceat(loose_s, blocks)[block]
        begins = np.concatenate(([True], ~same | (gap_s > reach_s + 2.0 * most_s[1:])))
        run = np.cumsum(begins) - 1
        starts = np.append(np.flatnonzero(begins), n)
        sizes = np.diff(starts)
        span_s = rows.time_s[starts[1:] - 1] - rows.time_s[starts[:-1]]
        plain = sizes == 1
        pairs = np.flatnonzero(sizes > 1)
        if len(pairs):
            stations = rows.station.astype(np.int64) + run * np.int64(1 << 32)
            twice = np.zeros(len(sizes), np.bool_)
            by_station = np.sort(stations)
            twice[by_station[1:][by_station[1:] == by_station[:-1]] >> 32] = True
            uncertain = np.maximum.reduceat(loose_s, starts[:-1]) > 0.0
            plain |= ~twice & ~uncertain & (span_s <= reach_s)
        group = run * 2  # room for nothing: groups of a run that is taken apart are numbered anew below
        is_loose = np.zeros(n, np.bool_)
        is_loose[starts[:-1][sizes == 1]] = loose_s[starts[:-1][sizes == 1]] > 0.0
        extra = int(group[-1]) + 2
        for number in np.flatnonzero(~plain).tolist():
            first, end = int(starts[number]), int(starts[number + 1])
            found = _apart(
                rows.station[first:end].tolist(), rows.time_s[first:end].tolist(), loose_s[first:end].tolist(), reach_s
            )
            group[first:end] = extra + np.array(found)
            extra += max(found) + 1
            counts = np.bincount(found)
            is_loose[first:end] = (counts[found] == 1) & (loose_s[first:end] > 0.0)
        if extra > int(run[-1]) * 2 + 2:
            order = np.lexsort((rows.time_s, group))
            rows, group, is_loose = rows[order], group[order], is_loose[order]
        return rows, group, is_loose


def _apart(stations: list[int], times_s: list[float], loose_s: list[float], reach_s: float) -> list[int]:
    """Which group each reception of a run belongs to, counted from 0.

    First those with good clocks, each to the nearest group within reach that its station is not in; then the others, each
    where there is only one group that it can belong to, and only one reception of its station that can belong there.
    """
    groups: list[list[int]] = []
    found = [-1] * len(stations)
    for i, time_s in enumerate(times_s):
        if loose_s[i] > 0.0:
            continue
        best, best_s = -1, reach_s
        for number, members in enumerate(groups):
            apart_s = time_s - times_s[members[0]]
            if apart_s <= best_s and all(stations[member] != stations[i] for member in members):
                best, best_s = number, apart_s
        if best < 0:
            groups.append([])
            best = len(groups) - 1
        groups[best].append(i)
        found[i] = best
    firm = len(groups)
    for i, time_s in enumerate(times_s):
        if loose_s[i] == 0.0:
            continue
        within_s = reach_s + loose_s[i]
        if firm:
            near = [g for g in range(firm) if abs(time_s - times_s[groups[g][0]]) <= within_s]
            rivals = sum(
                stations[j] == stations[i] and j != i and abs(times_s[j] - time_s) <= 2 * within_s
                for j in range(len(stations))
            )
            if len(near) == 1 and not rivals and all(stations[j] != stations[i] for j in groups[near[0]]):
                groups[near[0]].append(i)
                found[i] = near[0]
                continue
        groups.append([i])
        found[i] = len(groups) - 1
    if not firm and len(set(stations)) == len(stations):  # nobody knows the time, and there is one of each
        return _chain(times_s, loose_s, reach_s)
    return found


def _chain(times_s: list[float], loose_s: list[float], reach_s: float) -> list[int]:
    """Groups of receptions by stations all of whose clocks are uncertain: those in reach of the first one are with it."""
    found = [0]
    first = 0
    for i in range(1, len(times_s)):
        if times_s[i] - times_s[first] > reach_s + loose_s[i] + loose_s[first]:
            first = i
            found.append(found[-1] + 1)
        else:
            found.append(found[-1])
    return found


def _in_order(rows: Receptions, starts: NDArray[np.int64], is_loose: NDArray[np.bool_]) -> Groups:
    """The groups by the time of their earliest reception."""
    n = len(rows)
    if n == 0:
        return Groups(rows, np.zeros(1, np.int64), np.zeros(0, np.bool_), np.zeros(0, np.int64))
    sizes = np.diff(np.append(starts, n))
    order = np.argsort(rows.time_s[starts], kind="stable")
    sizes_in_order = sizes[order]
    ends = np.cumsum(sizes_in_order)
    take = np.repeat(starts[order] - (ends - sizes_in_order), sizes_in_order) + np.arange(n)
    rows, is_loose = rows[take], is_loose[take]
    starts = np.concatenate(([0], ends)).astype(np.int64)
    level = np.where(np.isnan(rows.level_dbfs), -np.inf, rows.level_dbfs)
    group = np.repeat(np.arange(len(sizes)), sizes_in_order)
    by_level = np.lexsort((np.arange(n), -level, group))
    return Groups(rows, starts, is_loose[starts[:-1]], by_level[starts[:-1]].astype(np.int64))
