"""Positions that aircraft broadcast, held against when their transmissions arrived.

A transmission that was not sent where it says arrives at the wrong times at several stations, in differences that no single clock
explains. Stations at fault are known by being late for everybody.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

LEAST_STATIONS = 3
FAR_S = 3.3e-6  # 1 km: more than errors of positions, altitudes and clocks together
REMEMBERED = 24
FRESH_S = 60.0
LEAST_CONTRADICTIONS = 5
LEAST_SHARE = 0.7
LEAST_SPAN_S = 2.0


class Contradiction(NamedTuple):
    """A broadcast position is not where the transmissions come from.

    Attributes
    ----------
    since_s
        UTC.
    stations
        How many stations' times say so.
    off_km
        By how much at least: what light travels in the largest difference is twice that.
    place
        Latitude, longitude where they do come from, when that can be told.
    place_km
        How far that is from the broadcast position.
    """

    since_s: float
    stations: int
    off_km: float
    place: tuple[float, float] | None
    place_km: float | None


class _Votes:
    __slots__ = ("contradiction", "votes")

    def __init__(self) -> None:
        self.votes: deque[tuple[float, bool]] = deque(maxlen=REMEMBERED)
        self.contradiction: Contradiction | None = None


class Checks:
    """What is known about the broadcast positions of each aircraft."""

    def __init__(self) -> None:
        self._aircraft: dict[str, _Votes] = {}

    def note(self, icao: str, late_s: list[float], now: float) -> bool | None:
        """How late one transmission arrived where, against the stations that agree, but for those known to be at fault.

        Returns
        -------
        Whether it contradicts its position; None when too few stations say anything.
        """
        if len(late_s) < LEAST_STATIONS:
            return None
        contradicts = _contradicts(late_s)
        if contradicts is None:
            return None
        votes = self._aircraft.get(icao)
        if votes is None:
            votes = self._aircraft[icao] = _Votes()
        votes.votes.append((now, contradicts))
        recent = [yes for when, yes in votes.votes if 0.0 <= now - when <= FRESH_S]
        against = sum(recent)
        if votes.contradiction is None:
            first = next((when for when, yes in votes.votes if yes and now - when <= FRESH_S), now)
            if against >= LEAST_CONTRADICTIONS and against >= LEAST_SHARE * len(recent) and now - first >= LEAST_SPAN_S:
                off_km = (max(late_s) - min(late_s)) / 2 * 299_792.458
                votes.contradiction = Contradiction(first, len(late_s), off_km, None, None)
        elif against < (1 - LEAST_SHARE) * len(recent):
            votes.contradiction = None
        return contradicts

    def located(self, icao: str, place: tuple[float, float], place_km: float) -> None:
        """Where its transmissions come from."""
        votes = self._aircraft.get(icao)
        if votes is not None and votes.contradiction is not None:
            votes.contradiction = votes.contradiction._replace(place=place, place_km=place_km)

    def contradiction(self, icao: str) -> Contradiction | None:
        """What contradicts an aircraft's broadcast positions; None: nothing does."""
        votes = self._aircraft.get(icao)
        return None if votes is None else votes.contradiction

    def expire(self, now: float) -> None:
        """Forget who was not checked for long."""
        for icao in [one for one, votes in self._aircraft.items() if now - votes.votes[-1][0] > 5 * FRESH_S]:
            del self._aircraft[icao]


def _contradicts(late_s: list[float]) -> bool | None:
    """Whether at least two stations are off by more than a kilometre, each differently: one alone may be its clock's doing.

    None when one is: nobody can say whose fault that is.
    """
    ordered = sorted(late_s)
    if ordered[-1] - ordered[0] <= FAR_S:
        return False
    # the largest set that agrees
    most = max(sum(abs(other - one) <= FAR_S / 2 for other in ordered) for one in ordered)
    if most >= len(ordered) - 1:
        return None
    return True
