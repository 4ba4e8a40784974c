"""What outlives a restart, as JSON can hold it: alerts that are not over, and the evidence of each aircraft.

Whatever is read back is checked for its types: a file that was damaged must not end a service later on.
"""

from __future__ import annotations

import base64
import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from receiver.decode.message import AddressType
from receiver.tracking import Position, Sighting, Value
from receiver.tracking.sighting import Quality, Slot
from receiver.watch.alerts import UPDATED, Alert
from receiver.watch.approach import Approach
from receiver.watch.belief import Belief
from receiver.watch.episodes import Episode, Flown, Key, Matter, Push, Settled
from receiver.watch.fleet import Fleet
from receiver.watch.goaround import Descent
from receiver.watch.identity import Identity
from receiver.watch.integrity import IntegrityWatch
from receiver.watch.levels import Levels
from receiver.watch.patterns import Memory, Pattern, PatternDetector
from receiver.watch.rules import ReadyRule
from receiver.watch.trail import WIDTH
from receiver.watch.usual import MAX_CELLS, News, Usual
from receiver.watch.watched import Crossing, Watched
from receiver.watch.world import Land

VERSION = 4
_PLAIN = (
    Slot.CALLSIGN, Slot.CATEGORY, Slot.SQUAWK, Slot.EMERGENCY, Slot.ALTITUDE_BARO, Slot.ON_GROUND, Slot.GROUND_SPEED,
    Slot.TRACK,
)  # fmt: skip
MAX_TRAIL_BYTES = 200_000
MAX_USUAL_BYTES = 24 * MAX_CELLS

Scalar = str | float | int | bool | None


@dataclass(slots=True)
class KeptValue:
    """A value of a sighting."""

    value: Scalar | Position | Quality
    time_s: float
    source: AddressType
    register: str


@dataclass(slots=True)
class KeptTrail:
    """Where it has been, packed."""

    packed: str
    heading: float | None
    heard_s: float


@dataclass(slots=True)
class KeptAircraft:
    """One aircraft: of its newest sighting what a sentence tells, and all evidence."""

    icao: str
    now: float
    address_type: AddressType
    messages: int
    first_heard_s: float
    values: dict[str, KeptValue]
    last_position: KeptValue | None
    first_seen: bool
    detector: Memory
    integrity: IntegrityWatch
    belief: Belief
    trail: KeptTrail
    fixed_s: float
    checked: float
    land: Land | None
    land_s: float
    crossings: list[Crossing]
    since: dict[str, float]
    approaches: dict[str, Approach]
    news: News
    descent: Descent


@dataclass(slots=True)
class Glimpse:
    """Of an aircraft whose story a restart would not change now, what may matter later: when it was heard last, whether that
    was the first time ever, when it was sure of its position, what is below it, and which borders it has crossed."""

    heard_s: float
    first_seen: bool
    good_s: float | None
    land: Land | None
    land_s: float
    crossings: list[Crossing]
    news: News

    @classmethod
    def of(cls, aircraft: Watched) -> Glimpse:
        """Of this aircraft, now."""
        return cls(
            aircraft.sighting.now, aircraft.first_seen, aircraft.integrity.good_s, aircraft.land, aircraft.land_s,
            aircraft.crossings, aircraft.news,
        )  # fmt: skip

    def give(self, aircraft: Watched) -> None:
        """The aircraft is heard again."""
        aircraft.first_seen, aircraft.integrity.good_s = self.first_seen, self.good_s
        aircraft.land, aircraft.land_s, aircraft.crossings = self.land, self.land_s, self.crossings
        aircraft.news = self.news


@dataclass(slots=True)
class KeptEpisode:
    """An alert that was not over."""

    group: str
    icao: str
    id: str
    rule: str
    title: str
    severity: str
    clause: str
    rules: tuple[str, ...]
    text: str
    raised_s: float
    updated_s: float
    true_s: float
    told_s: float
    told: Matter
    pattern: Pattern | None
    told_pattern: Pattern | None
    members: tuple[str, ...]
    earlier: tuple[float, float] | None
    flown: tuple[Flown, ...]
    brief: str


