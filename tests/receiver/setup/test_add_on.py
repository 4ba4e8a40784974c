"""As an add-on of Home Assistant: options and the Supervisor's broker become settings."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import load
from receiver import __version__
from receiver.cli import main
from receiver.errors import UsageError
from receiver.setup.add_on import INGRESS_PORT, ask_supervisor, environment, read_options

ADD_ON = Path(__file__).parents[3] / "packaging" / "home-assistant" / "squitter"
CONFIG: dict[str, Any] = yaml.safe_load((ADD_ON / "config.yaml").read_text())
BROKER = {"host": "core-mosquitto", "port": 1883, "username": "addons", "password": "secret", "ssl": False}


def settings_of(options: dict[str, Any], broker: dict[str, Any] | None) -> Any:
    return load(None, environment(options, broker)).settings


def test_the_options_that_come_along_are_settings() -> None:
    settings = settings_of(CONFIG["options"] | {"latitude": 48.2, "longitude": -16.4}, BROKER)
    assert (settings.station.name, settings.station.latitude, settings.station.longitude) == ("home", 48.2, -16.4)
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.username) == ("core-mosquitto", 1883, "addons")
    assert settings.mqtt.password.get_secret_value() == "secret"
    assert settings.web.enabled
    assert settings.web.only_from == ["172.30.32.2"]
    assert settings.web.port == INGRESS_PORT == CONFIG["ingress_port"]
    assert settings.registry.update != "weekly"


def test_the_owners_broker_wins_and_none_is_none() -> None:
    settings = settings_of({"mqtt_host": "10.0.0.5", "mqtt_username": "me", "weekly_lists": True}, BROKER)
    assert (settings.mqtt.host, settings.mqtt.username, settings.mqtt.password) == ("10.0.0.5", "me", None)
    assert settings.registry.update == "weekly"
    assert settings_of({}, None).mqtt.host == load(None, {}).settings.mqtt.host


def test_every_option_of_the_schema_is_taken_and_explained() -> None:
    values = {"float": 1.5, "str": "7", "port": 1884, "password": "x", "bool": True, "match": "roof"}
    options = {name: values[re.match(r"[a-z]+", kind)[0]] for name, kind in CONFIG["schema"].items()}  # type: ignore[index]
    changed = environment(options, None)
    for name in options:
        assert environment({k: v for k, v in options.items() if k != name}, None) != changed, name
    settings_of(options, None)
    told = yaml.safe_load((ADD_ON / "translations" / "en.yaml").read_text())["configuration"]
    assert set(told) == set(CONFIG["schema"])
    assert set(CONFIG["options"]) <= set(CONFIG["schema"])


def test_the_description_is_what_the_supervisor_takes() -> None:
    # developers.home-assistant.io, Add-on configuration: required options, and those that we use
    assert {"name", "version", "slug", "description", "arch"} <= set(CONFIG)
    known = {
        "name", "version", "slug", "description", "arch", "startup", "boot", "init", "usb", "map", "services", "ingress",
        "ingress_port", "ingress_stream", "panel_icon", "panel_title", "ports", "ports_description", "watchdog", "options",
        "schema",
    }  # fmt: skip
    assert set(CONFIG) <= known
    assert CONFIG["version"] == __version__
    assert CONFIG["startup"] in ("initialize", "system", "services", "application", "once")
    assert set(CONFIG["arch"]) <= {"aarch64", "amd64"}
    assert re.fullmatch(r"[-_.A-Za-z0-9]+", CONFIG["slug"])
    kinds = r"(str|bool|int|float|email|url|password|port|match\(.+\)|(int|float)\(-?[\d.]*,-?[\d.]*\)|list\(.+\))\??"
    assert all(re.fullmatch(kinds, kind) for kind in CONFIG["schema"].values())
    assert CONFIG["services"] == ["mqtt:want"]


class _Supervisor(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        right = self.headers["Authorization"] == "Bearer sesame"
        body = json.dumps({"result": "ok", "data": BROKER} if right else {"result": "error", "message": "no"}).encode()
        self.send_response(200 if right else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not to the tests' output."""


def test_the_supervisor_is_asked_for_the_broker() -> None:
    with HTTPServer(("127.0.0.1", 0), _Supervisor) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/services/mqtt"
            assert ask_supervisor("sesame", url) == BROKER
            assert ask_supervisor("wrong", url) is None
        finally:
            server.shutdown()
            serving.join()
    assert ask_supervisor("sesame", url) is None  # nobody is there any more


def test_elsewhere_it_says_that_this_is_no_add_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="expected the options of an add-on of Home Assistant"):
        read_options(tmp_path / "options.json")
    assert main(["ha", "add-on", "--options", str(tmp_path / "none.json")]) == 2
    assert "expected the options of an add-on" in capfd.readouterr().err
