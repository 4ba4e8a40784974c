"""What is out of the ordinary about a visit, noted while it lasts: held against what is usual here (`usual.py`)."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from receiver.watch.usual import Usual, spot_of
from receiver.watch.watched import Watched

NEWS_S = 900.0  # so long a place is news
ALTITUDE_FRESH_S = 30.0
EVENING, MORNING = 20, 6  # local hours: what is between is a night
ORDINAL_1970 = date(1970, 1, 1).toordinal()
OF_INTEREST = ("military", "notable", "drone")
AIRLINERS, LIGHT, HELICOPTER, GLIDERS = frozenset({"A3", "A4", "A5"}), frozenset({"A1", "A2"}), "A7", frozenset({"B1"})


class Reporter:
    """Keeps `Watched.news` up to date, and the memory with it.

    Parameters
    ----------
    zone
        Whose nights are counted.
    everybody
        Whether everybody's last visit is remembered, not only that of military, listed and drone aircraft.
    unusual_days
        For how many days a place or class must have been without anybody; None: nobody asks.
    """

    def __init__(self, zone: tzinfo, everybody: bool, unusual_days: int | None) -> None:
        self.usual = Usual()
        self._zone = zone
        self._everybody = everybody
        self._unusual_days = unusual_days

    def meet(self, aircraft: Watched, now: float) -> None:
        """A visit begins."""
        last = self.usual.heard.get(aircraft.icao)
        aircraft.first_seen = last is None
        aircraft.news.away_s = None if last is None or last > now else now - last
        if self._everybody:
            self.usual.hear(aircraft.icao, now)

    def look(self, aircraft: Watched, now: float) -> None:
        """Every few seconds."""
        self.usual.begin(now)
        of_interest = any(aircraft.identity.value(name) == "yes" for name in OF_INTEREST)
        if of_interest or self._everybody:
            self.usual.hear(aircraft.icao, now)
        self._type(aircraft, now)
        if of_interest or aircraft.pattern is not None:
            self._night(aircraft, now)
        self._place(aircraft, now, of_interest)

    def _type(self, aircraft: Watched, now: float) -> None:
        designator, news = aircraft.identity.value("type"), aircraft.news
        if designator is not None and designator != news.known_type:
            news.known_type = designator
            news.new_type = designator if self.usual.type_seen(designator, now) else None

    def _night(self, aircraft: Watched, now: float) -> None:
        local = datetime.fromtimestamp(now, self._zone)
        if MORNING <= local.hour < EVENING:
            return
        night = local.date().toordinal() - ORDINAL_1970 - (1 if local.hour < MORNING else 0)
        if night != aircraft.news.night:
            aircraft.news.night = night
            aircraft.news.nights = self.usual.night_of(aircraft.icao, night)

    def _place(self, aircraft: Watched, now: float, of_interest: bool) -> None:
        news, here, altitude = aircraft.news, aircraft.place_now(), aircraft.sighting.altitude_baro_ft
        if news.oddity is not None and now > news.oddity.until_s:
            news.oddity = None
        if here is None or altitude is None or aircraft.sighting.on_ground:
            return
        spot = spot_of(*here, altitude, class_of(aircraft))
        if spot == news.spot:
            return
        news.spot = spot
        if self._unusual_days is not None:
            odd = self.usual.odd(spot, self._unusual_days, now, now + NEWS_S)
            news.oddity = odd if odd is not None else news.oddity
        self.usual.seen(spot, now)


def class_of(aircraft: Watched) -> str:
    """One of `usual.CLASSES`: by what is known of it, then by its own account."""
    identity, category = aircraft.identity, aircraft.sighting.category
    if identity.value("drone") == "yes":
        return "drone"
    if category == HELICOPTER:
        return "helicopter"
    if identity.value("military") == "yes":
        return "military"
    if category in GLIDERS:
        return "glider"
    if category in AIRLINERS:
        return "airliner"
    return "light" if category in LIGHT else "other"
