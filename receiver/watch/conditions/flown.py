"""What an aircraft flies."""

from __future__ import annotations

from pathlib import Path

from receiver.watch.conditions import Check, Maker
from receiver.watch.watched import Watched


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


def _went_around(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        pattern = aircraft.pattern
        circuits = pattern is not None and pattern.kind == "aerodrome_circuit"
        gone = aircraft.descent.gone_s is not None and not circuits
        if gone is not wanted:
            return None
        return f"went around at {aircraft.descent.name}" if gone else "no go-around"

    return check


MAKERS: dict[str, Maker] = {
    "pattern": _pattern,
    "laps_above": _laps_above,
    "went_around": _went_around,
}
