"""The options that every command with settings has: which file, and single settings by name."""

from __future__ import annotations

import argparse
import os
import tomllib
from pathlib import Path
from typing import Any

from config.load import Loaded, find_file, load
from receiver.errors import UsageError


def add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    """`--config FILE` and `--set KEY=VALUE`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings (TOML); default: the first that exists of squitter.toml, ~/.config/squitter/squitter.toml, "
        "/etc/squitter/squitter.toml",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="one setting, e.g. --set mqtt.host=broker.local; may be repeated",
    )


def add_lan_argument(parser: argparse.ArgumentParser) -> None:
    """`--lan`."""
    parser.add_argument(
        "--lan",
        action="store_true",
        help="serve the map to other devices on the network, too; links with a token are shown",
    )


def add_log_arguments(parser: argparse.ArgumentParser) -> None:
    """`-q` and `-v`: more or fewer log lines than `log.level` says."""
    levels = parser.add_mutually_exclusive_group()
    levels.add_argument(
        "-q",
        "--quiet",
        dest="log_level",
        action="store_const",
        const=("-q", "warning"),
        help="log warnings and errors only",
    )
    levels.add_argument(
        "-v",
        "--verbose",
        dest="log_level",
        action="store_const",
        const=("-v", "debug"),
        help="log what developers need, too",
    )


def log_settings(arguments: argparse.Namespace) -> dict[str, tuple[str, Any]]:
    """What `-q` and `-v` set."""
    return {"log.level": arguments.log_level} if arguments.log_level else {}


def lan_settings(arguments: argparse.Namespace) -> dict[str, tuple[str, Any]]:
    """What `--lan` sets."""
    return {"web.enabled": ("--lan", True), "web.host": ("--lan", "0.0.0.0")} if arguments.lan else {}


def load_settings(
    arguments: argparse.Namespace, extra: dict[str, tuple[str, Any]] | None = None, *, search: bool = True
) -> Loaded:
    """Settings from file, environment and command line.

    Parameters
    ----------
    extra
        A command's own options by setting; `--set` wins over them.
    search
        Where no file is named, take the one that `run` would take.
    """
    options = dict(extra or {})
    for text in arguments.settings:
        key, separator, value = text.partition("=")
        if not separator or not key.strip():
            raise UsageError(f"--set: got {text!r}, expected KEY=VALUE such as mqtt.host=broker.local")
        options[key.strip()] = (f"--set {key.strip()}", plain(value.strip()))
    path = arguments.config if arguments.config is not None or not search else find_file()
    return load(path, os.environ, options)


def plain(text: str) -> Any:
    """A TOML value where it is one (number, true, list, quoted text), else the text itself."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
