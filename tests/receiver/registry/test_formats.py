"""Aircraft lists of others, with all that can be wrong in them."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from receiver.registry.formats import BadRowError, Item, Row, plane_alert, tar1090_csv, tar1090_shard

HEADER = "$ICAO,$Registration,$Operator,$Type,$ICAO Type,#CMPG,$Tag 1,$#Tag 2,$#Tag 3,Category,$#Link"


def only(items: Iterable[Item]) -> Item:
    (item,) = items
    assert isinstance(item, Row | BadRowError)
    return item


def test_a_row_of_tar1090_db() -> None:
    line = "ae4bd8;CBP-108;Q9;1001;GENERAL ATOMICS MQ-9;2008;US CUSTOMS;\n"
    expected = Row(0xAE4BD8, "CBP-108", "Q9", "GENERAL ATOMICS MQ-9", "US CUSTOMS", 2008, 1 | 8)
    assert only(tar1090_csv([line])) == expected


def test_a_short_row_of_tar1090_db_has_blanks() -> None:
    assert only(tar1090_csv(["3c6444;D-AIBD;A319;00"])) == Row(0x3C6444, "D-AIBD", "A319")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("10166;X;B738;00;;;", "not an address"),
        ("000000;X;B738;00;;;", "not an address"),
        ("ffffff;X;B738;00;;;", "not an address"),
        ("a1b2cg;X;B738;00;;;", "not an address"),
        ("a1b2c3", "wrong number of fields"),
        ("a1b2c3;" + ";" * 20, "wrong number of fields"),
        ("a1b2c3;<img src=x>;B738;00;;;", "not a registration"),
        ("a1b2c3;N1;B738;mil;;;", "not flags"),
        ("a1b2c3;N1;B738;00;" + "x" * 121 + ";;", "text too long or not printable"),
        ("a1b2c3;N1;B738;00;bad\x07bell;;", "text too long or not printable"),
        ("a1b2c3;N1;B738;00;right\u202eleft;;", "text too long or not printable"),
        ("a1b2c3;N1;B738;00;" + "x" * 5000, "line too long or binary"),
        ("a1b2c3;N1;B738;00;\x00;;", "line too long or binary"),
    ],
)
def test_a_bad_row_is_refused_with_a_reason(line: str, reason: str) -> None:
    item = only(tar1090_csv([line]))
    assert isinstance(item, BadRowError)
    assert str(item) == reason


def test_what_is_no_designator_or_year_is_left_out() -> None:
    assert only(tar1090_csv(["a1b2c3;N1;----;00;Kite;unknown;"])) == Row(0xA1B2C3, "N1", "", "Kite")


def test_a_quote_swallows_nothing_but_its_row() -> None:
    lines = [HEADER, 'AE0001,1,"USAF,C-17,C17,Mil,a,b,c,Zoomies,x', "AE0002,2,USAF,C-17,C17,Mil,a,b,c,Zoomies,x"]
    bad, good = plane_alert(lines)
    assert isinstance(bad, BadRowError)
    assert isinstance(good, Row)
    assert good.address == 0xAE0002


def test_a_row_of_plane_alert_db() -> None:
    line = 'AE4BD7,CBP-104,"Customs, US",General Atomics MQ-9,Q9,Gov,Drone,Border,Eye,UAV,https://example.org'
    expected = Row(0xAE4BD7, "CBP-104", "Q9", "General Atomics MQ-9", "Customs, US", 0, 2, "UAV")
    assert only(plane_alert([HEADER, line])) == expected


def test_military_of_plane_alert_db_is_flagged() -> None:
    item = only(plane_alert([HEADER, "AE0002,2,USAF,C-17,C17,Mil,a,b,c,Zoomies,x"]))
    assert isinstance(item, Row)
    assert item.flags == 3


@pytest.mark.parametrize("header", ["", "a,b,c", "$ICAO,$Registration"])
def test_a_list_without_its_header_is_not_that_list(header: str) -> None:
    assert isinstance(only(plane_alert([header] if header else [])), BadRowError)


def test_a_shard_of_tar1090_db() -> None:
    text = json.dumps({"4BD8": ["CBP-108", "Q9", "10", "MQ-9"], "children": ["AE4"], "4BD9": [1], "XYZ": ["a"]})
    first, second, third = tar1090_shard("AE", text)
    assert first == Row(0xAE4BD8, "CBP-108", "Q9", "MQ-9", flags=1)
    assert isinstance(second, BadRowError)
    assert isinstance(third, BadRowError)


def test_an_older_shard_of_tar1090_db() -> None:
    text = json.dumps({"0006": {"r": "HZ-AIF", "t": "B74S", "f": "00", "desc": "Boeing 747"}, "0007": {"r": 5}})
    first, second = tar1090_shard("71", text)
    assert first == Row(0x710006, "HZ-AIF", "B74S", "Boeing 747")
    assert isinstance(second, BadRowError)


def test_a_backslash_keeps_a_semicolon_in_the_text() -> None:
    item = only(tar1090_csv([r'a1b2c3;N1;C172;00;Cessna \; 172 "Skyhawk;;Me;']))
    assert isinstance(item, Row)
    assert item.type_name == 'Cessna ; 172 "Skyhawk'


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '"x"'])
def test_a_shard_that_is_none_is_one_bad_row(text: str) -> None:
    assert isinstance(only(tar1090_shard("A", text)), BadRowError)
