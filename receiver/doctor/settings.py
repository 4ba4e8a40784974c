"""Settings that are allowed but hardly meant. What is not allowed, loading them says."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from config.errors import ConfigError
from config.load import Loaded
from config.rules import load_rules
from config.settings import Settings
from receiver.doctor.finding import Finding, good, note, problem, warning
from receiver.doctor.machine import Machine


def mistakes(error: ConfigError) -> Iterator[Finding]:
    """A finding for each mistake that loading has found."""
    for line in str(error).splitlines():
        yield problem("settings-wrong", line, "`squitter config check` says when all is well.")


def check_settings(_machine: Machine, settings: Settings) -> Iterator[Finding]:
    """One after the other."""
    station, receiver, mqtt = settings.station, settings.receiver, settings.mqtt
    sound = True
    for finding in (*_station(settings), *_receiver(settings), *_rules(settings)):
        sound = False
        yield finding
    if mqtt.enabled and (mqtt.password or mqtt.password_file) and not mqtt.tls and not _near(mqtt.host):
        sound = False
        yield warning(
            "password-in-clear",
            f"The password for {mqtt.host} travels in clear.",
            "Set [mqtt] tls = true and port = 8883, if the broker can.",
        )
    if sound:
        where = "unknown place" if station.latitude is None else "known place"
        yield good("settings", f"Station {station.name}, {where}, source {receiver.source}, gain {receiver.gain}.")


def check_file(loaded: Loaded | None) -> Iterator[Finding]:
    """Who may read the file, if there are secrets in it; and variables that somebody may have meant for settings."""
    if loaded is None:
        return
    if loaded.strangers:
        yield note(
            "variables-strange",
            f"These variables begin with SQUITTER_, but are no settings: {', '.join(loaded.strangers)}.",
            "A setting is SQUITTER_<SECTION>__<KEY>, as in SQUITTER_MQTT__HOST.",
        )
    if loaded.path is None:
        return
    secret = [key for key, origin in loaded.origins.items() if origin.startswith("line") and _secret(key)]
    if secret and _readable_by_all(loaded.path):
        yield warning(
            "settings-readable",
            f"Every user of this machine can read {loaded.path}, which holds {secret[0]}.",
            f"chmod 600 {loaded.path}",
        )


def _secret(key: str) -> bool:
    return key.rsplit(".", 1)[-1] in ("password", "token", "urls", "url")


def _readable_by_all(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o004)
    except OSError:
        return False


def _station(settings: Settings) -> Iterator[Finding]:
    station = settings.station
    if station.latitude is None or station.longitude is None:
        yield note(
            "place-unknown",
            "The station's place is not set: there are no distances, no range check, and aircraft on the ground stay hidden.",
            "Set [station] latitude and longitude; only a rounded place ever leaves this machine.",
        )
    elif abs(station.latitude) < 0.1 and abs(station.longitude) < 0.1:
        yield warning(
            "place-zero",
            "The station's place is 0°, 0°, in the Atlantic.",
            "Set [station] latitude and longitude to where the antenna stands.",
        )
    if station.location_accuracy > 2:
        yield warning(
            "place-exact",
            f"The published place has {station.location_accuracy} decimals: it leads to the house.",
            "Set [station] location_accuracy = 1, unless that is meant.",
        )


def _receiver(settings: Settings) -> Iterator[Finding]:
    receiver = settings.receiver
    if receiver.source not in ("rtlsdr", "rtl_tcp"):
        return
    if receiver.sample_rate_hz > 2_560_000:
        yield warning(
            "rate-high",
            f"{receiver.sample_rate_hz / 1e6:g} MS/s is more than most dongles deliver without loss.",
            "Set [receiver] sample_rate_hz = 2400000.",
        )
    if receiver.rtl_agc:
        yield warning(
            "digital-agc",
            "The RTL2832's digital gain control is on; it follows noise, not aircraft.",
            "Set [receiver] rtl_agc = false.",
        )
    if isinstance(receiver.gain, float) and receiver.gain < 20:
        yield warning(
            "gain-low",
            f"A gain of {receiver.gain:g} dB receives little, unless a strong amplifier is in front of the dongle.",
            'Set [receiver] gain = "auto".',
        )
    if abs(receiver.ppm) > 100:
        yield warning(
            "ppm-large",
            f"A correction of {receiver.ppm} ppm moves the receiver {abs(receiver.ppm) * 1.09:.0f} kHz; few crystals are that far off.",
            "Set [receiver] ppm = 0, unless it was measured (`rtl_test -p`).",
        )


def _rules(settings: Settings) -> Iterator[Finding]:
    path = settings.watch.rules_file
    if not settings.watch.enabled or path is None:
        return
    try:
        load_rules(path.expanduser())
    except ConfigError as error:
        yield problem("rules-wrong", str(error).splitlines()[0], "Correct the rule; docs/watch.md describes them.")


def _near(host: str) -> bool:
    """This machine or the home network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".local") or "." not in host
    return address.is_loopback or address.is_private
