from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receiver.atlas import base_map_file
from receiver.atlas.archive import Archive, tile_number
from receiver.atlas.vector_tile import LINE, POINT, POLYGON, read_tile
from receiver.errors import SquitterError
from tests.receiver.atlas.archives import vector_tile, write

SQUARE = [(0, 0), (4096, 0), (4096, 4096), (0, 4096)]
TILE = vector_tile(
    {
        "earth": [(POLYGON, [SQUARE], {"kind": "earth"})],
        "roads": [(LINE, [[(10, 20), (30, -40), (35, 50)]], {"kind": "highway", "name": "Straße", "lanes": 4})],
        "places": [(POINT, [[(7, 8)]], {"name": "Valle", "share": 0.5})],
    }
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.pmtiles"
    tiles = {(z, x, y): TILE + b"" for z in range(4) for x in range(1 << z) for y in range(1 << z) if (x + y) % 3}
    write(path, {**tiles, (0, 0, 0): TILE}, (-100.5, 19.0, -100.0, 19.5))
    archive = Archive(path)
    try:
        assert (archive.min_zoom, archive.max_zoom) == (0, 3)
        assert archive.bounds == (-100.5, 19.0, -100.0, 19.5)
        for at in ((0, 0, 0), *tiles):
            assert archive.tile(*at) == TILE
        assert archive.tile(1, 0, 0) is None
        assert archive.tile(9, 5, 5) is None
    finally:
        archive.close()


def test_a_tile_has_its_layers_properties_and_points() -> None:
    layers = read_tile(TILE)
    assert list(layers) == ["earth", "roads", "places"]
    (square,) = layers["earth"].features
    assert square.parts[0].tolist() == [list(p) for p in [*SQUARE, SQUARE[0]]]
    (road,) = layers["roads"].features
    assert road.properties == {"kind": "highway", "name": "Straße", "lanes": 4}
    assert road.parts[0].tolist() == [[10, 20], [30, -40], [35, 50]]
    assert layers["places"].features[0].properties["share"] == 0.5


def test_the_numbers_are_those_of_the_specification() -> None:
    """Examples of the PMTiles v3 specification, "TileID"."""
    assert [tile_number(*at) for at in ((0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (2, 0, 0))] == [
        0,
        1,
        2,
        3,
        4,
        5,
    ]
    assert tile_number(12, 3423, 1763) == 19_078_479
    for zoom in (3, 5):
        assert len({tile_number(zoom, x, y) for x in range(1 << zoom) for y in range(1 << zoom)}) == 4**zoom


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(at=st.integers(0, 700), bit=st.integers(0, 7), cut=st.integers(0, 900))
def test_a_damaged_archive_is_refused_in_words_or_read(tmp_path: Path, at: int, bit: int, cut: int) -> None:
    path = tmp_path / "damaged.pmtiles"
    write(path, {(1, x, y): TILE for x in (0, 1) for y in (0, 1)}, (-1, -1, 1, 1))
    body = bytearray(path.read_bytes())
    body[at % len(body)] ^= 1 << bit
    path.write_bytes(body[: len(body) - cut] if cut < len(body) else body)
    try:
        archive = Archive(path)
    except SquitterError:
        return
    try:
        for x, y in ((0, 0), (1, 0), (1, 1)):
            try:
                tile = archive.tile(1, x, y)
                if tile is not None:
                    read_tile(tile)
            except (SquitterError, ValueError):
                pass
    finally:
        archive.close()


@given(st.binary(max_size=200))
def test_garbage_is_no_vector_tile(data: bytes) -> None:
    try:
        read_tile(data)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "does not begin"),
        (b"PK\x03\x04" * 50, "does not begin"),
        (b"PMTiles\x02" + bytes(200), "version 2, expected 3"),
    ],
)
def test_another_file_is_named_with_what_it_is(tmp_path: Path, body: bytes, why: str) -> None:
    path = tmp_path / "other.pmtiles"
    path.write_bytes(body)
    with pytest.raises(SquitterError, match=why):
        Archive(path)
    with pytest.raises(SquitterError, match="cannot be read"):
        Archive(tmp_path / "absent.pmtiles")


def test_the_package_has_coast_water_towns_and_runways() -> None:
    archive = Archive(base_map_file())
    try:
        assert archive.max_zoom == 8
        vienna = read_tile(archive.tile(8, 139, 88) or b"")
        names = {f.properties["name"] for f in vienna["places"].features}
        assert "Vienna" in names
        assert {"LOWW"} <= {f.properties["ident"] for f in vienna["airports"].features}
        assert any(f.properties["length_ft"] > 11_000 for f in vienna["runways"].features)
        assert any(f.properties["kind"] == "river" for f in vienna["water"].features)
        valle = read_tile(archive.tile(8, 56, 114) or b"")
        assert any(f.properties["kind"] == "lake" for f in valle["water"].features)
    finally:
        archive.close()
