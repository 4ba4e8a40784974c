"""`squitter synth` of a scene with several stations: files of each of them, and the truth about all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from receiver.cli import main
from receiver.wire.beast import BeastReader

SCENE = """
title = "two stations"
start = 2025-08-09T18:00:00Z
duration_s = 30
[[stations]]
name = "north"
latitude = 19.6
longitude = -99.8
altitude_m = 2500
[[stations]]
name = "south"
latitude = 19.1
longitude = -99.7
altitude_m = 2600
clock = "gps"
[[crowd]]
count = 6
radius_km = 60
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(SCENE)
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_all_receptions_in_one_file_with_the_truth_beside(
    scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sky.jsonl"
    assert main(["synth", str(scenario), str(out), "--seconds", "12"]) == 0
    assert "12 s, 2 stations: sky.jsonl; the truth is in sky.jsonl.truth.jsonl." in capfd.readouterr().err
    heard, truth = lines(out), lines(tmp_path / "sky.jsonl.truth.jsonl")
    sent = {row["sent"]: row for row in truth if "icao" in row}
    clocks = [row for row in truth if "clock" in row]
    assert sorted(sent) == list(range(len(sent)))
    assert [(row["clock"], row["t"]) for row in clocks[:3]] == [("north", 0.0), ("north", 1.0), ("north", 2.0)]
    assert len(clocks) == 2 * 12
    assert {row["station"] for row in heard} == {"north", "south"}
    assert len(heard) > len(sent)
    for row in heard:
        source = sent[row["sent"]]
        assert source["frame"] == row["frame"]
        assert 0.0 < row["t"] - source["t"] < 1e-3
    assert sorted(tmp_path.iterdir()) == [out, tmp_path / "sky.jsonl.truth.jsonl", scenario]


def test_beast_of_each_station(scenario: Path, tmp_path: Path) -> None:
    assert main(["synth", str(scenario), str(tmp_path / "sky.beast"), "--seconds", "5", "--quiet"]) == 0
    truth = [row for row in lines(tmp_path / "sky.beast.truth.jsonl") if "station" in row]
    for name in ("north", "south"):
        frames = BeastReader().feed((tmp_path / f"sky_{name}.beast").read_bytes())
        mine = [row for row in truth if row["station"] == name]
        assert [frame.data.hex().upper() for frame in frames] == [row["frame"] for row in mine]
        for frame, row in zip(frames, mine, strict=True):
            if name == "north":
                assert frame.counter == row["ticks"]
            else:  # a Radarcape's: second of the day, nanoseconds
                seconds = (frame.counter >> 30) + (frame.counter & (1 << 30) - 1) * 1e-9
                assert seconds == pytest.approx(18 * 3600 + row["t"] + row["error_ns"] * 1e-9, abs=120e-9)


def test_samples_of_each_station(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "sky_2400k.cu8"
    assert main(["synth", str(scenario), str(out), "--start", "3", "--seconds", "0.2", "--quiet"]) == 0
    truth = lines(tmp_path / "sky_2400k.cu8.truth.jsonl")
    sent = {row["sent"]: row for row in truth if "icao" in row}
    for name in ("north", "south"):
        assert (tmp_path / f"sky_2400k_{name}.cu8").stat().st_size == 2 * 480_000
        mine = [row for row in truth if row.get("station") == name]
        assert len(mine) > 5
        for row in mine:
            assert sent[row["sent"]]["frame"] == row["frame"]
            assert row["sample"] / 2.4e6 == pytest.approx(row["t"] - 3.0, abs=1e-6)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("sky.sigmf-meta", "sky.sigmf-meta: scenes with stations are written raw (sky_2400k.cu8) or as frames"),
        ("nowhere/sky.jsonl", "no such directory"),
    ],
)
def test_mistakes_are_explained(
    out: str, message: str, scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["synth", str(scenario), str(tmp_path / out)]) == 2
    assert message in capfd.readouterr().err


def test_frames_of_a_scene_without_stations_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["synth", "busy-sky", str(tmp_path / "sky.jsonl")]) == 2
    assert "frames are written of scenes with [[stations]]; this one has none" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('[[stations]]\nname = "north"\nlatitude = 1\nlongitude = 1', "expected each of them once"),
        ("[arrivals]\nsigma_ns = -1", "arrivals.sigma_ns (line 20): got -1, expected 0–1000 ns"),
    ],
)
def test_stations_of_a_file_are_checked(
    more: str, message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(SCENE + more)
    assert main(["synth", str(path), str(tmp_path / "sky.jsonl")]) == 2
    assert message in capfd.readouterr().err
