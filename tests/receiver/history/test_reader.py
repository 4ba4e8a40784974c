"""Flights and their exports, and what is asked of a history that is empty, damaged or being written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.cli import main
from receiver.history.day_file import DAY_MS, IdentityRow, PositionRow, day_path
from receiver.history.export import CSV_COLUMNS, FlownTrack, csv_text, geojson, gpx, kml
from receiver.history.flights import Flight, flights
from receiver.history.reader import HistoryReader, Point
from receiver.history.store import HistoryStore

DAY = 20_000
MIDNIGHT_MS = (DAY + 1) * DAY_MS
MQ9, OTHER = 0xAE4BD7, 0x0D0FFF


def row(seconds: int, aircraft: int = MQ9, altitude_ft: int | None = 19_000) -> PositionRow:
    """A position so many seconds after midnight (or before)."""
    return PositionRow(MIDNIGHT_MS + seconds * 1000, aircraft, 19_000_000 + seconds * 100, -100_000_000 - seconds * 10,
                       altitude_ft, None, 1812, 905, -64, 0)  # fmt: skip


def known(seconds: int, callsign: str | None, aircraft: int = MQ9) -> IdentityRow:
    return IdentityRow(MIDNIGHT_MS + seconds * 1000, aircraft, "adsb_icao", callsign, "0421", "B6", None, "N123", "Q9")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """TROY701 over midnight, then after two hours TROY702 turning into TROY703; another one meanwhile."""
    store = HistoryStore(tmp_path)
    mq9 = [row(s) for s in range(-600, 600, 10)] + [row(s, altitude_ft=2_000 + s) for s in range(7800, 9000, 10)]
    other = [row(s, OTHER, None) for s in range(-300, 300, 10)]
    store.append(
        sorted(mq9 + other),
        [known(-600, None), known(-500, "TROY701"), known(0, "TROY701"), known(7800, "TROY702"), known(8400, "TROY703"),
         known(-300, "VIVA55", OTHER), known(0, "VIVA55", OTHER)],
    )  # fmt: skip
    store.close()
    return tmp_path


def test_tracks_are_cut_at_long_gaps_and_other_call_signs(directory: Path) -> None:
    found = flights(HistoryReader(directory), 0, 4e9)
    assert [(one.icao, one.callsign, one.positions) for one in found] == [
        ("ae4bd7", "TROY701", 120), ("0d0fff", "VIVA55", 60), ("ae4bd7", "TROY702", 60), ("ae4bd7", "TROY703", 60),
    ]  # fmt: skip
    assert (found[0].end_s - found[0].start_s, found[0].registration, found[0].type_designator) == (1190, "N123", "Q9")
    assert (found[0].lowest_ft, found[2].lowest_ft, found[3].highest_ft) == (19_000, 9_800, 10_990)
    assert found[1].lowest_ft is None


def test_flights_are_found_by_address_call_sign_and_time(directory: Path) -> None:
    reader = HistoryReader(directory)
    assert {one.icao for one in flights(reader, 0, 4e9, icao="0d0fff")} == {"0d0fff"}
    assert [one.callsign for one in flights(reader, 0, 4e9, callsign=" troy702")] == ["TROY702"]
    midnight = MIDNIGHT_MS / 1000
    (_, one) = flights(reader, midnight, midnight + 700)
    assert (one.callsign, one.positions, one.start_s) == ("TROY701", 60, midnight)
    assert [one.callsign for one in flights(reader, 0, 4e9, limit=1)] == ["TROY703"]
    assert flights(reader, 5, 10) == []


def test_a_limit_of_points_is_kept(directory: Path) -> None:
    assert sum(map(len, HistoryReader(directory).tracks(0, 4e9, limit=37).values())) == 37


def test_an_absent_empty_or_damaged_history_is_an_empty_one(tmp_path: Path) -> None:
    assert HistoryReader(tmp_path / "none").span() is None
    assert HistoryReader(tmp_path).at(1e9).aircraft == []
    day_path(tmp_path, DAY).write_bytes(b"rubbish" * 1000)
    day_path(tmp_path, DAY + 2).write_bytes(b"")
    reader = HistoryReader(tmp_path)
    assert reader.span() is None
    store = HistoryStore(tmp_path)
    store.append([row(0)])
    assert reader.span() == (MIDNIGHT_MS / 1000, MIDNIGHT_MS / 1000)
    assert [one.time_ms for one in reader.positions(0, 4e9)] == [MIDNIGHT_MS]
    store.close()


def exported(directory: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["history", "export", "ae4bd7", "--dir", str(directory), *options]) == 0
    return capsys.readouterr().out


def test_geojson(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(exported(directory, capsys))
    assert [one["properties"]["callsign"] for one in told["features"]] == ["TROY701", "TROY702", "TROY703"]
    first = told["features"][0]
    assert first["geometry"]["type"] == "LineString"
    assert first["geometry"]["coordinates"][0] == [-99.994, 18.94, 5791.2]
    assert len(first["properties"]["coordTimes"]) == len(first["geometry"]["coordinates"]) == 120
    assert first["properties"]["coordTimes"][0] == "2024-10-04T23:50:00.000Z"


def test_kml_and_gpx_are_well_formed_and_complete(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ElementTree.fromstring(exported(directory, capsys, "--format", "kml"))
    track = "{http://www.google.com/kml/ext/2.2}"
    assert len(root.findall(f".//{track}Track")) == 3
    assert len(root.findall(f".//{track}coord")) == len(root.findall(".//{http://www.opengis.net/kml/2.2}when")) == 240
    root = ElementTree.fromstring(exported(directory, capsys, "--format", "gpx"))
    points = root.findall(".//{http://www.topografix.com/GPX/1/1}trkpt")
    assert len(points) == 240
    assert points[0].attrib == {"lat": "18.940000", "lon": "-99.994000"}


def test_csv_and_parquet_have_the_same_rows(
    directory: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(directory, capsys, "--format", "csv"))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 240
    assert rows[0]["time"] == "2024-10-04T23:50:00.000Z"
    assert (rows[0]["altitude_baro_ft"], rows[0]["altitude_geom_ft"], rows[0]["vertical_rate_fpm"]) == (
        "19000",
        "",
        "-64",
    )
    file = tmp_path / "tracks.parquet"
    exported(directory, capsys, "--output", str(file))
    table = pyarrow.parquet.read_table(file).to_pylist()
    assert [(str(one["latitude_deg"]), one["callsign"], str(one["altitude_baro_ft"])) for one in table] == [
        (one["latitude_deg"], one["callsign"], one["altitude_baro_ft"]) for one in rows
    ]
    assert table[0]["time"].timestamp() == MIDNIGHT_MS / 1000 - 600


@given(st.text(max_size=12), st.text(max_size=12))
def test_text_from_the_air_neither_breaks_a_format_nor_computes(callsign: str, registration: str) -> None:
    flight = Flight("ae4bd7", 0.0, 10.0, 2, callsign=callsign or None, registration=registration or None)
    track = FlownTrack(flight, [Point(0.0, 19.0, -100.0, None, None, None, None, None, False),
                           Point(10.0, 19.1, -100.1, -50, None, 10.0, 0.0, -64, True)])  # fmt: skip
    for text in (kml([track]), gpx([track])):
        ElementTree.fromstring(text)
    assert len(json.loads(geojson([track]))["features"]) == 1
    for line in list(csv.reader(io.StringIO(csv_text([track]), newline="")))[1:]:
        assert len(line) == len(CSV_COLUMNS)
        for name, cell in zip(CSV_COLUMNS, line, strict=True):
            if name in ("icao", "callsign", "registration", "type_designator", "time"):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            elif cell:
                float(cell)


def test_the_list_is_a_table_or_json(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "list", "--dir", str(directory)]) == 0
    table = capsys.readouterr().out
    assert "TROY701" in table
    assert "2024-10-04 23:50:00" in table
    assert main(["history", "list", "--dir", str(directory), "--json", "--callsign", "viva55", "--from", "3h"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["icao"] == "0d0fff"


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["list", "zzz"], 2, "expected six hex digits"),
        (["list", "--from", "yesterday"], 2, "--from: got 'yesterday'"),
        (["list", "--callsign", "NOBODY"], 1, "no flight of NOBODY between"),
        (["export", "--output", "x.doc"], 2, "expected a suffix"),
        (["export", "--output", "/nowhere/x.csv"], 1, "/nowhere/x.csv: No such file"),
    ],
)
def test_mistakes_are_told_in_one_line(
    directory: Path, capsys: pytest.CaptureFixture[str], options: list[str], status: int, said: str
) -> None:
    assert main(["history", *options, "--dir", str(directory)]) == status
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_no_history_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "list", "--dir", str(tmp_path / "none")]) == 1
    assert "no history in it" in capsys.readouterr().err
