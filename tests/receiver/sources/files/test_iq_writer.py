"""Recordings as the `sigmf` package and our own reader see them."""

from __future__ import annotations

import errno
import json
import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import sigmf

from dsp.samples import SampleBlock, SampleFormat
from receiver.errors import UsageError
from receiver.sources.files import iq_writer
from receiver.sources.files.iq_writer import MB, DiskLimitError, IqFile, base_path
from receiver.sources.files.opening import open_recording

RATE_HZ = 2.4e6
START_UTC_S = 1_790_000_000.0
Usage = namedtuple("Usage", "total used free")


def block(first_sample: int, n_samples: int = 1000, gap: int = 0) -> SampleBlock:
    iq = ((np.arange(2 * n_samples) + 2 * first_sample) % 251).astype(np.uint8)
    return SampleBlock(iq, first_sample, gap)


def new(path: Path, **more: object) -> IqFile:
    return IqFile(path, SampleFormat.CU8, RATE_HZ, 1.09e9, START_UTC_S, free_bytes=0, **more)  # type: ignore[arg-type]


def test_a_recording_with_gaps_is_valid_and_comes_back_with_every_sample_in_its_place(tmp_path: Path) -> None:
    file = new(tmp_path / "x.sigmf-meta", hardware="rtlsdr, tuner R820T")
    blocks = [block(5000), block(6000), block(9000, gap=2000), block(10_000, 500), block(20_000, gap=9500)]
    for index, one in enumerate(blocks):
        file.write(one, 38.6 if index < 3 else 40.2)
    file.close()
    handle = sigmf.fromfile(str(tmp_path / "x.sigmf-meta"))
    handle.validate()
    assert handle.get_global_info()["core:datatype"] == "cu8"
    assert handle.sample_count == 4500
    meta = json.loads((tmp_path / "x.sigmf-meta").read_text())
    assert [(capture["core:sample_start"], capture["core:global_index"]) for capture in meta["captures"]] == [
        (0, 5000), (2000, 9000), (3500, 20_000),
    ]  # fmt: skip
    assert all(capture["core:frequency"] == 1.09e9 for capture in meta["captures"])
    labels = [(note["core:label"], note["core:sample_start"], note["core:comment"]) for note in meta["annotations"]]
    assert ("gap", 2000, "2000 samples are missing before this one") in labels
    assert ("gain", 2000 + 1000, "tuner gain 40.2 dB from here") in labels
    assert len(labels) == 4
    again = open_recording(str(tmp_path / "x.sigmf-meta"))
    read = list(again.blocks())
    assert again.start_utc_s == pytest.approx(START_UTC_S, abs=1e-5)
    assert [(one.first_sample, one.gap_before) for one in read] == [(5000, 0), (9000, 2000), (20_000, 9500)]
    joined = np.concatenate([one.iq for one in blocks])
    assert np.array_equal(np.concatenate([one.iq for one in read]), joined)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.sigmf-data").write_bytes(b"precious")
    with pytest.raises(UsageError, match="exists already"):
        new(tmp_path / "x")
    assert (tmp_path / "x.sigmf-data").read_bytes() == b"precious"


def test_it_stops_before_the_disk_is_full_and_what_there_is_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iq_writer, "CHECK_BYTES", MB)
    free = [1000 * MB]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2000 * MB, 0, free[0]))
    file = IqFile(tmp_path / "x", SampleFormat.CU8, RATE_HZ, 1.09e9, START_UTC_S, free_bytes=500 * MB)
    big = block(0, MB)
    file.write(big)
    free[0] = 501 * MB
    with pytest.raises(DiskLimitError, match="501 MB free, of which 500 MB are to stay free"):
        file.write(block(MB, MB))
    file.close()
    sigmf.fromfile(str(file.meta_path)).validate()
    assert file.data_path.stat().st_size == 2 * MB


def test_a_disk_without_room_is_not_even_begun_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2000 * MB, 0, 100 * MB))
    with pytest.raises(DiskLimitError):
        IqFile(tmp_path / "x", SampleFormat.CU8, RATE_HZ, 1.09e9, START_UTC_S)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_half_way_leaves_whole_blocks(tmp_path: Path) -> None:
    file = new(tmp_path / "x")
    file.write(block(0))

    class Full:
        def __init__(self, real: object) -> None:
            self.real = real

        def write(self, data: memoryview) -> int:
            if len(data) < 2000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.real.write(data[:700])  # type: ignore[attr-defined,no-any-return]

        def __getattr__(self, name: str) -> object:
            return getattr(self.real, name)

    file._file = Full(file._file)  # type: ignore[assignment]
    with pytest.raises(DiskLimitError, match="the disk is full"):
        file.write(block(1000))
    file.close()
    assert file.data_path.stat().st_size == 2000
    sigmf.fromfile(str(file.meta_path)).validate()


def test_a_recording_that_was_never_closed_can_be_read(tmp_path: Path) -> None:
    file = new(tmp_path / "x")
    file.write(block(5000))
    file.write(block(6000))
    read = list(open_recording(str(file.meta_path)).blocks())
    assert [(one.first_sample, one.n_samples) for one in read] == [(5000, 2000)]
    file.close()


def test_an_empty_recording_leaves_no_files(tmp_path: Path) -> None:
    new(tmp_path / "x").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x", "x.sigmf-meta", "x.sigmf-data", "x.sigmf"])
def test_the_suffix_makes_no_difference(name: str) -> None:
    assert base_path(Path("/a") / name) == Path("/a/x")
