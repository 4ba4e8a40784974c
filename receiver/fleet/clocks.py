"""When each station received what: UTC from its anchor, or from its messages' arrival, and how far it is from the others.

A station says what UTC its counter's zero was, and how well it knows. The hub believes that while its messages arrive at
about that time; else it goes by their arrival. So far a clock is good to tenths of a second. Then the hub compares:
two stations that receive the same transmission of a kind that is never repeated (a position in the air) tell how far
their clocks are apart, to the millisecond that light takes between them. A station that agrees with others so is
*aligned*: it is moved onto their common time, and its receptions are grouped by reach alone (`grouping.py`).

What a station says of its time moves itself only: differences are kept pair by pair, each a median; a pair that does not
hold still aligns nobody. The common time is the middle of what all aligned stations say.
"""

from __future__ import annotations

import statistics
from collections import defaultdict, deque
from collections.abc import Iterable

import numpy as np

from receiver.fleet.grouping import Groups, Receptions
from receiver.fleet.heard import TICKS_HZ, Head

AHEAD_S, BEHIND_S = 1.0, 3.0  # an anchor may be off from the arrival by so much beside its own uncertainty
ARRIVAL_UNCERTAINTY_S = 0.5
RESET_S = 0.4  # a clock told by arrival stays as it is while arrivals say about the same
EXACT_S = 0.001  # a clock known so well needs no others
WINDOW_S = 20.0
SAMPLES = 32
ENOUGH = 6
STEADY_S = 0.0025  # light between stations, twice: a pair's differences lie so close together
STEADY_SHARE = 0.7
MATCH_S = 4.0
POSITIONS_A_TURN = 100
FORGET_S = 120.0
DRIFT_S = 120.0  # so long, or the jitter of the anchor is more than the crystal's


class _Clock:
    """One counter of one station."""

    __slots__ = (
        "_arrivals",
        "_began",
        "aligned",
        "claims",
        "correction_s",
        "drift_ppm",
        "heard_s",
        "number",
        "station",
        "uncertainty_s",
        "utc0_s",
        "wrong_by_s",
    )

    def __init__(self, number: int, station: int) -> None:
        self.number = number
        self.station = station
        self.utc0_s = 0.0
        self.uncertainty_s = ARRIVAL_UNCERTAINTY_S
        self.correction_s = 0.0
        self.aligned = False
        self.heard_s = 0.0
        self.claims = False  # that it knows the time
        self.drift_ppm: float | None = None  # of its anchor against the hub's clock
        self.wrong_by_s: float | None = None  # its own anchor, when it is not believed
        self._began: tuple[float, float] | None = None  # when its first message came, and its anchor then
        self._arrivals: deque[tuple[float, float]] = deque()  # when, and least (arrival − counter) of a second

    def hear(self, head: Head, arrived_s: float) -> bool:
        """Note a message; whether the clock is told by other means than before."""
        self.heard_s = arrived_s
        least_s = arrived_s - head.last_ticks / TICKS_HZ
        arrivals = self._arrivals
        if arrivals and arrived_s - arrivals[-1][0] < 1.0:
            if least_s < arrivals[-1][1]:
                arrivals[-1] = arrivals[-1][0], least_s
        else:
            arrivals.append((arrived_s, least_s))
            while arrived_s - arrivals[0][0] > WINDOW_S:
                arrivals.popleft()
        by_arrival_s = min(least for _, least in arrivals)
        anchor_s = head.anchor_us / 1e6
        wrong_s = anchor_s - by_arrival_s
        self.claims = head.uncertainty_s is not None
        if self._began is None:
            self._began = arrived_s, anchor_s
        elif self.claims and arrived_s - self._began[0] >= DRIFT_S:
            self.drift_ppm = -1e6 * (anchor_s - self._began[1]) / (arrived_s - self._began[0])
        believed = head.uncertainty_s is not None and (
            -BEHIND_S - head.uncertainty_s <= wrong_s <= AHEAD_S + head.uncertainty_s
        )
        was, before_s = self.wrong_by_s is None, self.utc0_s
        if believed and head.uncertainty_s is not None:
            self.utc0_s, self.uncertainty_s, self.wrong_by_s = anchor_s, head.uncertainty_s, None
        else:
            if was or abs(by_arrival_s - self.utc0_s) > RESET_S:
                self.utc0_s = by_arrival_s
            self.uncertainty_s, self.wrong_by_s = ARRIVAL_UNCERTAINTY_S, wrong_s
        return was is not (self.wrong_by_s is None) or abs(self.utc0_s - before_s) > RESET_S

    @property
    def loose_s(self) -> float:
        """How far receptions may be off from the common time."""
        return 0.0 if self.aligned or self.uncertainty_s <= EXACT_S else self.uncertainty_s


