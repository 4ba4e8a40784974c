"""`squitter record` over the test librtlsdr."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import sigmf

from receiver.cli import main, record
from tests.receiver.sources.dongle.fake_dongle import FakeDongle


@pytest.fixture
def dongle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDongle:
    environment: dict[str, str] = {}
    fake = FakeDongle(tmp_path, environment)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.chdir(tmp_path)  # no settings of the machine that runs the tests
    monkeypatch.setenv("HOME", str(tmp_path))
    return fake


def test_so_many_seconds_are_recorded_to_the_sample(
    dongle: FakeDongle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--set", "receiver.gain=40.2", "--set", "recording.free_mb=0"]
    assert main(["record", "x.sigmf-meta", "--seconds", "0.5", *arguments]) == 0
    data = np.fromfile(tmp_path / "x.sigmf-data", np.uint8)
    assert len(data) == 2 * 1_200_000
    assert np.array_equal(data, (np.arange(len(data)) % 251).astype(np.uint8))
    handle = sigmf.fromfile(str(tmp_path / "x.sigmf-meta"))
    handle.validate()
    meta = json.loads((tmp_path / "x.sigmf-meta").read_text())
    assert meta["global"]["core:sample_rate"] == 2_400_000
    assert "R820T" in meta["global"]["core:hw"]
    assert meta["captures"][0]["core:frequency"] == 1_090_000_000
    assert [note["core:comment"] for note in meta["annotations"]] == ["tuner gain 40.2 dB from here"]
    assert "0.50 s, 2.4 MB, no gaps" in capsys.readouterr().err
    assert main(["record", "x", "--seconds", "0.1", *arguments]) == 2
    assert "exists already" in capsys.readouterr().err


def test_without_a_dongle_it_says_so_and_leaves_nothing(
    dongle: FakeDongle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(record, "SILENT_S", 0.5)
    dongle.set(devices=0)
    assert main(["record", "x", "--seconds", "1"]) == 1
    assert "no RTL-SDR dongle is plugged in" in capsys.readouterr().err
    assert not list(tmp_path.glob("x.*"))


@pytest.mark.parametrize(
    "arguments",
    [["--seconds", "0"], ["--seconds", "-1"], ["--seconds", "1", "--set", 'receiver.source="beast"']],
)
def test_what_cannot_be_is_refused(dongle: FakeDongle, arguments: list[str]) -> None:
    assert main(["record", "x", *arguments]) == 2


def test_ctrl_c_ends_a_recording_that_has_no_length(dongle: FakeDongle, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())"]
    with subprocess.Popen([*command, "record", "x", "--set", "recording.free_mb=0"], stderr=subprocess.PIPE) as process:
        data = tmp_path / "x.sigmf-data"
        until_s = time.monotonic() + 30
        while not (data.exists() and data.stat().st_size > 2_000_000):
            assert time.monotonic() < until_s
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        told = process.stderr.read().decode()
    assert process.returncode == 0, told
    sigmf.fromfile(str(tmp_path / "x.sigmf-meta")).validate()
    assert "no gaps" in told


def test_a_disk_without_room_is_told_of_and_nothing_is_left(
    dongle: FakeDongle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    free_mb = shutil.disk_usage(tmp_path).free // 1_000_000
    if free_mb >= 1_000_000:
        pytest.skip("this disk is larger than the setting can say")
    assert main(["record", "x", "--seconds", "1", "--set", f"recording.free_mb={free_mb + 1}"]) == 1
    assert "free_mb" in capsys.readouterr().err
    assert not list(tmp_path.glob("x.*"))
