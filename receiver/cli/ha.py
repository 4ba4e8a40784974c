"""`squitter ha remove|show`: take the device out of Home Assistant again, or print what Home Assistant is told."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import replace

from config.watch import WatchSettings
from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """remove and show."""
    actions = parser.add_subparsers(dest="action", metavar="remove|show", required=True)
    remove = actions.add_parser("remove", help="remove the device and its entities from Home Assistant")
    add_settings_arguments(remove)
    show = actions.add_parser("show", help="print the description that Home Assistant is sent")
    add_settings_arguments(show)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0; 1 when the broker cannot be had."""
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


def trackers(settings: WatchSettings) -> list[tuple[str, str]]:
    """Name and title of each rule that asks for a device_tracker."""
    from config.rules import load_rules
    from receiver.watch import DEFAULT_RULES, rules_in_force

    if not settings.enabled:
        return []
    own = load_rules(settings.rules_file.expanduser()) if settings.rules_file is not None else None
    rules = rules_in_force(settings, own, load_rules(DEFAULT_RULES))
    return [(rule.name, rule.title or rule.name) for rule in rules if rule.enabled and rule.tracker]
