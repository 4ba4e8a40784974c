"""What `squitter decode` says besides its output: what it took for granted, what it dropped, why nothing came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from receiver.cli import main
from receiver.wire.beast import beast_bytes
from tests.receiver.decode.frames import frame
from tests.receiver.tracking.flying import ICAO, IDENTITY, encode, velocity

pytestmark = pytest.mark.timeout(600)  # kernels may have to be compiled


def squitter(me: int) -> bytes:
    return frame(b"\x8d" + ICAO.to_bytes(3, "big") + me.to_bytes(7, "big")).data


def position(latitude: float, longitude: float, odd: bool) -> bytes:
    y, x = encode(latitude, longitude, odd)
    return squitter(11 << 51 | 0xB50 << 36 | int(odd) << 34 | y << 17 | x)


def samples(frames: list[bytes]) -> bytes:
    """Frames 2 ms apart as 16-bit IQ at 2.4 MS/s: pulses at 12 MHz, five of which make a sample."""
    fine = np.zeros(len(frames) * 24_000 + 24_000)
    for number, data in enumerate(frames):
        bits = np.unpackbits(np.frombuffer(data, np.uint8))
        chips = [1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
        chips += [chip for bit in bits.tolist() for chip in ((1, 0) if bit else (0, 1))]
        begin = 12_000 + number * 24_000
        fine[begin : begin + 6 * len(chips)] = np.repeat(chips, 6)
    amplitude = fine[: len(fine) // 5 * 5].reshape(-1, 5).mean(axis=1)
    rng = np.random.default_rng(3)
    iq = 0.5 * amplitude * np.exp(1j) + 0.003 * (rng.normal(size=len(amplitude)) + 1j * rng.normal(size=len(amplitude)))
    return bytes(np.round(iq.astype(np.complex64).view(np.float32) * 32767).astype("<i2").tobytes())


FRAMES = [squitter(IDENTITY), squitter(velocity(300, 400)), position(52.3, 4.8, False), position(52.3, 4.8, True)] * 3


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    status = main(["decode", "--output", "jsonl", *arguments])
    captured = capfd.readouterr()
    return status, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_a_recording_says_what_was_taken_from_its_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "air_1090M_2400k.cs16"
    path.write_bytes(samples(FRAMES))
    status, rows, told = run(capfd, str(path))
    assert (status, len(rows)) == (0, len(FRAMES))
    assert "2.4 MS/s, cs16, 1090 MHz, from the name" in told


@pytest.mark.parametrize(
    ("name", "hint"), [("x_4M.cs16", "--rate 2.4M"), ("x_2400k.cu8", "--format cs16"), ("x_3.2M.cs8", "--rate 2.4M")]
)
def test_a_silent_recording_ends_with_what_would_give_frames(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, hint: str
) -> None:
    path = tmp_path / name
    path.write_bytes(samples(FRAMES))
    status, rows, told = run(capfd, "--quiet", str(path))
    assert (status, rows) == (1, [])
    assert "no frames in it, read as" in told
    assert hint in told


def test_noise_ends_with_what_was_assumed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x_2400k.cs16"
    path.write_bytes(np.random.default_rng(1).normal(0, 300, 200_000).astype("<i2").tobytes())
    status, _, told = run(capfd, "--quiet", str(path))
    assert status == 1
    assert "read as 2.4 MS/s cs16, noise -" in told
    assert "Other rates and formats give none either" in told


def test_copies_and_unknown_times_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    copied = tmp_path / "x.beast"
    copied.write_bytes(b"".join(2 * beast_bytes(data, 12_000_000 + k * 6_000_000, 99) for k, data in enumerate(FRAMES)))
    status, rows, told = run(capfd, str(copied))
    assert (status, len(rows)) == (0, len(FRAMES))
    assert f"{len(FRAMES)} exact copies" in told
    untimed = tmp_path / "x.avr"
    untimed.write_text("".join(f"*{data.hex()};\n" for data in FRAMES))
    status, rows, told = run(capfd, str(untimed))
    assert status == 0
    assert "times unknown: 12 frames" in told
    assert all(row["untimed"] for row in rows)
    assert sum("lat" in row for row in rows) == 5, "each pair but the halves of the first"
    status, rows, told = run(capfd, "--rate-hint", "2", str(untimed))
    assert [row["t"] for row in rows] == [k * 0.5 for k in range(12)]
    assert "times unknown" not in told


def test_a_line_holds_what_its_message_said_also_at_the_same_time(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    all_call = frame(b"\x5d" + ICAO.to_bytes(3, "big"), 0).data
    path = tmp_path / "x.beast"
    path.write_bytes(b"".join(beast_bytes(data, 99, 99) for data in (FRAMES[0], FRAMES[1], all_call)))
    _, rows, _ = run(capfd, str(path))
    keys = [set(row) & {"flight", "category", "gs", "track"} for row in rows]
    assert keys == [{"flight", "category"}, {"gs", "track"}, set()]
    main(["decode", "--quiet", "--output", "sbs", str(path)])
    lines = [line.split(",") for line in capfd.readouterr().out.splitlines()]
    assert [(line[1], line[10], line[12]) for line in lines] == [
        ("1", "KLM1023", ""),
        ("4", "", "500.0"),
        ("8", "", ""),
    ]


def test_a_wrong_place_of_the_station_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.beast"
    halves = [position(52.3 + k * 1e-4, 4.8, bool(k % 2)) for k in range(40)]
    path.write_bytes(b"".join(beast_bytes(data, 12_000_000 + k * 6_000_000, 99) for k, data in enumerate(halves)))
    place = ("--set", "station.latitude=-52.3", "--set", "station.longitude=4.8")
    _, rows, told = run(capfd, *place, str(path))
    assert not any("lat" in row for row in rows)
    assert "is the sign of station.latitude wrong?" in told
