"""Where the broker is and how to get in, as the settings say it."""

from __future__ import annotations

import ssl
from pathlib import Path

from config.mqtt import MqttSettings
from receiver.broker.client import Address, Handshake
from receiver.errors import UsageError


def address_of(settings: MqttSettings, station_name: str) -> Address:
    """The broker as the settings describe it; raises UsageError when a file of theirs is no good."""
    password = settings.password.get_secret_value() if settings.password is not None else None
    if settings.password_file is not None:
        password = _read(settings.password_file, "mqtt.password_file").strip()
    return Address(
        host=settings.host,
        port=settings.port,
        client_id=settings.client_id or f"squitter-{station_name}",
        username=settings.username,
        password=password,
        tls=_tls(settings) if settings.tls else None,
        transport=settings.transport,
        websocket_path=settings.websocket_path,
    )


def _read(path: Path, key: str) -> str:
    try:
        return path.expanduser().read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{key}: cannot read {path}: {error}") from None


def _tls(settings: MqttSettings) -> ssl.SSLContext:
    key, path = "mqtt.ca_file", settings.ca_file
    try:
        context = ssl.create_default_context(cafile=None if path is None else str(path.expanduser()))
        # From 3.13 on Python refuses authorities that lack an extension or two of RFC 5280, as most home-made ones do.
        # Signature, dates and names are checked all the same.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.sslsocket_class = Handshake
        key, path = "mqtt.certificate_file", settings.certificate_file
        if path is not None:
            key_file = settings.key_file
            # the password argument: a locked key must fail here, not ask on the terminal
            context.load_cert_chain(
                str(path.expanduser()), None if key_file is None else str(key_file.expanduser()), password=""
            )
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"{key}: cannot use {path}: {error}") from None
    return context
