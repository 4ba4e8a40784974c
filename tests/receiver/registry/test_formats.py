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
        ("a1b2c3;<img src=x>;a word;00;;;", "nothing in it can be right"),
        ("a1b2c3;N1;B738;00;" + "x" * 5000, "line too long or binary"),
        ("a1b2c3;N1;B738;00;\x00;;", "line too long or binary"),
    ],
)
def test_a_bad_row_is_refused_with_a_reason(line: str, reason: str) -> None:
    item = only(tar1090_csv([line]))
    assert isinstance(item, BadRowError)
    assert str(item) == reason


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("a1b2c3;<img src=x>;B738;00;;;", Row(0xA1B2C3, "", "B738")),
        ("a1b2c3;????;EUFI;10;Typhoon;;", Row(0xA1B2C3, "", "EUFI", "Typhoon", flags=1)),
        ("a1b2c3;N1;B738;mil;;;", Row(0xA1B2C3, "N1", "B738")),
        ("a1b2c3;N1;B738;0001;;;", Row(0xA1B2C3, "N1", "B738", flags=8)),
        ("a1b2c3;N1;B738;00;" + "x" * 121 + ";;", Row(0xA1B2C3, "N1", "B738")),
        ("a1b2c3;N1;B738;00;bad\x07bell;;", Row(0xA1B2C3, "N1", "B738")),
        ("a1b2c3;N1;B738;00;right\u202eleft;;Me", Row(0xA1B2C3, "N1", "B738", operator="Me")),
        ("a1b2c3;N1;B738;00;;18;-", Row(0xA1B2C3, "N1", "B738")),
        ("a1b2c3;;;0010;;;", Row(0xA1B2C3, flags=4)),
    ],
)
def test_a_field_that_cannot_be_right_is_left_out_and_its_row_stays(line: str, row: Row) -> None:
    assert only(tar1090_csv([line])) == row


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
    expected = Row(0xAE4BD7, "CBP-104", "Q9", "General Atomics MQ-9", "Customs, US", 0, 2, "UAV", "government",
                   ("Drone", "Border", "Eye"))  # fmt: skip
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


def test_null_in_a_shard_is_nothing_known() -> None:
    """The shapes that real shards have."""
    text = json.dumps({
        "001": ["ZZ-ABC", None, "0001", None], "002": [None, None, "0010", None], "003": ["ZZ-ABD", "BE20", "00", None],
        "004": [None, "TEX2", "10", None], "005": ["ZZ-\"Q\"", "C172", "00", "CESSNA \"172\""], "006": ["ZZ-ABC", "C172"],
    })  # fmt: skip
    assert list(tar1090_shard("A01", text)) == [
        Row(0xA01001, "ZZ-ABC", flags=8), Row(0xA01002, flags=4), Row(0xA01003, "ZZ-ABD", "BE20"),
        Row(0xA01004, type="TEX2", flags=1), Row(0xA01005, "", "C172", 'CESSNA "172"'), Row(0xA01006, "ZZ-ABC", "C172"),
    ]  # fmt: skip


def test_rows_of_plane_alert_db_whose_registration_nobody_knows() -> None:
    """Of the shapes that the real list has: unknown registrations, words in quotes, types that are none, the same twice."""
    lines = [
        HEADER,
        "AE0003,????,Some Navy,Big Drone,Q4,Mil,UAV,,,UAV,",
        'AE0004,"AB-1","Police, Somewhere",Small Drone,UOSUAV,Pol,UAV,Police Squad,Skynet,UAV,https://example.org',
        "AE0004,AB-2,,,ZZZZ,Civ,,,,Jump Johnny Jump,x",
    ]
    first, second, third = plane_alert(lines)
    assert first == Row(0xAE0003, "", "Q4", "Big Drone", "Some Navy", 0, 3, "UAV", "military", ("UAV",))
    assert second == Row(
        0xAE0004,
        "AB-1",
        "",
        "Small Drone",
        "Police, Somewhere",
        0,
        2,
        "UAV",
        "police",
        ("UAV", "Police Squad", "Skynet"),
    )
    assert third == Row(0xAE0004, "AB-2", "ZZZZ", "", "", 0, 2, "Jump Johnny Jump", "civil", ())


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
