"""The tables in the package: whole, ordered, each row with a source where one is due."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from receiver.registry import tables

# Addresses of known aircraft or known blocks, from registers and Annex 10.
STATES = {
    0x3C6444: "DE", 0x4CA2D6: "IE", 0x406A93: "GB", 0xA8F246: "US", 0x0D0A3F: "MX", 0xC01234: "CA", 0x7C6B2D: "AU",
    0x780A12: "CN", 0x789123: "HK", 0x899001: "TW", 0x4B1815: "CH", 0x440123: "AT", 0x484175: "NL", 0x34510F: "ES",
    0x4D2255: "MT", 0x06A1E4: "QA", 0x896123: "AE", 0xE48123: "BR", 0x0AC123: "CO", 0xE80123: "CL", 0x43BE10: "BM",
    0x424B20: "IM", 0x43EB00: "GG", 0x400123: "BM", 0x501D12: "HR", 0x506C12: "SI", 0x71BC12: "KR", 0x840123: "JP",
    0x155C12: "RU", 0x508123: "UA", 0x738012: "IL", 0x010123: "EG", 0x008123: "ZA", 0x4CC123: "IS", 0xC97001: "TV",
}  # fmt: skip


@pytest.mark.parametrize(("icao", "code"), STATES.items())
def test_an_address_tells_its_state(icao: int, code: str) -> None:
    found = tables.countries().find(icao)
    assert found is not None
    assert found[2] == code


@pytest.mark.parametrize("icao", [0x000001, 0x2F0000, 0x5F0000, 0x6A0000, 0xB00001, 0xD00000, 0xF00001, 0xFFFFFF])
def test_what_no_state_assigns_has_no_state(icao: int) -> None:
    assert tables.countries().find(icao) is None


def test_blocks_are_whole_and_only_parts_of_a_state_lie_in_another_block() -> None:
    rows = list(tables._rows("address_blocks.csv"))
    assert len(rows) > 190
    ranges = [(int(first, 16), int(last, 16), code) for first, last, code in rows]
    assert ranges == sorted(ranges, key=lambda row: (row[0], -row[1]))
    open_block = (0, 0, "")
    for first, last, code in ranges:
        assert first <= last
        if first <= open_block[1]:
            assert last <= open_block[1]
            assert open_block[2] in ("GB", "CN")
        else:
            open_block = (first, last, code)


def test_each_military_block_lies_in_one_state() -> None:
    for first, last in tables._rows("military_blocks.csv"):
        inside = {tables.countries().find(int(text, 16)) for text in (first, last)}
        codes = {found[2] for found in inside if found is not None}
        assert len(codes) == 1 or codes == {"BM"}


@pytest.mark.parametrize(
    ("icao", "military"), [(0xADF7C7, False), (0xADF7C8, True), (0xAFFFFF, True), (0x3EA123, True), (0x3EC000, False)]
)
def test_state_aircraft_are_told_by_their_block(icao: int, military: bool) -> None:
    assert (tables.military().find(icao) is not None) == military


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("TROY701", "TROY70"), ("TROY73", "TROY"), ("troy215 ", "TROY"), ("FORTE10", "FORTE"), ("RCH4521", "RCH")],
)
def test_the_longest_prefix_goes_first(text: str, prefix: str) -> None:
    row = tables.call_sign(text)
    assert row is not None
    assert row.prefix == prefix


@pytest.mark.parametrize("text", ["", "TRO", "TROYAN", "TROY7A", "XTROY701", "RCHA12", "###", "PATE1", "TROY７"])
def test_other_call_signs_tell_nothing(text: str) -> None:
    assert tables.call_sign(text) is None


def test_each_call_sign_names_its_source() -> None:
    text = resources.files("receiver.registry").joinpath("data", "call_signs.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["call_sign"]
    assert {row["prefix"] for row in rows} == set(tables.call_signs())
    for row in rows:
        assert len(row["source"]) > 20
        assert set(row) <= {"prefix", "operator", "type", "military", "source"}


def test_types_have_a_name_each() -> None:
    rows = list(tables._rows("types.csv"))
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert len(tables.types()) == len(rows)
    assert tables.types()["Q9"] == tables.TypeName("MQ-9", True)
