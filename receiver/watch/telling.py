"""From what is known to an alert: the facts that go into it, and its sentence."""

from __future__ import annotations

import math
import zoneinfo
from dataclasses import dataclass

from receiver.earth import great_circle_km
from receiver.watch.alerts import ENDED, Alert, alert_id
from receiver.watch.approach import Approach
from receiver.watch.fleet import Fleet
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern
from receiver.watch.rules import ReadyRule
from receiver.watch.sentence import SPOOFED, Story, brief, tell
from receiver.watch.watched import Watched
from receiver.watch.world import Atlas

UNHEARD_AFTER_S = 60.0
FAR_KM = 20.0

Subject = Watched | Fleet


@dataclass(frozen=True, slots=True)
class Occasion:
    """Which rule spoke, why, of which state of an alert, and when.

    `names`: all rules of the group that match; `members`: of a fleet's alert, everybody that it was ever about; `earlier`: from
    when to when the same was flown in the same place in an alert before this one; `places`: in how many places something was
    flown on this flight, and since when.
    """

    rule: ReadyRule
    clause: str
    names: tuple[str, ...]
    state: str
    raised_s: float
    now: float
    pattern: Pattern | None = None
    members: tuple[str, ...] = ()
    earlier: tuple[float, float] | None = None
    places: tuple[int, float] | None = None


class Teller:
    """Makes alerts."""

    def __init__(self, atlas: Atlas, language: str, time_zone: str) -> None:
        self._atlas = atlas
        self._language = language
        self._zone = zoneinfo.ZoneInfo(time_zone)

    def alert(self, occasion: Occasion, subject: Subject) -> Alert:
        """The alert of this occasion. It tells nobody yet, and its id is that of one raised at `raised_s`."""
        rule = occasion.rule.rule
        one = subject if isinstance(subject, Watched) else None
        story = self._one(occasion, subject) if isinstance(subject, Watched) else self._all(occasion, subject)
        return Alert(
            id=alert_id(occasion.rule.group, subject.icao, occasion.raised_s),
            rule=rule.name,
            title=rule.title or rule.name,
            clause=occasion.clause,
            severity=rule.severity,
            rules=occasion.names,
            state=occasion.state,
            text=tell(story, self._language, self._zone),
            brief=brief(story, self._language, self._zone),
            icao=subject.icao,
            sighting=one.sighting if one is not None else None,
            identity=one.identity if one is not None else Identity(),
            pattern=occasion.pattern,
            raised_s=occasion.raised_s,
            updated_s=occasion.now,
            ended_s=None,
            notify=(),
            picture=rule.picture and one is not None,
            tracker=rule.tracker and one is not None,
            trail=tuple(one.trail) if one is not None else (),
            passing=story.passing,
        )

    def _one(self, occasion: Occasion, aircraft: Watched) -> Story:
        """The story of one aircraft."""
        sighting, pattern, now = aircraft.sighting, occasion.pattern, occasion.now
        ended = occasion.state == ENDED
        place = (pattern.latitude_deg, pattern.longitude_deg) if pattern is not None else aircraft.place()
        near = land = None
        if place is not None:
            near = self._atlas.near(*place, self._language)
            land = self._atlas.land(*place, self._language)
        country = aircraft.identity.value("country")
        flown_s = 0.0
        if pattern is not None:
            flown_s = (pattern.updated_s if ended else max(pattern.updated_s, now)) - pattern.since_s
        return Story(
            icao=sighting.icao,
            callsign=(sighting.callsign or "").strip() or None,
            identity=aircraft.identity,
            now=now,
            pattern=pattern,
            flown_s=flown_s,
            squawk=sighting.squawk,
            emergency=sighting.emergency,
            gps_lost=aircraft.integrity.lost_s is not None,
            doubt=aircraft.belief.named(sighting.now),
            altitude_ft=sighting.altitude_baro_ft,
            on_ground=bool(sighting.on_ground),
            registered_in=None if country is None else self._atlas.country_name(country, self._language),
            near=near,
            land=land,
            crossing=aircraft.crossings[-1] if aircraft.crossings else None,
            ended=ended,
            unheard=now - sighting.now > UNHEARD_AFTER_S,
            earlier=occasion.earlier,
            passing=_passing(occasion.rule, aircraft),
            news=aircraft.news,
            went_around=aircraft.descent.name if aircraft.descent.gone_s is not None else None,
            places=occasion.places,
        )

    def _all(self, occasion: Occasion, fleet: Fleet) -> Story:
        """The story of the fleet."""
        ended = occasion.state == ENDED
        about = occasion.rule.about
        if about == SPOOFED:
            return self._deceived(occasion, fleet, ended)
        if about in ("military_aircraft", "formation_aircraft"):
            return self._group(occasion, fleet, ended)
        told = occasion.members if ended else fleet.lost(occasion.now)
        back = tuple(icao for icao in told if icao in fleet.gps_back)
        return Story("", None, Identity(), occasion.now, fleet=told, back=back, ended=ended, about=about)

    def _group(self, occasion: Occasion, fleet: Fleet, ended: bool) -> Story:
        """The story of aircraft in company: where the middle one of them is."""
        about = occasion.rule.about
        told = occasion.members if ended else fleet.members(about, occasion.now)
        there = [fleet.company.present[icao] for icao in told if icao in fleet.company.present]
        near = land = None
        if there and about == "formation_aircraft":
            middle = sorted(there, key=lambda one: one.latitude_deg)[len(there) // 2]
            near = self._atlas.near(middle.latitude_deg, middle.longitude_deg, self._language)
            land = self._atlas.land(middle.latitude_deg, middle.longitude_deg, self._language)
        met_s = fleet.company.group()[1] if about == "formation_aircraft" and not ended else None
        return Story(
            "", None, Identity(), occasion.now, fleet=told, ended=ended, about=about, near=near, land=land, met_s=met_s
        )  # fmt: skip

    def _deceived(self, occasion: Occasion, fleet: Fleet, ended: bool) -> Story:
        """The story of aircraft whose positions cannot be true: where they say they are, and how far off that is."""
        there = fleet.deceived() or fleet.last_deceived
        near = land = apart_km = None
        if there:
            doubts = [one.doubt for one in there.values()]
            middle = sorted(doubts, key=lambda doubt: doubt.latitude_deg)[len(doubts) // 2]
            place = (middle.latitude_deg, middle.longitude_deg)
            near = self._atlas.near(*place, self._language)
            land = self._atlas.land(*place, self._language)
            apart = sorted(
                great_circle_km(*one.believed, one.doubt.latitude_deg, one.doubt.longitude_deg)
                for one in there.values()
                if one.believed is not None
            )
            far = [math.hypot(*offset) for offset in apart]
            apart_km = sorted(far)[len(far) // 2] if far else None
        told = occasion.members if ended else tuple(sorted(there))
        return Story(
            "", None, Identity(), occasion.now, fleet=told, ended=ended, about=SPOOFED, near=near, land=land,
            apart_km=apart_km if apart_km is not None and apart_km >= FAR_KM else None,
        )  # fmt: skip


def _passing(rule: ReadyRule, aircraft: Watched) -> tuple[str, Approach] | None:
    """The place that a rule asks about and that will be passed, and how."""
    for part in rule.rule.when.parts():
        if part.will_pass is not None:
            name = part.will_pass.name or f"{part.will_pass.latitude:g}, {part.will_pass.longitude:g}"
            approach = aircraft.approaches.get(name)
            if approach is not None and approach.agrees:
                return name, approach
    return None
