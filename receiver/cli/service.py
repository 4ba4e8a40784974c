"""`squitter service install|remove`: a service of the system, started at each boot."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and whether to show it only."""
    actions = parser.add_subparsers(dest="action", metavar="install|remove", required=True)
    install = actions.add_parser("install", help="user, dongle's rule, settings, systemd unit")
    install.add_argument("--settings", type=Path, metavar="FILE", help="copy this file to /etc/squitter/squitter.toml")
    install.add_argument("--no-start", action="store_true", help="do not start it")
    remove = actions.add_parser("remove", help="take all of it away again; settings and data stay")
    for one in (install, remove):
        one.add_argument("--dry-run", action="store_true", help="show each step, change nothing")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when all steps are done."""
    from receiver.errors import UsageError
    from receiver.setup.service import install_steps, program, remove_steps
    from receiver.setup.steps import take

    if arguments.action == "install":
        if arguments.settings is not None and not arguments.settings.is_file():
            raise UsageError(f"--settings: {arguments.settings}: no such file; `squitter setup` writes one")
        steps = install_steps(program(), arguments.settings, start=not arguments.no_start)
    else:
        steps = remove_steps()
    if arguments.dry_run:
        for step in steps:
            print(step.shown())
        print("\nNothing was changed (--dry-run).")
        return 0
    if os.geteuid() != 0:
        raise UsageError("this changes the system: run it with sudo, or look at it first with --dry-run")
    take(steps, print)
    if arguments.action == "install":
        print("\nDone. `systemctl status squitter` tells how it is, `journalctl -u squitter -f` what it says,")
        print("`squitter doctor` what is wrong.")
    return 0
