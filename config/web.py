"""The map and the JSON beside it: where they are served, and to whom."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator, model_validator

from config.base import Section, setting


class WebSettings(Section):
    """`[web]`"""

    enabled: bool = setting(False, "Map", "Serve the map, its JSON and /metrics over HTTP.", "true or false")
    host: str = setting(
        "127.0.0.1",
        "Address",
        "Address to listen on. 127.0.0.1: this machine only. 0.0.0.0: every machine that can reach it, with a token.",
        "an address of this machine",
    )
    port: int = setting(8080, "Port", "Port to listen on; 0: any free port.", "0–65535", ge=0, le=65535)
    token: SecretStr | None = setting(
        None,
        "Token",
        "When set, everything except /healthz requires it: http://host:8080/?token=… once in a browser (a cookie remembers "
        "it), `Authorization: Bearer …` in scripts. Unset, while other machines can reach the map: one is generated at the "
        "first start, and the log shows the link that has it.",
        "16 characters or more",
        min_length=16,
    )
    token_file: Path = setting(
        Path("~/.local/share/squitter/web-token"),
        "Token file",
        "Holds the generated token. Delete it for a new one.",
        "a path",
    )
    open: bool = setting(
        False,
        "No token",
        "Anyone who can reach the port sees the map, without a token.",
        "true or false",
    )
    allowed_hosts: list[str] = setting(
        [],
        "Host names",
        "Host names that requests may use besides addresses, localhost, this machine's own name and names that end in "
        ".local, .home.arpa or .internal. "
        'A reverse proxy\'s name belongs here. "*" allows every name, and DNS rebinding with it.',
        'a list such as ["map.example.org"]',
    )
    only_from: list[str] = setting(
        [],
        "Only from",
        "Addresses or networks that may open the map; others are refused. Unset: all. For a map that only a reverse proxy may ask.",
        'a list such as ["172.30.32.2", "192.168.0.0/16"]',
    )
    frame_ancestors: list[str] = setting(
        [],
        "Pages that embed the map",
        "Origins whose pages may show the map in a frame, such as a dashboard of Home Assistant. With a token, the frame's "
        "address has it (?token=…), and browsers keep the cookie only when both have the same host name.",
        'a list such as ["http://homeassistant.local:8123"]',
    )
    map_file: Path | None = setting(
        None,
        "Map file",
        "A PMTiles archive (version 3, vector tiles of Protomaps) of your region: streets on the map and on alert cards, "
        "without any request to other servers. Unset: the built-in map alone.",
        "a path such as ~/maps/region.pmtiles",
    )
    tiles_url: str | None = setting(
        None,
        "Online tiles",
        "A tile server for the background that a reader of the map may choose instead of the built-in map. A browser that "
        "does requests tiles from it, which reveals the area it looks at. Unset: no requests to other servers.",
        "such as https://tile.example.org/{z}/{x}/{y}.png",
    )
    tiles_attribution: str = setting(
        "", "Attribution of the tiles", "The attribution that the tile provider requires.", "text", max_length=200
    )
    max_clients: int = setting(
        32, "Maximum clients", "Open pages at a time; further ones are refused.", "1–1000", ge=1, le=1000
    )
    playback_hours: float = setting(
        6.0,
        "Playback",
        "Hours that the time slider reaches back from memory; with [history] enabled it covers all saved days.",
        "0.1–48 hours",
        ge=0.1,
        le=48,
    )

    health_file: Path | None = setting(
        Path("~/.local/share/squitter/{station}/health.json.gz"),
        "Receiver's months",
        "Keeps one row of the receiver's numbers per hour for three months, about 100 kB. Unset: they end with the program.",
        "a path",
    )

    @field_validator("only_from")
    @classmethod
    def _networks(cls, networks: list[str]) -> list[str]:
        for network in networks:
            try:
                ipaddress.ip_network(network)
            except ValueError:
                raise ValueError(f"{network!r} is no address or network, such as 192.168.0.0/16") from None
        return networks

    @field_validator("frame_ancestors")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if origin != "'self'" and not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.\[\]:-]+", origin):
                raise ValueError(f"{origin!r} is no origin: http:// or https://, a host, and perhaps a port, such as "
                                 "http://homeassistant.local:8123")  # fmt: skip
        return origins

    @field_validator("tiles_url")
    @classmethod
    def _a_tile_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or any(c in url for c in " ;,'\"<>\\"):
            raise ValueError("a tile address looks like https://tile.example.org/{z}/{x}/{y}.png")
        if not all(key in url for key in ("{z}", "{x}", "{y}")):
            raise ValueError("a tile address has {z}, {x} and {y} in it")
        return url

    @model_validator(mode="after")
    def _ascii_token(self) -> Self:
        if self.token is not None:
            text = self.token.get_secret_value()
            if not text.isascii() or any(c.isspace() for c in text):
                raise ValueError("token: letters, digits and signs of ASCII only, without spaces")
        return self

    def tiles_origin(self) -> str | None:
        """Scheme and host of the tile server, `{s}` as a wildcard, as a content security policy names it."""
        if self.tiles_url is None:
            return None
        parts = urlsplit(self.tiles_url)
        return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
