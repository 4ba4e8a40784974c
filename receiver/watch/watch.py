"""The watch: sightings in, alerts out. Pure: no clock, no file, no network; the same sightings give the same alerts.

What becomes of a sighting: evidence (`evidence.py`), rules (`rules.py`), the life of an alert (`episodes.py`), its words
(`telling.py`, `sentence.py`). What outlives a restart is in `memory.py`.
"""

from __future__ import annotations

import logging
import math
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.rules import Rule, RuleSet
from config.watch import WatchSettings
from receiver.tracking import Sighting
from receiver.watch import memory
from receiver.watch.alerts import ENDED, Alert
from receiver.watch.episodes import UNHEARD_S, Episodes
from receiver.watch.evidence import Evidence, present
from receiver.watch.fleet import Fleet
from receiver.watch.news import Reporter
from receiver.watch.patterns import Pattern, PatternDetector
from receiver.watch.rules import ready
from receiver.watch.telling import Teller
from receiver.watch.watched import Watched
from receiver.watch.world import Atlas, NoAtlas, NoRegistry, Registry

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5.0  # rules are looked at so often for one aircraft, and at once when one of SHARP changes
SHARP = frozenset({"squawk", "emergency", "callsign", "category", "on_ground"})
FORGET_S = 3600.0
DOUBTED_S = 3600.0  # so long an unsynchronised clock is waited for: some machines never have another
MAX_AIRCRAFT = 5000

