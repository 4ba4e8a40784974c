"""`squitter hub`: the service for a fleet, with its stations as the source."""

from __future__ import annotations

import argparse

from config.settings import Settings
from receiver.cli.serving import add_broker_argument, add_serving_arguments, begin, serve
from receiver.cli.settings import lan_settings, load_settings, log_settings
from receiver.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings, the short way to a broker, and NATS."""
    add_broker_argument(parser)
    parser.add_argument(
        "--nats",
        metavar="URL",
        help="receptions from a NATS JetStream (nats://host:4222; several with commas), several hubs of which one leads",
    )
    parser.add_argument(
        "--replicas", type=int, choices=(1, 3, 5), default=1, help="with --nats: servers that keep each message (1)"
    )
    add_serving_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; exit status 0."""
    extra = lan_settings(arguments) | log_settings(arguments)
    name = load_settings(arguments, extra).settings.fleet.name
    loaded = load_settings(arguments, {**extra, "station.name": ("[fleet] name", name)})
    begin(loaded)
    if arguments.nats is not None:
        return _on_nats(loaded.settings, arguments.nats, arguments.replicas)
    from receiver.app import build_hub_signal

    return serve(loaded.settings, arguments.with_broker, build_hub_signal)


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
