"""The documentation site builds without a warning, and what its tutorials say works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from config.load import load
from config.rules import load_rules

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(page for page in ROOT.glob("docs/**/*.md") if "reference" not in page.parts)
BLOCK = re.compile(r"^(?:Save as `(?P<name>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def squitter(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder, as its user would."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo", reason="the site's packages are in the extra `docs`")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-d",
            tmp_path / "trees",
            ROOT / "docs",
            tmp_path / "site",
        ],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    settings = (tmp_path / "site/reference/settings.html").read_text()
    assert "departed_after_s" in settings
    assert "dongle-absent" in (tmp_path / "site/reference/doctor-findings.html").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_piece_of_settings_or_rules_in_a_page_is_accepted(page: Path, tmp_path: Path) -> None:
    for found in BLOCK.finditer(page.read_text()):
        if found["kind"] != "toml" or "…" in found["text"] or page.name == "scenes.md":
            continue
        values = tomllib.loads(found["text"])
        file = tmp_path / "page.toml"
        file.write_text(found["text"])
        if "rule" in values or "when" in values:
            load_rules(file)
        elif "unit" not in values:
            load(file)


def test_the_recording_tutorial_runs_as_it_is_written(tmp_path: Path) -> None:
    ran = 0
    for found in BLOCK.finditer((ROOT / "docs/tutorials/recording.md").read_text()):
        if found["name"]:
            (tmp_path / found["name"]).write_text(found["text"])
        elif found["kind"] == "console":
            for line in found["text"].splitlines():
                words = shlex.split(line.removeprefix("$ "))
                assert words[0] == "squitter"
                if words[1] == "replay":
                    words += ["--set", "web.port=0"]
                done = squitter(*words[1:], folder=tmp_path)
                assert done.returncode == 0, f"{line}\n{done.stderr}"
                if words[1] == "decode":
                    assert len(done.stdout.splitlines()) > 1000
                if words[1:3] == ["watch", "test"]:
                    assert "Fast" in done.stdout or "fast" in done.stdout
                ran += 1
    assert ran == 6
