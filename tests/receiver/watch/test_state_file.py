"""The file of what the watch remembers."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from receiver import atomic_file
from receiver.watch.state_file import StateFile


def test_nothing_is_read_where_nothing_is_or_nothing_that_makes_sense(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = StateFile(tmp_path / "watch.json")
    assert file.read() is None
    assert caplog.text == ""
    file.path.write_text("{ not JSON")
    assert file.read() is None
    assert "cannot be read" in caplog.text


def test_what_was_saved_is_on_disk_after_closing_and_can_be_read(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "new" / "folder" / "watch.json")
    file.save({"version": 1})
    file.close()
    assert file.read() == {"version": 1}
    assert [path.name for path in file.path.parent.iterdir()] == ["watch.json"]


def test_a_packed_state_is_read_and_so_is_a_plain_one_of_before(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "watch.json.gz")
    (tmp_path / "watch.json").write_text('{"version": 0}')
    assert file.read() == {"version": 0}
    file.save({"version": 1, "long": "x" * 10_000})
    file.close()
    assert file.path.stat().st_size < 1000
    assert StateFile(file.path).read() == {"version": 1, "long": "x" * 10_000}


@pytest.mark.parametrize("content", [b"{", b"[]", b"7", b"\x1f\x8b\x08", b"\xff" * 100, b"[" * 100_000])
@pytest.mark.parametrize("name", ["watch.json", "watch.json.gz"])
def test_a_damaged_state_is_put_aside_and_named(
    tmp_path: Path, content: bytes, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / name).write_bytes(content)
    assert StateFile(tmp_path / name).read() is None
    assert f"file={tmp_path}/{name}.damaged" in caplog.text
    assert (tmp_path / f"{name}.damaged").read_bytes() == content
    assert StateFile(tmp_path / name).read() is None


def test_every_cut_of_a_packed_state_is_noticed(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "watch.json.gz")
    file.save({"version": 1, "numbers": list(range(50))})
    file.close()
    whole = file.path.read_bytes()
    for length in range(len(whole)):
        file.path.write_bytes(whole[:length])
        assert file.read() is None


def test_a_slow_disk_keeps_nobody_waiting_and_gets_the_newest_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, writing = threading.Event(), threading.Event()
    written: list[int] = []
    file = StateFile(tmp_path / "watch.json")

    def slow(_descriptor: int) -> None:
        (beside,) = tmp_path.glob(".watch.json.*.new")
        written.append(json.loads(beside.read_text())["number"])
        writing.set()
        assert released.wait(20)

    monkeypatch.setattr(atomic_file.os, "fsync", slow)
    monkeypatch.setattr(atomic_file, "sync_folder", lambda _folder: None)
    file.save({"number": 0})
    assert writing.wait(20)
    for number in range(1, 20):
        file.save({"number": number})  # would hang here
    released.set()
    file.close()
    assert written == [0, 19]
    assert file.read() == {"number": 19}


def test_a_state_that_cannot_be_written_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    file = StateFile(tmp_path / "file" / "watch.json")
    file.save({})
    file.close()
    assert "cannot be written" in caplog.text
