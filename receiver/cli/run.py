"""`squitter run`: the service, on the dongle or whatever else the settings name."""

from __future__ import annotations

import argparse
import logging

from receiver.cli.serving import add_broker_argument, add_serving_arguments, begin, serve
from receiver.cli.settings import lan_settings, load_settings, log_settings

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings, and the short way to a broker."""
    add_broker_argument(parser)
    add_serving_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; exit status 0."""
    loaded = load_settings(arguments, lan_settings(arguments) | log_settings(arguments))
    begin(loaded)
    if not loaded.settings.web.enabled:
        log.info(
            "The map is off: `[web] enabled = true` serves it on this machine, `squitter run --lan` to others, too"
        )
    from receiver.app import build_signal

    return serve(loaded.settings, arguments.with_broker, build_signal)
