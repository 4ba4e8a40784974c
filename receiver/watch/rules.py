"""Rules made ready: each condition becomes a function that names the clause that matched, with the fact's source."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from config.rules import Condition, Near, Rule, WillPass
from receiver.watch.approach import agree, foretell
from receiver.watch.areas import read_areas
from receiver.watch.fleet import Fleet
from receiver.watch.patterns.steps import offset_km
from receiver.watch.watched import Watched

# None: does not hold. A text: holds, and this is why. It goes into the alert's `clause`.
Check = Callable[[Watched], "str | None"]

SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule with its check, of a `Watched`, or of the `Fleet` when it is about no single aircraft."""

    rule: Rule
    check: Callable[[Any], str | None]
    fleet: bool

    @property
    def spoofing(self) -> bool:
        """Whether it is about aircraft whose positions cannot be true."""
        return self.rule.when.gps_spoofed_aircraft is not None

    @property
    def group(self) -> str:
        """Rules of one group share an alert."""
        return self.rule.group or self.rule.name

    @property
    def loudness(self) -> int:
        """0 info, 1 warning, 2 critical."""
        return SEVERITIES.index(self.rule.severity)


def ready(rule: Rule, folder: Path) -> ReadyRule:
    """Make a rule ready; polygon files are looked for in the folder. Raises ConfigError when one cannot be read."""
    if rule.when.gps_lost_aircraft is not None:
        return ReadyRule(rule, _gps_lost_aircraft(rule.when.gps_lost_aircraft), True)
    if rule.when.gps_spoofed_aircraft is not None:
        return ReadyRule(rule, _gps_spoofed_aircraft(rule.when.gps_spoofed_aircraft), True)
    return ReadyRule(rule, make_check(rule.when, folder), False)


def make_check(condition: Condition, folder: Path) -> Check:
    """A function for a condition: all its keys must hold."""
    checks: list[tuple[Check, bool]] = []
    for name in Condition.model_fields:
        wanted = getattr(condition, name)
        if wanted is not None and name in _MAKERS:
            checks.append((_MAKERS[name](wanted, folder), name != "not_"))
    if len(checks) == 1:
        return checks[0][0]

    def every(aircraft: Watched) -> str | None:
        clauses = []
        for check, is_reason in checks:
            clause = check(aircraft)
            if clause is None:
                return None
            if is_reason:  # what it is not is no reason beside what it is
                clauses.append(clause)
        return " and ".join(clauses)

    return every


def _globs(words: list[str]) -> list[tuple[str, re.Pattern[str]]]:
    return [(word, re.compile(fnmatch.translate(word), re.IGNORECASE)) for word in words]


def _callsign(words: list[str], folder: Path) -> Check:
    globs = _globs(words)

    def check(aircraft: Watched) -> str | None:
        text = aircraft.sighting.callsign
        if text:
            text = text.strip()
            for word, glob in globs:
                if glob.match(text):
                    return f"call sign {text} is {word}" if word != text else f"call sign {text}"
        return None

    return check


def _callsign_regex(expression: str, folder: Path) -> Check:
    compiled = re.compile(expression)

    def check(aircraft: Watched) -> str | None:
        text = (aircraft.sighting.callsign or "").strip()
        return f"call sign {text} matches /{expression}/" if text and compiled.fullmatch(text) else None

    return check


def _address(ranges: list[str], folder: Path) -> Check:
    limits = []
    for text in ranges:
        low, _, high = (part.strip().lower() for part in text.partition("-"))
        limits.append((low, high or low, text.lower()))

    def check(aircraft: Watched) -> str | None:
        icao = aircraft.sighting.icao
        for low, high, text in limits:
            if len(icao) == len(low) and low <= icao <= high:
                return f"address {icao} in {text}" if low != high else f"address {icao}"
        return None

    return check


def _fact(name: str, label: str) -> Callable[[list[str], Path], Check]:
    def maker(words: list[str], folder: Path) -> Check:
        globs = _globs(words)

        def check(aircraft: Watched) -> str | None:
            for fact in aircraft.identity.facts:
                if fact.name == name:
                    for _, glob in globs:
                        if glob.match(fact.value):
                            return f"{label} {fact.value} ({fact.source})"
            return None

        return check

    return maker


