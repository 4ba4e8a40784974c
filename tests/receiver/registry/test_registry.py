"""Facts, their order, their sources; and that address, call sign and type are each enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.registry import Fact, Registry
from receiver.registry.database import Source, sign, write
from receiver.registry.formats import Row


def make(path: Path, name: str, *rows: Row, kept_from: Path | None = None) -> Path:
    new = path.with_suffix(f".{name}.new")
    count = write(new, kept_from, name, rows)
    sign(new, Source(name, "test", "", "", 0, count, 0))
    new.replace(path)
    return path


def values(facts: object, name: str) -> list[tuple[str, str]]:
    return [(fact.value, fact.source) for fact in facts if fact.name == name]  # type: ignore[attr-defined]


def test_the_drones_of_the_seed_are_known_by_address_alone() -> None:
    for icao in ("ae4bd7", "AE4BDA", "ae4dde", "ae4de0"):
        facts = Registry().identify(icao, None, None)
        assert values(facts, "type") == [("Q9", "aircraft database plane-alert-db")]
        assert values(facts, "type_name") == [("MQ-9", "aircraft database plane-alert-db")]
        assert values(facts, "operator") == [("US Customs and Border Protection", "aircraft database plane-alert-db")]
        assert values(facts, "notable") == [("yes", "aircraft database plane-alert-db, UAV")]
        assert values(facts, "military") == [("yes", "address block ADF7C8-AFFFFF")]
        assert values(facts, "country") == [("US", "address block")]


def test_the_call_sign_alone_tells_operator_and_type() -> None:
    facts = Registry().identify("0d1234", "TROY701 ", None)
    assert values(facts, "operator") == [("US Customs and Border Protection", "call-sign prefix TROY70")]
    assert values(facts, "type_name") == [("MQ-9", "call-sign prefix TROY70")]
    assert values(facts, "country") == [("MX", "address block")]


def test_the_type_alone_gets_a_name(tmp_path: Path) -> None:
    registry = Registry(make(tmp_path / "a.sqlite", "tar1090-db", Row(0x0D1234, type="Q9")))
    facts = registry.identify("0d1234", None, None)
    assert values(facts, "type_name") == [("MQ-9", "aircraft database tar1090-db")]
    registry.close()


def test_a_stranger_has_a_country_at_most() -> None:
    assert Registry().identify("3c1234", "DLH4TX", "A3") == (Fact("country", "DE", "address block"),)
    assert Registry().identify("2f0000", None, None) == ()


def test_an_american_number_is_computed() -> None:
    assert values(Registry().identify("ad739d", None, None), "registration") == [
        ("N966NA", "computed from the address")
    ]
    assert Registry().database("ad739d") == {"r": "N966NA"}


@pytest.mark.parametrize("icao", ["~ae4bd8", "", "zzzzzz", "ae4bd", "ae4bd8a", "ae 4b8", "１２３４５６", "0xae4b"])
def test_what_is_no_icao_address_tells_nothing(icao: str) -> None:
    assert Registry().identify(icao, None, None) == ()
    assert Registry().database(icao) == {}


def test_contradictions_are_kept_and_agreement_is_spelled_one_way(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    make(path, "plane-alert-db", Row(0xAE4BD8, "CBP-108", "Q9", "", "US Customs & Border Protection", 0, 2, "UAV"))
    other = Row(0xAE4BD8, "CBP108", "H60", "SIKORSKY", "CUSTOMS AND BORDER PROTECTION, U.S.", 1999, 1)
    make(path, "tar1090-db", other, kept_from=path)
    registry = Registry(path)
    facts = registry.identify("ae4bd8", None, None)
    assert [value for value, _ in values(facts, "type")] == ["Q9", "H60"]
    assert {value for value, _ in values(facts, "registration")} == {"CBP-108"}
    assert len(values(facts, "registration")) == 2
    assert values(facts, "type_name") == [("MQ-9", "aircraft database plane-alert-db")]
    fields = registry.database("ae4bd8")
    assert fields["t"] == "H60"
    assert fields["year"] == "1999"
    assert fields["dbFlags"] == 3
    registry.close()


def test_the_database_goes_before_what_is_computed(tmp_path: Path) -> None:
    registry = Registry(make(tmp_path / "a.sqlite", "tar1090-db", Row(0xADC9BE, "HS-ATS", "BE20")))
    facts = registry.identify("adc9be", None, None)
    assert [source for _, source in values(facts, "registration")] == [
        "aircraft database tar1090-db",
        "computed from the address",
    ]
    assert values(facts, "registration")[0][0] == "HS-ATS"
    registry.close()


def test_a_new_database_is_noticed_while_running(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    registry = Registry(path)
    assert registry.database("3c1234") == {}
    make(path, "tar1090-db", Row(0x3C1234, "D-ABCD", "A320", "AIRBUS A-320", "Somebody"))
    for _ in range(1000):
        registry.identify("3c1234", None, None)
    assert registry.database("3c1234") == {"r": "D-ABCD", "t": "A320", "desc": "AIRBUS A-320", "ownOp": "Somebody"}
    registry.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_database_knows_nobody(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    registry = Registry(path)
    assert registry.identify("3c1234", None, None) == (Fact("country", "DE", "address block"),)
    registry.close()


def test_a_database_cut_short_is_no_error(tmp_path: Path) -> None:
    path = make(tmp_path / "a.sqlite", "tar1090-db", *(Row(0x3C0001 + i, f"D-{i}", "A320") for i in range(5000)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    registry = Registry(path)
    for icao in range(0x3C0001, 0x3C0001 + 5000, 97):
        registry.identify(f"{icao:06x}", None, None)
    registry.close()


def test_facts_are_remembered_and_bounded() -> None:
    registry = Registry()
    for icao in range(20_000):
        registry.identify(f"{icao:06x}", None, None)
        registry.database(f"{icao:06x}")
    assert registry._identify.cache_info().currsize <= 4096
    assert registry._fields.cache_info().currsize <= 4096


@given(st.text(max_size=12), st.none() | st.text(max_size=12), st.none() | st.text(max_size=3))
def test_no_text_from_the_air_is_an_error(icao: str, callsign: str | None, category: str | None) -> None:
    registry = Registry()
    for address in (icao, "ae4bd8"):
        for fact in registry.identify(address, callsign, category):
            assert fact.value.isprintable()
        assert set(registry.database(address)) <= {"r", "t", "desc", "ownOp", "year", "dbFlags"}
