"""The AsyncAPI 3 document of the bus, made from the models: `python -m receiver.sinks.mqtt.asyncapi > docs/asyncapi.yaml`."""

from __future__ import annotations

import sys
from typing import Any

from receiver import __version__
from receiver.sinks.mqtt.schemas import MODELS, schema

# name, address below <base>/<station>, what it is, payload (a model, or a content type), QoS, retained
CHANNELS: tuple[tuple[str, str, str, str, int, bool], ...] = (
    ("status", "status", "`online` or `offline`; also the last will", "text/plain", 1, True),
    ("station", "station", "What the station is", "station", 1, True),
    ("stats", "stats", "How it does, every ten seconds", "stats", 0, True),
    ("summary", "summary", "The sky in a few numbers, at most once a second, on change", "summary", 0, True),
    (
        "aircraft",
        "aircraft/{hex}",
        "One aircraft, on change, at most `rate_hz` times a second; empty: it has left. Expires (MQTT 5).",
        "aircraft",
        0,
        True,
    ),
    ("event", "events/{type}", "Something has happened to an aircraft", "event", 1, False),
    ("alert_event", "events/alert", "An alert was raised, updated or has ended", "alert_event", 1, False),
    (
        "alert",
        "alerts/{id}",
        "An alert; retained while it is open. The last message of its life (`ended`) is not retained, and an empty "
        "retained one follows.",
        "alert",
        1,
        True,
    ),
    ("alert_picture", "alerts/{id}/picture", "Its picture, while it is open", "image/png", 0, True),
    ("picture", "picture", "The newest picture, whatever alert it is of", "image/png", 0, True),
    ("tracker", "trackers/{rule}", "Where the aircraft of a watch rule with `tracker` is", "tracker", 0, True),
    (
        "overhead",
        "overhead",
        "Who will pass a place that a rule with `will_pass` names, next; empty object: nobody",
        "overhead",
        0,
        True,
    ),
    (
        "command_response",
        "command/{command}/response",
        "What became of a command whose sender named no response topic (MQTT 5)",
        "command_response",
        0,
        False,
    ),
    ("frames", "frames", "Frames as Beast bytes; off unless `mqtt.frames`", "application/octet-stream", 0, False),
)
COMMANDS: tuple[tuple[str, str], ...] = (
    ("gain", "Sets the tuner gain: dB, or `auto`. Off unless `mqtt.commands`."),
    ("record", "Records samples: seconds. Off unless `mqtt.commands`."),
)
PARAMETERS = {
    "base": "`mqtt.base_topic`, squitter unless it is set",
    "station": "`station.name`, home unless it is set",
    "hex": "six lower-case hexadecimal digits; `~` before an address that is no ICAO address",
    "type": "appeared, identified, squawk, emergency, advisory, takeoff, landing, left",
    "id": "id of the alert",
    "rule": "name of the rule",
    "command": "gain, record",
}


def document() -> dict[str, Any]:
    """The whole document."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for name, address, summary, payload, qos, retain in CHANNELS:
        channels[name] = _channel(name, address, summary)
        messages[name] = _message(name, summary, payload)
        operations[f"publish_{name}"] = _operation(name, "send", qos, retain)
    for name, summary in COMMANDS:
        key = f"command_{name}"
        channels[key] = _channel(key, f"command/{name}", summary)
        messages[key] = _message(key, summary, "text/plain")
        operations[f"obey_{key}"] = _operation(key, "receive", 1, False)
    schemas: dict[str, Any] = {}
    for name in MODELS:
        whole = schema(name)
        schemas |= whole.pop("$defs", {})
        schemas[name] = whole
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Squitter on MQTT",
            "version": __version__,
            "description": "What a Squitter station publishes. Names and units of an aircraft are those of readsb's "
            "aircraft.json. A key whose value is unknown is absent.",
            "license": {"name": "GPL-3.0-or-later"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": {"host": "127.0.0.1:1883", "protocol": "mqtt", "description": "`[mqtt]` says which"}},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": _moved(schemas)},
    }


def _channel(name: str, address: str, summary: str) -> dict[str, Any]:
    whole = f"{{base}}/{{station}}/{address}"
    return {
        "address": whole,
        "description": summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "parameters": {key: {"description": text} for key, text in PARAMETERS.items() if f"{{{key}}}" in whole},
    }


def _message(name: str, summary: str, payload: str) -> dict[str, Any]:
    if payload in MODELS:
        return {
            "name": name,
            "contentType": "application/json",
            "summary": summary,
            "payload": {"$ref": f"#/components/schemas/{payload}"},
        }
    return {"name": name, "contentType": payload, "summary": summary, "payload": {"type": "string"}}


def _operation(channel: str, action: str, qos: int, retain: bool) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{channel}"}],
        "bindings": {"mqtt": {"qos": qos, "retain": retain, "bindingVersion": "0.2.0"}},
    }


def _moved(value: Any) -> Any:
    """Schemas with their references to where the document keeps them."""
    if isinstance(value, dict):
        return {
            key: inner.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _moved(inner)
            for key, inner in value.items()
        }
    return [_moved(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    import yaml

    yaml.safe_dump(document(), sys.stdout, sort_keys=False, allow_unicode=True, width=120)