@dataclass(slots=True)
class KeptUsual:
    """What is usual here, the cells packed."""

    first_day: int
    days: str
    types: dict[str, int]
    heard: dict[str, float]
    nights: dict[str, list[int]]
    swept: int


@dataclass(slots=True)
class Kept:
    """Everything."""

    version: int
    open: list[KeptEpisode] = field(default_factory=list)
    aircraft: list[KeptAircraft] = field(default_factory=list)
    glimpses: dict[str, Glimpse] = field(default_factory=dict)
    fleet: Fleet = field(default_factory=Fleet)
    levels: Levels = field(default_factory=Levels)
    settled: list[tuple[Key, Settled]] = field(default_factory=list)
    pushed: list[tuple[Key, Push]] = field(default_factory=list)
    usual: KeptUsual = field(default_factory=lambda: keep_usual(Usual()))


_KEPT = TypeAdapter(Kept)


def keep_usual(usual: Usual) -> KeptUsual:
    """What is usual here, to be kept."""
    numbers = array("q", [number for key, (last, bits) in usual.days.items() for number in (key, last, bits)])
    return KeptUsual(usual.first_day, _packed(numbers), usual.types, usual.heard, usual.nights, usual.swept)


def usual_of(kept: KeptUsual) -> Usual:
    """What was usual. Raises ValueError."""
    numbers = array("q")
    numbers.frombytes(_bytes(kept.days, MAX_USUAL_BYTES))
    if len(numbers) % 3:
        raise ValueError(f"what is usual here has {len(numbers)} numbers, expected a multiple of 3")
    days = {numbers[k]: (numbers[k + 1], numbers[k + 2]) for k in range(0, len(numbers), 3)}
    return Usual(kept.first_day, days, kept.types, kept.heard, kept.nights, kept.swept)


def dump(kept: Kept) -> dict[str, Any]:
    """As JSON can hold it."""
    state: dict[str, Any] = _KEPT.dump_python(kept, mode="json")
    return state


def load(state: Mapping[str, Any]) -> Kept:
    """What `dump` gave. Raises ValueError when it is nothing of the kind; another version is an empty memory."""
    if state.get("version") != VERSION:
        return Kept(VERSION)
    return _KEPT.validate_python(dict(state))


def keep_aircraft(aircraft: Watched) -> KeptAircraft:
    """One aircraft, to be kept."""
    sighting = aircraft.sighting
    slots = (*_PLAIN, Slot.POSITION, Slot.QUALITY)
    found = {slot.name: sighting.values[slot] for slot in slots}
    return KeptAircraft(
        sighting.icao,
        sighting.now,
        sighting.address_type,
        sighting.messages,
        sighting.first_seen_s,
        {name: _kept(value) for name, value in found.items() if value is not None},
        None if sighting.last_position is None else _kept(sighting.last_position),
        aircraft.first_seen,
        aircraft.detector.memory(),
        aircraft.integrity,
        aircraft.belief,
        KeptTrail(_packed(aircraft.trail.data), aircraft.trail.heading, aircraft.trail.heard_s),
        aircraft.fixed_s,
        aircraft.checked,
        aircraft.land,
        aircraft.land_s,
        aircraft.crossings,
        aircraft.since,
        aircraft.approaches,
        aircraft.news,
        aircraft.descent,
    )


def aircraft_of(kept: KeptAircraft, detector: PatternDetector) -> Watched:
    """The aircraft as it was; the detector, a fresh one, takes over what was flown. Raises ValueError."""
    detector.restore(kept.detector)
    values: list[Value[Any] | None] = [None] * len(Slot)
    for name, value in kept.values.items():
        if name in Slot.__members__:
            values[Slot[name]] = _value(value)
    position = values[Slot.POSITION]
    last = position if kept.last_position is None else _value(kept.last_position)
    for one in (position, last):
        if one is not None and not isinstance(one.value, Position):
            raise ValueError("a position is none")
    sighting = Sighting(
        kept.icao, kept.now, frozenset(), (), kept.address_type, True, kept.messages, None, kept.first_heard_s, kept.now,
        last, None, tuple(values),
    )  # fmt: skip
    watched = Watched(
        sighting, detector, kept.first_seen, integrity=kept.integrity, belief=kept.belief, position=position, fixed_s=kept.fixed_s,
        checked=kept.checked, land=kept.land, land_s=kept.land_s, crossings=kept.crossings, since=kept.since,
        approaches=kept.approaches, news=kept.news, descent=kept.descent,
    )  # fmt: skip
    trail = watched.trail
    trail.data, trail.heading, trail.heard_s = _unpacked(kept.trail.packed), kept.trail.heading, kept.trail.heard_s
    return watched


