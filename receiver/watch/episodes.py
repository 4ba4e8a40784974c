"""The life of an alert: raised once, updated while it lasts, ended. The same for an aircraft and for the fleet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from receiver.watch.alerts import ENDED, RAISED, UPDATED, Alert
from receiver.watch.fleet import Fleet
from receiver.watch.patterns import Pattern
from receiver.watch.patterns.steps import offset_km
from receiver.watch.rules import ReadyRule
from receiver.watch.telling import Occasion, Subject, Teller
from receiver.watch.watched import Watched

UNHEARD_S = 600.0  # an alert ends so long after its aircraft was heard last, and its rule's linger
MAX_MEMBERS = 200
SAME_PLACE = 3.0  # radii
TRANSIT_S = 3600.0  # patterns farther apart in time are not one finding
MAX_PLACES = 12
MAX_REMEMBERED = 1000
REMEMBERED_S = 604_800.0  # the longest cooldown that a rule may have

Key = tuple[str, str]  # group and address; the fleet's is ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What an update would be worth telling for: what changes at once, and what every now and then."""

    sharp: tuple[object, ...] = ()
    slow: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Flown:
    """A place where a pattern was flown: from when to when (UTC s), its centre (degrees), its radius."""

    since_s: float
    until_s: float
    latitude_deg: float
    longitude_deg: float
    radius_km: float

    def holds(self, pattern: Pattern) -> bool:
        """Whether a pattern is flown in this place."""
        away = math.hypot(
            *offset_km(self.latitude_deg, self.longitude_deg, pattern.latitude_deg, pattern.longitude_deg)
        )
        return away <= SAME_PLACE * max(self.radius_km, pattern.radius_km)


def with_pattern(flown: tuple[Flown, ...], pattern: Pattern | None) -> tuple[Flown, ...]:
    """The places of a flight, with that of the pattern flown now; after an hour without one it is another story."""
    if pattern is None:
        return flown
    if flown and pattern.since_s - flown[-1].until_s > TRANSIT_S:
        flown = ()
    here = Flown(pattern.since_s, pattern.updated_s, pattern.latitude_deg, pattern.longitude_deg, pattern.radius_km)
    for k, one in enumerate(flown):
        if one.holds(pattern):
            return (*flown[:k], *flown[k + 1 :], replace(one, until_s=max(one.until_s, pattern.updated_s)))
    return (*flown, here)[-MAX_PLACES:]


def places_of(flown: tuple[Flown, ...]) -> tuple[int, float] | None:
    """In how many places, if several, and since when."""
    return (len(flown), min(one.since_s for one in flown)) if len(flown) > 1 else None


