"""What an aircraft sends, and whether that can be true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from receiver.watch.conditions import Check, Maker
from receiver.watch.watched import Watched


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


MAKERS: dict[str, Maker] = {
    "category": _heard("category", "category"),
    "squawk": _heard("squawk", "squawk"),
    "emergency": _heard("emergency", "emergency"),
    "gps_lost": _gps_lost,
    "position_doubted": _position_doubted,
    "altitude_above_ft": _limit("altitude_baro_ft", "altitude", True, "ft"),
    "altitude_below_ft": _limit("altitude_baro_ft", "altitude", False, "ft"),
    "speed_above_kt": _limit("ground_speed_kt", "ground speed", True, "kt"),
    "speed_below_kt": _limit("ground_speed_kt", "ground speed", False, "kt"),
    "on_ground": _on_ground,
}
