"""Once a week, when asked to, and never otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.registry import RegistrySettings
from receiver.registry import refresh
from receiver.registry.refresh import WEEK_S, age_s, command, keep_fresh

NOW_S = 1_800_000_000.0


def settings(folder: Path) -> RegistrySettings:
    return RegistrySettings(database=folder / "aircraft.sqlite", update="weekly")


def looks(given: RegistrySettings, statuses: Sequence[int], most: int) -> list[list[str]]:
    """The commands that were run in `most` looks at the file's age."""
    ran: list[list[str]] = []
    over = asyncio.Event()
    looked = 0

    def clock() -> float:
        nonlocal looked
        looked += 1
        if looked > most:
            over.set()
        return NOW_S

    async def run(arguments: Sequence[str]) -> tuple[int, str]:
        ran.append(list(arguments))
        status = statuses[len(ran) - 1]
        if status == 0:
            given.database.touch()
        return status, "said"

    async def work() -> None:
        task = asyncio.create_task(keep_fresh(given, run, clock))
        await over.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(work())
    return ran


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "AFTER_START_S", 0.0)
    monkeypatch.setattr(refresh, "AGAIN_S", 0.0)


def test_by_itself_nothing_is_fetched() -> None:
    assert RegistrySettings().update == "never"


def test_without_a_database_and_after_a_failure_it_tries_until_it_is_there(tmp_path: Path) -> None:
    given = settings(tmp_path)
    ran = looks(given, [1, 1, 0], 6)
    assert len(ran) == 3
    assert ran[0] == command(given)
    assert given.database.exists()


@pytest.mark.parametrize(("old_s", "fetches"), [(WEEK_S - 60, 0), (WEEK_S + 60, 1)])
def test_only_a_database_older_than_a_week_is_looked_after(tmp_path: Path, old_s: float, fetches: int) -> None:
    given = settings(tmp_path)
    given.database.touch()
    os.utime(given.database, (NOW_S - old_s, NOW_S - old_s))
    assert len(looks(given, [0], 3)) == fetches
    assert age_s(given.database, NOW_S) is not None


def test_the_command_fetches_the_settings_lists_and_reads_nobodys_file(tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    folder.mkdir()
    given = RegistrySettings(
        database=tmp_path / "aircraft.sqlite", update="weekly", tar1090_db=str(folder / "none.csv"), plane_alert_db=""
    )
    status, said = asyncio.run(refresh._run(command(given)))
    assert status == 1
    assert "none.csv" in said
    assert "plane-alert-db" not in said


def test_a_process_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "LONGEST_S", 0.2)
    status, said = asyncio.run(refresh._run(["sleep", "60"]))
    assert status == 1
    assert "not done" in said
