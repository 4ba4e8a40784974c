"""Who an aircraft is: by what it calls itself, by its address, by what databases say."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from pathlib import Path

from receiver.watch.conditions import Check, Maker
from receiver.watch.watched import Watched


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


def _first_seen(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        if aircraft.first_seen is not wanted:
            return None
        return "never heard here before" if wanted else "heard here before"

    return check


MAKERS: dict[str, Maker] = {
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
    "first_seen": _first_seen,
}
