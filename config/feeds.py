"""Aggregators by name: whom frames are fed to, each with one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import field_validator

from config.base import Section, setting
from config.network import Feed, NetworkSettings


@dataclass(frozen=True, slots=True)
class Aggregator:
    """Where one takes Beast, and where its MLAT server is (for mlat-client, which is a program of its own)."""

    host: str
    port: int
    mlat: str


# As their own feeding scripts have it
AGGREGATORS = {
    "adsb.lol": Aggregator("feed.adsb.lol", 30004, "feed.adsb.lol:31090"),
    "adsb.fi": Aggregator("feed.adsb.fi", 30004, "feed.adsb.fi:31090"),
    "airplanes.live": Aggregator("feed.airplanes.live", 30004, "feed.airplanes.live:31090"),
    "adsbexchange": Aggregator("feed1.adsbexchange.com", 30004, "feed.adsbexchange.com:31090"),
}
# Whose own program takes Beast from here and sends it on: it needs a port of ours, and an account there
BY_THEIR_PROGRAM = {"flightaware": "piaware", "flightradar24": "fr24feed"}
BEAST_PORT = 30005


class FeedTo(Section):
    """`[[feed]]`"""

    to: str = setting(
        ...,
        "Aggregator",
        "Who gets every frame that is heard. flightaware and flightradar24 have programs of their own, which connect to this "
        "machine: for them port 30005 is opened on 127.0.0.1 when [network] beast_out_port is not set.",
        ", ".join([*AGGREGATORS, *BY_THEIR_PROGRAM]),
    )

    @field_validator("to")
    @classmethod
    def _known(cls, name: str) -> str:
        known = [*AGGREGATORS, *BY_THEIR_PROGRAM]
        if name.lower() not in known:
            raise ValueError(f"expected one of {', '.join(known)}; others go into [[network.feed]] with host and port")
        return name.lower()


def fed(network: NetworkSettings, feeds: list[FeedTo]) -> NetworkSettings:
    """The network's settings with a connection, or an open port, for each aggregator."""
    hosts = [AGGREGATORS[one.to] for one in feeds if one.to in AGGREGATORS]
    # With a uuid as their feeding programs do it: it goes first, and positions come about once a second
    protocol: Literal["beast", "beast_reduce_plus"] = "beast" if network.uuid is None else "beast_reduce_plus"
    extra = [Feed(host=one.host, port=one.port, protocol=protocol) for one in dict.fromkeys(hosts)]
    changes: dict[str, object] = {"feed": [*network.feed, *(one for one in extra if one not in network.feed)]}
    if network.beast_out_port is None and any(one.to in BY_THEIR_PROGRAM for one in feeds):
        changes["beast_out_port"] = BEAST_PORT
    return network.model_copy(update=changes)
