"""The broker: is it there, does it let us in, may we publish."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Iterator
from typing import Literal

from config.settings import Settings
from receiver.broker.address import address_of
from receiver.broker.client import TIMEOUT_S, Address, BrokerError, Connection, connect
from receiver.broker.publication import Publication
from receiver.doctor.finding import Finding, good, note, problem
from receiver.doctor.machine import Machine
from receiver.errors import SquitterError

ECHO_LIMIT_S = 3.0


def check_broker(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Reach, enter, publish and hear it back."""
    mqtt = settings.mqtt
    if not mqtt.enabled:
        yield note("broker-off", "MQTT is switched off.", "Set [mqtt] enabled = true.")
        return
    where = f"{mqtt.host}:{mqtt.port}"
    try:
        address = address_of(mqtt, f"doctor-{secrets.token_hex(4)}")
    except SquitterError as error:
        yield problem("broker-settings", f"{error}.", "Correct the path in [mqtt].")
        return
    if (unheard := machine.connect(mqtt.host, mqtt.port)) is not None:
        yield unreachable(where, mqtt.host, unheard)
        return
    topic = f"{mqtt.base_topic}/{settings.station.name}/doctor"
    try:
        version, echoed = asyncio.run(_echo(address, mqtt.protocol, topic))
    except BrokerError as error:
        tls_there = error.kind in ("silent", "lost") and not mqtt.tls and machine.speaks_tls(mqtt.host, mqtt.port)
        yield _refusal(where, error, mqtt.tls, tls_there)
        return
    if echoed:
        yield good("broker", f"{where} lets us in (MQTT {version}) and passes on what we publish.")
    else:
        yield problem(
            "broker-forbids",
            f"{where} lets us in, but what is published on {topic} does not come back.",
            f"Allow the user to read and write {mqtt.base_topic}/{settings.station.name}/# in the broker's ACL.",
        )


def unreachable(where: str, host: str, error: OSError) -> Finding:
    """Why nobody answers."""
    if isinstance(error, socket.gaierror):
        return problem("broker-unknown", f"No machine is called {host!r}.", "Correct [mqtt] host, or use its address.")
    if isinstance(error, ConnectionRefusedError):
        return problem(
            "broker-absent",
            f"No broker listens at {where}.",
            "sudo apt install mosquitto; or correct [mqtt] host and port; or `squitter run --with-broker`; "
            "or [mqtt] enabled = false.",
        )
    return problem(
        "broker-unreachable",
        f"{where} does not answer: {error.strerror or error}.",
        "Is the machine on, in the same network, and its firewall open for the port?",
    )


def _refusal(where: str, error: BrokerError, tls: bool, tls_there: bool) -> Finding:
    """What to do about a broker that takes the connection and goes no further.

    Parameters
    ----------
    tls
        It was asked with TLS.
    tls_there
        It was asked without, and then answered a TLS greeting.
    """
    if error.kind == "refused":
        return problem(
            "broker-refuses", f"{where}: {error}.", "Correct [mqtt] username and password (or password_file)."
        )
    if error.kind == "version":
        return problem("broker-version", f"{where}: {error}.", 'Set [mqtt] protocol = "auto".')
    if "certificate" in str(error).lower():
        return problem(
            "broker-certificate",
            f"{where}: {error}.",
            "Set [mqtt] ca_file to who signed the broker's certificate, and host to the name that is in it.",
        )
    if tls_there:
        return problem("broker-wants-tls", f"{where} speaks TLS, and we do not.", "Set [mqtt] tls = true.")
    if error.kind == "silent":
        return problem(
            "broker-silent",
            f"{where} takes the connection, but does not answer within {TIMEOUT_S:g} s.",
            "Is the broker's machine overloaded, or something else than an MQTT broker on that port?",
        )
    tip = "Is it a port without TLS (1883)? Then set [mqtt] tls = false." if tls else "Is it an MQTT broker's port?"
    return problem("broker-speaks-not", f"{where} does not speak MQTT with us: {error}.", tip)


async def enter(address: Address, protocol: Literal["auto", "5", "3.1.1"], topic: str) -> Connection:
    """A connection with the best version that both speak. Raises BrokerError."""
    will = Publication(topic, b"gone")
    if protocol == "auto":
        try:
            return await connect(address, "5", will)
        except BrokerError as error:
            if error.kind != "version":
                raise
            return await connect(address, "3.1.1", will)
    return await connect(address, protocol, will)


async def _echo(address: Address, protocol: Literal["auto", "5", "3.1.1"], topic: str) -> tuple[str, bool]:
    """The version in use, and whether a message came back."""
    connection = await enter(address, protocol, topic)
    token = secrets.token_bytes(8).hex().encode()
    try:
        try:
            await connection.subscribe(topic)
            await connection.publish([Publication(topic, token, 1)])
            async with asyncio.timeout(ECHO_LIMIT_S):
                async for message in connection.messages():
                    if message.payload == token:
                        return connection.version, True
        except TimeoutError:
            return connection.version, False
        except BrokerError as error:
            if error.kind in ("refused", "lost"):  # some brokers hang up on who publishes what he may not
                return connection.version, False
            raise
        return connection.version, False
    finally:
        await connection.close(politely=True)
