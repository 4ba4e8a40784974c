"""The watch: sightings in, alerts out. Pure: no clock, no file, no network; the same sightings give the same alerts."""

from __future__ import annotations

import logging
import math
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from config.rules import Rule, RuleSet
from config.watch import WatchSettings
from receiver.tracking import Sighting
from receiver.tracking.sighting import Slot
from receiver.watch.alerts import ENDED, RAISED, UPDATED, Alert, alert_id
from receiver.watch.identity import Identity
from receiver.watch.integrity import FleetIntegrity
from receiver.watch.patterns import PathPoint, Pattern, PatternDetector
from receiver.watch.patterns.detector import GROUND_REACH_KM
from receiver.watch.patterns.steps import MIN_STEP_S
from receiver.watch.rules import SEVERITIES, ReadyRule, ready
from receiver.watch.sentence import Story, tell
from receiver.watch.watched import Crossing, Watched
from receiver.watch.world import Atlas, Land, NoAtlas, NoRegistry, Registry

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5.0  # rules are looked at so often for one aircraft, and at once when one of SHARP changes
SHARP = frozenset({"squawk", "emergency", "callsign", "category", "on_ground"})
LAND_EVERY_S = 20.0
UNHEARD_S = 600.0  # an alert ends so long after its aircraft was heard last, and its rule's linger
FORGET_S = 3600.0
MAX_AIRCRAFT = 5000
MAX_KNOWN = 100_000  # addresses remembered for `first_seen`
TRACK_FRESH_S = 12.0  # a reported track older than the position by more than this says nothing of it

_POSITION, _TRACK, _SPEED = int(Slot.POSITION), int(Slot.TRACK), int(Slot.GROUND_SPEED)
_NOTHING: list[Alert] = []


@dataclass(slots=True)
class _Open:
    """An alert that is not over."""

    alert: Alert
    rule: ReadyRule
    true_s: float  # when its condition held last
    told_s: float  # when the last state went out
    told: tuple[object, ...]  # what was told then, as far as it matters
    pattern: Pattern | None = None  # the newest one flown under this alert


