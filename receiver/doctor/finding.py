"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    GOOD = "good"
    NOTE = "note"  # nothing to do, but good to know; or it could not be looked at
    WARNING = "warning"  # it works, but worse than it could
    PROBLEM = "problem"  # it does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing, and the fix.

    Attributes
    ----------
    name
        What was found, as a word for programs: "dongle-absent", "clock-unsynchronised".
    text
        A sentence for people.
    fix
        What to do: a command or a setting. Empty when there is nothing to do.
    """

    name: str
    verdict: Verdict
    text: str
    fix: str = ""


def good(name: str, text: str) -> Finding:
    """It is as it should be."""
    return Finding(name, Verdict.GOOD, text)


def note(name: str, text: str, fix: str = "") -> Finding:
    """Nothing to worry about."""
    return Finding(name, Verdict.NOTE, text, fix)


def warning(name: str, text: str, fix: str) -> Finding:
    """It works, but."""
    return Finding(name, Verdict.WARNING, text, fix)


def problem(name: str, text: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(name, Verdict.PROBLEM, text, fix)
