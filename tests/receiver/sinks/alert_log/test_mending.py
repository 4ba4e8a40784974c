"""Damaged files of past alerts are put aside and named, and everything else is as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.sinks.alert_log import Store
from receiver.sinks.alert_log.mending import mend
from tests.receiver.sinks.alert_log.test_store import told
from tests.receiver.sinks.alert_log.watched_flights import spoken


def stored(folder: Path) -> Store:
    store = Store(folder)
    for name in ("a", "b"):
        for text in ("one", "two"):
            store.add(name, told(name, text), {"rules": []}, [[0.0, 1.0, 2.0, None, False]], None, spoken("abcdef", 3))
    return store


def test_nothing_is_touched_where_nothing_is_damaged(tmp_path: Path) -> None:
    store = stored(tmp_path)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.rglob("*.*")}
    assert mend(store.alerts()) == []
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.rglob("*.*")} == before


def test_a_damaged_line_is_put_aside_once_and_the_order_of_alerts_stays(tmp_path: Path) -> None:
    store = stored(tmp_path)
    path = tmp_path / "a" / "states.jsonl"
    stamp = path.stat().st_mtime_ns - 10**12
    path.write_bytes(b"\xff\xfe{\n" + path.read_bytes() + b'{"payload": {"id":')
    os.utime(path, ns=(stamp, stamp))
    assert mend(store.alerts()) == [f"{tmp_path}/a/states.jsonl.damaged: lines=2"]
    assert (tmp_path / "a" / "states.jsonl.damaged").read_bytes() == b'\xff\xfe{\n{"payload": {"id":\n'
    assert mend(store.alerts()) == []
    first, second = store.alerts()
    assert (first.id, second.id) == ("a", "b")
    assert first.states() == [told("a", "one"), told("a", "two")]
    assert first.damaged() == 0


def test_an_alert_of_which_nothing_can_be_read_is_put_aside_as_a_whole(tmp_path: Path) -> None:
    store = stored(tmp_path)
    (tmp_path / "a" / "states.jsonl").write_bytes(os.urandom(500).replace(b"\n", b""))
    assert mend(store.alerts()) == [f"{tmp_path}/a.damaged: the whole alert"]
    assert [alert.id for alert in store.alerts()] == ["b"]


@pytest.mark.parametrize("name", ["context.json", "trail.json"])
def test_a_damaged_file_is_put_aside_and_the_next_state_writes_it_anew(tmp_path: Path, name: str) -> None:
    store = stored(tmp_path)
    whole = (tmp_path / "a" / name).read_bytes()
    (tmp_path / "a" / name).write_bytes(whole[:-1])
    assert mend(store.alerts()) == [f"{tmp_path}/a/{name}.damaged: the whole file"]
    store.add("a", told("a", "three"), {"rules": []}, [[0.0, 1.0, 2.0, None, False]], None, [])
    assert (tmp_path / "a" / name).read_bytes() == whole


@given(cut=st.integers(0, 200), long=st.booleans())
def test_frames_are_torn_anywhere_and_the_whole_ones_stay(
    tmp_path_factory: pytest.TempPathFactory, cut: int, long: bool
) -> None:
    folder = tmp_path_factory.mktemp("alerts")
    store = Store(folder)
    store.add("a", told("a"), {"rules": []}, [], None, spoken("abcdef", 2000 if long else 3))
    path = folder / "a" / "frames.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    left = whole[: max(0, len(whole) - cut)]
    mend(store.alerts())
    lines = [line for line in whole.split(b"\n") if line]
    kept = [line for line in path.read_bytes().split(b"\n") if line]
    assert kept == lines[: len(kept)]
    assert len(kept) in (left.count(b"\n"), left.count(b"\n") + 1)
