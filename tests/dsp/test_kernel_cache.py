"""Where compiled kernels go, and what their folder's name depends on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dsp import kernel_cache
from dsp.kernel_cache import name, place
from dsp.kernel_names import source_hash


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Sources beside which nothing can be written, whoever runs the tests."""
    folder = tmp_path / "dsp"
    folder.mkdir()
    (folder / "__pycache__").write_text("not a folder")
    return folder


def test_a_place_that_was_chosen_is_kept(read_only: Path, tmp_path: Path) -> None:
    assert place({"NUMBA_CACHE_DIR": str(tmp_path / "chosen")}, read_only) == tmp_path / "chosen"


def test_a_chosen_place_that_cannot_be_written_is_named_and_another_is_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        found = place({"NUMBA_CACHE_DIR": str(tmp_path / "file")}, tmp_path)
    assert found == tmp_path / "__pycache__"
    assert len(caplog.records) == 1
    assert f"folder={found} chosen={tmp_path / 'file'}" in caplog.text


def test_beside_the_sources_is_best(tmp_path: Path) -> None:
    assert place({"HOME": str(tmp_path / "home")}, tmp_path) == tmp_path / "__pycache__"


@pytest.mark.parametrize(
    ("variable", "below"),
    [("CACHE_DIRECTORY", "numba"), ("XDG_CACHE_HOME", "squitter/numba"), ("HOME", ".cache/squitter/numba")],
)
def test_else_a_cache_of_the_service_or_its_user(read_only: Path, tmp_path: Path, variable: str, below: str) -> None:
    found = place({variable: str(tmp_path / "cache")}, read_only)
    assert found == tmp_path / "cache" / below
    assert found.stat().st_mode & 0o077 == 0


def test_without_any_it_still_starts_from_a_folder_that_nobody_else_can_fill_and_that_goes_with_it(
    read_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    at_exit: list[Callable[[], object]] = []
    monkeypatch.setattr(
        kernel_cache.atexit, "register", lambda call, *given, **named: at_exit.append(partial(call, *given, **named))
    )
    with caplog.at_level(logging.WARNING):
        found = place({"HOME": str(tmp_path / "file")}, read_only)
    assert "set NUMBA_CACHE_DIR" in caplog.text
    assert found.stat().st_mode & 0o077 == 0
    (call,) = at_exit
    call()
    assert not found.exists()


def test_the_name_changes_with_any_kernel_wherever_it_lies_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "one.py").write_text("@stage()\ndef one(): ...\n")
    (tmp_path / "two.py").write_text("@helper(fastmath=True)\ndef two(): ...\n")
    (tmp_path / "plain.py").write_text("def three(): ...\n")
    before = source_hash(tmp_path)
    (tmp_path / "plain.py").write_text("def four(): ...\n")
    assert source_hash(tmp_path) == before
    (tmp_path / "two.py").write_text("@helper(fastmath=True)\ndef two(): return 2\n")
    assert source_hash(tmp_path) != before


def test_the_name_says_for_which_processor_it_is() -> None:
    generic, newer = name({"NUMBA_CPU_NAME": "generic"}), name({"NUMBA_CPU_NAME": "x86-64-v3"})
    assert generic.endswith("-generic")
    assert newer.endswith("-x86-64-v3")
    assert generic.split("-")[0] == newer.split("-")[0] == source_hash()
    assert name({}) != generic