_NOTHING: list[Alert] = []


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
        settings = settings or WatchSettings()
        atlas = atlas or NoAtlas()
        in_force = [rule for rule in rules if rule.enabled]
        self._context = {
            "rules": [rule.model_dump(mode="json", by_alias=True, exclude_unset=True) for rule in in_force],
            "language": settings.language,
            "time_zone": settings.time_zone,
            "picture_theme": settings.picture_theme,
        }
        all_rules = [ready(rule, folder) for rule in in_force]
        self._rules = [rule for rule in all_rules if not rule.fleet]
        self._fleet_rules = [rule for rule in all_rules if rule.fleet]
        self._by_name = {rule.rule.name: rule for rule in all_rules}
        parts = [part for rule in all_rules for part in rule.rule.when.parts()]
        self._needs_company = any(rule.about in ("military_aircraft", "formation_aircraft") for rule in all_rules)
        self._needs_descent = any(part.went_around is not None for part in parts)
        unusual = [part.unusual_days for part in parts if part.unusual_days is not None]
        self._reporter = Reporter(
            zoneinfo.ZoneInfo(settings.time_zone),
            any(_asks_of_everybody(rule) for rule in in_force),
            min(unusual, default=None),
        )
        self._evidence = Evidence(registry or NoRegistry(), atlas, settings.language)
        self._episodes = Episodes(Teller(atlas, settings.language, settings.time_zone))
        self._aircraft: dict[str, Watched] = {}
        self._fleet = Fleet()
        self._glimpses: dict[str, memory.Glimpse] = {}  # of before a restart, until they are heard again
        self._orphans: list[Alert] = []  # open before a restart, of rules that are gone
        self._revision = 0
        self._began_s: float | None = None
        if state:
            try:
                self._restore(memory.load(state))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                log.warning('The saved watch state is damaged; starting without it: reason="%r"', error)

    # --- in -----------------------------------------------------------------------------------------------------

    def update(self, sighting: Sighting) -> list[Alert]:
        """Take one sighting; the alerts that it raises, updates or ends (mostly none)."""
        if not sighting.confirmed:
            return _NOTHING
        aircraft = self._aircraft.get(sighting.icao)
        alerts = _NOTHING
        if aircraft is None:
            aircraft = self._meet(sighting)
        else:
            before_s = aircraft.sighting.now
            if sighting.now - before_s > UNHEARD_S and before_s >= self._episodes.spared_before_s:
                alerts = self._after_silence(aircraft, sighting.now)
                aircraft = self._aircraft.get(sighting.icao) or self._meet(sighting)
            aircraft.sighting = sighting
        self._evidence.position(aircraft, sighting)
        now = sighting.now
        tick = now // CHECK_EVERY_S  # of the clock, not since the last check: a replay of a part falls into step
        if tick != aircraft.checked or sighting.changed & SHARP:
            aircraft.checked = tick
            self._evidence.look(aircraft, now)
            self._reporter.look(aircraft, now)
            self._fleet.update(sighting.icao, aircraft.integrity, now)
            if self._needs_company and (here := present(aircraft)) is not None:
                self._fleet.company.take(sighting.icao, here)
            if self._needs_descent:
                self._evidence.descend(aircraft, now)
            if aircraft.belief.doubt is not None:
                self._fleet.doubt(sighting.icao, aircraft.belief.named(now), aircraft.place(), now)
            alerts = alerts + self._episodes.check(self._rules, aircraft, now)
        self._revision += len(alerts)
        return alerts

    def trust_clock(self, trusted: bool, now: float) -> None:
        """Say whether the clock can be right. While it cannot, in the first hour of a run, nothing that an earlier run has
        noticed is over: a machine without a clock may have started days ahead, and is set within minutes mostly."""
        if self._began_s is None:
            self._began_s = now
        doubted = not trusted and 0.0 <= now - self._began_s < DOUBTED_S
        self._episodes.spared_before_s = self._began_s if doubted else -math.inf

    def expire(self, now: float) -> list[Alert]:
        """Let go of what has not been heard: call it every second or few with the signal's time."""
        now = float(math.floor(now))  # on a fixed beat as well, see `update`
        out = [replace(alert, state=ENDED, updated_s=now, ended_s=now) for alert in self._orphans]
        self._orphans.clear()
        out += self._episodes.unheard(now, self._aircraft.get)
        for icao, aircraft in list(self._aircraft.items()):
            before_s = aircraft.sighting.now
            if now - before_s > FORGET_S and before_s >= self._episodes.spared_before_s:
                del self._aircraft[icao]
            elif aircraft.pattern is not None:
                aircraft.detector.expire(now)
        tick = now // CHECK_EVERY_S
        if tick != self._fleet.checked:
            self._fleet.checked = tick
            self._fleet.expire(now)
            if self._needs_company:
                self._fleet.company.look(now, self._evidence.ground)
            if self._glimpses and self._episodes.spared_before_s == -math.inf:
                self._glimpses = {icao: one for icao, one in self._glimpses.items() if now - one.heard_s <= FORGET_S}
            out += self._episodes.check(self._fleet_rules, self._fleet, now)
        self._episodes.forget(now)
        self._revision += len(out)
        return out

    def _after_silence(self, aircraft: Watched, now: float) -> list[Alert]:
        """It is heard again after long: what was over by then ends, and what was being held begins anew."""
        alerts = self._episodes.unheard(now, {aircraft.icao: aircraft}.get)
        aircraft.since.clear()
        aircraft.detector.expire(now)
        if now - aircraft.sighting.now > FORGET_S:
            del self._aircraft[aircraft.icao]
        return alerts

    def _meet(self, sighting: Sighting) -> Watched:
        if len(self._aircraft) >= MAX_AIRCRAFT:
            del self._aircraft[min(self._aircraft, key=lambda icao: self._aircraft[icao].sighting.now)]
        icao = sighting.icao
        aircraft = self._aircraft[icao] = Watched(sighting, PatternDetector(self._evidence.ground), True)
        self._reporter.meet(aircraft, sighting.now)
        glimpse = self._glimpses.pop(icao, None)
        if glimpse is not None and sighting.now - glimpse.heard_s <= FORGET_S:
            glimpse.give(aircraft)
        return aircraft

    def contradict(self, icao: str, km: float, now: float) -> None:
        """The times at which several stations received an aircraft say that it is so far from where it says."""
        aircraft = self._aircraft.get(icao)
        if aircraft is not None:
            aircraft.belief.contradict(km, now)

    # --- asked by others ----------------------------------------------------------------------------------------

    def pattern_of(self, icao: str) -> Pattern | None:
        """What an aircraft flies now."""
        aircraft = self._aircraft.get(icao)
        return None if aircraft is None else aircraft.pattern

    def doubt_of(self, icao: str) -> str | None:
        """Why an aircraft's positions are not believed now: jump, bank, speed, slow, level or times; None: they are."""
        aircraft = self._aircraft.get(icao)
        doubt = None if aircraft is None else aircraft.belief.doubt
        return None if doubt is None else doubt.kind

    def rules_of(self, icao: str) -> tuple[str, ...]:
        """Names of the rules with an open alert about an aircraft."""
        return tuple(
            name for (_, about), one in self._episodes.open.items() if about == icao for name in one.alert.rules
        )

    @property
    def rules(self) -> list[Rule]:
        """The rules that are looked at."""
        return [ready.rule for ready in (*self._rules, *self._fleet_rules)]

    def open_alerts(self) -> list[Alert]:
        """Every alert that is not over, the oldest first."""
        return sorted((one.alert for one in self._episodes.open.values()), key=lambda alert: alert.raised_s)

    def context(self) -> dict[str, Any]:
        """Rules and wording in force, as JSON can hold them: the alert log keeps them with each alert."""
        return self._context

    # --- over a restart -----------------------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """Grows with every alert told: when it does, `state` is worth saving at once, or a power cut repeats a push."""
        return self._revision

    def state(self, whole: bool = False) -> dict[str, Any]:
        """What must outlive a restart, as JSON can hold it.

        Parameters
        ----------
        whole
            Of every aircraft, so that a restart changes nothing at all: some kB each, for the end of a service. Else
            of those only whose story a restart would change.

        What is usual here is some hundred kB after months; when a rule asks for `first_seen`, 25 bytes more for each
        address ever heard.
        """
        about = {icao for _, icao in self._episodes.open}
        aircraft = list(self._aircraft.values())
        if not whole:
            aircraft = memory.worth_keeping(aircraft, about)
        full = {one.icao for one in aircraft}
        glimpses = {icao: memory.Glimpse.of(one) for icao, one in self._aircraft.items() if icao not in full}
        kept = memory.Kept(
            memory.VERSION,
            [memory.keep_episode(key, episode) for key, episode in self._episodes.open.items()],
            [memory.keep_aircraft(one) for one in aircraft],
            {**self._glimpses, **glimpses},
            self._fleet,
            self._evidence.levels,
            list(self._episodes.settled.items()),
            list(self._episodes.pushed.items()),
            memory.keep_usual(self._reporter.usual),
        )
        return memory.dump(kept)

    def _restore(self, kept: memory.Kept) -> None:
        """Take over what was kept."""
        aircraft = {one.icao: memory.aircraft_of(one, PatternDetector(self._evidence.ground)) for one in kept.aircraft}
        for one in aircraft.values():
            self._evidence.identify(one)
        self._episodes.open, self._orphans = memory.episodes_of(kept, self._by_name)
        self._episodes.settled, self._episodes.pushed = dict(kept.settled), dict(kept.pushed)
        self._aircraft, self._fleet, self._reporter.usual = aircraft, kept.fleet, memory.usual_of(kept.usual)
        self._glimpses, self._evidence.levels = dict(kept.glimpses), kept.levels


def rules_in_force(settings: WatchSettings, own: RuleSet | None, default: RuleSet) -> list[Rule]:
    """The owner's rules first, then the default ones whose names the owner has not used."""
    mine = list(own.rule) if own is not None else []
    names = {rule.name for rule in mine}
    return mine + [rule for rule in (default.rule if settings.default_rules else []) if rule.name not in names]


def _asks_of_everybody(rule: Rule) -> bool:
    """Whether everybody's last visit has to be remembered for a rule, and not only that of those who are of interest."""
    parts = list(rule.when.parts())
    of_interest = any(part.military or part.notable or part.drone for part in parts)
    return any(part.first_seen is not None or (part.back_after_days is not None and not of_interest) for part in parts)
