"""`squitter synth`: samples that are always the same, and the truth about them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from receiver.cli import main, synth

SCENE = """
title = "two aircraft"
start = 2025-08-09T18:00:00Z
duration_s = 30
[station]
latitude = 19.3
longitude = -99.7
altitude_m = 2600
[[crowd]]
count = 6
radius_km = 60
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(SCENE)
    return path


def truth(path: Path) -> list[dict[str, float | str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_truth_is_what_decode_finds(scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "two_2400k.cu8"
    assert main(["synth", str(scenario), str(out), "--seconds", "2", "--start", "5"]) == 0
    assert out.stat().st_size == 2 * 2 * 2_400_000
    assert "2 s at 2.4 MS/s cu8, 9.6 MB" in capfd.readouterr().err
    sent = truth(tmp_path / "two_2400k.cu8.truth.jsonl")
    assert len(sent) > 40
    assert set(sent[0]) == {"t", "frame", "level_dbfs", "carrier_offset_hz"}
    assert [row["t"] for row in sent] == sorted(row["t"] for row in sent)  # type: ignore[type-var]
    assert main(["decode", str(out), "--quiet", "--mlat-time"]) == 0
    lines = capfd.readouterr().out.splitlines()
    found = {line[13:-1]: int(line[1:13], 16) / 12e6 for line in lines}
    # those whose parity proves them: the others need an address that was believed before
    strong = [row for row in sent if float(row["level_dbfs"]) > -22 and str(row["frame"])[:2] in ("8D", "5D")]
    assert len(strong) > 20
    heard = [row for row in strong if row["frame"] in found]
    assert len(heard) >= 0.9 * len(strong)
    assert set(found) <= {row["frame"] for row in sent}
    times = {row["frame"]: [r["t"] for r in sent if r["frame"] == row["frame"]] for row in heard}
    for frame, sent_s in times.items():
        assert min(abs(found[str(frame)] - float(t)) for t in sent_s) < 0.3e-6


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(scenario: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}_2000k.cs8" for name in "abc"]
    for file, seed in zip(files, ("5", "5", "6"), strict=True):
        assert main(["synth", str(scenario), str(file), "--seconds", "0.3", "--seed", seed, "--quiet"]) == 0
    first, second, third = (file.read_bytes() for file in files)
    assert first == second
    assert first != third
    lines = [file.with_name(file.name + ".truth.jsonl").read_bytes() for file in files]
    assert lines[0] == lines[1] != lines[2]


def test_sigmf_says_what_it_is(scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "two.sigmf-meta"
    options = ["--seconds", "0.5", "--rate", "2.0M", "--format", "cs16"]
    assert main(["synth", str(scenario), str(out), *options]) == 0
    meta = json.loads(out.read_text())
    assert meta["global"]["core:datatype"] == "ci16_le"
    assert meta["captures"][0]["core:datetime"] == "2025-08-09T18:00:00.000000Z"
    assert (tmp_path / "two.sigmf-data").stat().st_size == 4 * 1_000_000
    assert (tmp_path / "two.sigmf-meta.truth.jsonl").exists()
    capfd.readouterr()
    assert main(["decode", str(out), "--quiet"]) == 0
    assert "*8D" in capfd.readouterr().out


def test_a_scene_that_comes_along_is_known_by_its_name(tmp_path: Path) -> None:
    assert main(["synth", "busy-sky", str(tmp_path / "x.cu8"), "--seconds", "0.1", "--quiet"]) == 0
    assert (tmp_path / "x.cu8").stat().st_size == 480_000


def test_a_disk_without_room_is_not_filled(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(synth.shutil, "disk_usage", lambda path: usage._replace(free=300_000_000))
    assert main(["synth", str(scenario), str(tmp_path / "x.cu8")]) == 1
    error = capfd.readouterr().err
    assert "needs 0.1 GB, 0.3 GB are free" in error
    assert "--seconds" in error
    assert list(tmp_path.glob("x.cu8*")) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--rate", "1M"], "sample_rate_hz: got 1e+06, expected 2000000 to 20000000"),
        (["--format", "mp3"], "--format: got 'mp3'"),
        (["--start", "30"], "--start: got 30, expected 0 to less than 30"),
        (["--seconds", "0"], "--seconds: got 0, expected more than 0"),
        (["--seed", "-1"], "--seed: got -1"),
    ],
)
def test_options_that_cannot_be_are_refused(
    scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    assert main(["synth", str(scenario), str(tmp_path / "x.cu8"), *options]) == 2
    assert says in capfd.readouterr().err
    assert list(tmp_path.glob("x.cu8*")) == []


def test_a_mistake_in_the_scenario_is_told_with_its_line(
    scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scenario.write_text(SCENE.replace("count = 6", "count = 0"))
    assert main(["synth", str(scenario), str(tmp_path / "x.cu8")]) == 2
    assert f"{scenario}: crowd.0.count (line 10): got 0, expected 1–2000" in capfd.readouterr().err
    assert main(["synth", str(tmp_path / "none.toml"), str(tmp_path / "x.cu8")]) == 2
    assert "no such file; built-in scenes: busy-sky, six-stations, valle-de-bravo" in capfd.readouterr().err
