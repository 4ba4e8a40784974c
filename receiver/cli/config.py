"""`squitter config check|show|schema`: validate, print what is in force, print the JSON schema."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from config.settings import Settings
from receiver.cli.settings import add_settings_arguments, load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """check, show and schema."""
    actions = parser.add_subparsers(dest="action", metavar="check|show|schema", required=True)
    check = actions.add_parser("check", help="say whether the settings are good, and name every mistake")
    add_settings_arguments(check)
    show = actions.add_parser("show", help="print the settings in force and where each comes from; secrets are masked")
    add_settings_arguments(show)
    actions.add_parser("schema", help="print the JSON schema of the settings, for editors")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 2 when the settings are bad."""
    if arguments.action == "schema":
        json.dump(Settings.model_json_schema(), sys.stdout, indent=2, ensure_ascii=False)
        print()
        return 0
    loaded = load_settings(arguments)
    if arguments.action == "check":
        where = loaded.path if loaded.path is not None else "no file, defaults and environment only"
        print(f"settings are good ({where})")
        if loaded.strangers:
            print(f"variables that are no settings, ignored: {', '.join(loaded.strangers)}")
        return 0
    for section, values in loaded.settings.model_dump(mode="json").items():
        if isinstance(values, list):  # tables of a kind, one after the other
            for row in values:
                print(f"[[{section}]]", *(f"{key} = {toml(value)}" for key, value in row.items()), "", sep="\n")
            continue
        print(f"[{section}]")
        for key, value in values.items():
            origin = loaded.origins.get(f"{section}.{key}", "default")
            print(f"{key} = {toml(value)}  # {origin}" if value is not None else f"# {key} is not set")
        print()
    return 0


def toml(value: Any) -> str:
    """A value as TOML writes it; JSON's notation is TOML's for everything that settings hold."""
    return json.dumps(value, ensure_ascii=False)
