"""What of the air is remembered, and that a bad disk harms nobody."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from config.history import HistorySettings
from receiver.earth import distance_nmi
from receiver.history.reader import HistoryReader
from receiver.history.store import HistoryStore
from receiver.sinks import history
from receiver.sinks.history import HistorySink
from receiver.views.aircraft_schema import AircraftObject
from receiver.wire.frame import Frame
from tests.receiver.network import run, running
from tests.receiver.skies import START_S, fly_slowly, in_order, straight
from tests.receiver.watch.air import Flight
from tests.recordings import KINDS, frames_of


def remember(frames: Sequence[Frame], directory: Path, **settings: Any) -> HistorySink:
    """Frames through the hub into a history."""
    sink = HistorySink(HistorySettings(dir=directory, **settings))

    async def work() -> None:
        async with running(sink):
            await fly_slowly(frames, [sink])
            await sink.finish()

    run(work())
    return sink


def test_a_straight_track_over_midnight_is_kept_in_steps_of_fifteen_seconds(tmp_path: Path) -> None:
    frames = in_order(
        [straight("ae4bd7", "TROY701", START_S, 1200), straight("abcdef", "SLOW1", START_S + 300, 400, 20)]
    )
    sink = remember(frames, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2025-11-25.sqlite", "2025-11-26.sqlite"]
    tracks = HistoryReader(tmp_path).tracks(0, 4e9)
    assert {icao: len(points) for icao, points in tracks.items()} == pytest.approx({"ae4bd7": 80, "abcdef": 27}, abs=8)
    for points in tracks.values():
        steps = [b.time_s - a.time_s for a, b in itertools.pairwise(points)]
        assert min(steps) >= 4.999
        assert max(steps) < 22
        assert all((p.altitude_baro_ft, p.ground_speed_kt, p.track_deg) == (19_000, 240, 90) for p in points[1:])
    assert sink.statistics()["rows_written_total"] == sum(map(len, tracks.values()))
    # the second day says again who it is
    second = list(HistoryReader(tmp_path).identities(START_S + 600, 4e9))
    assert {(one.callsign, one.category) for one in second} == {("TROY701", "A3"), ("SLOW1", "A3")}


@pytest.mark.parametrize("kind", KINDS)
def test_the_thinned_track_is_never_far_from_the_whole(kind: str, tmp_path: Path) -> None:
    remember(frames_of(kind, tmp_path), tmp_path)
    tracks = HistoryReader(tmp_path).tracks(0, 4e9)
    assert len(tracks) > 5
    longest = max(tracks.values(), key=len)
    for a, b in itertools.pairwise(longest):
        assert distance_nmi(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg) < 20


def turning(seconds: int) -> Flight:
    """A minute of straight flight, two turns of 2.5 km, and so on, climbing on the way."""
    points: list[tuple[float, float, float, float, float, float]] = []
    lat, lon, track = 19.0, -100.0, 90.0
    for k in range(seconds):
        track += 0.0 if k % 240 < 60 else 2.83
        lat += 240 * 1852 / 3600 * math.cos(math.radians(track)) / 111_195
        lon += 240 * 1852 / 3600 * math.sin(math.radians(track)) / (111_195 * math.cos(math.radians(19)))
        points.append((START_S + k, lat, lon, 19_000 + 2 * k, 240, track % 360))
    return Flight("ae4bd7", "TROY701", "A3", points)


def test_what_is_between_two_rows_lies_on_the_line_between_them(tmp_path: Path) -> None:
    flight = turning(1200)
    remember(in_order([flight]), tmp_path)
    reader = HistoryReader(tmp_path)
    rows = reader.tracks(0, 4e9)["ae4bd7"]
    assert len(rows) < 230, "straight parts have fewer"
    for time_s, lat, lon, *_ in flight.moments[30:1170:7]:
        (aircraft,) = reader.at(time_s).aircraft
        assert distance_nmi(lat, lon, aircraft["lat"], aircraft["lon"]) * 1852 < 150


def test_who_stands_still_is_noted_once_a_minute(tmp_path: Path) -> None:
    parked = Flight("ae4bd7", "TROY701", "A3", [(START_S + k, 19.0, -100.0, 1000, 0, 90) for k in range(300)])
    remember(in_order([parked]), tmp_path)
    points = HistoryReader(tmp_path).tracks(0, 4e9)["ae4bd7"]
    assert 5 <= len(points) <= 6


def test_commits_come_by_the_signals_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = []
    append = HistoryStore.append

    def counted(store: HistoryStore, positions: Any, identities: Any = ()) -> None:
        commits.append(len(positions))
        append(store, positions, identities)

    monkeypatch.setattr(HistoryStore, "append", counted)
    sink = HistorySink(HistorySettings(dir=tmp_path, commit_s=45))

    async def work() -> None:
        async with running(sink):
            frames = in_order([straight("ae4bd7", "TROY701", START_S, 450)])
            hub = None
            for at in range(0, len(frames), 90):
                hub = await fly_slowly(frames[at : at + 90], [sink], hub)
                async with sink._lock:
                    pass
                await asyncio.sleep(0.005)
            await sink.finish()

    run(work())
    assert 10 <= len(commits) <= 12


def test_the_page_gets_a_picture_of_any_moment_as_aircraft_json_has_it(tmp_path: Path) -> None:
    remember(in_order([straight("ae4bd7", "TROY701", START_S, 1200)]), tmp_path)
    reader = HistoryReader(tmp_path)
    span = reader.span()
    assert span is not None
    assert span == pytest.approx((START_S, START_S + 1199), abs=22)
    picture = reader.at(START_S + 900.0, trail_s=600.0)
    (aircraft,) = picture.aircraft
    AircraftObject.model_validate_json(json.dumps(aircraft))
    assert (aircraft["hex"], aircraft["flight"], aircraft["alt_baro"]) == ("ae4bd7", "TROY701 ", 19_000)
    assert 0 <= aircraft["seen_pos"] <= 6
    trail = picture.trails["ae4bd7"]
    assert trail[-1][1:3] == (aircraft["lat"], aircraft["lon"])
    assert START_S + 300 <= trail[0][0] < START_S + 322
    assert {altitude for _, _, _, altitude in trail} == {19_000}
    assert reader.at(START_S - 10).aircraft == []
    assert reader.at(START_S + 1300).aircraft == []


def test_a_full_disk_is_told_once_and_what_waits_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    append = HistoryStore.append
    full = True

    def sometimes(store: HistoryStore, positions: Any, identities: Any = ()) -> None:
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        append(store, positions, identities)

    monkeypatch.setattr(HistoryStore, "append", sometimes)
    sink = HistorySink(HistorySettings(dir=tmp_path, commit_s=1, step_m=0))
    frames = in_order([straight("ae4bd7", "TROY701", START_S, 300)])

    async def work() -> None:
        nonlocal full
        async with running(sink):
            hub = None
            for at in range(0, len(frames), 60):
                hub = await fly_slowly(frames[at : at + 60], [sink], hub)
                await sink._commit()
            assert sink.failures > 5
            full = False
            await sink.finish()

    run(work())
    assert [record.levelname for record in caplog.records if "disk is full" in record.message] == ["WARNING"]
    assert len(HistoryReader(tmp_path).tracks(0, 4e9)["ae4bd7"]) == pytest.approx(60, abs=2)
    assert sink.rows_dropped == 0


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ROWS_MOST", 20)
    (tmp_path / "file").write_text("not a directory")
    sink = remember(in_order([straight("ae4bd7", "TROY701", START_S, 300)]), tmp_path / "file", step_m=0)
    assert sink.statistics()["rows_waiting"] == 20
    assert sink.statistics()["rows_dropped_total"] > 30
    assert sink.failures > 0


def test_history_that_is_off_writes_nothing(tmp_path: Path) -> None:
    sink = remember(in_order([straight("ae4bd7", "TROY701", START_S, 60)]), tmp_path / "history", enabled=False)
    assert not (tmp_path / "history").exists()
    assert sink.statistics() == {}


def test_aircraft_that_have_left_are_forgotten(tmp_path: Path) -> None:
    flights = [straight(f"{k:06x}", "", START_S + k, 20, 10 + k / 10) for k in range(1, 60)]
    last = straight("ae4bd7", "TROY701", START_S + 500, 30)
    sink = remember(in_order([*flights, last]), tmp_path)
    assert set(sink._last) == set(sink._said) == {"ae4bd7"}
