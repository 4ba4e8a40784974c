"""Who holds a station's folders."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from receiver.app.lock import LOCK, locked_folders
from receiver.errors import UsageError


def settings(tmp_path: Path, name: str = "roof", **more: Any) -> Settings:
    return Settings.model_validate(
        {
            "station": {"name": name},
            "watch": {"state_file": f"{tmp_path}/{{station}}/watch.json"},
            "alerts": {"dir": f"{tmp_path}/{{station}}/alerts"},
            "history": {"enabled": True, "dir": f"{tmp_path}/{{station}}/history"},
            "mqtt": {"enabled": False},
            **more,
        }
    )


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.receiver.app.test_lock import settings\n"
        "from receiver.app.lock import locked_folders\n"
        "with locked_folders(settings(Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        said = rf"is in use by station roof, process {other.pid}; give this station another name \(\[station\] name\)"
        with pytest.raises(UsageError, match=said), locked_folders(settings(tmp_path)):
            pass
        with locked_folders(settings(tmp_path, "shed")):
            pass
        other.kill()  # without a chance to tidy up
        other.wait()
        with locked_folders(settings(tmp_path)):
            assert f"process {os.getpid()}" in (tmp_path / "roof" / LOCK).read_text()


def test_two_names_in_one_folder_are_refused_too(tmp_path: Path) -> None:
    shared = {"dir": str(tmp_path / "all")}
    with (
        locked_folders(settings(tmp_path, "roof", alerts=shared)),
        pytest.raises(UsageError, match=r"alerts\.dir: .*/all is in use by station roof"),
        locked_folders(settings(tmp_path, "shed", alerts=shared)),
    ):
        pass


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    with locked_folders(settings(Path("/proc/nobody"))):
        pass
