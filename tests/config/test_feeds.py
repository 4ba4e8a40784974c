"""One table an aggregator."""

from __future__ import annotations

import pytest

from config.feeds import AGGREGATORS, BEAST_PORT, fed
from config.network import NetworkSettings
from config.settings import Settings


def network(*names: str, **given: object) -> NetworkSettings:
    settings = Settings.model_validate({"feed": [{"to": name} for name in names], "network": given})
    return fed(settings.network, settings.feed)


def test_by_itself_nobody_is_fed() -> None:
    assert network() == NetworkSettings()


@pytest.mark.parametrize("name", AGGREGATORS)
def test_a_table_becomes_one_connection_however_often_it_is_there(name: str) -> None:
    (feed,) = network(name, name.upper()).feed
    assert (feed.host, feed.port, feed.protocol) == (AGGREGATORS[name].host, AGGREGATORS[name].port, "beast")


def test_with_a_uuid_an_aggregator_is_told_it() -> None:
    (feed,) = network("adsb.lol", uuid="c5f4e6b2-8a0e-4bb1-9df6-0d2d5a3c7e11").feed
    assert feed.protocol == "beast_reduce_plus"


def test_who_has_a_program_of_his_own_gets_a_port_on_this_machine() -> None:
    opened = network("flightaware", "flightradar24")
    assert (opened.beast_out_port, opened.address, opened.feed) == (BEAST_PORT, "127.0.0.1", [])
    assert network("flightaware", beast_out_port=30105).beast_out_port == 30105


def test_a_feed_by_host_stays_beside_it() -> None:
    both = network("adsb.lol", feed=[{"host": "a.example.org", "port": 1}])
    assert [one.host for one in both.feed] == ["a.example.org", "feed.adsb.lol"]


def test_an_unknown_name_says_which_are_known() -> None:
    with pytest.raises(ValueError, match=r"adsb\.lol.*network\.feed"):
        network("nobody")
