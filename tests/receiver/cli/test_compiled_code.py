"""Where compiled code goes when the installation cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from receiver.cli import compiled_code
from receiver.cli.compiled_code import keep_compiled_code


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that may not be written, whoever runs the tests."""
    folder = tmp_path / "dsp"
    folder.mkdir()
    asked = compiled_code.os.access
    monkeypatch.setattr(compiled_code.os, "access", lambda path, mode: Path(path) != folder and asked(path, mode))
    return folder


def test_a_place_that_was_chosen_is_kept(read_only: Path) -> None:
    environ = {"NUMBA_CACHE_DIR": "/chosen"}
    keep_compiled_code(environ, read_only)
    assert environ == {"NUMBA_CACHE_DIR": "/chosen"}


def test_beside_the_sources_is_best(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path / "home")}
    keep_compiled_code(environ, tmp_path)
    assert "NUMBA_CACHE_DIR" not in environ


@pytest.mark.parametrize(
    ("name", "below"),
    [("CACHE_DIRECTORY", "numba"), ("XDG_CACHE_HOME", "squitter/numba"), ("HOME", ".cache/squitter/numba")],
)
def test_else_a_cache_of_the_service_or_its_user(read_only: Path, tmp_path: Path, name: str, below: str) -> None:
    environ = {name: str(tmp_path / "cache")}
    keep_compiled_code(environ, read_only)
    assert environ["NUMBA_CACHE_DIR"] == str(tmp_path / "cache" / below)
    assert (tmp_path / "cache" / below).stat().st_mode & 0o077 == 0


def test_without_any_it_still_starts_from_a_folder_that_nobody_else_can_fill_and_that_goes_with_it(
    read_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    environ = {"HOME": str(tmp_path / "file")}
    at_exit: list[Callable[[], object]] = []
    monkeypatch.setattr(
        compiled_code.atexit, "register", lambda call, *given, **named: at_exit.append(partial(call, *given, **named))
    )
    keep_compiled_code(environ, read_only)
    folder = Path(environ["NUMBA_CACHE_DIR"])
    assert folder.stat().st_mode & 0o077 == 0
    (call,) = at_exit
    call()
    assert not folder.exists()
