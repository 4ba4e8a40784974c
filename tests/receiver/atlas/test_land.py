"""Countries and regions under positions, held to a table written down by hand."""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.atlas import Atlas

ATLAS = Atlas()

# Where Natural Earth's 1:10m outline itself (checked before any thinning) has the place on the other side.
WRONG_IN_THE_SOURCE = {
    "Doha airport": "built on land won from the sea since",
    "Singapore airport": "built on land won from the sea",
    "Hong Kong airport": "built on land won from the sea",
    "Longyearbyen": "on the shore of a fjord",
    "Anadyr": "on a spit",
    "Eagle Pass": "the Rio Grande is drawn 1 km too far east",
    "Görlitz": "100 m from the Neisse",
    "Gorizia": "the border runs through the town",
}


def table() -> list[dict[str, str]]:
    text = Path(__file__).with_name("positions.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


ROWS = table()


def test_the_table_has_more_than_two_hundred_positions_each_once() -> None:
    assert len(ROWS) >= 225
    assert len({(row["latitude"], row["longitude"]) for row in ROWS}) == len(ROWS)
    assert set(WRONG_IN_THE_SOURCE) <= {row["what"] for row in ROWS}
    assert len(WRONG_IN_THE_SOURCE) <= 0.04 * len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_the_country_and_region_under_a_position(row: dict[str, str]) -> None:
    land = ATLAS.land(float(row["latitude"]), float(row["longitude"]), "en")
    found = "-" if land is None else land.code
    if row["what"] in WRONG_IN_THE_SOURCE:
        assert found != row["country"], "right now: take it out of the list"
        return
    assert found == row["country"]
    if row["region"]:
        assert land is not None
        assert land.region == row["region"]


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "region"),
    [
        (19.15, -100.24, "México", "Estado de México"),
        (32.7157, -117.1611, "Estados Unidos", "California"),
        (47.5596, 7.5886, "Suiza", "Basilea-Ciudad"),
        (48.1375, 11.5755, "Alemania", "Baviera"),
        (51.5, -0.12, "Reino Unido", "Inglaterra"),
        (35.68, 139.76, "Japón", "Tokio"),
    ],
)
def test_names_in_spanish(latitude: float, longitude: float, country: str, region: str) -> None:
    land = ATLAS.land(latitude, longitude, "es")
    assert land is not None
    assert (land.country, land.region) == (country, region)


def test_every_longitude_comes_round() -> None:
    for turns in (-720.0, -360.0, 360.0, 720.0):
        assert ATLAS.land(19.15, -100.24 + turns, "en") == ATLAS.land(19.15, -100.24, "en")


@pytest.mark.parametrize("position", [(math.nan, 0.0), (0.0, math.nan), (90.1, 0.0), (-91.0, 0.0), (0.0, math.inf)])
def test_what_is_no_position_is_an_error(position: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="no such position"):
        ATLAS.land(*position, "en")


def test_a_look_up_agrees_with_plain_ray_casting() -> None:
    """The obvious slow way: to the date line along the parallel, and the first border's facing side counts."""
    regions = ATLAS._regions
    outlines = regions.outlines
    inner = [i for i in range(len(regions.kind)) if regions.kind[i] != 3]
    segments = [(i, slice(int(outlines.start[i]), int(outlines.start[i + 1]))) for i in inner]
    rng = random.Random(7)
    agreed = 0
    for _ in range(60):
        latitude, longitude = rng.uniform(-55, 75), rng.uniform(-179.9, 179.9)
        x, y = longitude * 10_000, latitude * 10_000
        nearest, side = math.inf, None
        for line, run in segments:
            if not (outlines.low[line, 1] <= y <= outlines.high[line, 1] and outlines.high[line, 0] >= x):
                continue
            a, b = outlines.points[run][:-1].astype(float), outlines.points[run][1:].astype(float)
            hit = (a[:, 1] >= y) != (b[:, 1] >= y)
            at = a[hit, 0] + (y - a[hit, 1]) / (b[hit, 1] - a[hit, 1]) * (b[hit, 0] - a[hit, 0]) - x
            rises = b[hit, 1] > a[hit, 1]
            for distance, up in zip(at, rises, strict=True):
                if 0 <= distance < nearest:
                    nearest, side = distance, int((regions.left if up else regions.right)[line])
        if side is None:
            continue
        assert regions.number(latitude, longitude) == side, (latitude, longitude)
        agreed += 1
    assert agreed > 30


def test_positions_along_cell_edges_are_no_special_case() -> None:
    rng = random.Random(3)
    for _ in range(300):
        latitude, longitude = rng.randrange(-120, 140) / 2, rng.randrange(-360, 360) / 2
        here = ATLAS.land(latitude, longitude, "en")
        around = {ATLAS.land(latitude + dy * 1e-4, longitude + dx * 1e-4, "en") for dx in (-1, 1) for dy in (-1, 1)}
        assert here in around


def test_every_name_is_fit_to_print() -> None:
    from receiver.atlas.files import names

    for code, spoken in names()["countries"].items():
        assert len(code) == 2
        assert len(spoken) == 2
        assert all(name and name.isprintable() for name in spoken)
    for code, *spoken in names()["regions"]:
        assert code in names()["countries"]
        assert all(name.isprintable() and name == name.strip() for name in spoken)


def test_a_country_without_a_name_is_told_by_its_code() -> None:
    assert ATLAS.country_name("mx", "es") == "México"
    assert ATLAS.country_name("QX", "en") == "QX"


@given(st.floats(-90, 90), st.floats(-1000, 1000), st.sampled_from(["en", "es"]))
def test_every_position_has_an_answer(latitude: float, longitude: float, language: str) -> None:
    land = ATLAS.land(latitude, longitude, language)
    assert land is None or (len(land.code) == 2 and land.country)
    near = ATLAS.near(latitude, longitude, language)
    assert near is None or (0 <= near.distance_km <= 600.1 and 0 <= near.bearing_deg < 360 and near.name)
    field = ATLAS.aerodrome(latitude, longitude)
    assert field is None or 0 <= field.distance_km <= 15
