"""Frames and messages over TCP: to whoever connects here, to whom we connect, and from others."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from config.base import Section, setting

Port = Annotated[int, Field(ge=1, le=65_535)]


class Feed(Section):
    """`[[network.feed]]`"""

    host: str = setting(
        ..., "Host", "The aggregator or program to feed.", "a host name or address", min_length=1, max_length=253
    )
    port: int = setting(..., "Port", "The port it listens on.", "1–65535", ge=1, le=65_535)
    protocol: Literal["beast", "beast_reduce_plus", "avr", "avr_mlat", "sbs"] = setting(
        "beast",
        "Protocol",
        "Beast is what aggregators want, beast_reduce_plus the same with fewer frames and the station's uuid; avr_mlat is "
        "AVR with the 12 MHz counter.",
        '"beast", "beast_reduce_plus", "avr", "avr_mlat" or "sbs"',
    )


class NetworkSettings(Section):
    """`[network]`"""

    address: str = setting(
        "127.0.0.1",
        "Address",
        "Address that the ports below listen on. 0.0.0.0 or :: admits other machines; there is no password.",
        "an address of this machine",
    )
    beast_out_port: int | None = setting(
        None, "Beast out", "Frames in Beast binary format, usually 30005. Unset: closed.", "1–65535", ge=1, le=65_535
    )
    beast_reduce_out_port: int | None = setting(
        None,
        "Beast reduce out",
        "Fewer frames in Beast binary format, as readsb's beast_reduce_plus, usually 30006. Unset: closed.",
        "1–65535",
        ge=1,
        le=65_535,
    )
    beast_reduce_interval_s: float = setting(
        0.125,
        "Beast reduce interval",
        "How often a kind of message of an aircraft goes out in reduced outputs; call signs and the like every fourth time.",
        "0.01–15 s",
        ge=0.01,
        le=15.0,
    )
    uuid: UUID | None = setting(
        None, "UUID", "Tells aggregators which station reduced frames come from. Unset: nothing is told.", "a UUID"
    )
    avr_out_port: int | None = setting(
        None, "AVR out", "Frames as lines of hex, usually 30002. Unset: closed.", "1–65535", ge=1, le=65_535
    )
    mlat_out_port: int | None = setting(
        None,
        "MLAT results out",
        "Computed positions in Beast binary format with the counter that MLAT clients give theirs, usually 30105. From a hub. "
        "Unset: closed.",
        "1–65535",
        ge=1,
        le=65_535,
    )
    sbs_out_port: int | None = setting(
        None, "SBS out", "Messages as BaseStation lines, usually 30003. Unset: closed.", "1–65535", ge=1, le=65_535
    )
    beast_in_ports: list[Port] = setting(
        [], "Beast in", "Ports that accept frames in Beast binary format, usually 30004 and 30104.", "a list of ports"
    )
    avr_in_ports: list[Port] = setting(
        [], "AVR in", "Ports that accept frames as lines of hex, usually 30001.", "a list of ports"
    )
    max_clients: int = setting(
        64, "Maximum clients", "Connections per port; further ones are refused.", "1–1000", ge=1, le=1000
    )
    feed: list[Feed] = Field(
        default_factory=list,
        title="Feeds",
        description="Connections that Squitter makes to send frames; retried indefinitely.",
    )

    @model_validator(mode="after")
    def _each_port_once(self) -> Self:
        ports = [*self.beast_in_ports, *self.avr_in_ports]
        ports += [
            port
            for port in (
                self.beast_out_port,
                self.beast_reduce_out_port,
                self.avr_out_port,
                self.mlat_out_port,
                self.sbs_out_port,
            )
            if port is not None
        ]
        twice = sorted(port for port, count in Counter(ports).items() if count > 1)
        if twice:
            raise ValueError(f"port {twice[0]} is given twice; each input and output needs one of its own")
        return self
