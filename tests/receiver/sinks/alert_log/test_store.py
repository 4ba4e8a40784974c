"""The folder of the alert log: how much is kept, a full disk, damaged files."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from receiver.errors import SquitterError
from receiver.sinks.alert_log import Store, read_bundle
from receiver.sinks.alert_log import sink as sink_module
from receiver.sinks.alert_log import store as store_module
from tests.receiver.sinks.alert_log.watched_flights import live, spoken
from tests.receiver.watch.test_watch import START


def told(alert_id: str, text: str = "x") -> dict[str, Any]:
    """A state as the log has it."""
    payload = {
        "id": alert_id, "rule": "r", "title": "t", "clause": "c", "severity": "info", "state": "raised", "text": text,
        "raised_at": START, "updated_at": START,
    }  # fmt: skip
    return {"payload": payload}


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    for k in range(5):
        store.add(f"a{k}", {"payload": {}}, {"rules": []}, [], None, [])
        (tmp_path / f"a{k}" / "states.jsonl").touch()
        stamp = (1_000_000_000 + k) * 10**9
        os.utime(tmp_path / f"a{k}" / "states.jsonl", ns=(stamp, stamp))
    assert store.tidy() == 2
    assert [alert.id for alert in store.alerts()] == ["a2", "a3", "a4"]


def test_the_largest_go_when_they_take_too_much(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=100, max_bytes=25_000)
    for k in range(4):
        store.add(f"a{k}", {"payload": {}}, {"rules": []}, [], b"x" * 10_000, [])
    assert store.tidy() == 2


@pytest.mark.parametrize("name", ["../x", "", "a/b", "a.b", "x" * 200, "ä"])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path / "alerts")
    store.add(name, {"payload": {}}, {}, [], b"x", [])
    assert store.get(name) is None
    assert list(tmp_path.rglob("*")) == []


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("a", told("a"), {"rules": []}, [], None, [])
    with (tmp_path / "a" / "states.jsonl").open("a") as stream:
        stream.write('{"payload": {"n": 2')
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [told("a")]
    assert entry.damaged() == 1
    store.add("a", told("a", "later"), {"rules": []}, [], None, [])
    assert entry.states() == [told("a"), told("a", "later")], "the torn line takes nothing along"


def test_a_full_disk_stops_nothing_and_is_written_when_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sink_module, "RETRY_S", (0.01, 0.01))
    full = 5
    fsync = os.fsync

    def sometimes(descriptor: int) -> None:
        nonlocal full
        full -= 1
        if full >= 0:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(store_module.os, "fsync", sometimes)
    log, alerts = live(tmp_path / "alerts")
    assert log.statistics()["alert_log_failures_total"] >= 1
    assert sum(len(alert.states()) for alert in Store(tmp_path / "alerts").alerts()) == len(alerts)
    assert sum("alert log cannot be written" in record.message for record in caplog.records) == 1
    whole = [state["frames_whole"] for alert in Store(tmp_path / "alerts").alerts() for state in alert.states()]
    assert all(whole)


def test_a_disk_that_never_takes_anything_keeps_everything_waiting(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file where a folder should be")
    log, alerts = live(tmp_path / "alerts", finish_s=0.1)
    assert alerts
    assert log.statistics()["alert_log_waiting"] >= len(alerts)
    assert log.statistics()["alert_log_failures_total"] >= 1


def test_a_failed_write_leaves_no_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Store(tmp_path).add("a", told("a"), {"rules": []}, [], None, spoken("abcdef", 5))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", [b"{", b"\xff\xfe\n", b"[1, 2]\n", b'{"payload": 7}\n', b'{"payload": {"id": "a"}}\n']
)
def test_damaged_lines_are_named_and_the_others_told(tmp_path: Path, damage: bytes) -> None:
    store = Store(tmp_path)
    store.add("a", told("a"), {"rules": []}, [], None, spoken("abcdef", 3))
    for name in ("states.jsonl", "frames.jsonl"):
        path = tmp_path / "a" / name
        path.write_bytes(damage + path.read_bytes() if damage.endswith(b"\n") else path.read_bytes() + damage)
    (tmp_path / "a" / "trail.json").write_bytes(damage)
    (tmp_path / "a" / "context.json").write_bytes(damage)
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [told("a")]
    assert entry.damaged() == 1
    assert len(list(entry.frames())) == 3
    assert entry.trail() == []
    with pytest.raises(SquitterError, match=r"context\.json"):
        entry.context()


def test_what_a_killed_process_has_written_twice_is_told_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for text in ("raised", "raised", "updated"):
        store.add("a", told("a", text), {"rules": []}, [], None, [])
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [told("a", "raised"), told("a", "updated")]


def test_frames_off_keeps_the_states_only(tmp_path: Path) -> None:
    live(tmp_path, frames=False)
    entry = Store(tmp_path).alerts()[0]
    assert list(entry.frames()) == []
    assert entry.states()


@pytest.mark.parametrize("content", [b"no zip", None])
def test_what_is_no_bundle_is_refused_in_a_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../evil", "x")
    else:
        path.write_bytes(content)
    (tmp_path / "out").mkdir()
    with pytest.raises(SquitterError, match="not an alert bundle"):
        read_bundle(path, tmp_path / "out")
    assert not (tmp_path / "evil").exists()
