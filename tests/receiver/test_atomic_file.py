from __future__ import annotations

import os
from pathlib import Path

import pytest

from receiver import atomic_file
from receiver.atomic_file import replace_file


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "state.json"
    replace_file(path, b"old")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_file.os, failing, fails)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["state.json"]


def test_permissions_are_as_asked_for(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", b"x", mode=0o644)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
