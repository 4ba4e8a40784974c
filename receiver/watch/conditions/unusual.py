"""What is out of the ordinary for this place."""

from __future__ import annotations

from pathlib import Path

from receiver.watch.conditions import Check, Maker
from receiver.watch.usual import DAY_S
from receiver.watch.watched import Watched


def _unusual_days(days: int, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        odd = aircraft.news.oddity
        if odd is None or odd.days < days:
            return None
        who = "nobody" if odd.what == "height" else f"no {odd.what}"
        height = f"below {odd.below_ft:g} ft" if odd.below_ft is not None else "so high"
        return f"{who} {height} here in {odd.days} days (counted by this station)"

    return check


def _back_after_days(days: float, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        away_s = aircraft.news.away_s
        return f"back after {away_s / DAY_S:.0f} days" if away_s is not None and away_s >= days * DAY_S else None

    return check


def _first_of_type(wanted: bool, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        designator = aircraft.news.new_type
        if (designator is not None) is not wanted:
            return None
        return f"first {designator} received here" if designator is not None else "not the first of its type here"

    return check


def _nights_above(nights: int, folder: Path) -> Check:
    def check(aircraft: Watched) -> str | None:
        here = aircraft.news.nights
        return f"here on {here} nights of the last seven" if here > nights else None

    return check


MAKERS: dict[str, Maker] = {
    "unusual_days": _unusual_days,
    "back_after_days": _back_after_days,
    "first_of_type": _first_of_type,
    "nights_above": _nights_above,
}
