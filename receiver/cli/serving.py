"""What `run` and `hub` share: their options, how they begin, and the service until a signal ends it."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.load import Loaded
from config.settings import Settings
from receiver.cli.settings import add_lan_argument, add_log_arguments, add_settings_arguments

if TYPE_CHECKING:
    from receiver.app import Signal

log = logging.getLogger(__name__)


def add_broker_argument(parser: argparse.ArgumentParser) -> None:
    """`--with-broker`."""
    parser.add_argument(
        "--with-broker",
        action="store_true",
        help="start the built-in MQTT broker (this machine only) if none is running",
    )


def add_serving_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings, who may see the map, how much is logged."""
    add_lan_argument(parser)
    add_log_arguments(parser)
    add_settings_arguments(parser)


def begin(loaded: Loaded) -> None:
    """Log as the settings say, and name variables that are no settings."""
    from receiver.app import set_up_logging

    set_up_logging(loaded.settings.log)
    if loaded.strangers:
        log.warning("Environment variables that are no settings are ignored: names=%s", ",".join(loaded.strangers))


def serve(settings: Settings, with_broker: bool, build: Callable[[Settings], Signal]) -> int:
    """Run the service on what `build` makes until SIGINT or SIGTERM; exit status 0."""
    from receiver.app import Service, run_service, settings_with_broker
    from receiver.app.lock import locked_folders

    settings, own_broker = settings_with_broker(settings) if with_broker else (settings, False)
    with locked_folders(settings):
        run_service(Service(settings, build(settings), own_broker=own_broker), leave_at_once=True)
    return 0
