"""Which of the positions that reports can be decoded to is believed.

A report is half a position. It is placed by its partner of the other grid (global) and by the position before
(local); where both can be had they must agree. What comes out must be reachable from the position before. What is not
goes into quarantine: it takes the place of the old position only when further pairs, each decoded without any memory,
bear it out while nothing bears out the old one.

Frames of which nothing but the order is known have no speed. There a pair must agree with the position before, which
halves of different hours, or of two aircraft, do not.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from receiver.earth import distance_nmi
from receiver.record import record
from receiver.tracking.cpr import Half, decode_near, decode_pair, decode_surface_pair, longitude_zones
from receiver.tracking.limits import Station

# Two halves of a pair may be so far apart in time; DO-260B says 10 s, and 25 or 50 s on the ground (fast or slow).
_PAIR_AIRBORNE_S = 10.0
_PAIR_SURFACE_S = 25.0
# A local decode is right within half a cell: 180 nmi, 45 on the ground. Kept well inside.
_NEAR_AIRBORNE_NMI = 150.0
_NEAR_SURFACE_NMI = 40.0
_MAX_AIRBORNE_KT = 1200.0
_MAX_SURFACE_KT = 250.0
# Pairs that a position in quarantine needs.
_PAIRS_TO_REPLACE = 3
_FORGET_S = 600.0
_BESIDE_NMI = 5.0
# The two ways to one place differ by less than the grid's half metre.
_SAME_DEG = 1e-6


class Series(NamedTuple):
    """What the two reports of a pair have in common. `family` keeps apart what different senders say (ADS-B, TIS-B …);
    `epoch` and `timed` are the frame's (`receiver.wire.frame.Frame`)."""

    is_surface: bool
    is_coarse: bool
    family: str
    epoch: int
    timed: bool


@lru_cache(maxsize=64)
def series(is_surface: bool, is_coarse: bool, family: str, epoch: int, timed: bool) -> Series:
    """The same object for all reports of a series: it is kept with each."""
    return Series(is_surface, is_coarse, family, epoch, timed)


@record
class Report:
    """One position message as the filter takes it."""

    half: Half
    time_s: float
    is_clean: bool
    series: Series

    @property
    def is_surface(self) -> bool:
        """Whether the aircraft says that it is on the ground."""
        return self.series.is_surface

    @property
    def timed(self) -> bool:
        """Whether its time is known, and not only its place in the order."""
        return self.series.timed


@record
class Fix:
    """A place and when the aircraft was there."""

    latitude_deg: float
    longitude_deg: float
    time_s: float
    is_surface: bool


class Outcome(Enum):
    """What became of a report; the values are names of counters."""

    GLOBAL = "global"  # a pair, and in accord with all that is known
    LOCAL = "local"  # placed by the position before
    WAITING = "waiting"  # no partner, no position before, or nothing that vouches for a first position
    RANGE = "out_of_range"  # farther from the station than can be heard
    QUARANTINED = "quarantined"  # cannot be reached from the position before
    REPLACED = "replaced"  # the quarantine has won

    __hash__ = object.__hash__  # a member is itself only


ACCEPTED = frozenset({Outcome.GLOBAL, Outcome.LOCAL, Outcome.REPLACED})


