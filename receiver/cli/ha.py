"""`squitter ha remove|show|add-on`: take the device out of Home Assistant, print what it is told, or run as an add-on of it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from config.watch import WatchSettings
from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError
from receiver.setup.add_on import OPTIONS

ADD_ON_SETTINGS = Path("/config/squitter.toml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """remove, show and add-on."""
    actions = parser.add_subparsers(dest="action", metavar="remove|show|add-on", required=True)
    remove = actions.add_parser("remove", help="remove the device and its entities from Home Assistant")
    add_settings_arguments(remove)
    show = actions.add_parser("show", help="print the description that Home Assistant is sent")
    add_settings_arguments(show)
    add_on = actions.add_parser("add-on", help="run as an add-on of Home Assistant: its options, its broker, its page")
    add_on.add_argument("--options", type=Path, default=OPTIONS, help=f"the add-on's options ({OPTIONS})")
    add_on.add_argument("--settings", type=Path, default=ADD_ON_SETTINGS, help=f"further settings ({ADD_ON_SETTINGS})")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0; 1 when the broker cannot be had."""
    if arguments.action == "add-on":
        return _run_add_on(arguments.options, arguments.settings)
    from receiver.broker.address import address_of
    from receiver.broker.client import BrokerError
    from receiver.sinks.home_assistant import config_topic, discovery_payload
    from receiver.sinks.mqtt import Publication
    from receiver.sinks.mqtt.publisher import publish_once
    from receiver.sinks.mqtt.topics import Topics

    settings = load_settings(arguments).settings
    station = settings.station.name
    topic = config_topic(settings.home_assistant.discovery_prefix, station)
    if arguments.action == "show":
        topics = Topics(f"{settings.mqtt.base_topic}/{station}")
        print(json.dumps(discovery_payload(topics, station, trackers(settings.watch)), indent=2, ensure_ascii=False))
        return 0
    address = address_of(settings.mqtt, station)
    # a name of its own, or the broker would throw out the service that runs
    address = replace(address, client_id=f"{address.client_id}-remove")
    try:
        asyncio.run(publish_once(address, settings.mqtt.protocol, [Publication(topic, b"", 1, retain=True)]))
    except BrokerError as error:
        raise SquitterError(f"broker {address}: {error}; the device was not removed") from None
    print(f"removed: {topic} is empty now")
    if settings.home_assistant.enabled:
        print("a running Squitter brings it back at its next connection; set home_assistant.enabled = false first")
    return 0


def _run_add_on(options: Path, settings: Path) -> int:
    """Go on as `squitter run`; comes back only when that cannot be started."""
    from receiver.setup.add_on import ask_supervisor, environment, read_options

    told = read_options(options)
    token = os.environ.get("SUPERVISOR_TOKEN")
    broker = ask_supervisor(token) if token else None
    if broker is None and not told.get("mqtt_host"):
        print(
            "no broker: install the Mosquitto broker add-on and start it, or name one in this add-on's options "
            "(mqtt_host); the map works without",
            file=sys.stderr,
        )
    os.environ.update(environment(told, broker))
    command = [sys.executable, "-m", "receiver.cli", "run"]
    if settings.is_file():
        command += ["--config", str(settings)]
    os.execv(sys.executable, command)


def trackers(settings: WatchSettings) -> list[tuple[str, str]]:
    """Name and title of each rule that asks for a device_tracker."""
    from config.rules import load_rules
    from receiver.watch import DEFAULT_RULES, rules_in_force

    if not settings.enabled:
        return []
    own = load_rules(settings.rules_file.expanduser()) if settings.rules_file is not None else None
    rules = rules_in_force(settings, own, load_rules(DEFAULT_RULES))
    return [(rule.name, rule.title or rule.name) for rule in rules if rule.enabled and rule.tracker]
