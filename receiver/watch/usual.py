"""What is usual here: who flies where and how high, over weeks; which types come, who comes back, and on which nights.

A day and a cell of a quarter of a degree is the grain: for each cell, band of heights and class of aircraft one bit for each of
the last sixty days. So it forgets by itself, and a year of it is some hundred kilobytes. What nobody can receive here
(too low, too far) is not called unusual: the band above must be busy in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

DAY_S = 86_400.0
CELL_DEG = 0.25
COLUMNS = 1440
TOPS_FT = (3_000.0, 10_000.0, 25_000.0)  # of the bands; the last has none
CLASSES = ("other", "airliner", "light", "helicopter", "glider", "military", "drone")
TOLD_CLASSES = frozenset({"helicopter", "glider", "military", "drone"})  # of which one may be unusual as such
DAYS = 60
BUSY_SHARE = 0.5  # of the days: then the absence of others says something
LEARNED_DAYS = 14  # before that, every type is a new one
FORGET_DAYS = 400
MAX_CELLS = 200_000
MAX_HEARD = 100_000
MAX_TYPES = 3_000
MAX_NIGHTS_OF = 5_000
WEEK = 7
_MASK = (1 << DAYS) - 1


@dataclass(frozen=True, slots=True)
class Oddity:
    """Where somebody is whom nobody expects.

    Attributes
    ----------
    what
        "height": nobody is so low here; else a class: none of them is at this height here.
    below_ft
        Upper end of the band of heights; None: above the highest.
    days
        For so many days not.
    until_s
        How long that is news, UTC seconds.
    """

    what: str
    below_ft: float | None
    days: int
    until_s: float


@dataclass(slots=True)
class News:
    """What is out of the ordinary about one visit.

    Attributes
    ----------
    away_s
        For how long it was not received before this visit; None: not known.
    new_type
        Its type, when it is the first of it here.
    oddity
        Where it is, when that is unusual.
    nights
        On how many nights of the last seven it was here, this one included.
    spot, known_type, night
        What was looked at last.
    """

    away_s: float | None = None
    new_type: str | None = None
    oddity: Oddity | None = None
    nights: int = 0
    spot: int = -1
    known_type: str | None = None
    night: int = -1


@dataclass(slots=True)
class Usual:
    """The memory. `days`: key of cell, band and class -> the last day that it was seen, and a bit for each of the sixty days up
    to then (lowest bit: that day). Days count from 1970."""

    first_day: int = -1
    days: dict[int, tuple[int, int]] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    nights: dict[str, list[int]] = field(default_factory=dict)
    swept: int = -1

    def begin(self, now: float) -> None:
        """A day begins: note the first one, and forget what is too old."""
        today = int(now // DAY_S)
        if self.first_day < 0:
            self.first_day = today
        if today == self.swept:
            return
        self.swept = today
        oldest = today - FORGET_DAYS
        self.days = {key: one for key, one in self.days.items() if one[0] >= oldest}
        if len(self.days) > MAX_CELLS:
            newest = sorted(self.days, key=lambda key: self.days[key][0])[-MAX_CELLS:]
            self.days = {key: self.days[key] for key in newest}
        self.nights = {icao: list_ for icao, list_ in self.nights.items() if list_[-1] > today - WEEK - 1}

    def learned(self, now: float) -> int:
        """For how many days it has learned."""
        return int(now // DAY_S) - self.first_day if self.first_day >= 0 else 0

    def hear(self, icao: str, now: float) -> None:
        """It is received now."""
        self.heard.pop(icao, None)
        self.heard[icao] = now  # last: the newest
        if len(self.heard) > MAX_HEARD:
            del self.heard[next(iter(self.heard))]

    def type_seen(self, designator: str, now: float) -> bool:
        """Note a type; whether it is the first of it, and that means something."""
        first = designator not in self.types and self.learned(now) >= LEARNED_DAYS
        self.types[designator] = int(now // DAY_S)
        if len(self.types) > MAX_TYPES:
            del self.types[min(self.types, key=lambda one: self.types[one])]
        return first

    def night_of(self, icao: str, night: int) -> int:
        """Note that it is here on this night; on how many of the last seven it was."""
        known = [one for one in self.nights.get(icao, ()) if night - WEEK < one < night]
        self.nights[icao] = [*known, night]
        if len(self.nights) > MAX_NIGHTS_OF:
            del self.nights[min(self.nights, key=lambda one: self.nights[one][-1])]
        return len(known) + 1

    def seen(self, spot: int, now: float) -> None:
        """Somebody of this class is in this cell and band."""
        today = int(now // DAY_S)
        last, bits = self.days.get(spot, (today, 0))
        if today >= last:
            self.days[spot] = (today, (bits << min(today - last, DAYS) | 1) & _MASK)

    def odd(self, spot: int, least_days: int, now: float, until_s: float) -> Oddity | None:
        """Whether somebody of this class in this cell and band is unusual: for `least_days` there was none."""
        today, learned = int(now // DAY_S), self.learned(now)
        same = self.days.get(spot)
        if learned < least_days or (same is not None and today - same[0] < least_days):
            return None
        kind, band = spot % 8, spot // 8 % 4
        top = TOPS_FT[band] if band < len(TOPS_FT) else None
        if band <= 1 and self._busy(spot, band + 1, today, learned):
            away = min(today - self._last(spot, range(band + 1), None, today), learned)
            if away >= least_days:
                return Oddity("height", top, away, until_s)
        if CLASSES[kind] in TOLD_CLASSES and self._busy(spot, band, today, learned):
            away = min(today - self._last(spot, range(band, band + 1), kind, today), learned)
            if away >= least_days:
                return Oddity(CLASSES[kind], top, away, until_s)
        return None

    def _busy(self, spot: int, band: int, today: int, learned: int) -> bool:
        """Whether on most days somebody is there."""
        bits = 0
        for key in _around(spot, range(band, band + 1), None):
            one = self.days.get(key)
            if one is not None and today - one[0] < DAYS:
                bits |= one[1] << (today - one[0])
        return (bits & _MASK).bit_count() >= BUSY_SHARE * min(learned, DAYS)

    def _last(self, spot: int, bands: range, kind: int | None, today: int) -> int:
        """The last day that somebody was there; long ago when there was nobody."""
        found = (self.days.get(key) for key in _around(spot, bands, kind))
        return max((one[0] for one in found if one is not None), default=today - FORGET_DAYS)


def spot_of(latitude_deg: float, longitude_deg: float, altitude_ft: float, kind: str) -> int:
    """Key of cell, band and class; heights are barometric."""
    row = int((latitude_deg + 90.0) / CELL_DEG)
    column = int((longitude_deg + 180.0) / CELL_DEG) % COLUMNS
    band = sum(altitude_ft >= top for top in TOPS_FT)
    return ((row * COLUMNS + column) * 4 + band) * 8 + CLASSES.index(kind)


def _around(spot: int, bands: range, kind: int | None) -> Iterator[int]:
    """The cell and its eight neighbours, in these bands, of this class or of all."""
    cell = spot // 32
    row, column = divmod(cell, COLUMNS)
    for r in (row - 1, row, row + 1):
        for c in (column - 1, column, column + 1):
            for band in bands:
                first = ((r * COLUMNS + c % COLUMNS) * 4 + band) * 8
                if kind is not None:
                    yield first + kind
                else:
                    yield from range(first, first + len(CLASSES))
