"""The receiver's months on disk, the machine's numbers, and how far it reaches by altitude."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from receiver.views.outlets import Air
from receiver.web.health import COLUMNS, Health
from receiver.web.host import Host
from receiver.web.outline import Outline
from receiver.web.recent import Recent
from receiver.web.routes.tracks import made
from tests.receiver.web.airs import START_S, VALLE, air


def gunzipped(body: bytes) -> bytes:
    """What is in it, if anything."""
    try:
        return gzip.decompress(body)
    except (OSError, EOFError):
        return b""


def test_an_hour_becomes_a_row_that_a_restart_finds_again(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "health.json.gz"
    health = Health(path, Host(tmp_path))
    for second in range(0, 3 * 3600, 60):
        health.second(air(START_S + second, 2))
    assert health.is_unsaved
    health.save()
    again = Health(path, Host(tmp_path))
    again.load()
    told = again.told_months()
    assert told["columns"] == COLUMNS
    assert len(told["rows"]) == 3
    assert told["rows"] == health.told_months()["rows"]
    assert told["rows"][-1][COLUMNS.index("aircraft")] == 2.0
    for second in range(0, 3 * 3600, 60):  # the same recording once more
        again.second(air(START_S + second, 2))
    assert len(again.told_months()["rows"]) == 3


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no gzip", id="no gzip"),
        pytest.param(gzip.compress(b"[1]"), id="a list"),
        pytest.param(gzip.compress(b'{"columns": [], "rows": [[1]]}'), id="a row without columns"),
        pytest.param(gzip.compress(b'{"rows": [["x"]]}'), id="no number"),
        pytest.param(gzip.compress(b'{"rows": 3}')[:-9], id="cut off"),
    ],
)
def test_a_file_that_is_damaged_is_named_and_begun_anew(
    tmp_path: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "health.json.gz"
    path.write_bytes(body)
    health = Health(path, Host(tmp_path))
    health.load()
    assert health.told_months()["rows"] == []
    health.second(air(START_S, 1))
    if b"columns" not in gunzipped(body):  # rows without a time are passed over in silence
        assert str(path) in caplog.text


def test_rows_of_another_version_keep_the_columns_that_both_have(tmp_path: Path) -> None:
    path = tmp_path / "health.json.gz"
    path.write_bytes(
        gzip.compress(json.dumps({"columns": ["old", "t", "aircraft"], "rows": [[9, START_S, 7]]}).encode())
    )
    health = Health(path, Host(tmp_path))
    health.load()
    (row,) = health.told_months()["rows"]
    assert (row[0], row[COLUMNS.index("aircraft")], row[COLUMNS.index("gain_db")]) == (START_S, 7.0, None)


def test_processor_and_temperature_are_what_the_kernel_says(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    zone = tmp_path / "sys/class/thermal/thermal_zone0"
    zone.mkdir(parents=True)
    host = Host(tmp_path)
    assert host.cpu_percent() is None
    assert host.temperature_c() is None
    (tmp_path / "proc/stat").write_text("cpu  100 0 100 800 0 0 0 0 0 0\n")
    (zone / "temp").write_text("51234\n")
    assert host.cpu_percent() is None, "it takes two looks"
    (tmp_path / "proc/stat").write_text("cpu  140 0 110 850 0 0 0 0 0 0\n")
    assert host.cpu_percent() == 50.0
    assert host.temperature_c() == 51.2
    for bad in ("", "cpu x", "intr 5 5 5 5 5 5 5 5"):
        (tmp_path / "proc/stat").write_text(bad + "\n")
        assert host.cpu_percent() is None


def test_the_range_is_told_by_direction_and_altitude() -> None:
    outline = Outline(VALLE)
    calm = air(START_S, 1)
    for feet, north in ((3000, 0.5), (20_000, 1.0), (38_000, 2.0)):
        objects = {"abcdef": {"lat": VALLE[0] + north, "lon": VALLE[1] + 0.01, "alt_baro": feet, "seen_pos": 0.0}}
        outline.second(Air(START_S + feet, calm.sightings, objects, {}))
    told = outline.polar()
    assert told["between_ft"] == (10_000, 25_000)
    assert [band[0] for band in told["bands"]] == [pytest.approx(60.0 * north, rel=0.01) for north in (0.5, 1.0, 2.0)]
    assert all(value == 0.0 for band in told["bands"] for value in band[1:])
    assert len(outline.points()) == 1, "the outline has the farthest of all altitudes"


def test_tracks_of_a_day_are_thinned_and_join_history_and_memory() -> None:
    recent = Recent(keep_s=3600.0)
    for second in range(0, 1800, 5):
        recent.second(air(START_S + second, 3))

    class Stored:
        def tracks(self, start_s: float, end_s: float, *, icao: str | None = None) -> dict[str, list[object]]:
            class Point:
                def __init__(self, time_s: float) -> None:
                    self.time_s, self.latitude_deg, self.longitude_deg = time_s, 19.0, -100.0
                    self.altitude_baro_ft, self.on_ground = 5000, False

            return {"abcdef": [Point(start_s + k) for k in range(0, 3000, 5)]}

    body, packed = made(recent.parts(START_S - 3600), Stored(), START_S - 3600, START_S, False)  # type: ignore[arg-type]
    tracks = json.loads(body)
    assert not packed
    assert set(tracks) == {"abcdef", *air(START_S, 3).objects}
    assert all(2 <= len(track) <= 310 for track in tracks.values())
    assert tracks["abcdef"][0][:4] == [START_S - 3600, 19.0, -100.0, 5000]