def keep_episode(key: Key, episode: Episode) -> KeptEpisode:
    """One alert, to be kept."""
    alert = episode.alert
    return KeptEpisode(
        key[0], key[1], alert.id, alert.rule, alert.title, alert.severity, alert.clause, alert.rules, alert.text,
        alert.raised_s, alert.updated_s, episode.true_s, episode.told_s, episode.told, episode.pattern, alert.pattern,
        episode.members, episode.earlier, episode.flown, alert.brief,
    )  # fmt: skip


def episode_of(kept: KeptEpisode, rule: ReadyRule) -> Episode:
    """The alert as it was, under the rule as it is now."""
    alert = alert_of(kept)
    alert = Alert(**{**_fields(alert), "picture": rule.rule.picture, "tracker": rule.rule.tracker})
    told = Matter(tuple(kept.told.sharp), tuple(kept.told.slow))
    return Episode(alert, rule, kept.true_s, kept.told_s, told, kept.pattern, kept.members, kept.earlier, kept.flown)


def alert_of(kept: KeptEpisode) -> Alert:
    """What was told last."""
    return Alert(
        kept.id, kept.rule, kept.title, kept.clause, kept.severity, kept.rules, UPDATED, kept.text, kept.icao, None,
        Identity(), kept.told_pattern, kept.raised_s, kept.updated_s, None, (), False, False, (), kept.brief,
    )  # fmt: skip


def episodes_of(kept: Kept, rules: Mapping[str, ReadyRule]) -> tuple[dict[Key, Episode], list[Alert]]:
    """Alerts whose rules are still there, and what was told last of those whose rules are gone."""
    open_: dict[Key, Episode] = {}
    orphans: list[Alert] = []
    for one in kept.open:
        rule = rules.get(one.rule)
        if rule is None or rule.group != one.group:
            orphans.append(alert_of(one))
        else:
            open_[one.group, one.icao] = episode_of(one, rule)
    return open_, orphans


def worth_keeping(aircraft: Iterable[Watched], about: set[str]) -> list[Watched]:
    """Those without whose evidence a restart would tell another story: an alert is open, a condition is being held, GPS
    was lost, a lap is under way."""
    return [
        one
        for one in aircraft
        if one.icao in about
        or one.since
        or one.integrity.bad_since_s is not None
        or one.belief.doubt is not None
        or one.detector.turning
    ]


def _fields(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in Alert.__dataclass_fields__}


def _kept(value: Value[Any]) -> KeptValue:
    return KeptValue(value.value, value.time_s, value.source, value.register)


def _value(kept: KeptValue) -> Value[Any]:
    return Value(kept.value, kept.time_s, kept.source, kept.register)


def _packed(data: array[float] | array[int]) -> str:
    return base64.b85encode(zlib.compress(data.tobytes(), 6)).decode("ascii")


def _unpacked(text: str) -> array[float]:
    data = array("d")
    data.frombytes(_bytes(text, MAX_TRAIL_BYTES))
    if len(data) % WIDTH:
        raise ValueError(f"a track has {len(data)} numbers, expected a multiple of {WIDTH}")
    return data


def _bytes(text: str, most: int) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b85decode(text), most)
    except zlib.error as error:
        raise ValueError(f"what was packed cannot be unpacked: {error}") from None
    if not unpacker.eof:
        raise ValueError(f"what was packed is cut off, or larger than {most} bytes")
    return data
