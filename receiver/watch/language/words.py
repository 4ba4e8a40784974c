"""A language as data: read, checked, and ready to be filled in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "es")
_MODEL = "en"  # the file that all others are held against
_SOURCES = "sentence.sources"  # English texts by their beginning: English itself needs none


@dataclass(frozen=True, slots=True)
class Numbers:
    """What separates thousands, and whole from decimal digits."""

    thousands: str
    point: str

    def whole(self, value: float) -> str:
        """19000.4 as "19,000"."""
        return f"{round(value):,}".replace(",", self.thousands)

    def decimal(self, text: str) -> str:
        """A number written with a point, with this language's."""
        return text.replace(".", self.point)


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """The words of the sentence. Texts with {} are filled by str.format."""

    numbers: Numbers
    aircraft: str
    unknown: str
    unknown_of: str
    military: str
    drone: str
    type_of: str
    of_operator: str
    doing: dict[str, tuple[str, str]]  # kind: (now, over)
    duration: str
    since: str
    between: str
    laps: str
    one_lap: str
    long_laps: str
    one_long_lap: str
    eights: str
    squawks: str
    codes: dict[str, str]
    emergency: str
    emergencies: dict[str, str]
    gps_lost: str
    heard: str
    left: str
    passed: str
    altitude: str
    on_ground: str
    near: str
    at: str
    over: str
    no_place: str
    entered: str
    went_to_sea: str
    disagree: str
    but: str
    fleet: str
    fleet_over: str
    fleet_gone: str
    groups: dict[str, tuple[str, str]]  # key of a rule about several: (now, over)
    met: str
    doubted: str
    doubts: dict[str, str]
    believed: str
    spoofed: str
    spoofed_over: str
    spoofed_from: str
    brief_spoofed: str
    brief_spoofed_over: str
    passing: str
    within: str
    earlier: str
    places: str
    went_around: str
    unusual: dict[str, str]
    below: str
    so_high: str
    new_type: str
    back_after: str
    nights: str
    compass: tuple[str, ...]
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class CardWords:
    """The labels on a card."""

    numbers: Numbers
    laps: str
    times: str
    diameter: str
    length: str
    period: str
    hand: str
    hands: dict[str, str]
    altitude: str
    speed: str
    over: str
    aircraft: str
    no_position: str


@dataclass(frozen=True, slots=True)
class Language:
    """All words of one language."""

    numbers: Numbers
    sentence: SentenceWords
    card: CardWords


@cache
def language(code: str) -> Language:
    """The language with this code, one of `LANGUAGES`.

    Raises
    ------
    ValueError
        Its file does not have the keys that English has.
    """
    data = _read(code)
    if code != _MODEL:
        complain(_read(_MODEL), data, code)
    numbers = Numbers(**data["numbers"])
    return Language(
        numbers,
        SentenceWords(numbers, **_values(SentenceWords, data["sentence"], code)),
        CardWords(numbers, **_values(CardWords, data["card"], code)),
    )


def complain(model: Mapping[str, Any], data: Mapping[str, Any], code: str, where: str = "") -> None:
    """Raise ValueError at the first key in which a language differs from the model: missing, unknown, of another shape,
    or with other places to fill in."""
    for name in sorted(model.keys() | data.keys()):
        key = f"{where}.{name}" if where else name
        if key == _SOURCES:
            continue
        if name not in data or name not in model:
            raise ValueError(f"{code}.toml: {key}: {'missing' if name not in data else 'no such key'}")
        ours, theirs = data[name], model[name]
        if isinstance(theirs, Mapping):
            if not isinstance(ours, Mapping):
                raise ValueError(f"{code}.toml: {key}: got a text, expected a table")
            complain(theirs, ours, code, key)
            continue
        ours, theirs = (value if isinstance(value, list) else [value] for value in (ours, theirs))
        if [text.count("{}") for text in ours] != [text.count("{}") for text in theirs]:
            raise ValueError(f"{code}.toml: {key}: got {ours}, expected as many {{}} in each as in {theirs}")


def _read(code: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(f"{code}.toml").read_text(encoding="utf-8"))


def _values(kind: type, table: Mapping[str, Any], code: str) -> dict[str, Any]:
    wanted = {field.name for field in fields(kind)} - {"numbers"}
    if wanted != table.keys():
        raise ValueError(f"{code}.toml: {kind.__name__}: got other keys: {sorted(wanted ^ table.keys())}")
    return {name: _frozen(value) for name, value in table.items()}


def _frozen(value: Any) -> Any:
    """Lists as tuples."""
    if isinstance(value, list):
        return tuple(value)
    return {name: _frozen(one) for name, one in value.items()} if isinstance(value, dict) else value
