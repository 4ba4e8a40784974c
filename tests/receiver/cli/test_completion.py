from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from receiver.cli import COMMANDS, main


def complete(script: Path, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    line = f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _squitter; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.split()


def test_bash_completes_commands_options_and_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "squitter"
    script.write_text(capsys.readouterr().out)
    assert set(complete(script, "squitter", "''")) == {*COMMANDS, "--help", "--version"}
    assert complete(script, "squitter", "top", "--so") == ["--sort"]
    assert complete(script, "squitter", "top", "--sort", "al") == ["altitude"]
    assert "check" in complete(script, "squitter", "config", "''")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_are_told_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)
    assert "altitude" in out
