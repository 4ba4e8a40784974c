"""The alert log: what is kept, how much of it, and that it replays to the same alert."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from receiver.sinks.alert_log import Store, read_bundle, write_bundle
from receiver.watch.replay import replay_alert
from tests.receiver.sinks.alert_log.watched_flights import live
from tests.receiver.watch.worlds import SmallAtlas


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = tmp_path_factory.mktemp("alerts")
    _, alerts = live(folder)
    return folder, alerts


def test_every_state_of_every_alert_is_kept_as_it_was_told(logged: tuple[Path, list[Any]]) -> None:
    folder, alerts = logged
    store = Store(folder)
    assert {alert.id for alert in store.alerts()} == {alert.id for alert in alerts}
    assert len(store.alerts()) == 2
    for entry in store.alerts():
        told = [json.dumps(alert.payload(), ensure_ascii=False) for alert in alerts if alert.id == entry.id]
        kept = [json.dumps(state["payload"], ensure_ascii=False) for state in entry.states()]
        assert kept == told
        assert kept


def test_an_alert_replays_to_itself_byte_for_byte_though_the_others_are_missing(
    logged: tuple[Path, list[Any]], tmp_path: Path
) -> None:
    folder, alerts = logged
    orbiting = next(alert for alert in alerts if alert.rule == "orbiting-notable")
    entry = Store(folder).get(orbiting.id)
    assert entry is not None
    path = tmp_path / "troy.zip"
    write_bundle(entry, path, {"track.kml": "<kml/>"})
    (tmp_path / "unpacked").mkdir()
    bundle = read_bundle(path, tmp_path / "unpacked")
    again = replay_alert(bundle.states(), bundle.frames(), bundle.context(), SmallAtlas())
    told = [json.dumps(alert.payload(), ensure_ascii=False) for alert in alerts if alert.id == orbiting.id]
    assert [json.dumps(alert.payload(), ensure_ascii=False) for alert in again] == told
    assert len(told) >= 4
    assert again[-1].trail == [alert for alert in alerts if alert.id == orbiting.id][-1].trail
    write_bundle(bundle, tmp_path / "second.zip", {"track.kml": "<kml/>"})
    assert (tmp_path / "second.zip").read_bytes() == path.read_bytes()


def test_a_bundle_tells_no_signal_levels(logged: tuple[Path, list[Any]], tmp_path: Path) -> None:
    folder, _ = logged
    entry = Store(folder).alerts()[0]
    assert all(one.signal_dbfs == -12.0 for one in entry.frames())
    path = tmp_path / "a.zip"
    write_bundle(entry, path)
    (tmp_path / "x").mkdir()
    assert {one.signal_dbfs for one in read_bundle(path, tmp_path / "x").frames()} == {None}
    assert b"frames.beast" in path.read_bytes()


def test_only_the_aircraft_of_the_alert_is_in_its_frames(logged: tuple[Path, list[Any]]) -> None:
    folder, _ = logged
    for entry in Store(folder).alerts():
        address = entry.id.split("-")[1]
        frames = list(entry.frames())
        assert len(frames) > 100
        assert {one.data[1:4].hex() for one in frames} == {address}
