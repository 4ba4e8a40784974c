"""The tables of DO-260B decide."""

from __future__ import annotations

import csv

import pytest

from receiver.tracking.cpr import Half, decode_near, decode_pair, decode_surface_pair
from tests.receiver.tracking.flying import encode
from tests.shared_data import shared

FOLDER = "truth/cpr_do260b"
BITS = {"airborne": 17, "surface": 17, "coarse": 12}
GLOBAL = [
    ("airborne", "airborne_globally_decoded_gd_random_positions.csv", 296),
    ("airborne", "airborne_globally_decoded_positions_01.csv", 232),
    ("surface", "surface_globally_decoded_gd_random_positions.csv", 83),
    ("surface", "surface_globally_decoded_positions_01.csv", 231),
    ("coarse", "coarse_globally_decoded_gd_random_positions.csv", 286),
    ("coarse", "coarse_globally_decoded_positions_01.csv", 58),
]
LOCAL = [
    ("airborne", "airborne_locally_decoded_ld_random_positions.csv", 298),
    ("airborne", "airborne_locally_decoded_positions_01.csv", 232),
    ("surface", "surface_locally_decoded_ld_random_positions.csv", 285),
    ("surface", "surface_locally_decoded_positions_01.csv", 232),
    ("coarse", "coarse_locally_decoded_ld_random_positions.csv", 296),
    ("coarse", "coarse_locally_decoded_positions_01.csv", 116),
]
ENCODED = [
    ("airborne", "MOPS-table-2-139.csv", 284),
    ("airborne", "t6-3awb.csv", 232),
    ("airborne", "t6-4awb.csv", 232),
    ("surface", "MOPS-table-2-141.csv", 284),
    ("surface", "t6-1awb.csv", 232),
    ("surface", "t6-2awb.csv", 232),
    ("coarse", "t6-5awb.csv", 232),
    ("coarse", "t6-6awb.csv", 232),
]


def rows(kind: str, operation: str, name: str) -> list[list[str]]:
    with shared(f"{FOLDER}/{kind}/{operation}/{name}").open(newline="") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file)]


def degrees(turns: str, latitude: bool = False) -> float:
    """The tables' angles: 2^32 a turn."""
    value = int(turns, 16)
    if latitude and value >= 1 << 31:
        value -= 1 << 32
    return value * 360 / (1 << 32)


def same(angle_deg: float, turns: str, modulus: int = 1 << 32) -> bool:
    return (round(angle_deg * (1 << 32) / 360) - int(turns, 16)) % modulus == 0


def half(kind: str, yz: str, xz: str, odd: bool) -> Half:
    cells = 1 << BITS[kind]
    return Half(int(yz, 16) / cells, int(xz, 16) / cells, odd)


@pytest.mark.parametrize(("kind", "name", "count"), GLOBAL)
def test_pairs_of_the_tables_decode_to_the_last_bit(kind: str, name: str, count: int) -> None:
    table = rows(kind, "global-decoding", name)
    assert len(table) == count
    for row in table:
        even, odd = half(kind, row[2], row[3], False), half(kind, row[6], row[7], True)
        for newest_odd, near, expected in ((False, row[0:2], row[9:11]), (True, row[4:6], row[11:13])):
            if kind == "surface":
                # the tables stop at the cell; the hemisphere and the quadrant are what the place nearby is for
                place = decode_surface_pair(even, odd, newest_odd, degrees(near[0], True), degrees(near[1]))
                modulus = 1 << 30
            else:
                place = decode_pair(even, odd, newest_odd)
                modulus = 1 << 32
            assert row[8] == "1"
            assert place is not None, row
            assert same(place[0], expected[0], modulus), row
            assert same(place[1], expected[1], modulus), row


@pytest.mark.parametrize(("kind", "name", "count"), LOCAL)
def test_reports_near_a_known_place_decode_to_the_last_bit(kind: str, name: str, count: int) -> None:
    table = rows(kind, "local-decoding", name)
    assert len(table) == count
    for row in table:
        report = half(kind, row[5], row[6], row[4] == "1")
        place = decode_near(report, degrees(row[0], True), degrees(row[1]), surface=kind == "surface")
        assert place is not None, row
        assert same(place[0], row[7]), row
        assert same(place[1], row[8]), row


@pytest.mark.parametrize(("kind", "name", "count"), ENCODED)
def test_what_the_tables_encode_decodes_to_where_it_was(kind: str, name: str, count: int) -> None:
    table = rows(kind, "encoding", name)
    assert len(table) == count
    cell = 90 if kind == "surface" else 360
    for row in table:
        latitude, longitude = degrees(row[1], True), degrees(row[2])
        place = decode_near(half(kind, row[3], row[4], row[0] == "1"), latitude, longitude, surface=kind == "surface")
        if place is None:  # rounding to the grid has gone past a pole
            assert abs(latitude) == 90.0
            continue
        grid = cell / 59 / (1 << BITS[kind])
        assert abs(place[0] - latitude) <= grid / 2 + 1e-9, row
        if abs(latitude) < 87:
            # the grid is as wide as the zone, and a step of rounding may cross into the next
            assert abs((place[1] - longitude + 180) % 360 - 180) <= cell / (1 << BITS[kind]) / 2 + 1e-9, row


@pytest.mark.parametrize("newest_odd", [False, True])
@pytest.mark.parametrize("latitude", [90.0, 89.9999, -90.0, -89.9999, 0.0, 45.0])
def test_surface_pairs_at_the_poles_and_where_cells_meet(latitude: float, newest_odd: bool) -> None:
    near = latitude - 0.1 if latitude > 0 else latitude + 0.1
    even, odd = (
        Half(y / 131072, x / 131072, is_odd)
        for is_odd in (False, True)
        for y, x in (encode(latitude, 10.0, is_odd, surface=True),)
    )
    place = decode_surface_pair(even, odd, newest_odd, near, 10.0)
    assert place is not None
    assert place == pytest.approx((latitude, 10.0), abs=4e-4)
