"""What every command has in common: exit statuses, and one line instead of a traceback."""

from __future__ import annotations

import argparse
import importlib
import pwd
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings
from receiver import cli
from receiver.cli import COMMANDS, demo, main, replay, run
from receiver.cli.examples import epilog
from receiver.cli.settings import load_settings, log_settings
from receiver.errors import UsageError
from tests.end_to_end.squitter_process import COMMAND, environment
from tests.recordings import Made


def test_a_disk_that_is_full_is_told_in_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "config", "schema"], env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "squitter: No space left on device\n")


def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path, made: Made) -> None:
    with subprocess.Popen(
        [*COMMAND, "decode", "--quiet", str(made.beast)], env=environment(tmp_path), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"*")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["watch", "test", "default", str(made.beast), "--pictures", str(tmp_path / "file" / "cards")]) == 1
    assert capsys.readouterr().err == f"squitter: {tmp_path / 'file' / 'cards'}: Not a directory\n"


def test_somebody_elses_config_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "config", type(sys)("config"))
    with pytest.raises(UsageError, match="the Python package `config` is not Squitter's"):
        cli.refuse_foreign_config()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_how_it_is_used(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: squitter {command} ")


def own_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A station's file where `run` finds it, with friends and a phone."""
    monkeypatch.chdir(folder)
    Path("squitter.toml").write_text(
        '[station]\nname = "mine"\n[json_files]\ndir = "json"\n[[network.feed]]\nhost = "feed.example.org"\nport = 30004\n'
        '[[notify.channel]]\nname = "phone"\nurl = "ntfys://ntfy.example.org/x"\n'
    )


def test_what_the_demo_makes_up_goes_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_settings(tmp_path, monkeypatch)
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    told: list[Settings] = []

    def taken(settings: Settings) -> None:
        told.append(settings)
        stop()

    monkeypatch.setattr("receiver.app.settings_with_broker", taken)
    for options in ([], ["--config", "squitter.toml"]):
        with pytest.raises(UsageError, match="far enough"):
            demo.run(parser.parse_args(options))
    without, with_file = told
    assert (without.station.name, without.json_files.dir) == ("demo", None)
    assert with_file.json_files.dir == tmp_path / "json", "asked for by name, the file holds"
    for settings in told:
        assert settings.network.feed == []
        assert settings.notify.channel == []


def test_a_recording_is_fed_to_nobody_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_settings(tmp_path, monkeypatch)
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    plain = parser.parse_args(["x.beast"])
    assert load_settings(plain, replay.off_unless_asked(plain)).settings.network.feed == []
    asked = parser.parse_args(["x.beast", "--set", 'network.feed=[{host="a.example.org", port=1}]'])
    (feed,) = load_settings(asked, replay.off_unless_asked(asked)).settings.network.feed
    assert feed.host == "a.example.org"


def stop() -> None:
    raise UsageError("far enough")


@pytest.mark.parametrize("alphabet", ["latin-1", "ascii", "cp1252"])
def test_output_in_another_alphabet_is_no_failure(tmp_path: Path, alphabet: str) -> None:
    (tmp_path / "squitter.toml").write_text('[station]\nname = "x"\n[mqtt]\nusername = "José → Žižek"\n', "utf-8")
    strange = {**environment(tmp_path), "PYTHONUTF8": "0", "PYTHONIOENCODING": alphabet}
    for command in (["config", "show", "--config", "squitter.toml"], ["doctor", "--only", "settings"]):
        done = subprocess.run(
            [*COMMAND, *command], env=strange, cwd=tmp_path, capture_output=True, timeout=60, check=False
        )
        assert b"Traceback" not in done.stderr
        if "show" in command:
            assert "José → Žižek" in done.stdout.decode("utf-8"), "a pipe gets UTF-8"


def test_a_user_without_a_home_is_told_once_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    cli.settle_home()
    assert capsys.readouterr().err.startswith("squitter: this user has no home folder: ~ stands for / now")
    assert Settings().history.directory() == Path("/.local/share/squitter/home/history")
    cli.settle_home()
    assert capsys.readouterr().err == ""


def test_a_misspelt_command_is_answered_with_the_likely_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hisotry"]) == 2
    assert capsys.readouterr().err == "squitter: unknown command 'hisotry'; did you mean `squitter history`?\n"
    assert main(["zzzzz"]) == 2
    assert "`squitter --help` lists the commands" in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(cli.GROUPS))
def test_a_group_alone_shows_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 2
    text = capsys.readouterr().err
    assert text.startswith(f"usage: squitter {command} ")
    assert "examples:\n  squitter" in text or "examples:\n  sudo" in text


def test_no_command_at_all_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "history" in capsys.readouterr().err


def test_the_version_has_a_short_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-V"])
    assert capsys.readouterr().out == f"squitter {cli.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_each_command_are_understood(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is parsed by the command that it shows, and its page exists."""
    text = epilog(command)
    assert text is not None
    assert (Path(__file__).parents[3] / text.rpartition("more: ")[2]).is_file()
    for line in text.splitlines():
        if not line.startswith("  "):
            continue
        words = shlex.split(line.partition(" > ")[0])[line.strip().startswith("sudo") :]
        assert words[:2] == ["squitter", command]
        parser = argparse.ArgumentParser()
        importlib.import_module(f"receiver.cli.{command}").add_arguments(parser)
        parser.parse_args(words[2:])


@pytest.mark.parametrize(("option", "level"), [("-q", "warning"), ("--verbose", "debug")])
def test_log_levels_by_option(option: str, level: str) -> None:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    arguments = parser.parse_args([option])
    assert load_settings(arguments, log_settings(arguments), search=False).settings.log.level == level