def _yes(name: str) -> Callable[[bool, Path], Check]:
    """A fact that holds or is not known to."""

    def maker(wanted: bool, folder: Path) -> Check:
        def check(aircraft: Watched) -> str | None:
            fact = aircraft.identity.fact(name)
            if wanted:
                return f"{name} ({fact.source})" if fact is not None and fact.value == "yes" else None
            return f"not known as {name}" if fact is None or fact.value != "yes" else None

        return check

    return maker


def _heard(attribute: str, label: str) -> Callable[[list[str], Path], Check]:
    """A value that the aircraft sends, one of a list."""

    def maker(words: list[str], folder: Path) -> Check:
        wanted = frozenset(words)

        def check(aircraft: Watched) -> str | None:
            value = getattr(aircraft.sighting, attribute)
            return f"{label} {value}" if value in wanted else None

        return check

    return maker


def _gps_lost(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        lost = aircraft.integrity.lost_s is not None
        if lost != wanted:
            return None
        return "GPS lost (sent by the aircraft)" if lost else "GPS not lost"

    return check


def _position_doubted(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        doubt = aircraft.belief.named(aircraft.sighting.now)
        if (doubt is not None) != wanted:
            return None
        return f"positions cannot be true ({doubt.kind})" if doubt is not None else "positions are believed"

    return check


def _gps_spoofed_aircraft(count: int) -> Callable[[Fleet], str | None]:
    def check(fleet: Fleet) -> str | None:
        there = fleet.deceived()
        return f"positions of {len(there)} aircraft cannot be true" if len(there) >= count else None

    return check


def _gps_lost_aircraft(count: int) -> Callable[[Fleet], str | None]:
    def check(fleet: Fleet) -> str | None:
        lost = fleet.gps_lost
        return f"GPS lost by {len(lost)} aircraft within 10 min (sent by the aircraft)" if len(lost) >= count else None

    return check


def _near(near: Near, folder: Path) -> Check:

    label = near.name or f"{near.latitude:g}, {near.longitude:g}"

    def check(aircraft: Watched) -> str | None:
        place = aircraft.place_now()
        if place is None:
            return None
        east, north = offset_km(near.latitude, near.longitude, *place)
        distance = (east * east + north * north) ** 0.5
        return f"within {near.radius_km:g} km of {label}" if distance <= near.radius_km else None

    return check


def _will_pass(wanted: WillPass, folder: Path) -> Check:
    name = wanted.name or f"{wanted.latitude:g}, {wanted.longitude:g}"
    place = (wanted.latitude, wanted.longitude)

    def check(aircraft: Watched) -> str | None:
        sighting = aircraft.sighting
        here, speed, track = aircraft.place_now(), sighting.ground_speed_kt, sighting.track_deg
        before = aircraft.approaches.get(name)
        if here is None or speed is None or track is None or sighting.on_ground:
            aircraft.approaches.pop(name, None)
            return None
        if before is None or sighting.now > before.told_s:
            told = foretell(
                sighting.now, place, here, speed, track, sighting.altitude_baro_ft, sighting.vertical_rate_baro_fpm
            )
            if told is None:
                aircraft.approaches.pop(name, None)
                return None
            before = aircraft.approaches[name] = replace(told, agrees=agree(before, told))
        ahead_s = before.at_s - sighting.now
        if not before.agrees or before.distance_km > wanted.radius_km or not 0.0 <= ahead_s <= 60.0 * wanted.minutes:
            return None
        return f"will pass within {wanted.radius_km:g} km of {name}"

    return check


def _inside(path: Path, folder: Path) -> Check:
    areas = read_areas(folder / path.expanduser())

    def check(aircraft: Watched) -> str | None:
        place = aircraft.place_now()
        if place is None:
            return None
        for area in areas:
            if area.holds(*place):
                return f"inside {area.name or path.name}"
        return None

    return check


def _over(codes: list[str], folder: Path) -> Check:
    wanted = frozenset(codes)

    def check(aircraft: Watched) -> str | None:
        land = aircraft.land_below()
        return f"over {land.code}" if land is not None and (land.code in wanted or "*" in wanted) else None

    return check


def _crossed(attribute: str, verb: str) -> Callable[[list[str], Path], Check]:
    def maker(codes: list[str], folder: Path) -> Check:
        wanted = frozenset(codes)

        def check(aircraft: Watched) -> str | None:
            over: set[str] = set()  # crossed again since, the other way
            for crossing in reversed(aircraft.crossings):
                land, other = crossing.into, crossing.out_of
                if attribute != "into":
                    land, other = other, land
                if land is not None and ("*" in wanted or land.code in wanted) and land.code not in over:
                    return f"{verb} {land.code}"
                if other is not None:
                    over.add(other.code)
            return None

        return check

    return maker


def _limit(attribute: str, label: str, above: bool, unit: str) -> Callable[[float, Path], Check]:
    def maker(limit: float, folder: Path) -> Check:
        def check(aircraft: Watched) -> str | None:
            value = getattr(aircraft.sighting, attribute)
            if value is None or (value <= limit if above else value >= limit):
                return None
            return f"{label} {'above' if above else 'below'} {limit:g} {unit}"

        return check

    return maker


def _on_ground(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        if aircraft.sighting.on_ground is not wanted:
            return None
        return "on the ground" if wanted else "airborne"

    return check


def _first_seen(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        if aircraft.first_seen is not wanted:
            return None
        return "never heard here before" if wanted else "heard here before"

    return check


def _pattern(kinds: list[str], folder: Path) -> Check:
    wanted = frozenset(kinds)

    def check(aircraft: Watched) -> str | None:
        pattern = aircraft.pattern
        return f"pattern {pattern.kind} (from the track)" if pattern is not None and pattern.kind in wanted else None

    return check


def _laps_above(laps: float, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        pattern = aircraft.pattern
        return f"more than {laps:g} laps" if pattern is not None and pattern.laps > laps else None

    return check


def _any(conditions: list[Condition], folder: Path) -> Check:
    checks = [make_check(condition, folder) for condition in conditions]

    def check(aircraft: Watched) -> str | None:
        for one in checks:
            clause = one(aircraft)
            if clause is not None:
                return clause
        return None

    return check


def _all(conditions: list[Condition], folder: Path) -> Check:
    checks = [make_check(condition, folder) for condition in conditions]

    def check(aircraft: Watched) -> str | None:
        clauses = [one(aircraft) for one in checks]
        found = [clause for clause in clauses if clause is not None]
        return " and ".join(found) if len(found) == len(clauses) else None

    return check


def _not(condition: Condition, folder: Path) -> Check:
    inner = make_check(condition, folder)
    label = "not (" + ", ".join(sorted(condition.model_fields_set)).replace("_", " ") + ")"

    def check(aircraft: Watched) -> str | None:
        return label if inner(aircraft) is None else None

    return check


_MAKERS: dict[str, Callable[..., Check]] = {
    "callsign": _callsign,
    "callsign_regex": _callsign_regex,
    "address": _address,
    "registration": _fact("registration", "registration"),
    "type": _fact("type", "type"),
    "operator": _fact("operator", "operator"),
    "country": _fact("country", "country"),
    "military": _yes("military"),
    "notable": _yes("notable"),
    "drone": _yes("drone"),
    "list_category": _fact("list_category", "listed as"),
    "list_group": _fact("list_group", "listed as"),
    "list_tag": _fact("list_tag", "listed as"),
    "category": _heard("category", "category"),
    "squawk": _heard("squawk", "squawk"),
    "emergency": _heard("emergency", "emergency"),
    "gps_lost": _gps_lost,
    "position_doubted": _position_doubted,
    "near": _near,
    "will_pass": _will_pass,
    "inside": _inside,
    "over": _over,
    "entered": _crossed("into", "entered"),
    "left": _crossed("out_of", "left"),
    "altitude_above_ft": _limit("altitude_baro_ft", "altitude", True, "ft"),
    "altitude_below_ft": _limit("altitude_baro_ft", "altitude", False, "ft"),
    "speed_above_kt": _limit("ground_speed_kt", "ground speed", True, "kt"),
    "speed_below_kt": _limit("ground_speed_kt", "ground speed", False, "kt"),
    "on_ground": _on_ground,
    "first_seen": _first_seen,
    "pattern": _pattern,
    "laps_above": _laps_above,
    "any": _any,
    "all": _all,
    "not_": _not,
}
