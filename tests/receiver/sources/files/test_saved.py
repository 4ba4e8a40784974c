"""Which recording has a given moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dsp.samples import SampleBlock, SampleFormat
from receiver.errors import SquitterError
from receiver.sources.files.iq_writer import IqFile
from receiver.sources.files.saved import recordings_at, saved_recording

START_S = 1_790_000_000.0
RATE_HZ = 1000.0


def recorded(path: Path, *first_samples: int) -> Path:
    """A recording with a second of samples from each of these on; the path of its metadata."""
    file = IqFile(path, SampleFormat.CU8, RATE_HZ, 1.09e9, START_S, hardware="rtlsdr, serial 1", free_bytes=0)
    for first in first_samples:
        file.write(SampleBlock(np.zeros(2000, np.uint8), first))
    file.close()
    return file.meta_path


def changed(meta: Path, **captured: Any) -> None:
    """Put other values into the last capture."""
    described = json.loads(meta.read_text())
    described["captures"][-1] |= {f"core:{key}": value for key, value in captured.items()}
    meta.write_text(json.dumps(described))


def test_a_recording_lasts_from_its_first_sample_to_its_last_with_the_gaps_between(tmp_path: Path) -> None:
    meta = recorded(tmp_path / "a", 5000, 9000)
    for name in (meta, meta.with_suffix(".sigmf-data"), tmp_path / "a"):
        one = saved_recording(name)
        assert (one.start_s, one.end_s, one.data_bytes) == (START_S + 5, START_S + 10, 4000)
    assert "serial" in meta.read_text()
    assert "serial" not in one.description
    assert json.loads(one.description)["captures"] == json.loads(meta.read_text())["captures"]


def test_those_that_have_anything_of_a_time_are_found_and_the_unreadable_left_out(tmp_path: Path) -> None:
    recorded(tmp_path / "a", 0)
    recorded(tmp_path / "b", 2000)
    recorded(tmp_path / "c", 2500)
    (tmp_path / "d.sigmf-meta").write_text("{")

    def at(start: float, end: float) -> list[str]:
        return [one.data_path.stem for one in recordings_at(tmp_path, START_S + start, START_S + end)]

    assert at(0.5, 0.6) == ["a"]
    assert at(2.7, 2.8) == ["b", "c"]
    assert at(-1, 9) == ["a", "b", "c"]
    assert at(1.5, 1.6) == []
    assert recordings_at(tmp_path / "none", 0, 2e9) == []


@pytest.mark.parametrize(
    "captured",
    [
        {"datetime": None},
        {"datetime": "yesterday"},
        {"sample_start": 1001},
        {"global_index": 10**400},
        {"sample_start": -1},
    ],
)
def test_metadata_that_tell_no_time_are_refused_by_name(tmp_path: Path, captured: dict[str, Any]) -> None:
    meta = recorded(tmp_path / "a", 0)
    changed(meta, **captured)
    with pytest.raises(SquitterError, match=r"a\.sigmf-meta: "):
        saved_recording(meta)
