"""MQTT: the broker, and how much is published."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import SecretStr, model_validator

from config.base import Section, setting


class MqttSettings(Section):
    """`[mqtt]`"""

    enabled: bool = setting(True, "Publish to MQTT", "Off: no connection is made.", "true or false")
    host: str = setting("127.0.0.1", "Broker", "Host name or address of the MQTT broker.", "a host name or address")
    port: int = setting(1883, "Port", "1883 plain, 8883 with TLS.", "1–65535", ge=1, le=65535)
    username: str | None = setting(None, "User name", "Leave unset when the broker requires none.", "text")
    password: SecretStr | None = setting(
        None, "Password", "Prefer `password_file` or the environment variable MQTT_PASSWORD.", "text"
    )
    password_file: Path | None = setting(
        None, "Password file", "A file that contains only the password, such as a Docker secret.", "a path"
    )
    tls: bool = setting(False, "TLS", "Encrypt the connection and check the broker's certificate.", "true or false")
    ca_file: Path | None = setting(
        None,
        "CA certificates",
        "PEM file of the authority that signed the broker's certificate. Unset: the system's certificates.",
        "a path",
    )
    certificate_file: Path | None = setting(
        None, "Client certificate", "PEM file; only when the broker requires a client certificate.", "a path"
    )
    key_file: Path | None = setting(None, "Client key", "PEM file with the client certificate's private key.", "a path")
    transport: Literal["tcp", "websockets"] = setting(
        "tcp", "Transport", "Plain TCP or WebSockets; both may use TLS.", '"tcp" or "websockets"'
    )
    websocket_path: str = setting(
        "/mqtt", "WebSocket path", "Path of the broker's WebSocket endpoint.", "a path such as /mqtt"
    )
    protocol: Literal["auto", "5", "3.1.1"] = setting(
        "auto", "Protocol", "MQTT version; auto tries 5, then 3.1.1.", '"auto", "5" or "3.1.1"'
    )
    base_topic: str = setting(
        "squitter",
        "Base topic",
        "All topics are <base topic>/<station name>/…",
        "topic levels of letters, digits, - and _, separated by /",
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        max_length=100,
    )
    client_id: str | None = setting(
        None,
        "Client id",
        "MQTT client identifier. Unset: squitter-<station name>.",
        "1–64 characters",
        min_length=1,
        max_length=64,
    )
    rate_hz: float = setting(
        1.0,
        "Maximum rate",
        "Maximum messages per second per aircraft. An aircraft is published only when it has changed.",
        "0.01–10",
        ge=0.01,
        le=10,
    )
    expiry_s: int = setting(
        120,
        "Expiry",
        "Message expiry of retained aircraft on an MQTT 5 broker.",
        "10–3600 seconds",
        ge=10,
        le=3600,
    )
    frames: bool = setting(False, "Frames", "Publish every frame as Beast bytes on …/frames.", "true or false")
    commands: bool = setting(
        False,
        "Commands",
        "Accept …/command/gain and …/command/record. Any client that may publish to the broker can then control the receiver.",
        "true or false",
    )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file are both given: keep one")
        return self
