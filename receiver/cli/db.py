"""`squitter db update|show`: the aircraft database."""

from __future__ import annotations

import argparse
import sys
import time

from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError, UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """update and show."""
    actions = parser.add_subparsers(dest="action", metavar="update|show", required=True)
    update = actions.add_parser("update", help="download the aircraft lists and write a new database")
    update.add_argument(
        "--from", dest="origin", metavar="FILE|URL", help="one list from here, instead of the settings'"
    )
    update.add_argument("--format", metavar="FORMAT", help="its format: tar1090-db or plane-alert-db")
    update.add_argument("--trust", action="store_true", help="take a list although it is smaller than it should be")
    add_settings_arguments(update)
    show = actions.add_parser("show", help="everything known of an aircraft, and where each fact comes from")
    show.add_argument("address", metavar="HEX", help="its address: six hex digits")
    show.add_argument("--callsign", metavar="SIGN", help="the call sign that it sends, if any")
    add_settings_arguments(show)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0; for update 1 when any list was not taken, for show 1 when nothing is known."""
    return _update(arguments) if arguments.action == "update" else _show(arguments)


def _update(arguments: argparse.Namespace) -> int:
    from receiver.registry.formats import FORMATS
    from receiver.registry.update import update

    registry = load_settings(arguments).settings.registry
    if arguments.origin is not None:
        if arguments.format not in FORMATS:
            raise UsageError(f"--format: got {arguments.format}, expected one of {', '.join(FORMATS)}")
        lists = {arguments.format: arguments.origin}
    elif arguments.format is not None:
        raise UsageError("--format goes with --from")
    else:
        lists = {"tar1090-db": registry.tar1090_db, "plane-alert-db": registry.plane_alert_db}
    path = registry.database.expanduser()
    failed = False
    for name, origin in lists.items():
        if not origin:
            continue
        try:
            done = update(path, name, origin, registry.max_size_mb, int(time.time()), arguments.trust)
        except SquitterError as error:
            print(f"squitter: {name}: {error}", file=sys.stderr)
            failed = True
            continue
        refused = "".join(f", {count} refused: {reason}" for reason, count in done.refused)
        print(f"{name}: {done.rows} aircraft{refused}" if done.changed else f"{name}: unchanged, {done.rows} aircraft")
    return 1 if failed else 0


def _show(arguments: argparse.Namespace) -> int:
    from receiver.registry.registry import Registry

    icao = arguments.address.strip().lower()
    if len(icao) != 6 or set(icao) - set("0123456789abcdef"):
        raise UsageError(f"got {arguments.address!r}, expected six hex digits such as AE4BD8")
    registry = Registry(load_settings(arguments).settings.registry.database.expanduser())
    try:
        facts = registry.identify(icao, arguments.callsign, None)
        fields = registry.database(icao)
    finally:
        registry.close()
    if not facts:
        print(f"{icao.upper()}: nothing is known", file=sys.stderr)
        return 1
    width = max(len(fact.name) for fact in facts)
    for fact in facts:
        print(f"{fact.name:<{width}}  {fact.value}  ({fact.source})")
    if fields:
        print("aircraft.json: " + ", ".join(f"{key} {value}" for key, value in fields.items()))
    return 0
