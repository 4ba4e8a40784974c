"""`squitter decode` as its user types it: every format gives the same frames, every mistake one clear line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import zstandard

from receiver.cli import main
from receiver.decode.parity import remainder
from tests.recordings import KINDS, MADE_IQ_S, Made
from tests.shared_data import shared

ONE = "iq/d1090rs_1641427457780_2400k_uc8.bin"
OTHER = "iq/d1090rs_1641428106243_2400k_uc8.bin"
SQUITTER = (sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())")
STRONG = "iq/modes1_2000k_uc8.bin"

# squitter decode --quiet, sorted; each is in truth/iq_frames.tsv as found by other programs, too
GOLDEN = {
    ONE: 4,
    OTHER: 7,
}


def agreed(recording: str, programs: int) -> set[str]:
    """Frames that so many other programs find in a recording."""
    with shared("truth/iq_frames.tsv").open() as stream:
        return {
            row["frame"].upper()
            for row in csv.DictReader(stream, delimiter="\t")
            if row["recording"] == Path(recording).name and int(row["programs"]) >= programs
        }


def owed(recording: str) -> set[str]:
    """Frames that three other programs find and that prove themselves.

    Not the replies whose parity hides the address: those programs had heard the address before (their caches were
    warm), and a receiver that has not must not believe it.
    """
    return {frame for frame in agreed(recording, 3) if int(frame[:2], 16) >> 3 in (11, 17, 18)}


def decode(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> bytes:
    status = main(["decode", "--quiet", *arguments])
    captured = capsysbinary.readouterr()
    assert status == 0, captured.err.decode()
    return captured.out


def frames(output: bytes) -> list[str]:
    return [line.strip("*;") for line in output.decode().splitlines()]


@pytest.mark.parametrize("recording", [ONE, OTHER])
def test_a_short_buffer_of_ordinary_traffic(recording: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    found = frames(decode(capsysbinary, str(shared(recording))))
    assert len(found) >= GOLDEN[recording]
    assert owed(recording) <= set(found)
    for frame in found:
        if int(frame[:2], 16) >> 3 == 17:
            assert remainder(bytes.fromhex(frame)) == 0
    assert len(set(found) & agreed(recording, 1)) >= GOLDEN[recording] - 2  # the others nobody else has found


def test_one_strong_aircraft_is_heard_more_often_than_by_anybody_else(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    found = frames(decode(capsysbinary, str(shared(STRONG))))
    assert len(found) >= 379
    missing = agreed(STRONG, 3) - set(found)
    assert len(missing) <= 2, missing
    for frame in found:
        if frame[:2] in ("8D", "5D"):
            assert frame[2:8] == "4D2023"


def samples(recording: Path) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return (np.fromfile(recording, np.uint8).astype(np.float32) - 127.5) / 127.5


def wav(data: bytes, rate: int, bits: int, floats: bool = False) -> bytes:
    block = bits // 4
    fmt = struct.pack("<HHIIHH", 3 if floats else 1, 2, rate, rate * block, block, bits)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + (
        struct.pack("<I", len(data)) + data
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_the_same_frames(
    kind: str, made: Made, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    recording = made.iq if kind == "made" else shared(ONE)
    raw = recording.read_bytes()
    expected = frames(decode(capsysbinary, str(recording)))
    assert expected
    values = samples(recording)
    cs16 = np.round(values * 32767).astype("<i2").tobytes()
    meta = {
        "global": {"core:datatype": "cu8", "core:sample_rate": 2_400_000.0, "core:version": "1.2.0"},
        "captures": [{"core:sample_start": 0}],
        "annotations": [],
    }
    (tmp_path / "s.sigmf-meta").write_text(json.dumps(meta))
    files = {
        "s.sigmf-data": raw,
        "a_2400k.cu8": raw,
        "a_2400k.cs8": (np.frombuffer(raw, np.uint8).astype(np.int16) - 128).astype(np.int8).tobytes(),
        "a_2.4M_cs16.bin": cs16,
        "a_2400k.cfile": values.astype("<f4").tobytes(),
        "a.wav": wav(cs16, 2_400_000, 16),
        "b.wav": wav(values.astype("<f4").tobytes(), 2_400_000, 32, floats=True),
        "a_2400k.cu8.gz": gzip.compress(raw),
        "a_2400k.cu8.zst": zstandard.compress(raw),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        path = tmp_path / ("s.sigmf-meta" if name.startswith("s.") else name)
        assert frames(decode(capsysbinary, str(path))) == expected, name


def test_a_swapped_16_bit_file_is_read_as_it_is_stored(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """I and Q the wrong way round mirror the spectrum; the demodulator follows either sign of the carrier."""
    found = frames(
        decode(capsysbinary, str(shared("iq/d1090rs_1641427457780_2400k_cs16_swapped.bin")), "--format", "cs16")
    )
    assert owed(ONE) <= set(found)


def test_an_fpga_receivers_40_million_samples_a_second(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    found = frames(decode(capsysbinary, str(shared("iq/bezborodow_seg16_40000k_fc32.bin"))))
    assert len(found) == 1
    assert found[0].startswith("8D")


def test_standard_input_needs_to_be_told_what_it_is(made: Made, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    command = [*SQUITTER, "decode", "-", "--rate", "2.4M", "--format", "cu8"]
    with made.iq.open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert frames(done.stdout) == frames(decode(capsysbinary, str(made.iq)))
    assert b"frames" in done.stderr  # the summary; no progress bar, for standard error is no terminal
    assert b"\x1b" not in done.stderr


def test_messages_as_json_lines_csv_and_sbs_agree(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    path = str(shared(STRONG))
    lines = [json.loads(line) for line in decode(capsysbinary, path, "--output", "jsonl").splitlines()]
    assert {line["hex"] for line in lines} == {"4d2023"}
    assert {line["flight"].strip() for line in lines if "flight" in line} == {"AMC421"}
    assert all(0 <= line["t"] < 0.18 for line in lines)
    assert json.loads(decode(capsysbinary, path, "--output", "json")) == lines
    rows = list(csv.DictReader(io.StringIO(decode(capsysbinary, path, "--output", "csv").decode())))
    assert [row["frame"] for row in rows] == [line["frame"] for line in lines]
    sbs = decode(capsysbinary, path, "--output", "sbs").decode().split("\r\n")
    assert {line.split(",")[4] for line in sbs if line} == {"4D2023"}


@pytest.mark.parametrize(("kind", "lasts_s"), [("made", MADE_IQ_S), ("real", 0.055)])
def test_the_mlat_counter_is_that_of_a_12_mhz_clock(
    kind: str, lasts_s: float, made: Made, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = str(made.iq if kind == "made" else shared(ONE))
    timed = decode(capsysbinary, path, "--mlat-time").decode().splitlines()
    assert all(line.startswith("@") and line.endswith(";") for line in timed)
    counters = [int(line[1:13], 16) for line in timed]
    assert counters == sorted(counters)
    assert 0 < counters[0] < counters[-1] < lasts_s * 12e6
    assert [line[13:-1] for line in timed] == frames(decode(capsysbinary, path))


def broken(tmp_path: Path) -> dict[str, tuple[list[str], int, str]]:
    """Arguments, exit status and what the line must say."""
    (tmp_path / "empty_2400k.cu8").touch()
    (tmp_path / "noise.cu8").write_bytes(os.urandom(1000))
    (tmp_path / "music.wav").write_bytes(wav(np.zeros(2000, "<i2").tobytes(), 44_100, 16))
    (tmp_path / "text.wav").write_bytes(b"no RIFF at all, just some text that somebody renamed")
    (tmp_path / "cut.sigmf-meta").write_text('{"global": {"core:datatype": "cu8", "core:sam')
    (tmp_path / "cut.sigmf-data").write_bytes(bytes(1000))
    (tmp_path / "lonely.sigmf-meta").write_text(
        '{"global": {"core:datatype": "cu8", "core:sample_rate": 2400000}, "captures": [], "annotations": []}'
    )
    (tmp_path / "cut_2400k.cu8.gz").write_bytes(gzip.compress(bytes(100_000))[:-20])
    (tmp_path / "no.beast").write_bytes(b"not a single frame")
    return {
        "empty": ([str(tmp_path / "empty_2400k.cu8")], 1, "empty"),
        "no rate": ([str(tmp_path / "noise.cu8")], 2, "--rate"),
        "bad rate": ([str(tmp_path / "noise.cu8"), "--rate", "fast"], 2, "2.4M"),
        "low rate": ([str(tmp_path / "noise.cu8"), "--rate", "1M"], 1, "2000000"),
        "music": ([str(tmp_path / "music.wav")], 1, "44100"),
        "no wav": ([str(tmp_path / "text.wav")], 1, "RIFF"),
        "truncated sigmf": ([str(tmp_path / "cut.sigmf-meta")], 1, "JSON"),
        "sigmf without data": ([str(tmp_path / "lonely.sigmf-meta")], 1, "lonely.sigmf-data"),
        "truncated gzip": ([str(tmp_path / "cut_2400k.cu8.gz")], 1, "cut"),
        "directory": ([str(tmp_path)], 1, "directory"),
        "missing": ([str(tmp_path / "nothing_2400k.cu8")], 1, "No such file"),
        "no frames": ([str(tmp_path / "no.beast")], 1, "no frames"),
        "bad time": ([str(tmp_path / "no.beast"), "--start-time", "yesterday"], 2, "2026-01-31T12:00:00Z"),
    }


@pytest.mark.parametrize("case", [
    "empty", "no rate", "bad rate", "low rate", "music", "no wav", "truncated sigmf", "sigmf without data",
    "truncated gzip", "directory", "missing", "no frames", "bad time",
])  # fmt: skip
def test_bad_input_is_one_clear_line(case: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    arguments, status, says = broken(tmp_path)[case]
    assert main(["decode", *arguments]) == status
    captured = capsysbinary.readouterr()
    lines = captured.err.decode().strip().splitlines()
    assert len(lines) == 1, lines
    assert says in lines[0]
    assert captured.out == b""


def test_an_empty_pipe_is_told() -> None:
    done = subprocess.run(
        [*SQUITTER, "decode", "-", "--rate", "2.4M", "--format", "cu8"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.decode().startswith("squitter: standard input: empty")
    assert done.stdout == b""


def test_a_file_of_frames_without_a_message_says_why(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "damaged.avr"
    file.write_text("*8D4840D6202CC371C32CE0576099;\n" * 3 + "*B84840D6202CC371C32CE0576098;\n")
    assert main(["decode", "--quiet", str(file)]) == 1
    said = capsysbinary.readouterr().err.decode()
    assert "none of its 4 frames is a message (parity 3, unused_format 1)" in said
    file.write_text("*2010;\n")
    assert main(["decode", "--quiet", str(file)]) == 0, (
        "Mode A/C replies are no messages, and nothing is wrong with them"
    )


def test_files_of_frames_may_be_packed(tmp_path: Path, made: Made, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    plain = made.beast.read_bytes()[:8000]
    (tmp_path / "a.beast").write_bytes(plain)
    (tmp_path / "a.beast.gz").write_bytes(gzip.compress(plain))
    (tmp_path / "a.beast.zst").write_bytes(zstandard.compress(plain))
    expected = decode(capsysbinary, str(tmp_path / "a.beast"))
    assert len(frames(expected)) > 200
    for name in ("a.beast.gz", "a.beast.zst"):
        assert decode(capsysbinary, str(tmp_path / name)) == expected
    (tmp_path / "cut.avr.gz").write_bytes(gzip.compress(expected)[:-200])
    assert main(["decode", "--quiet", str(tmp_path / "cut.avr.gz")]) == 1
    assert "cannot be unpacked to its end" in capsysbinary.readouterr().err.decode()


def test_the_summary_adds_up_what_the_files_last(
    tmp_path: Path, made: Made, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    frames = tmp_path / "frames.avr"
    frames.write_text("@0000000000008D4840D6202CC371C32CE0576098;\n@000000B71B008D4840D6202CC371C32CE0576098;\n")
    assert main(["decode", str(made.iq), str(frames), str(made.iq), str(frames)]) == 0
    told = capsysbinary.readouterr().err.decode()
    assert f"{2 * MADE_IQ_S + 2 * 1.0:.3f} s of signal" in told
    assert "× real time" in told
