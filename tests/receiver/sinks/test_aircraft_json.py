"""The directory that tar1090 reads: whole files at any moment, and a disk that may be full."""

from __future__ import annotations

import itertools
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from config.json_files import JsonFilesSettings
from config.metrics import MetricsSettings
from config.station import StationSettings
from receiver import atomic_file
from receiver.errors import SquitterError
from receiver.sinks.aircraft_json import AircraftJsonSink
from receiver.sinks.metrics_file import MetricsFileSink
from tests.receiver.network import run, running, until
from tests.receiver.skies import START_S, fly_slowly, in_order, straight

STATION = StationSettings(latitude=19.43261, longitude=-99.13321)
FRAMES = in_order([straight("ae4bd7", "TROY701", START_S, 200), straight("abcdef", "VIVA55", START_S, 100, 20.0)])


def write(directory: Path, **settings: Any) -> AircraftJsonSink:
    sink = AircraftJsonSink(JsonFilesSettings(dir=directory, **settings), STATION)

    async def work() -> None:
        async with running(sink):
            await until(directory.exists)
            await fly_slowly(FRAMES, [sink])
            await sink.finish()

    run(work())
    return sink


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_all_files_are_there_and_whole(tmp_path: Path) -> None:
    directory = tmp_path / "run" / "squitter"
    sink = write(directory)
    names = {path.name for path in directory.iterdir()}
    assert names == {"aircraft.json", "receiver.json", "stats.json", *(f"history_{n}.json" for n in range(7))}
    aircraft = read(directory / "aircraft.json")
    assert {one["hex"]: one["flight"] for one in aircraft["aircraft"]} == {"ae4bd7": "TROY701 "}
    assert read(directory / "receiver.json") == {
        "version": read(directory / "receiver.json")["version"], "refresh": 1000, "history": 7, "lat": 19.4, "lon": -99.1,
    }  # fmt: skip
    assert "19.43" not in "".join(path.read_text() for path in directory.iterdir()), "the exact place stays here"
    times = [read(directory / f"history_{n}.json")["now"] for n in range(7)]
    assert [round(b - a) for a, b in itertools.pairwise(times)] == [30] * 6
    assert read(directory / "stats.json")["total"]["messages"] > 400
    assert sink.statistics()["write_failures_total"] == 0


def test_the_last_moment_is_in_the_files_however_short_the_recording(tmp_path: Path) -> None:
    sink = AircraftJsonSink(JsonFilesSettings(dir=tmp_path, interval_s=60), STATION)

    async def work() -> None:
        async with running(sink):
            hub = await fly_slowly(FRAMES[:40], [sink])
            hub.publish_now()
            await sink.finish()

    run(work())
    told = read(tmp_path / "aircraft.json")
    assert told["now"] == pytest.approx(FRAMES[39].time_s, abs=1e-3)
    assert {one["hex"] for one in told["aircraft"]} == {"ae4bd7", "abcdef"}
    assert read(tmp_path / "stats.json")["now"] == pytest.approx(told["now"], abs=0.1)


def test_history_files_go_round(tmp_path: Path) -> None:
    (tmp_path / "history_99.json").write_text("of an earlier run")
    write(tmp_path, history_files=3, history_interval_s=20)
    assert sorted(path.name for path in tmp_path.glob("history_*")) == [f"history_{n}.json" for n in range(3)]
    assert read(tmp_path / "receiver.json")["history"] == 3
    times = sorted(read(path)["now"] for path in tmp_path.glob("history_*"))
    assert times[-1] - times[0] == pytest.approx(40, abs=1)


def test_who_reads_at_any_moment_finds_whole_files(tmp_path: Path) -> None:
    stop = threading.Event()
    seen: list[float] = []
    broken: list[str] = []

    def follow() -> None:
        while not stop.is_set():
            try:
                seen.append(read(tmp_path / "aircraft.json")["now"])
            except FileNotFoundError:
                continue
            except ValueError as error:
                broken.append(str(error))

    reader = threading.Thread(target=follow)
    reader.start()
    sink = AircraftJsonSink(JsonFilesSettings(dir=tmp_path), STATION)

    async def work() -> None:
        async with running(sink):
            hub = None
            for at in range(0, len(FRAMES), 5):
                hub = await fly_slowly(FRAMES[at : at + 5], [sink], hub)
                await sink.finish()

    try:
        run(work())
    finally:
        stop.set()
        reader.join()
    assert not broken
    assert len(set(seen)) > 3


def test_a_full_disk_is_told_once_and_the_service_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    replace = os.replace
    writes = 0

    def sometimes(path: Path, target: Path) -> None:
        nonlocal writes
        writes += 1
        if 5 <= writes < 60 and target.name != "receiver.json":  # small files may still fit
            raise OSError(28, "No space left on device")
        replace(path, target)

    monkeypatch.setattr(atomic_file.os, "replace", sometimes)
    caplog.set_level("INFO")
    sink = AircraftJsonSink(JsonFilesSettings(dir=tmp_path), STATION)

    async def work() -> None:
        async with running(sink):
            hub = None
            for at in range(0, len(FRAMES), 10):
                hub = await fly_slowly(FRAMES[at : at + 10], [sink], hub)
                await sink.finish()

    run(work())
    assert [record.levelname for record in caplog.records if "No space left" in record.message] == ["WARNING"]
    assert sum("is written again" in record.message for record in caplog.records) == 1
    assert sink.statistics()["write_failures_total"] > 35
    assert {path.name[0] for path in tmp_path.iterdir()} <= {"a", "r", "s", "h"}, "no temporary file is left"
    assert read(tmp_path / "aircraft.json")["now"] == pytest.approx(START_S + 199, abs=1.1)


def test_a_directory_that_cannot_be_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sink = AircraftJsonSink(JsonFilesSettings(dir=tmp_path / "file" / "x"), STATION)
    with pytest.raises(SquitterError, match=r"json_files\.dir: .*file/x: Not a directory; give"):
        run(sink.run())


def test_nothing_is_written_unless_asked_for() -> None:
    sink = AircraftJsonSink(JsonFilesSettings(), STATION)
    metrics = MetricsFileSink(MetricsSettings(), STATION)

    async def work() -> None:
        async with running(sink), running(metrics):
            await fly_slowly(FRAMES[:100], [sink, metrics])
            await sink.finish()
            await metrics.finish()

    run(work())
    assert sink.statistics() == metrics.statistics() == {}


def test_metrics_are_written_to_a_file(tmp_path: Path) -> None:
    sink = MetricsFileSink(MetricsSettings(textfile=tmp_path / "squitter.prom", interval_s=1), STATION)

    async def work() -> None:
        async with running(sink):
            await fly_slowly(FRAMES, [sink])
            await sink.finish()

    run(work())
    text = (tmp_path / "squitter.prom").read_text()
    assert "\nsquitter_aircraft 2\n" in text
    assert [path.name for path in tmp_path.iterdir()] == ["squitter.prom"]
