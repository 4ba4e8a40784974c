"""What the doctor says of the aircraft lists."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from config.settings import Settings
from receiver.doctor.lists import OLD_DAYS, check_lists
from receiver.doctor.machine import Machine
from receiver.registry.database import Source, sign, write


def test_no_database_is_a_note_with_the_way_to_one(tmp_path: Path) -> None:
    settings = Settings.model_validate({"registry": {"database": tmp_path / "none.sqlite"}})
    (finding,) = check_lists(Machine(), settings)
    assert finding.name == "lists-absent"
    assert "squitter db update" in finding.fix


@pytest.mark.parametrize(("days", "name"), [(1, "lists"), (OLD_DAYS + 2, "lists-old")])
def test_the_age_is_told(tmp_path: Path, days: int, name: str) -> None:
    path = tmp_path / "aircraft.sqlite"
    write(path, None, "tar1090-db", [])
    sign(path, Source("tar1090-db", "x", "", "", int(time.time()) - days * 86_400, 5, 0))
    settings = Settings.model_validate({"registry": {"database": path}})
    (finding,) = check_lists(Machine(), settings)
    assert finding.name == name
