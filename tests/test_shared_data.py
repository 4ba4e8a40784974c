"""A clone without the real recordings passes, and says what it could not try; a build service may not do without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDY = "tests/receiver/wire/test_mutated_streams.py"  # one test on a made recording, the same on a real one


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "SQUITTER_SHARED")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder, env={**kept, "PYTHONPATH": str(folder), **variables}, capture_output=True, text=True,
        timeout=3000, check=False,
    )  # fmt: skip


def test_without_real_recordings_their_tests_are_skipped_and_counted_in_one_line(tmp_path: Path) -> None:
    done = run(ROOT, NEEDY, SQUITTER_SHARED=str(tmp_path / "none"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^1 passed, 1 skipped", done.stdout, re.MULTILINE)
    (line,) = [line for line in done.stdout.splitlines() if "real recordings" in line]
    assert line.startswith("1 tests skipped: real recordings are not here.")
    assert str(tmp_path / "none") in line
    assert "SQUITTER_SHARED" in line


@pytest.mark.parametrize("variables", [{"CI": "true"}, {"SQUITTER_SHARED": "here"}], ids=["under CI", "half a set"])
def test_where_they_are_due_their_lack_is_a_failure(variables: dict[str, str], tmp_path: Path) -> None:
    absent = {"SQUITTER_SHARED": str(tmp_path / "none")} | variables
    if absent["SQUITTER_SHARED"] == "here":
        absent["SQUITTER_SHARED"] = str(tmp_path)
    done = run(ROOT, NEEDY, **absent)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^1 failed, 1 passed", done.stdout, re.MULTILINE)
    assert "real recordings are not here" in done.stdout


def test_every_test_can_be_collected_without_them(tmp_path: Path) -> None:
    done = run(ROOT, "--collect-only", "tests", SQUITTER_SHARED=str(tmp_path / "none"))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_clone_in_an_empty_folder_passes(tmp_path: Path) -> None:
    clone = tmp_path / "squitter"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    (clone / "receiver/web/page/leaflet").symlink_to(ROOT / "receiver/web/page/leaflet")  # built by an installation
    done = run(clone, "-n", "2", "-m", "not slow", "--deselect", "tests/test_shared_data.py")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "real recordings are not here" in done.stdout
