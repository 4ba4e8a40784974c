"""Archives on several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from receiver.cli import main
from receiver.cli.archive import is_recording, recordings_under, result_name
from receiver.errors import UsageError
from receiver.sources.scene.scene import open_scene
from receiver.wire.beast import frame_to_beast


def beast(path: Path, start_s: float, seconds: float) -> Path:
    frames = [frame for chunk in open_scene("busy-sky").frames(start_s, start_s + seconds, keep=0.1) for frame in chunk]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(frame_to_beast, frames)))
    return path


def test_recordings_are_found_in_folders(tmp_path: Path) -> None:
    for name in ("b/two.beast", "a/one.cu8.zst", "a/notes.md", "b/x.sigmf-data", "b/y.sigmf-meta"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [str(Path(path).relative_to(tmp_path)) for path in recordings_under([str(tmp_path)])]
    assert found == ["a/one.cu8.zst", "b/two.beast", "b/y.sigmf-meta"]
    assert is_recording("X.BEAST.GZ")
    with pytest.raises(UsageError, match="no such file or folder"):
        recordings_under([str(tmp_path / "none")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no recordings"):
        recordings_under([str(tmp_path / "empty")])


def test_another_recording_or_question_is_another_result(tmp_path: Path) -> None:
    path = tmp_path / "one.beast"
    path.write_bytes(b"x")
    first = result_name(str(path), "alerts", "rules")
    assert first == result_name(str(path), "alerts", "rules")
    assert first != result_name(str(path), "alerts", "other rules")
    path.write_bytes(b"xy")
    assert first != result_name(str(path), "alerts", "rules")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_an_archive_is_decoded_by_two_and_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    parquet = pytest.importorskip("pyarrow.parquet")
    for hour in range(3):
        beast(tmp_path / "log" / f"hour{hour}.beast", 20.0 * hour, 10.0)
    arguments = ["decode", str(tmp_path / "log"), "--workers", "2", "--results", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert "3 recordings computed, 0 were there" in capsys.readouterr().err
    results = sorted((tmp_path / "out").glob("*.parquet"))
    assert len(results) == 3
    table = parquet.read_table(results[0])
    assert table.num_rows > 50
    assert {"hex", "lat", "at", "file"} <= set(table.column_names)
    results[1].unlink()
    (tmp_path / "log" / "broken.cu8").write_bytes(b"")
    main(arguments)
    assert "2 were there" in capsys.readouterr().err
    assert results[1].exists()
    assert main(["watch", "test", "default", str(tmp_path / "log" / "hour0.beast"), "--workers", "1",
                 "--results", str(tmp_path / "alerts")]) == 0  # fmt: skip
    (alerts,) = (tmp_path / "alerts").glob("*.parquet")
    assert "rule" in parquet.read_table(alerts).column_names
