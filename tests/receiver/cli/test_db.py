"""`squitter db`: lists in, facts out, mistakes said in one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from receiver.cli import main


@pytest.fixture
def database(tmp_path: Path) -> list[str]:
    return ["--set", f"registry.database={tmp_path / 'aircraft.sqlite'}"]


def a_list(path: Path, count: int) -> str:
    path.write_text("".join(f"{0x3C0001 + i:06x};D-A{i};A320;00;AIRBUS A-320;2001;Somebody;\n" for i in range(count)))
    return str(path)


def test_facts_are_shown_with_their_sources(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "show", "AE4BD8", "--callsign", "TROY701", *database]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^type_name +MQ-9  \(aircraft database plane-alert-db\)$", out, re.MULTILINE)
    assert re.search(r"^operator +US Customs and Border Protection  \(call-sign prefix TROY70\)$", out, re.MULTILINE)
    assert "aircraft.json: t Q9" in out


def test_a_list_of_ones_own_is_taken_when_trusted(
    tmp_path: Path, database: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["db", "update", "--from", a_list(tmp_path / "list", 50), "--format", "tar1090-db", *database]
    assert main(command) == 1
    assert "expected at least 100000; not taken (--trust" in capsys.readouterr().err
    assert main([*command, "--trust"]) == 0
    assert capsys.readouterr().out == "tar1090-db: 50 aircraft\n"
    assert main([*command, "--trust"]) == 0
    assert "unchanged, 50 aircraft" in capsys.readouterr().out
    assert main(["db", "show", "3c0003", *database]) == 0
    assert "registration  D-A2  (aircraft database tar1090-db)" in capsys.readouterr().out


def test_lists_of_the_settings_are_taken_and_an_empty_one_is_left_out(
    tmp_path: Path, database: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lists = ["--set", f"registry.tar1090_db={a_list(tmp_path / 'list', 50)}", "--set", 'registry.plane_alert_db=""']
    assert main(["db", "update", "--trust", *database, *lists]) == 0
    assert capsys.readouterr().out == "tar1090-db: 50 aircraft\n"


def test_one_list_that_fails_leaves_the_others(
    tmp_path: Path, database: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lists = ["--set", f"registry.tar1090_db={a_list(tmp_path / 'list', 50)}", "--set", "registry.plane_alert_db=/none"]
    assert main(["db", "update", "--trust", *database, *lists]) == 1
    caught = capsys.readouterr()
    assert "tar1090-db: 50 aircraft" in caught.out
    assert "plane-alert-db: /none" in caught.err


@pytest.mark.parametrize(
    "command",
    [
        ["db", "show", "nothex"],
        ["db", "show", "ae4b"],
        ["db", "update", "--from", "x", "--format", "excel"],
        ["db", "update", "--from", "x"],
        ["db", "update", "--format", "tar1090-db"],
        ["db", "update", "--set", "registry.tar1090_db=http://example.org/list"],
    ],
)
def test_bad_usage_is_said(command: list[str], database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, *database]) == 2
    assert capsys.readouterr().err.count("\n") >= 1


def test_an_address_of_nobody_is_said(database: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "show", "2f0000", *database]) == 1
    assert "nothing is known" in capsys.readouterr().err
