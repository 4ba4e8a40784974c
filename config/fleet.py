"""Many stations as one: what a station publishes for a hub, and how a hub takes it in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.base import Section, setting
from config.mqtt import MqttSettings

StationName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class FleetSettings(Section):
    """`[fleet]`"""

    publish: bool = setting(
        False,
        "Publish receptions",
        "Publish what this station receives on …/heard/<hex>, with the time of each frame to some nanoseconds, for a hub "
        "(`squitter hub`). Whoever may read these topics can compute where the antenna is: admit the hub only.",
        "true or false",
    )
    share_location: bool = setting(
        False,
        "Share the exact location",
        "Publish the antenna's exact location on …/place, for the fleet's hub: multilateration needs it to some metres.",
        "true or false",
    )
    spool_mb: float = setting(
        4.0,
        "Spool",
        "Receptions kept in memory while the broker cannot be reached; the oldest are dropped, the newest are sent first.",
        "0–1000 MB",
        ge=0,
        le=1000,
    )
    spool_s: float = setting(
        300.0, "Spool age", "Receptions older than that are dropped.", "1–86400 seconds", ge=1, le=86_400
    )
    host: str | None = setting(
        None,
        "Broker of the fleet",
        "For stations and hub; the settings below belong to it. Unset: the broker of [mqtt], with all of its settings.",
        "a host name or address",
    )
    port: int = setting(1883, "Port", "1883 plain, 8883 with TLS.", "1–65535", ge=1, le=65_535)
    username: str | None = setting(None, "User name", "The station's own: the broker's rules go by it.", "text")
    password_file: Path | None = setting(None, "Password file", "A file that contains only the password.", "a path")
    tls: bool = setting(False, "TLS", "Encrypt the connection and check the broker's certificate.", "true or false")
    ca_file: Path | None = setting(
        None,
        "CA certificates",
        "PEM file of the authority that signed the broker's certificate. Unset: the system's certificates.",
        "a path",
    )
    certificate_file: Path | None = setting(None, "Client certificate", "PEM file.", "a path")
    key_file: Path | None = setting(None, "Client key", "PEM file with its private key.", "a path")

    name: str = setting(
        "fleet",
        "Name of the fleet",
        "Hub: the station name under which it publishes. Needs to differ from those of all stations.",
        "1–32 of a–z, A–Z, 0–9, - and _",
        pattern=r"^[A-Za-z0-9_-]{1,32}$",
    )
    stations: list[StationName] = setting(
        [], "Stations", "Hub: stations that are taken in. Empty: all on the broker.", "a list of station names"
    )
    trusted: list[StationName] = setting(
        [],
        "Trusted stations",
        "Hub: stations whose word is enough. Of others, in a fleet of three or more, nothing is believed that another "
        "station should have received and did not.",
        "a list of station names",
    )
    hold_s: float = setting(
        2.0,
        "Hold",
        "Hub: how long receptions wait for those of other stations. Stations publish once a second; the rest is the network's.",
        "1.2–30 seconds",
        ge=1.2,
        le=30,
    )
    baseline_km: float = setting(
        600.0,
        "Longest distance between stations",
        "Hub: of two stations that receive the same aircraft. Receptions of the same bytes are one transmission when they "
        "are no further apart than light needs for it.",
        "1–1000 km",
        ge=1,
        le=1000,
    )
    mlat: bool = setting(
        True,
        "Multilateration",
        "Hub: compute the positions of aircraft that broadcast none from the times at which stations received them, and check "
        "those that are broadcast. Needs three stations that share their place, better five.",
        "true or false",
    )
    max_stations: int = setting(64, "Maximum stations", "Hub: further ones are refused.", "1–4096", ge=1, le=4096)
    max_frames_per_s: int = setting(
        5000, "Frames per station", "Hub: what a station sends beyond that is dropped.", "10–100000 per second",
        ge=10, le=100_000,
    )  # fmt: skip
    max_aircraft: int = setting(
        1500, "Aircraft per station", "Hub: addresses of one station within a minute; further ones are dropped.",
        "10–20000", ge=10, le=20_000,
    )  # fmt: skip

    @model_validator(mode="after")
    def _name_is_the_hubs(self) -> Self:
        if self.name in self.stations or self.name in self.trusted:
            raise ValueError(f"name is {self.name!r}, which is listed as a station: the hub needs a name of its own")
        return self


def fleet_broker(fleet: FleetSettings, mqtt: MqttSettings) -> MqttSettings:
    """The broker of the fleet, with the base topic of `[mqtt]`."""
    if fleet.host is None:
        return mqtt
    return MqttSettings(
        host=fleet.host,
        port=fleet.port,
        username=fleet.username,
        password_file=fleet.password_file,
        tls=fleet.tls,
        ca_file=fleet.ca_file,
        certificate_file=fleet.certificate_file,
        key_file=fleet.key_file,
        base_topic=mqtt.base_topic,
    )
