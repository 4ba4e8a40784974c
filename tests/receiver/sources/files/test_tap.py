"""The last seconds, kept and saved."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import sigmf

from config.recording import RecordingSettings
from dsp.samples import SampleBlock, SampleFormat
from receiver.sources.dongle.live import ReceiverHealth
from receiver.sources.files.tap import SampleTap, file_name

RATE_HZ = 100_000.0
N = 10_000


class Source:
    """What the tap wants to know of one."""

    kind = "rtlsdr"
    sample_rate_hz = RATE_HZ
    sample_format = SampleFormat.CU8
    start_utc_s = 1_790_000_000.0

    def __init__(self) -> None:
        self.health = ReceiverHealth(state="open", tuner="R820T", serial="00000001", gain_db=38.6)


def play(tap: SampleTap, blocks: range) -> list[str]:
    memory = np.zeros(2 * N, np.uint8)  # one buffer again and again, as sources do
    notes = []
    for index in blocks:
        memory[:] = index % 256
        notes.append(tap.heard(SampleBlock(memory, index * N)))
    return [note for note in notes if note]


def tap_of(folder: Path, **settings: object) -> SampleTap:
    known = {"dir": folder, "last_s": 1.0, "free_mb": 0, **settings}
    return SampleTap(Source(), RecordingSettings.model_validate(known), 1_090_000_000)  # type: ignore[arg-type]


def test_the_last_seconds_are_saved_as_they_were(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    tap = tap_of(tmp_path / "new" / "folder")
    assert play(tap, range(100)) == []
    assert tap.save("squawk 7700: <b>/../x")
    tap.finish()
    assert "recording saved: 1.0 s" in caplog.text
    (meta,) = (tmp_path / "new" / "folder").glob("*.sigmf-meta")
    assert meta.name == "squitter-20260921T141329000Z-squawk-7700-b-x.sigmf-meta"
    handle = sigmf.fromfile(str(meta))
    handle.validate()
    data = np.fromfile(meta.with_suffix(".sigmf-data"), np.uint8).reshape(-1, 2 * N)
    assert [int(row[0]) for row in data] == list(range(90, 100))
    assert all((row == row[0]).all() for row in data)
    assert handle.get_captures()[0]["core:global_index"] == 90 * N


def test_fewer_seconds_can_be_asked_for(tmp_path: Path) -> None:
    tap = tap_of(tmp_path)
    play(tap, range(100))
    assert tap.save("x", seconds=0.3)
    tap.finish()
    (data,) = tmp_path.glob("*.sigmf-data")
    assert data.stat().st_size == 3 * 2 * N


def test_memory_stays_within_what_was_asked_for(tmp_path: Path) -> None:
    tap = tap_of(tmp_path)
    play(tap, range(2000))
    assert RATE_HZ <= sum(block.n_samples for block, _ in tap._kept) <= RATE_HZ + N


def test_a_full_folder_is_told_of_and_nothing_is_deleted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    old = tmp_path / "old.sigmf-data"
    old.write_bytes(bytes(1_000_000))
    tap = tap_of(tmp_path, max_size_mb=1)
    play(tap, range(20))
    assert tap.save("x")
    tap.finish()
    assert "not saved" in caplog.text
    assert "max_size_mb" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["old.sigmf-data"]


def test_only_one_recording_is_written_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tap = tap_of(tmp_path)
    play(tap, range(20))
    go_on = threading.Event()
    write = SampleTap._write_file
    monkeypatch.setattr(SampleTap, "_write_file", lambda *a: (go_on.wait(5), write(*a))[1])
    assert tap.save("first")
    assert not tap.save("second")
    go_on.set()
    tap.finish()
    assert len(list(tmp_path.glob("*.sigmf-data"))) == 1


def test_with_nothing_kept_it_says_how_to_keep(tmp_path: Path) -> None:
    tap = tap_of(tmp_path, last_s=0)
    play(tap, range(5))
    assert not tap.save("x")
    assert "last_s" in play(tap, range(5, 6))[0]
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    (tmp_path / "file").write_text("")
    tap = tap_of(tmp_path / "file" / "folder")
    play(tap, range(20))
    tap.save("x")
    tap.finish()
    assert "not saved" in caplog.text


def test_the_name_says_when_and_why() -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 1, 31, 12, 0, 0, 5000, UTC)
    assert str(file_name(at, "")) == "squitter-20260131T120000005Z"
    assert len(str(file_name(at, "x" * 500))) < 80


def test_commands_are_obeyed_or_refused_in_words(tmp_path: Path) -> None:
    tap = tap_of(tmp_path)
    with pytest.raises(ValueError, match="nothing is kept"):
        tap.command("")
    play(tap, range(20))
    for text in ("nan", "-1", "0", "121", "ten", "../x"):
        with pytest.raises(ValueError, match="expected seconds"):
            tap.command(text)
    assert "being saved" in tap.command(" 0.5 ")
    tap.finish()
    assert len(list(tmp_path.glob("*.sigmf-data"))) == 1