class PositionFilter:
    """The positions of one aircraft. Some 450 bytes."""

    __slots__ = ("_doubt", "_doubt_pairs", "_even", "_last_odd", "_odd", "_tentative", "fix", "refused")

    def __init__(self) -> None:
        self.fix: Fix | None = None
        self.refused: tuple[float, float] | None = None  # the last place that was out of range
        self._even: Report | None = None
        self._odd: Report | None = None
        self._last_odd: bool | None = None  # which of the two came last
        self._tentative: Fix | None = None  # a first position that nothing vouches for yet
        self._doubt: Fix | None = None  # the quarantine
        self._doubt_pairs = 0

    def update(
        self,
        report: Report,
        ground_speed_kt: float | None,
        station: Station | None,
        max_range_nmi: float,
    ) -> Outcome:
        """Take in one report; when the outcome is one of `ACCEPTED`, `fix` is the new position.

        `ground_speed_kt` is what the aircraft said lately, None when it has not.
        """
        now = report.time_s
        if self.fix is not None and now - self.fix.time_s > _FORGET_S:
            self.fix = None
        partner = self._odd if not report.half.odd else self._even
        follows = self._last_odd is not None and self._last_odd is not report.half.odd
        self._last_odd = report.half.odd
        if report.half.odd:
            self._odd = report
        else:
            self._even = report
        pair = self._pair(report, partner, station)
        near = self._near(report)
        place, is_global = (pair, True) if pair is not None else (near, False)
        if pair is None and near is not None and not report.timed and self._straddles(near, report, partner):
            is_global = True
        if pair is not None and near is not None and self._strange_partner(pair, near, report, ground_speed_kt):
            place, is_global = near, False
        if place is None or not (report.timed or is_global):
            return Outcome.WAITING
        candidate = Fix(place[0], place[1], now, report.is_surface)
        if station is not None and (distance_nmi(station.latitude_deg, station.longitude_deg, *place) > max_range_nmi):
            self.refused = place
            return Outcome.RANGE
        if self.fix is None:
            vouched = report.is_clean and partner is not None and partner.is_clean and (report.timed or follows)
            return self._begin(candidate, vouched)
        if (
            reachable(self.fix, candidate, ground_speed_kt)
            if report.timed
            else near is not None and abs(place[0] - near[0]) < _SAME_DEG and abs(place[1] - near[1]) < _SAME_DEG
        ):
            self.fix = candidate
            if self._doubt is not None and now - self._doubt.time_s > _PAIR_AIRBORNE_S:
                self._doubt = None
            return Outcome.GLOBAL if is_global else Outcome.LOCAL
        return self._quarantine(candidate, is_global, report, ground_speed_kt)

    def _pair(self, report: Report, partner: Report | None, station: Station | None) -> tuple[float, float] | None:
        if partner is None or partner.series != report.series:
            return None
        if report.timed:
            limit = _PAIR_SURFACE_S if report.is_surface else _PAIR_AIRBORNE_S
            if not 0.0 <= report.time_s - partner.time_s <= limit:
                return None
        odd = report.half.odd
        even_half, odd_half = (partner.half, report.half) if odd else (report.half, partner.half)
        if not report.is_surface:
            return decode_pair(even_half, odd_half, odd)
        if self.fix is not None:
            return decode_surface_pair(even_half, odd_half, odd, self.fix.latitude_deg, self.fix.longitude_deg)
        if station is not None:
            place = station.ground or (station.latitude_deg, station.longitude_deg)
            return decode_surface_pair(even_half, odd_half, odd, *place)
        return None

    def _near(self, report: Report) -> tuple[float, float] | None:
        fix = self.fix
        if fix is None:
            return None
        speed = _MAX_SURFACE_KT if report.is_surface and fix.is_surface else _MAX_AIRBORNE_KT
        limit = _NEAR_SURFACE_NMI if report.is_surface else _NEAR_AIRBORNE_NMI
        if abs(report.time_s - fix.time_s) / 3600.0 * speed > limit:
            return None
        return decode_near(report.half, fix.latitude_deg, fix.longitude_deg, report.is_surface)

    def _straddles(self, near: tuple[float, float], report: Report, partner: Report | None) -> bool:
        """Whether the two halves make no pair only because a zone of longitude ends between them: by the place before they
        are beside each other, in different zones."""
        fix = self.fix
        if fix is None or partner is None or partner.series != report.series:
            return False
        other = decode_near(partner.half, fix.latitude_deg, fix.longitude_deg, report.is_surface)
        return (
            other is not None
            and longitude_zones(other[0]) != longitude_zones(near[0])
            and distance_nmi(*other, *near) < _BESIDE_NMI
        )

    def _strange_partner(
        self, pair: tuple[float, float], near: tuple[float, float], report: Report, ground_speed_kt: float | None
    ) -> bool:
        """Whether the report continues the track, but not together with its partner, which then was damaged or somebody
        else's. By chance a report lands beside the position before once in some ten thousand times."""
        fix = self.fix
        if (
            fix is None
            or not report.timed
            or (abs(pair[0] - near[0]) < _SAME_DEG and abs(pair[1] - near[1]) < _SAME_DEG)
        ):
            return False
        now, is_surface = report.time_s, report.is_surface
        return not reachable(fix, Fix(*pair, now, is_surface), ground_speed_kt) and reachable(
            fix, Fix(*near, now, is_surface), ground_speed_kt
        )

    def _begin(self, candidate: Fix, vouched: bool) -> Outcome:
        """A first position: at once from a clean pair, which only a liar can get wrong; else when a second pair
        agrees."""
        if not vouched:
            earlier = self._tentative
            self._tentative = candidate
            if earlier is None or not reachable(earlier, candidate, None):
                return Outcome.WAITING
        self._tentative = None
        self.fix = candidate
        return Outcome.GLOBAL

    def _quarantine(self, candidate: Fix, is_global: bool, report: Report, ground_speed_kt: float | None) -> Outcome:
        assert self.fix is not None
        if not (is_global and report.is_clean):
            return Outcome.QUARANTINED
        if self._doubt is None or not reachable(self._doubt, candidate, ground_speed_kt):
            self._doubt_pairs = 0
        self._doubt = candidate
        self._doubt_pairs += 1
        # while the old position is borne out now and then, there are two senders: the first keeps its address
        if self._doubt_pairs < _PAIRS_TO_REPLACE or (report.timed and candidate.time_s - self.fix.time_s < 2.0):
            return Outcome.QUARANTINED
        self.fix = candidate
        self._doubt = None
        self._doubt_pairs = 0
        return Outcome.REPLACED


def reachable(old: Fix, new: Fix, ground_speed_kt: float | None) -> bool:
    """Whether an aircraft can have got from one fix to the other.

    With a known speed: that speed and half as much again, and 100 kt for wind, turns and old news. Without: what the
    fastest do. Then some slack for the grid, for late reports and for a clock that is no better than the receiver's.
    """
    hours = abs(new.time_s - old.time_s) / 3600.0
    on_ground = old.is_surface and new.is_surface
    limit_kt = _MAX_SURFACE_KT if on_ground else _MAX_AIRBORNE_KT
    if ground_speed_kt is not None:
        limit_kt = min(limit_kt, ground_speed_kt * 1.5 + 100.0) if ground_speed_kt < 700 else ground_speed_kt * 1.5
    slack_nmi = 0.1 if on_ground else 0.3
    far = distance_nmi(old.latitude_deg, old.longitude_deg, new.latitude_deg, new.longitude_deg)
    return far <= limit_kt * hours + slack_nmi
