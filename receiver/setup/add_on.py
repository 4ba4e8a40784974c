"""Squitter as an add-on of Home Assistant: the add-on's options and the Supervisor's broker as environment variables.

The Supervisor writes the options to `/data/options.json`, gives `SUPERVISOR_TOKEN`, and tells by
`GET http://supervisor/services/mqtt` which broker the Mosquitto add-on runs. It proxies the page ("ingress") from one address.

Source: developers.home-assistant.io, Add-ons: configuration (options, services, ingress), communication (Supervisor API).
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from receiver.errors import UsageError

OPTIONS = Path("/data/options.json")
SERVICE_URL = "http://supervisor/services/mqtt"
PROXY = "172.30.32.2"  # the Supervisor's, for ingress
INGRESS_PORT = 8099
ANSWER_S = 10.0

# Options whose text is that of a setting
_SAME = {
    "station_name": "SQUITTER_STATION__NAME",
    "latitude": "SQUITTER_STATION__LATITUDE",
    "longitude": "SQUITTER_STATION__LONGITUDE",
    "altitude_m": "SQUITTER_STATION__ALTITUDE_M",
    "dongle": "SQUITTER_RECEIVER__DEVICE",
    "gain": "SQUITTER_RECEIVER__GAIN",
    "mqtt_host": "SQUITTER_MQTT__HOST",
    "mqtt_port": "SQUITTER_MQTT__PORT",
    "mqtt_username": "SQUITTER_MQTT__USERNAME",
    "mqtt_password": "SQUITTER_MQTT__PASSWORD",
}


def read_options(path: Path = OPTIONS) -> dict[str, Any]:
    """What the owner has written on the add-on's page.

    Raises
    ------
    UsageError
        There is no such file: this is no add-on.
    """
    try:
        options = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}; expected the options of an add-on of Home Assistant") from None
    if not isinstance(options, dict):
        raise UsageError(f"{path}: got {type(options).__name__}, expected a JSON object")
    return options


def ask_supervisor(token: str, url: str = SERVICE_URL) -> dict[str, Any] | None:
    """The broker that other add-ons offer; None: there is none, or nobody answers."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            told = json.loads(answer.read(65_536))
    except (OSError, ValueError):
        return None
    data = told.get("data") if isinstance(told, dict) and told.get("result") == "ok" else None
    return data if isinstance(data, dict) and data.get("host") else None


def environment(options: Mapping[str, Any], broker: Mapping[str, Any] | None) -> dict[str, str]:
    """Variables for `squitter run`: the owner's broker before the add-on's, the page for the Supervisor's proxy only."""
    found = {
        "SQUITTER_WEB__ENABLED": "true",
        "SQUITTER_WEB__HOST": "0.0.0.0",
        "SQUITTER_WEB__PORT": str(INGRESS_PORT),
        "SQUITTER_WEB__OPEN": "true",  # Home Assistant has asked who it is
        "SQUITTER_WEB__ONLY_FROM": json.dumps([PROXY]),
        "SQUITTER_WEB__ALLOWED_HOSTS": '["*"]',  # whatever name Home Assistant is opened by
        "SQUITTER_WEB__FRAME_ANCESTORS": json.dumps(["'self'"]),
    }
    if broker is not None and not options.get("mqtt_host"):
        host, port = str(broker["host"]), broker.get("port", 1883)
        found |= {"SQUITTER_MQTT__HOST": host, "SQUITTER_MQTT__PORT": str(port)}
        for key, name in (("username", "USERNAME"), ("password", "PASSWORD")):
            if broker.get(key):
                found[f"SQUITTER_MQTT__{name}"] = str(broker[key])
        if broker.get("ssl") is True:
            found["SQUITTER_MQTT__TLS"] = "true"
    for option, name in _SAME.items():
        value = options.get(option)
        if value is not None and str(value).strip():
            found[name] = str(value)
    if options.get("weekly_lists"):
        found["SQUITTER_REGISTRY__UPDATE"] = "weekly"
    return found


__all__ = ["INGRESS_PORT", "OPTIONS", "PROXY", "ask_supervisor", "environment", "read_options"]
