"""`squitter hub`: the service for a fleet, with its stations as the source."""

from __future__ import annotations

import argparse
import logging

from config.settings import Settings
from receiver.cli.settings import (
    add_lan_argument,
    add_log_arguments,
    add_settings_arguments,
    lan_settings,
    load_settings,
    log_settings,
)
from receiver.errors import UsageError

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings, and the short way to a broker."""
    parser.add_argument(
        "--with-broker",
        action="store_true",
        help="start the built-in MQTT broker (this machine only) if none is running",
    )
    parser.add_argument(
        "--nats",
        metavar="URL",
        help="receptions from a NATS JetStream (nats://host:4222; several with commas), several hubs of which one leads",
    )
    parser.add_argument(
        "--replicas", type=int, choices=(1, 3, 5), default=1, help="with --nats: servers that keep each message (1)"
    )
    add_lan_argument(parser)
    add_log_arguments(parser)
    add_settings_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; exit status 0."""
    extra = lan_settings(arguments) | log_settings(arguments)
    name = load_settings(arguments, extra).settings.fleet.name
    loaded = load_settings(arguments, {**extra, "station.name": ("[fleet] name", name)})
    from receiver.app import Service, build_hub_signal, run_service, set_up_logging, settings_with_broker
    from receiver.app.lock import locked_folders

    set_up_logging(loaded.settings.log)
    if loaded.strangers:
        log.warning("Environment variables that are no settings are ignored: names=%s", ",".join(loaded.strangers))
    if arguments.nats is not None:
        return _on_nats(loaded.settings, arguments.nats, arguments.replicas)
    settings, own_broker = settings_with_broker(loaded.settings) if arguments.with_broker else (loaded.settings, False)
    with locked_folders(settings):
        run_service(Service(settings, build_hub_signal(settings), own_broker=own_broker), leave_at_once=True)
    return 0


def _on_nats(settings: Settings, url: str, replicas: int) -> int:
    try:
        from receiver.app.hub_on_nats import run_on_nats
    except ModuleNotFoundError as error:
        if error.name != "nats":
            raise
        raise UsageError("--nats: the Python package nats-py is missing; pip install 'squitter[nats]'") from None
    import asyncio

    asyncio.run(run_on_nats(settings, url, replicas))
    return 0
