"""What is left of past alerts after a restart, whatever has become of their files."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from receiver.sinks.alert_log import Store, recall


def state(id_: str, **more: Any) -> dict[str, Any]:
    payload = {
        "id": id_, "rule": "drone", "title": "Drone", "clause": "type is Q9", "rules": ["drone"], "severity": "warning",
        "state": "raised", "text": f"{id_} flies", "raised_at": 100.0, "updated_at": 100.0, **more,
    }  # fmt: skip
    return {"payload": payload, "callsign": None, "category": None, "frames_whole": True}


def keep(folder: Path, id_: str, told_s: int, *states: dict[str, Any], picture: bytes | None = None) -> None:
    """Write an alert down as the log does, told last at that time."""
    trail: list[list[Any]] = [[99.0, 19.2, -100.1, None, False], [100.0, 19.3, -100.2, 19000.0, True]]
    for one in states or (state(id_),):
        Store(folder).add(id_, one, {"rules": []}, trail, picture, [])
    stamp = told_s * 10**9
    os.utime(folder / id_ / "states.jsonl", ns=(stamp, stamp))


def test_an_alert_comes_back_by_its_last_state_with_track_and_picture(tmp_path: Path) -> None:
    keep(tmp_path, "a", 1, state("a"), state("a", state="updated", text="still there"), picture=b"\x89PNG card")
    ((past,), damaged) = recall(Store(tmp_path), 50, ["a"])
    assert damaged == 0
    assert (past.payload["state"], past.payload["text"]) == ("updated", "still there")
    assert past.picture == b"\x89PNG card"
    assert past.trail[1] == (100.0, 19.3, -100.2, 19000.0, True)
    assert math.isnan(past.trail[0][3])


def test_what_nobody_holds_open_any_more_has_ended(tmp_path: Path) -> None:
    keep(tmp_path, "a", 1)
    keep(tmp_path, "b", 2)
    past, _ = recall(Store(tmp_path), 50, ["b"])
    assert [(one.payload["id"], one.payload["state"]) for one in past] == [("a", "ended"), ("b", "raised")]


def test_only_the_latest_come_back_but_an_open_one_is_never_too_old(tmp_path: Path) -> None:
    for k in range(6):
        keep(tmp_path, f"a{k}", k + 1)
    past, damaged = recall(Store(tmp_path), 3, ["a0"])
    assert [one.payload["id"] for one in past] == ["a0", "a4", "a5"]
    assert damaged == 0
    assert recall(Store(tmp_path), 0, ["a0"]) == ([], 0)
    assert recall(Store(tmp_path / "none"), 3, []) == ([], 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"payload": {"id": "b"',
        b"[1]\n",
        b'{"payload": 5}\n',
        b"{\xff\xfe}\n",
        b'{"a":' * 100_000 + b"1}\n",
        json.dumps(state("other")).encode() + b"\n",
        json.dumps(state("b", state="gone")).encode() + b"\n",
        json.dumps(state("b", raised_at=None)).encode() + b"\n",
        json.dumps(state("b", raised_at=math.nan)).encode() + b"\n",
        json.dumps(state("b", text=5)).encode() + b"\n",
        json.dumps(state("b", text="\ud800")).encode() + b"\n",
        json.dumps(state("b", facts=[None])).encode() + b"\n",
        json.dumps(state("b", pattern={"laps": math.inf})).encode() + b"\n",
        json.dumps(state("b", pattern=None)).encode() + b"\n",
        json.dumps(state("b", text="x" * 300_000)).encode() + b"\n",
    ],
)
def test_a_damaged_one_is_counted_and_the_others_come_back(tmp_path: Path, content: bytes) -> None:
    keep(tmp_path, "a", 1)
    keep(tmp_path, "b", 2)
    (tmp_path / "b" / "states.jsonl").write_bytes(content)
    past, damaged = recall(Store(tmp_path), 50, [])
    assert [one.payload["id"] for one in past] == ["a"]
    assert damaged == 1


def test_a_torn_last_line_leaves_the_state_before_it(tmp_path: Path) -> None:
    keep(tmp_path, "a", 1)
    with (tmp_path / "a" / "states.jsonl").open("a") as stream:
        stream.write('{"payload": {"n": 2')
    ((past,), damaged) = recall(Store(tmp_path), 50, [])
    assert past.payload["text"] == "a flies"
    assert damaged == 0


@pytest.mark.parametrize(
    "content",
    ["", "{", "5", "[5]", "[[1, 2, 3]]", '[[1, 2, null, 3, false]]', "[[NaN, 1, 1, null, false]]",
     '[[1, 2, 3, "x", false]]', "[" * 100_000],
)  # fmt: skip
def test_with_a_damaged_track_or_picture_the_words_come_back(tmp_path: Path, content: str) -> None:
    keep(tmp_path, "a", 1, picture=b"<svg/>")
    (tmp_path / "a" / "trail.json").write_text(content)
    ((past,), damaged) = recall(Store(tmp_path), 50, [])
    assert (past.trail, past.picture, damaged) == ((), None, 0)
