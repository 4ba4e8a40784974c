"""Frames and messages over TCP: to whoever connects here, to whom we connect, and from others."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.base import Section, setting

Port = Annotated[int, Field(ge=1, le=65_535)]


class Feed(Section):
    """`[[network.feed]]`"""

    host: str = setting(..., "Host", "Who is fed.", "a host name or address", min_length=1, max_length=253)
    port: int = setting(..., "Port", "Where they listen.", "1–65535", ge=1, le=65_535)
    protocol: Literal["beast", "avr", "avr_mlat", "sbs"] = setting(
        "beast",
        "Protocol",
        "Beast is what aggregators want; avr_mlat is AVR with the 12 MHz counter.",
        '"beast", "avr", "avr_mlat" or "sbs"',
    )


class NetworkSettings(Section):
    """`[network]`"""

    address: str = setting(
        "127.0.0.1",
        "Address",
        "Where the ports below listen. 0.0.0.0 or :: lets other machines in; there is no password.",
        "an address of this machine",
    )
    beast_out_port: int | None = setting(
        None, "Beast out", "Frames in Beast binary, by custom 30005. Left out: closed.", "1–65535", ge=1, le=65_535
    )
    avr_out_port: int | None = setting(
        None, "AVR out", "Frames as lines of hex, by custom 30002. Left out: closed.", "1–65535", ge=1, le=65_535
    )
    sbs_out_port: int | None = setting(
        None, "SBS out", "Messages as BaseStation lines, by custom 30003. Left out: closed.", "1–65535", ge=1, le=65_535
    )
    beast_in_ports: list[Port] = setting(
        [], "Beast in", "Ports that take frames in Beast binary, by custom 30004 and 30104.", "a list of ports"
    )
    avr_in_ports: list[Port] = setting(
        [], "AVR in", "Ports that take frames as lines of hex, by custom 30001.", "a list of ports"
    )
    max_clients: int = setting(
        64, "Most clients", "Connections to each port; more are turned away.", "1–1000", ge=1, le=1000
    )
    feed: list[Feed] = Field(
        default_factory=list, title="Feeds", description="Whom to connect to and send frames, for ever."
    )

    @model_validator(mode="after")
    def _each_port_once(self) -> Self:
        ports = [*self.beast_in_ports, *self.avr_in_ports]
        ports += [port for port in (self.beast_out_port, self.avr_out_port, self.sbs_out_port) if port is not None]
        twice = sorted(port for port, count in Counter(ports).items() if count > 1)
        if twice:
            raise ValueError(f"port {twice[0]} is given twice; each input and output needs one of its own")
        return self
