"""What `squitter service` does to a machine, on a folder that stands for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from receiver.cli import main
from receiver.errors import SquitterError, UsageError
from receiver.setup import service
from receiver.setup.service import KERNELS_UNIT, RULE, SETTINGS, UNIT, install_steps, program, remove_steps
from receiver.setup.steps import Step, take

PROGRAM = Path("/opt/elsewhere/bin/squitter")


def below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def test_installed_the_units_run_this_program_and_removed_nothing_of_it_is_left(tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text('[station]\nname = "roof"\n')
    root = tmp_path / "machine"
    told: list[str] = []
    take(install_steps(PROGRAM, settings), told.append, root)
    assert f"ExecStart={PROGRAM} run" in below(root, UNIT).read_text()
    assert f"ExecStart={PROGRAM} warmup" in below(root, KERNELS_UNIT).read_text()
    assert below(root, SETTINGS).read_text() == settings.read_text()
    assert below(root, SETTINGS).stat().st_mode & 0o777 == 0o640
    assert "plugdev" in below(root, RULE).read_text()
    assert len(told) == len(install_steps(PROGRAM, settings))
    take(remove_steps(), told.append, root)
    left = [path for path in root.rglob("*") if path.is_file()]
    assert left == [below(root, SETTINGS)], "the owner's settings stay"


def test_a_dry_run_shows_each_step_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "program", lambda: PROGRAM)
    assert main(["service", "install", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    for step in install_steps(PROGRAM):
        assert step.shown() in shown
    assert "Nothing was changed" in shown


def test_a_program_in_a_home_folder_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", "/home/pi/squitter/.venv")
    with pytest.raises(UsageError, match="/opt/squitter"):
        program()


def test_a_command_that_fails_ends_it_with_what_it_said() -> None:
    with pytest.raises(SquitterError, match="no such thing"):
        take([Step("a test", command=("sh", "-c", "echo no such thing >&2; exit 3"))], lambda _: None)
    take([Step("a test", command=("false",), may_fail=True)], lambda _: None)
    with pytest.raises(SquitterError, match="not installed"):
        take([Step("a test", command=("no-such-program",))], lambda _: None)
