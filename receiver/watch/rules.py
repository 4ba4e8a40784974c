"""Rules made ready: each condition becomes a function that names the clause that matched, with the fact's source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.rules import FLEET_KEYS, Condition, Rule
from receiver.watch.conditions import Check, Maker, flown, sent, together, unusual, where, who
from receiver.watch.watched import Watched

SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule with its check, of a `Watched`, or of the `Fleet` when it is about no single aircraft."""

    rule: Rule
    check: Callable[[Any], str | None]
    about: str = ""  # which of FLEET_KEYS; "": a single aircraft

    @property
    def fleet(self) -> bool:
        """Whether it is about several aircraft together."""
        return bool(self.about)

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
    for key in FLEET_KEYS:
        wanted = getattr(rule.when, key)
        if wanted is not None:
            return ReadyRule(rule, together.MAKERS[key](wanted), key)
    return ReadyRule(rule, make_check(rule.when, folder))


def make_check(condition: Condition, folder: Path) -> Check:
    """A function for a condition: all its keys must hold."""
    checks: list[tuple[Check, bool]] = []
    for name in Condition.model_fields:
        wanted = getattr(condition, name)
        if wanted is not None and name in MAKERS:
            checks.append((MAKERS[name](wanted, folder), name != "not_"))
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


MAKERS: dict[str, Maker] = {
    **who.MAKERS,
    **sent.MAKERS,
    **where.MAKERS,
    **flown.MAKERS,
    **unusual.MAKERS,
    "any": _any,
    "all": _all,
    "not_": _not,
}