class Watch:
    """Rules over aircraft.

    Parameters
    ----------
    rules
        In order of importance; disabled ones are left out.
    settings
        Language and time zone.
    registry, atlas
        Who and where; left out, nothing is known.
    folder
        Where polygon files of the rules are looked for.
    state
        What `state()` gave before a restart.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        settings: WatchSettings | None = None,
        registry: Registry | None = None,
        atlas: Atlas | None = None,
        folder: Path = Path(),
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings = settings or WatchSettings()
        self._zone = zoneinfo.ZoneInfo(self._settings.time_zone)
        self._registry: Registry = registry or NoRegistry()
        self._atlas: Atlas = atlas or NoAtlas()
        in_force = [rule for rule in rules if rule.enabled]
        self._context = {
            "rules": [rule.model_dump(mode="json", by_alias=True, exclude_unset=True) for rule in in_force],
            "language": self._settings.language,
            "time_zone": self._settings.time_zone,
            "picture_theme": self._settings.picture_theme,
        }
        all_rules = [ready(rule, folder) for rule in in_force]
        self._rules = [rule for rule in all_rules if not rule.fleet]
        self._groups = sorted({rule.group for rule in self._rules})
        self._fleet_rules = [rule for rule in all_rules if rule.fleet]
        self._needs_known = any(part.first_seen is not None for rule in all_rules for part in rule.rule.when.parts())
        self._revision = 0
        self._aircraft: dict[str, Watched] = {}
        self._open: dict[tuple[str, str], _Open] = {}
        self._pushed: dict[tuple[str, str], float] = {}
        self._settled: dict[tuple[str, str], tuple[int, float]] = {}  # how loud it was, and until when that counts
        self._resumed: dict[str, tuple[Pattern | None, list[Crossing]]] = {}  # from before a restart, until heard
        self._known: dict[str, float] = {}
        self._fleet = FleetIntegrity()
        self._fleet_checked = -1.0
        self._by_name = {rule.rule.name: rule for rule in all_rules}
        if state:
            try:
                self._restore(state)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                log.warning("what the watch remembered cannot be used (%r); it begins anew", error)
                self._open.clear()
                self._resumed.clear()

    # --- in -----------------------------------------------------------------------------------------------------

    def update(self, sighting: Sighting) -> list[Alert]:
        """Take one sighting; the alerts that it raises, updates or ends (mostly none)."""
        if not sighting.confirmed:
            return _NOTHING
        icao = sighting.icao
        aircraft = self._aircraft.get(icao)
        if aircraft is None:
            aircraft = self._meet(sighting)
        else:
            aircraft.sighting = sighting
        position = sighting.values[_POSITION]
        if position is not None and position is not aircraft.position:
            aircraft.position = position
            if position.time_s - aircraft.fixed_s >= MIN_STEP_S or position.time_s < aircraft.fixed_s:
                aircraft.fixed_s = position.time_s
                self._fix(aircraft, sighting)
        now = sighting.now
        tick = now // CHECK_EVERY_S  # of the clock, not since the last check: a replay of a part falls into step
        if tick == aircraft.checked and not sighting.changed & SHARP:
            return _NOTHING
        aircraft.checked = tick
        alerts = self._check(aircraft, now)
        self._revision += len(alerts)
        return alerts

    def expire(self, now: float) -> list[Alert]:
        """Let go of what has not been heard: call it every second or few with the signal's time."""
        now = float(math.floor(now))  # on a fixed beat as well, see `update`
        out: list[Alert] = []
        for key, open_ in list(self._open.items()):
            if not key[1]:
                continue
            aircraft = self._aircraft.get(key[1])
            heard_s = aircraft.sighting.now if aircraft is not None else open_.alert.updated_s
            if now - heard_s > UNHEARD_S + open_.rule.rule.linger_s:
                out.append(self._end(key, open_, aircraft, now))
        for icao, aircraft in list(self._aircraft.items()):
            if now - aircraft.sighting.now > FORGET_S:
                del self._aircraft[icao]
            elif aircraft.pattern is not None:
                aircraft.detector.expire(now)
        tick = now // CHECK_EVERY_S
        if tick != self._fleet_checked:
            self._fleet_checked = tick
            out += self._check_fleet(now)
        self._revision += len(out)
        if len(self._pushed) > 1000:
            self._pushed = {key: at for key, at in self._pushed.items() if at > now - 604_800.0}
        if len(self._settled) > 1000:
            self._settled = {key: value for key, value in self._settled.items() if value[1] > now}
        return out

    # --- asked by others ----------------------------------------------------------------------------------------

    def pattern_of(self, icao: str) -> Pattern | None:
        """What an aircraft flies now."""
        aircraft = self._aircraft.get(icao)
        return None if aircraft is None else aircraft.pattern

    def rules_of(self, icao: str) -> tuple[str, ...]:
        """Names of the rules with an open alert about an aircraft."""
        return tuple(name for (_, about), open_ in self._open.items() if about == icao for name in open_.alert.rules)

    @property
    def rules(self) -> list[Rule]:
        """The rules that are looked at."""
        return [ready.rule for ready in (*self._rules, *self._fleet_rules)]

    def open_alerts(self) -> list[Alert]:
        """Every alert that is not over, the oldest first."""
        return sorted((open_.alert for open_ in self._open.values()), key=lambda alert: alert.raised_s)

    def context(self) -> dict[str, Any]:
        """Rules and wording in force, as JSON can hold them: the alert log keeps them with each alert."""
        return self._context

    @property
    def revision(self) -> int:
        """Grows with every alert told: when it does, `state` is worth saving at once, or a power cut repeats a push."""
        return self._revision

    def state(self) -> dict[str, Any]:
        """What must outlive a restart, as JSON can hold it: small, a few hundred bytes an open alert; but 25 bytes for
        each address ever heard when a rule asks for `first_seen`."""
        return {
            "version": 1,
            "open": [
                {
                    "group": group,
                    "icao": icao,
                    "id": open_.alert.id,
                    "rule": open_.alert.rule,
                    "clause": open_.alert.clause,
                    "text": open_.alert.text,
                    "raised_s": open_.alert.raised_s,
                    "updated_s": open_.alert.updated_s,
                    "true_s": open_.true_s,
                    "pattern": None if open_.pattern is None else asdict(open_.pattern),
                    "crossings": self._crossings_of(icao),
                }
                for (group, icao), open_ in self._open.items()
            ],
            "settled": [[group, icao, loud, until] for (group, icao), (loud, until) in self._settled.items()],
            "pushed": [[group, icao, at] for (group, icao), at in self._pushed.items()],
            # one rule with first_seen, and every address ever heard has to be kept; else none
            "known": {icao: round(at) for icao, at in self._known.items()} if self._needs_known else {},
        }

    def _crossings_of(self, icao: str) -> list[dict[str, Any]]:
        aircraft = self._aircraft.get(icao)
        return [asdict(crossing) for crossing in aircraft.crossings] if aircraft is not None else []

    def _restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave. What does not fit (a rule that is gone) is left out."""
        if state.get("version") != 1:
            return
        self._known.update({str(k): float(v) for k, v in dict(state.get("known", {})).items()})
        for group, icao, at in state.get("pushed", ()):
            self._pushed[str(group), str(icao)] = float(at)
        for group, icao, loudness, until in state.get("settled", ()):
            self._settled[str(group), str(icao)] = (int(loudness), float(until))
        for entry in state.get("open", ()):
            rule = self._by_name.get(entry["rule"])
            if rule is None:
                continue
            alert = Alert(
                id=entry["id"],
                rule=rule.rule.name,
                title=rule.rule.title or rule.rule.name,
                clause=entry["clause"],
                severity=rule.rule.severity,
                rules=(rule.rule.name,),
                state=UPDATED,
                text=entry["text"],
                icao=entry["icao"],
                sighting=None,
                identity=Identity(),
                pattern=None,
                raised_s=float(entry["raised_s"]),
                updated_s=float(entry["updated_s"]),
                ended_s=None,
                notify=(),
                picture=rule.rule.picture,
                tracker=rule.rule.tracker,
                trail=(),
            )
            key = (str(entry["group"]), str(entry["icao"]))
            pattern = Pattern(**entry["pattern"]) if entry.get("pattern") else None
            self._open[key] = _Open(alert, rule, float(entry["true_s"]), alert.updated_s, (), pattern)
            self._resumed[key[1]] = (pattern, [_crossing(one) for one in entry.get("crossings", ())])

    # --- one aircraft -------------------------------------------------------------------------------------------

    def _meet(self, sighting: Sighting) -> Watched:
        if len(self._aircraft) >= MAX_AIRCRAFT:
            del self._aircraft[min(self._aircraft, key=lambda icao: self._aircraft[icao].sighting.now)]
        icao = sighting.icao
        first = icao not in self._known
        if self._needs_known:
            self._known.pop(icao, None)
            self._known[icao] = sighting.now  # last: the newest
            if len(self._known) > MAX_KNOWN:
                del self._known[next(iter(self._known))]
        aircraft = Watched(sighting, PatternDetector(self._ground), first)
        if icao in self._resumed:
            pattern, aircraft.crossings = self._resumed.pop(icao)
            if pattern is not None:
                aircraft.detector.resume(pattern, sighting.now)
        self._aircraft[icao] = aircraft
        return aircraft

    def _ground(self, latitude_deg: float, longitude_deg: float) -> float | None:
        field = self._atlas.aerodrome(latitude_deg, longitude_deg)
        return field.elevation_ft if field is not None and field.distance_km <= GROUND_REACH_KM else None

    def _fix(self, aircraft: Watched, sighting: Sighting) -> None:
        value = aircraft.position
        assert value is not None
        position = value.value
        track = sighting.values[_TRACK]
        speed = sighting.values[_SPEED]
        track_deg = track.value if track is not None and value.time_s - track.time_s <= TRACK_FRESH_S else None
        altitude = sighting.altitude_baro_ft
        aircraft.detector.update(
            PathPoint(
                value.time_s,
                position.latitude_deg,
                position.longitude_deg,
                altitude,
                None if speed is None else speed.value,
                track_deg,
                bool(sighting.on_ground),
            )
        )
        aircraft.trail.add(value.time_s, position.latitude_deg, position.longitude_deg, altitude, track_deg)

    def _check(self, aircraft: Watched, now: float) -> list[Alert]:
        sighting = aircraft.sighting
        key = (sighting.callsign, sighting.category)
        if key != aircraft.identity_key:
            aircraft.identity_key = key
            aircraft.identity = Identity.of(self._registry.identify(sighting.icao, *key), sighting.category)
        flying = not sighting.on_ground and (sighting.ground_speed_kt or 0.0) >= 50.0
        aircraft.integrity.update(now, sighting.nac_p, sighting.nic, flying)
        self._fleet.update(sighting.icao, aircraft.integrity, now)
        if now - aircraft.land_s >= LAND_EVERY_S:  # also without a rule about it: the story may begin later
            self._look_down(aircraft, now)
        groups: dict[str, list[tuple[ReadyRule, str]]] = {}
        for rule in self._rules:
            clause = rule.check(aircraft)
            name = rule.rule.name
            if clause is None:
                if aircraft.since:
                    aircraft.since.pop(name, None)
                continue
            if now - aircraft.since.setdefault(name, now) >= rule.rule.hold_s:
                groups.setdefault(rule.group, []).append((rule, clause))
        out: list[Alert] = []
        for group, matches in groups.items():
            alert = self._matched((group, sighting.icao), matches, aircraft, now)
            if alert is not None:
                out.append(alert)
        if self._open:
            for group in self._groups:
                open_ = self._open.get((group, sighting.icao))
                if open_ is not None and now - open_.true_s > open_.rule.rule.linger_s:
                    out.append(self._end((group, sighting.icao), open_, aircraft, now))
        return out

    def _look_down(self, aircraft: Watched, now: float) -> None:
        """Which country is below, and was a border crossed."""
        value = aircraft.position
        if value is None or now - value.time_s > 60.0:
            return
        position = value.value
        before, first = aircraft.land, aircraft.land_s < 0
        land = self._atlas.land(position.latitude_deg, position.longitude_deg, self._settings.language)
        aircraft.land, aircraft.land_s = land, now
        if not first and (before.code if before else None) != (land.code if land else None):
            aircraft.crossed(Crossing(land, before, value.time_s))

    # --- life cycle ---------------------------------------------------------------------------------------------

    def _matched(
        self, key: tuple[str, str], matches: list[tuple[ReadyRule, str]], aircraft: Watched, now: float
    ) -> Alert | None:
        rule, clause = max(matches, key=lambda match: match[0].loudness)  # the first of the loudest
        names = tuple(match[0].rule.name for match in matches)
        open_ = self._open.get(key)
        pattern = aircraft.pattern
        if open_ is None:
            settled = self._settled.get(key)
            if settled is not None and rule.loudness < settled[0] and now < settled[1]:
                return None  # it was louder a while ago: the quiet rest of that story is not another one
            alert = self._alert(rule, clause, names, aircraft, RAISED, now, now, pattern)
            alert = replace(alert, notify=self._push(key, rule, now))
            self._open[key] = _Open(alert, rule, now, now, self._matter(names, aircraft, pattern), pattern)
            return alert
        if pattern is not None:
            open_.pattern = pattern
        if rule.loudness < open_.rule.loudness:
            return None  # what made it loud does not hold now: it ends when its linger is over
        open_.true_s = now
        other = rule.rule.name != open_.rule.rule.name
        open_.rule = rule
        matter = self._matter(names, aircraft, open_.pattern)
        sharp = other or matter[:3] != open_.told[:3]
        if matter == open_.told or not (sharp or now - open_.told_s >= rule.rule.update_every_s):
            return None
        alert = self._alert(rule, clause, names, aircraft, UPDATED, open_.alert.raised_s, now, open_.pattern)
        alert = replace(alert, id=open_.alert.id, notify=self._push(key, rule, now) if other else ())
        open_.alert, open_.told, open_.told_s = alert, matter, now
        return alert

    def _end(self, key: tuple[str, str], open_: _Open, aircraft: Watched | None, now: float) -> Alert:
        del self._open[key]
        self._settled[key] = (open_.rule.loudness, now + open_.rule.rule.cooldown_s)
        old = open_.alert
        if aircraft is None:
            return replace(old, state=ENDED, updated_s=now, ended_s=open_.true_s, notify=())
        pattern, told = open_.pattern, old.pattern
        if pattern is not None and told is not None and told.kind == pattern.kind:
            # the last lap measured is half way out: where and how wide is as it was told while it was flown
            pattern = replace(
                pattern, latitude_deg=told.latitude_deg, longitude_deg=told.longitude_deg, radius_km=told.radius_km,
                period_s=told.period_s, length_km=told.length_km,
            )  # fmt: skip
        alert = self._alert(open_.rule, old.clause, old.rules, aircraft, ENDED, old.raised_s, now, pattern)
        return replace(alert, id=old.id, ended_s=open_.true_s)

    def _push(self, key: tuple[str, str], rule: ReadyRule, now: float) -> tuple[str, ...]:
        """Channels to tell now: none within the cooldown of the last push about this aircraft."""
        if not rule.rule.notify:
            return ()
        last = self._pushed.get(key)
        if last is not None and 0.0 <= now - last < rule.rule.cooldown_s:
            return ()
        self._pushed[key] = now
        return tuple(rule.rule.notify)

    @staticmethod
    def _matter(names: tuple[str, ...], aircraft: Watched, pattern: Pattern | None) -> tuple[object, ...]:
        """What an update would be worth telling for. The first three are told at once, the rest every now and then."""
        sighting = aircraft.sighting
        return (
            names,
            sighting.squawk,
            pattern.kind if pattern else None,
            int(pattern.laps) if pattern else 0,
            aircraft.land.code if aircraft.land else None,
            sighting.callsign,
            sighting.emergency,
            len(aircraft.crossings),
        )

    def _alert(
        self,
        rule: ReadyRule,
        clause: str,
        names: tuple[str, ...],
        aircraft: Watched,
        state: str,
        raised_s: float,
        now: float,
        pattern: Pattern | None,
    ) -> Alert:
        sighting = aircraft.sighting
        return Alert(
            id=alert_id(rule.group, sighting.icao, raised_s),
            rule=rule.rule.name,
            title=rule.rule.title or rule.rule.name,
            clause=clause,
            severity=rule.rule.severity,
            rules=names,
            state=state,
            text=self._tell(aircraft, pattern, state == ENDED, now),
            icao=sighting.icao,
            sighting=sighting,
            identity=aircraft.identity,
            pattern=pattern,
            raised_s=raised_s,
            updated_s=now,
            ended_s=None,
            notify=(),
            picture=rule.rule.picture,
            tracker=rule.rule.tracker,
            trail=tuple(aircraft.trail),
        )

    def _tell(self, aircraft: Watched, pattern: Pattern | None, ended: bool, now: float) -> str:
        sighting = aircraft.sighting
        language = self._settings.language
        place = (pattern.latitude_deg, pattern.longitude_deg) if pattern is not None else aircraft.place()
        near = land = None
        if place is not None:
            near = self._atlas.near(*place, language)
            land = self._atlas.land(*place, language)
        country = aircraft.identity.value("country")
        flown_s = 0.0
        if pattern is not None:
            flown_s = (pattern.updated_s if ended else max(pattern.updated_s, now)) - pattern.since_s
        return tell(
            Story(
                icao=sighting.icao,
                callsign=(sighting.callsign or "").strip() or None,
                identity=aircraft.identity,
                now=now,
                pattern=pattern,
                flown_s=flown_s,
                squawk=sighting.squawk,
                emergency=sighting.emergency,
                gps_lost=aircraft.integrity.lost_s is not None,
                altitude_ft=sighting.altitude_baro_ft,
                on_ground=bool(sighting.on_ground),
                registered_in=None if country is None else self._atlas.country_name(country, language),
                near=near,
                land=land,
                crossing=aircraft.crossings[-1] if aircraft.crossings else None,
                ended=ended,
                unheard=now - sighting.now > 60.0,
            ),
            language,
            self._zone,
        )

    # --- the fleet ----------------------------------------------------------------------------------------------

    def _check_fleet(self, now: float) -> list[Alert]:
        """Rules about several aircraft at once: one alert, about none in particular."""
        out: list[Alert] = []
        lost = self._fleet.lost(now) if self._fleet_rules else ()
        for rule in self._fleet_rules:
            key = (rule.group, "")
            open_ = self._open.get(key)
            if len(lost) >= rule.fleet:
                if open_ is not None:
                    open_.true_s = now
                    if lost == open_.told or now - open_.told_s < rule.rule.update_every_s:
                        continue
                raised = open_.alert.raised_s if open_ is not None else now
                state = UPDATED if open_ is not None else RAISED
                alert = self._fleet_alert(rule, lost, state, raised, now)
                if open_ is None:
                    alert = replace(alert, notify=self._push(key, rule, now))
                else:
                    alert = replace(alert, id=open_.alert.id)
                self._open[key] = _Open(alert, rule, now, now, lost)
                out.append(alert)
            elif open_ is not None and now - open_.true_s > rule.rule.linger_s:
                del self._open[key]
                told = tuple(str(icao) for icao in open_.told)
                alert = self._fleet_alert(rule, told, ENDED, open_.alert.raised_s, now)
                out.append(replace(alert, id=open_.alert.id, ended_s=open_.true_s))
        return out

    def _fleet_alert(self, rule: ReadyRule, lost: tuple[str, ...], state: str, raised_s: float, now: float) -> Alert:
        language = self._settings.language
        story = Story("", None, Identity(), now, fleet=lost, ended=state == ENDED)
        return Alert(
            id=alert_id(rule.group, "", raised_s),
            rule=rule.rule.name,
            title=rule.rule.title or rule.rule.name,
            clause=f"GPS lost by {len(lost)} aircraft within 10 min (sent by the aircraft)",
            severity=rule.rule.severity,
            rules=(rule.rule.name,),
            state=state,
            text=tell(story, language, self._zone),
            icao="",
            sighting=None,
            identity=Identity(),
            pattern=None,
            raised_s=raised_s,
            updated_s=now,
            ended_s=None,
            notify=(),
            picture=False,
            tracker=False,
            trail=(),
        )


def _crossing(entry: Mapping[str, Any]) -> Crossing:
    into, out_of = (Land(**entry[side]) if entry[side] else None for side in ("into", "out_of"))
    return Crossing(into, out_of, float(entry["time_s"]))


def rules_in_force(settings: WatchSettings, own: RuleSet | None, default: RuleSet) -> list[Rule]:
    """The owner's rules first, then the default ones whose names the owner has not used."""
    mine = list(own.rule) if own is not None else []
    names = {rule.name for rule in mine}
    return mine + [rule for rule in (default.rule if settings.default_rules else []) if rule.name not in names]


__all__ = ["SEVERITIES", "Watch", "rules_in_force"]
