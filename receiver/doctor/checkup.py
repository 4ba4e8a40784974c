"""All checks in their order, and what they say as text or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from config.settings import Settings
from receiver.doctor.broker import check_broker
from receiver.doctor.chain import check_chain
from receiver.doctor.clock import check_clock
from receiver.doctor.disk import check_disk
from receiver.doctor.finding import Finding, Verdict, problem
from receiver.doctor.hearing import check_dongle, check_server
from receiver.doctor.lists import check_lists
from receiver.doctor.machine import Machine
from receiver.doctor.ports import check_ports
from receiver.doctor.power import check_power
from receiver.doctor.settings import check_settings
from receiver.doctor.speed import check_speed

Check = Callable[[Machine, Settings], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "settings": check_settings,
    "power": check_power,
    "dongle": check_dongle,
    "server": check_server,
    "speed": check_speed,
    "clock": check_clock,
    "disk": check_disk,
    "lists": check_lists,
    "ports": check_ports,
    "broker": check_broker,
    "chain": check_chain,
}

MARKS = {Verdict.GOOD: "ok", Verdict.NOTE: "note", Verdict.WARNING: "warning", Verdict.PROBLEM: "PROBLEM"}


def check_up(
    machine: Machine,
    settings: Settings,
    names: Iterable[str] = CHECKS,
    told: Callable[[str, Finding], None] | None = None,
) -> list[tuple[str, Finding]]:
    """Run checks; each finding with the name of its check. A check that fails itself is a problem like any other.

    Parameters
    ----------
    names
        Which ones, keys of `CHECKS`.
    told
        Called with each finding as soon as it is there.
    """
    findings: list[tuple[str, Finding]] = []

    def tell(name: str, finding: Finding) -> None:
        findings.append((name, finding))
        if told is not None:
            told(name, finding)

    for name in names:
        try:
            for finding in CHECKS[name](machine, settings):
                tell(name, finding)
        except Exception as error:  # noqa: BLE001 - a doctor who faints helps nobody
            kind = type(error).__name__
            tell(name, problem("check-failed", f"This check itself failed: {kind}: {error}", "Please report it."))
    return findings


def exit_status(findings: Iterable[tuple[str, Finding]]) -> int:
    """1 when something does not work, else 0."""
    return int(any(finding.verdict is Verdict.PROBLEM for _, finding in findings))


def as_text(name: str, finding: Finding) -> str:
    """One or two lines."""
    line = f"{MARKS[finding.verdict]:<8} {name:<9} {finding.text}"
    return f"{line}\n{'':19}→ {finding.fix}" if finding.fix else line


def as_json(findings: Iterable[tuple[str, Finding]]) -> dict[str, Any]:
    """What `--json` prints."""
    findings = list(findings)
    return {
        "well": exit_status(findings) == 0,
        "findings": [
            {
                "check": check,
                "name": finding.name,
                "verdict": finding.verdict.value,
                "text": finding.text,
                **({"fix": finding.fix} if finding.fix else {}),
            }
            for check, finding in findings
        ],
    }


def summary(findings: Iterable[tuple[str, Finding]]) -> str:
    """The last line."""
    verdicts = [finding.verdict for _, finding in findings]
    problems, warnings = verdicts.count(Verdict.PROBLEM), verdicts.count(Verdict.WARNING)
    if not problems and not warnings:
        return "All is well."
    counted = [
        f"{count} {word}{'s' if count != 1 else ''}"
        for count, word in ((problems, "problem"), (warnings, "warning"))
        if count
    ]
    return " and ".join(counted) + "."