class Clocks:
    """The clocks of all stations. `now` and arrivals are UTC (s) by the hub's clock."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[int, int], _Clock] = {}
        self._clocks: dict[int, _Clock] = {}
        self._next = 0
        self._apart: defaultdict[tuple[int, int], deque[float]] = defaultdict(lambda: deque(maxlen=SAMPLES))
        self._sent: dict[bytes, list[tuple[int, float]]] = {}
        self._sent_before: dict[bytes, list[tuple[int, float]]] = {}
        self._sent_since_s = 0.0

    def hear(self, station: int, head: Head, arrived_s: float) -> tuple[int, float, float, float]:
        """Note a message. Number of its clock, UTC (s) of the counter's zero as told, how far to move that for the common time
        (s), how uncertain that is (s)."""
        key = station, head.clock
        clock = self._by_key.get(key)
        if clock is None:
            clock = self._by_key[key] = self._clocks[self._next] = _Clock(self._next, station)
            self._next += 1
        if clock.hear(head, arrived_s):
            self._unalign(clock)
        return clock.number, clock.utc0_s, clock.correction_s, clock.loose_s

    def look(self, receptions: Receptions) -> None:
        """Compare receptions as they come, while there are clocks that are not aligned."""
        unaligned = [clock.number for clock in self._clocks.values() if not clock.aligned]
        if not unaligned or len(self._clocks) < 2:
            return
        first = receptions.data[:, 0] >> 3
        code = receptions.data[:, 4] >> 3
        position = (first == 17) & (((code >= 9) & (code <= 18)) | ((code >= 20) & (code <= 22)))
        rows = np.flatnonzero(position & (receptions.uncertainty_s > 0.0))
        others = np.flatnonzero(position & (receptions.uncertainty_s == 0.0))
        for row in [*rows[:POSITIONS_A_TURN].tolist(), *others[:POSITIONS_A_TURN].tolist()]:
            data = receptions.data[row].tobytes()
            number, time_s = int(receptions.clock[row]), float(receptions.time_s[row] - receptions.moved_s[row])
            if time_s - self._sent_since_s > MATCH_S:
                self._sent_before, self._sent, self._sent_since_s = self._sent, {}, time_s
            seen = self._sent.get(data) or self._sent_before.get(data)
            if seen is None:
                self._sent[data] = [(number, time_s)]
                continue
            for other, other_s in seen:
                if other != number and abs(time_s - other_s) <= MATCH_S:
                    self._compare(other, other_s, number, time_s)
            seen.append((number, time_s))

    def learn(self, groups: Groups, most: int = 200) -> None:
        """Compare the clocks of stations that have received the same transmissions."""
        rows = groups.receptions
        if not len(groups):
            return
        inside = np.ones(len(rows), np.bool_)
        inside[groups.starts[:-1]] = False  # those that follow another one of their group
        found = np.flatnonzero(inside)
        if len(found) > most:
            found = found[:: len(found) // most + 1]
        clocks, times = rows.clock, rows.time_s - rows.moved_s
        for row in found.tolist():
            self._compare(int(clocks[row - 1]), float(times[row - 1]), int(clocks[row]), float(times[row]))

    def _compare(self, one: int, one_s: float, other: int, other_s: float) -> None:
        """Note how far two clocks are apart, by what they say themselves."""
        if one > other:
            one, one_s, other, other_s = other, other_s, one, one_s
        a, b = self._clocks.get(one), self._clocks.get(other)
        if a is not None and b is not None and a.station != b.station:
            self._apart[one, other].append(other_s - one_s)

    def align(self, now: float) -> None:
        """Find out which clocks hold still against each other, and put them on a common time. About once a second."""
        self._forget(now)
        edges: defaultdict[int, dict[int, float]] = defaultdict(dict)
        for (one, other), apart in self._apart.items():
            if len(apart) >= ENOUGH:
                middle_s = statistics.median(apart)
                steady = sum(abs(one_s - middle_s) <= STEADY_S for one_s in apart)
                if steady >= STEADY_SHARE * len(apart):
                    edges[one][other] = middle_s
                    edges[other][one] = -middle_s
        placed: dict[int, float] = {}
        rest = sorted(edges, key=lambda number: (self._clocks[number].uncertainty_s, -len(edges[number]), number))
        for root in rest:
            if root in placed:
                continue
            members = self._spread(root, edges, placed)
            # their middle is what they say themselves: nobody's word alone moves the others
            trusted = [n for n in members if self._clocks[n].wrong_by_s is None] or members
            shift_s = statistics.median(placed[n] for n in trusted)
            for number in members:
                placed[number] -= shift_s
        for number, clock in self._clocks.items():
            clock.aligned = number in placed
            clock.correction_s = placed.get(number, 0.0)

    def _spread(self, root: int, edges: dict[int, dict[int, float]], placed: dict[int, float]) -> list[int]:
        """Give corrections to all that hang together with a clock; their numbers."""
        members = [root]
        placed[root] = 0.0
        open_ = deque([root])
        while open_:
            number = open_.popleft()
            for other in edges[number]:
                if other not in placed:
                    # from all that are placed already: one that tells each something else is outvoted
                    votes = [placed[n] - edges[n][other] for n in edges[other] if n in placed]
                    placed[other] = statistics.median_low(votes)
                    members.append(other)
                    open_.append(other)
        return members

    def _unalign(self, clock: _Clock) -> None:
        clock.aligned, clock.correction_s = False, 0.0
        for key in [key for key in self._apart if clock.number in key]:
            del self._apart[key]

    def _forget(self, now: float) -> None:
        for key, clock in list(self._by_key.items()):
            if now - clock.heard_s > FORGET_S:
                del self._by_key[key], self._clocks[clock.number]
                self._unalign(clock)

    def of_station(self, station: int) -> Iterable[_Clock]:
        """The counters of a station, the newest last."""
        return [clock for clock in self._clocks.values() if clock.station == station]

    def move(self, by_s: float) -> None:
        """The hub's clock was set by so much."""
        for clock in self._clocks.values():
            clock.heard_s += by_s
            clock._arrivals = deque((at + by_s, least + by_s) for at, least in clock._arrivals)
