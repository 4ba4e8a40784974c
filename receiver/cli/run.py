"""`squitter run`: the service, on the dongle or whatever else the settings name."""

from __future__ import annotations

import argparse

from receiver.cli.settings import add_settings_arguments, load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings, and the short way to a broker."""
    add_settings_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; exit status 0."""
    loaded = load_settings(arguments)
    from receiver.app import Service, build_signal, run_service, set_up_logging

    settings = loaded.settings
    set_up_logging(settings)
    run_service(Service(settings, build_signal(settings)))
    return 0
