"""Which folders are written to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.folders import existing_part, written_folders
from config.settings import Settings


def folders(**sections: dict[str, Any]) -> dict[str, Path]:
    return {found.setting: found.path for found in written_folders(Settings.model_validate(sections))}


def test_what_is_switched_off_writes_nowhere() -> None:
    off = {"enabled": False}
    assert folders(history=off, watch=off, mqtt=off) == {}


def test_folders_of_files_are_meant_and_home_is_resolved() -> None:
    found = folders(
        history={"dir": "~/tracks"},
        watch={"state_file": "/var/state/watch.json"},
        outbox={"file": "/var/spool/alerts.sqlite3"},
        metrics={"textfile": "/run/metrics/squitter.prom"},
        notify={"channel": [{"name": "phone", "url": "ntfys://ntfy.sh/topic"}]},
        recording={"last_s": 5, "dir": "/var/iq"},
        json_files={"dir": "/run/json"},
    )
    assert found == {
        "history.dir": Path.home() / "tracks",
        "alerts.dir": Path.home() / ".local/share/squitter/home/alerts",
        "watch.state_file": Path("/var/state"),
        "outbox.file": Path("/var/spool"),
        "recording.dir": Path("/var/iq"),
        "json_files.dir": Path("/run/json"),
        "metrics.textfile": Path("/run/metrics"),
    }


def test_every_path_that_is_named_by_a_setting_of_ours_is_one() -> None:
    """Its setting exists: what is told to people can be found in the file."""
    settings = Settings()
    for found in written_folders(settings):
        section, key = found.setting.split(".")
        assert key in type(getattr(settings, section)).model_fields


def test_the_nearest_parent_that_is_there_needs_the_permission(tmp_path: Path) -> None:
    assert existing_part(tmp_path / "a" / "b") == tmp_path
    assert existing_part(tmp_path) == tmp_path
    (tmp_path / "file").touch()
    assert existing_part(tmp_path / "file" / "b") == tmp_path / "file"
