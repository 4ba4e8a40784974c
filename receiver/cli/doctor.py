"""`squitter doctor`: names what is wrong, with the fix."""

from __future__ import annotations

import argparse
import json
import logging

from receiver.cli.settings import add_settings_arguments, load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings, and how it is told."""
    add_settings_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
    parser.add_argument("--only", action="append", metavar="CHECK", help="only this check; may be repeated")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when nothing is broken (warnings are allowed), else 1."""
    from config.errors import ConfigError
    from config.settings import Settings
    from receiver.doctor import CHECKS, Finding, Machine, check_up
    from receiver.doctor.checkup import as_json, as_text, exit_status, summary
    from receiver.doctor.settings import check_file, mistakes
    from receiver.errors import UsageError

    names = arguments.only or list(CHECKS)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        raise UsageError(f"--only: got {unknown[0]!r}, expected one of {', '.join(CHECKS)}")
    logging.disable(logging.CRITICAL)  # what matters is in the findings
    findings: list[tuple[str, Finding]] = []

    def tell(name: str, finding: Finding) -> None:
        if not arguments.json:
            print(as_text(name, finding), flush=True)

    try:
        loaded = load_settings(arguments)
        settings = loaded.settings
        first = list(check_file(loaded))
    except ConfigError as error:
        settings = Settings()  # look at everything else all the same
        first = list(mistakes(error))
    for finding in first:
        findings.append(("settings", finding))
        tell("settings", finding)
    findings += check_up(Machine(), settings, names, tell)
    if arguments.json:
        print(json.dumps(as_json(findings), indent=2, ensure_ascii=False))
    else:
        print(f"\n{summary(findings)}")
    return exit_status(findings)