@dataclass(slots=True)
class Episode:
    """An alert that is not over.

    Attributes
    ----------
    true_s
        When its condition held last.
    told_s, told
        When the last state went out, and what was told then.
    pattern
        The newest one flown under this alert.
    members
        Of the fleet's: everybody that it was ever about.
    earlier
        From when to when the same was flown here before.
    flown
        Where patterns were flown on this flight, the newest last.
    """

    alert: Alert
    rule: ReadyRule
    true_s: float
    told_s: float
    told: Matter
    pattern: Pattern | None = None
    members: tuple[str, ...] = ()
    earlier: tuple[float, float] | None = None
    flown: tuple[Flown, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """When somebody was told of an aircraft last, and how loud that was."""

    time_s: float
    loudness: int


@dataclass(frozen=True, slots=True)
class Settled:
    """How loud an alert was that is over, when it ended, for how long quieter ones of its group are the rest of that story,
    and what was flown. (Not until when: a moment to come says nothing once the clock was set.)"""

    loudness: int
    ended_s: float
    cooldown_s: float
    pattern: Pattern | None = None
    flown: tuple[Flown, ...] = ()

    def holds(self, now: float) -> bool:
        """Whether its story is not over yet."""
        return 0.0 <= now - self.ended_s < self.cooldown_s

    def same(self, pattern: Pattern | None) -> tuple[float, float] | None:
        """From when to when the same was flown in the same place."""
        old = self.pattern
        if old is None or pattern is None or old.kind != pattern.kind or old.updated_s >= pattern.since_s:
            return None
        away = math.hypot(*offset_km(old.latitude_deg, old.longitude_deg, pattern.latitude_deg, pattern.longitude_deg))
        return (old.since_s, old.updated_s) if away <= SAME_PLACE * max(old.radius_km, pattern.radius_km) else None


class Episodes:
    """Every alert that is not over, and whom the others have told.

    Attributes
    ----------
    spared_before_s
        What was true or heard last before this moment was so in an earlier run, and how long ago that is nobody knows.
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self.spared_before_s = -math.inf
        self.open: dict[Key, Episode] = {}
        self.pushed: dict[Key, Push] = {}
        self.settled: dict[Key, Settled] = {}

    def check(self, rules: Iterable[ReadyRule], subject: Subject, now: float) -> list[Alert]:
        """Look at the rules for one subject: what is raised, updated or ended."""
        groups: dict[str, list[tuple[ReadyRule, str]]] = {}
        since = subject.since
        for rule in rules:
            clause = rule.check(subject)
            name = rule.rule.name
            if clause is None:
                if since:
                    since.pop(name, None)
                continue
            if now - since.setdefault(name, now) >= rule.rule.hold_s:
                groups.setdefault(rule.group, []).append((rule, clause))
        out: list[Alert] = []
        for group, matches in groups.items():
            alert = self._matched((group, subject.icao), matches, subject, now)
            if alert is not None:
                out.append(alert)
        if self.open:
            for key in [key for key in self.open if key[1] == subject.icao]:
                episode = self.open[key]
                if now - episode.true_s > episode.rule.rule.linger_s and episode.true_s >= self.spared_before_s:
                    out.append(self._end(key, subject, now))
        return out

    def unheard(self, now: float, find: Callable[[str], Watched | None]) -> list[Alert]:
        """End what is about aircraft that nobody has heard for long."""
        out = []
        for key, episode in list(self.open.items()):
            if not key[1]:
                continue
            aircraft = find(key[1])
            heard_s = aircraft.sighting.now if aircraft is not None else episode.alert.updated_s
            if now - heard_s > UNHEARD_S + episode.rule.rule.linger_s and heard_s >= self.spared_before_s:
                out.append(self._end(key, aircraft, now))
        return out

    def forget(self, now: float) -> None:
        """Let go of pushes and settled alerts that count no more."""
        if len(self.pushed) > MAX_REMEMBERED:
            self.pushed = {key: push for key, push in self.pushed.items() if push.time_s > now - REMEMBERED_S}
        if len(self.settled) > MAX_REMEMBERED:
            self.settled = {key: settled for key, settled in self.settled.items() if settled.holds(now)}

    def _matched(self, key: Key, matches: list[tuple[ReadyRule, str]], subject: Subject, now: float) -> Alert | None:
        rule, clause = max(matches, key=lambda match: match[0].loudness)  # the first of the loudest
        names = tuple(match[0].rule.name for match in matches)
        episode = self.open.get(key)
        if episode is None:
            settled = self.settled.get(key)
            if settled is not None and rule.loudness < settled.loudness and settled.holds(now):
                return None  # it was louder a while ago: the quiet rest of that story is not another one
            matter, pattern = _matter(rule, names, subject, subject.pattern, now), subject.pattern
            members = _joined((), rule, subject, now)
            earlier = settled.same(pattern) if settled is not None else None
            flown = with_pattern(_recent(settled.flown, now) if settled is not None else (), pattern)
            occasion = Occasion(rule, clause, names, RAISED, now, now, pattern, members, earlier, places_of(flown))
            alert = self._teller.alert(occasion, subject)
            alert = replace(alert, notify=self._push(key, rule, now))
            self.open[key] = Episode(alert, rule, now, now, matter, pattern, members, earlier, flown)
            return alert
        episode.members = _joined(episode.members, rule, subject, now)
        if subject.pattern is not None:
            if episode.pattern is None and (settled := self.settled.get(key)) is not None:
                episode.earlier = settled.same(subject.pattern)
            episode.pattern = subject.pattern
            episode.flown = with_pattern(episode.flown, subject.pattern)
        if rule.loudness < episode.rule.loudness:
            return None  # what made it loud does not hold now: it ends when its linger is over
        episode.true_s = now
        other = rule.rule.name != episode.rule.rule.name
        episode.rule = rule
        matter = _matter(rule, names, subject, episode.pattern, now)
        sharp = other or matter.sharp != episode.told.sharp
        if matter == episode.told or not (sharp or now - episode.told_s >= rule.rule.update_every_s):
            return None
        old = episode.alert
        occasion = Occasion(
            rule, clause, names, UPDATED, old.raised_s, now, episode.pattern, episode.members, episode.earlier,
            places_of(episode.flown),
        )  # fmt: skip
        alert = self._teller.alert(occasion, subject)
        alert = replace(alert, id=old.id, notify=self._push(key, rule, now) if other else ())
        episode.alert, episode.told, episode.told_s = alert, matter, now
        return alert

    def _end(self, key: Key, subject: Subject | None, now: float) -> Alert:
        episode = self.open.pop(key)
        self.settled[key] = Settled(
            episode.rule.loudness, now, episode.rule.rule.cooldown_s, episode.pattern, episode.flown
        )
        old = episode.alert
        if subject is None:
            return replace(old, state=ENDED, updated_s=now, ended_s=episode.true_s, notify=())
        pattern, told = episode.pattern, old.pattern
        if pattern is not None and told is not None and told.kind == pattern.kind:
            # the last lap measured is half way out: where and how wide is as it was told while it was flown
            pattern = replace(
                pattern, latitude_deg=told.latitude_deg, longitude_deg=told.longitude_deg, radius_km=told.radius_km,
                period_s=told.period_s, length_km=told.length_km,
            )  # fmt: skip
        occasion = Occasion(
            episode.rule, old.clause, old.rules, ENDED, old.raised_s, now, pattern, episode.members, episode.earlier,
            places_of(episode.flown),
        )  # fmt: skip
        return replace(self._teller.alert(occasion, subject), id=old.id, ended_s=episode.true_s)

    def _push(self, key: Key, rule: ReadyRule, now: float) -> tuple[str, ...]:
        """Channels to tell now: none within the cooldown of the last push about this aircraft, unless this is louder."""
        if not rule.rule.notify:
            return ()
        last = self.pushed.get(key)
        if last is not None and 0.0 <= now - last.time_s < rule.rule.cooldown_s and rule.loudness <= last.loudness:
            return ()
        self.pushed[key] = Push(now, rule.loudness)
        return tuple(rule.rule.notify)


def _joined(members: tuple[str, ...], rule: ReadyRule, subject: Subject, now: float) -> tuple[str, ...]:
    """With everybody that it is about now."""
    if isinstance(subject, Fleet):
        return tuple(dict.fromkeys((*members, *subject.members(rule.about, now))))[:MAX_MEMBERS]
    return members


def _matter(rule: ReadyRule, names: tuple[str, ...], subject: Subject, pattern: Pattern | None, now: float) -> Matter:
    if isinstance(subject, Fleet):
        return Matter((*names,), subject.members(rule.about, now))
    sighting, land = subject.sighting, subject.land
    doubt = subject.belief.named(sighting.now)
    return Matter(
        (*names, sighting.squawk, pattern.kind if pattern else None, doubt.kind if doubt else None),
        (
            int(pattern.laps) if pattern else 0,
            land.code if land else None,
            sighting.callsign,
            sighting.emergency,
            len(subject.crossings),
            subject.news.oddity.what if subject.news.oddity else None,
            subject.news.nights,
        ),
    )


def _recent(flown: tuple[Flown, ...], now: float) -> tuple[Flown, ...]:
    """Places of before, when they are of the same flight."""
    return flown if flown and now - flown[-1].until_s <= 2.0 * TRANSIT_S else ()
