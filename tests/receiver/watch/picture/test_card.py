"""The card, as bytes and as pixels."""

from __future__ import annotations

import io
import math
import re
import zlib
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from receiver.watch import Alert
from receiver.watch.identity import Identity
from receiver.watch.patterns import Pattern
from receiver.watch.picture import THEMES, draw_card
from receiver.watch.picture.lettering import font, printable, shortened, width, wrapped
from receiver.watch.trail import TrailPoint
from tests.receiver.watch.air import sighting
from tests.receiver.watch.picture.geometry import SquareLand

T0 = 1_755_657_600.0
TEXT = (
    "TROY701, MQ-9 of US Customs and Border Protection (call-sign prefix TROY), orbiting for 3 h 12 min (since 02:40 "
    "UTC), 15 laps of 20 km diameter, 12 km WSW of Valle de Bravo, Estado de México, Mexico; entered Mexico 02:11 UTC"
)


def circling(latitude_deg: float, longitude_deg: float, radius_km: float = 10.0, laps: float = 4.0) -> Alert:
    """An alert about somebody who comes in from the south-west and circles."""
    stretch = max(0.02, math.cos(math.radians(latitude_deg)))
    trail = []
    for k in range(20):
        south = (120 - 6 * k) / 111.195
        trail.append(TrailPoint(T0 + 60 * k, latitude_deg - south, longitude_deg - south / stretch, 18000.0))
    for k in range(int(45 * laps)):
        angle = math.radians(8 * k)
        lat = latitude_deg + radius_km * math.cos(angle) / 111.195
        lon = longitude_deg + radius_km * math.sin(angle) / 111.195 / stretch
        trail.append(TrailPoint(T0 + 1200 + 15 * k, lat, (lon + 180) % 360 - 180, 19000.0))
    last = trail[-1]
    return Alert(
        id="notable-ae4bd8-x", rule="orbiting-notable", title="Notable aircraft circling", clause="c",
        severity="warning", rules=("orbiting-notable",), state="updated", text=TEXT, icao="ae4bd8",
        sighting=sighting("ae4bd8", last.time_s, callsign="TROY701", latitude_deg=last.latitude_deg,
                          longitude_deg=last.longitude_deg, altitude_baro_ft=19000, ground_speed_kt=175.0,
                          track_deg=90.0),
        identity=Identity(),
        pattern=Pattern("orbit", T0 + 1200, last.time_s, laps, radius_km, 675.0, latitude_deg, longitude_deg, "right"),
        raised_s=T0 + 2000, updated_s=last.time_s, ended_s=None, notify=(), picture=True, tracker=False,
        trail=tuple(trail),
    )  # fmt: skip


def pixels(card: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(card)).convert("RGB")).astype(int)


def near_to(image: np.ndarray, colour: tuple[int, int, int], tolerance: int = 12) -> int:
    """How many pixels have about that colour."""
    return int((np.abs(image - colour).max(axis=2) <= tolerance).sum())


PLACES = [(19.15, -100.27), (-17.0, 179.99), (78.3, 15.0), (-77.8, 166.0), (89.95, 0.0), (0.0, 0.0)]


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_card_shows_land_sea_and_laps_anywhere_on_earth(place: tuple[float, float], theme: str) -> None:
    land = SquareLand(place[0], place[1] + 2.1)  # its shore is where the circles are
    card = draw_card(circling(*place), land, theme, size=(600, 450))
    image = pixels(card)
    colours = THEMES[theme]
    assert near_to(image, colours.sea) > 5_000
    if abs(place[0]) < 80:  # a square of 4° is a sliver at the pole
        assert near_to(image, colours.land) > 5_000
    assert near_to(image, colours.by_time[-1], 20) > 70  # the newest part of the track


def test_the_same_alert_gives_the_same_bytes_without_metadata() -> None:
    alert, land = circling(19.15, -100.27), SquareLand(19.0, -100.0)
    card = draw_card(alert, land)
    assert card == draw_card(alert, land)
    assert Image.open(io.BytesIO(card)).info == {}
    chunks = set(re.findall(rb"(?:IHDR|PLTE|IDAT|IEND|tEXt|iTXt|zTXt|eXIf|tIME|pHYs)", card))
    assert chunks <= {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def test_nothing_in_it_depends_on_who_listens() -> None:
    """Distance, bearing and signal strength are about the station: other ones give the same picture."""
    alert, land = circling(19.15, -100.27), SquareLand(19.0, -100.0)
    assert alert.sighting is not None
    position = alert.sighting.last_position
    assert position is not None
    moved = replace(position, value=position.value._replace(distance_nmi=3.0, bearing_deg=77.0))
    elsewhere = replace(alert, sighting=replace(alert.sighting, rssi_dbfs=-3.0, messages=99, last_position=moved))
    assert draw_card(alert, land) == draw_card(elsewhere, land)


def test_colours_tell_altitude_when_it_changes_and_nobody_circles() -> None:
    base = circling(19.15, -100.27)
    trail = tuple(p._replace(altitude_ft=5000.0 + 200 * k) for k, p in enumerate(base.trail[:40]))
    image = pixels(draw_card(replace(base, pattern=None, trail=trail), SquareLand(19.0, -100.0)))
    assert near_to(image, THEMES["light"].by_altitude[0], 20) > 100
    assert near_to(image, THEMES["light"].by_time[2], 6) < 50


def test_what_was_not_heard_is_dashed() -> None:
    base = circling(19.15, -100.27)
    trail = (base.trail[0], base.trail[19]._replace(unheard=True))
    whole = (base.trail[0], base.trail[19])
    land = SquareLand(19.0, -100.0)
    ramp = THEMES["light"].by_time
    dashed = near_to(pixels(draw_card(replace(base, pattern=None, trail=trail), land)), ramp[-1], 40)
    solid = near_to(pixels(draw_card(replace(base, pattern=None, trail=whole), land)), ramp[-1], 40)
    assert 0 < dashed < 0.7 * solid


def test_without_an_atlas_the_track_is_on_a_graticule() -> None:
    image = pixels(draw_card(circling(19.15, -100.27), None))
    assert near_to(image, THEMES["light"].grid, 6) > 1000


def test_without_a_position_there_is_no_map() -> None:
    alert = replace(circling(19.15, -100.27), trail=(), pattern=None)
    image = pixels(draw_card(alert, SquareLand(19.0, -100.0)))
    assert near_to(image, THEMES["light"].sea) < 100
    assert near_to(image, THEMES["light"].ink) > 500


@pytest.mark.parametrize("size", [(480, 360), (1200, 675), (900, 1200), (2000, 1000)])
def test_sizes(size: tuple[int, int]) -> None:
    card = draw_card(circling(19.15, -100.27), SquareLand(19.0, -100.0), size=size)
    assert Image.open(io.BytesIO(card)).size == size
    assert near_to(pixels(card), THEMES["light"].by_time[-1], 25) > 20


@pytest.mark.parametrize("size", [(100, 100), (5000, 900)])
def test_impossible_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="size"):
        draw_card(circling(19.15, -100.27), None, size=size)


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=600), st.text(max_size=80), st.text(max_size=12))
def test_any_text_from_anywhere_is_drawn_and_nothing_else_happens(text: str, title: str, callsign: str) -> None:
    base = circling(19.15, -100.27)
    assert base.sighting is not None
    alert = replace(base, text=text, title=title, sighting=sighting("ae4bd8", T0, callsign=callsign))
    card = draw_card(alert, SquareLand(19.0, -100.0, [text, title, callsign]), size=(600, 450))
    assert card.startswith(b"\x89PNG")
    assert len(card) < 100_000


def test_spanish_and_a_time_zone() -> None:
    alert, land = circling(19.15, -100.27), SquareLand(19.0, -100.0)
    english = draw_card(alert, land)
    assert english != draw_card(alert, land, language="es")
    assert english != draw_card(alert, land, zone=ZoneInfo("America/Mexico_City"))


@given(st.text(max_size=300), st.integers(60, 600), st.integers(1, 6))
def test_wrapped_text_stays_within_its_lines(text: str, room: int, lines: int) -> None:
    face = font(20)
    out = wrapped(printable(text), face, room, lines)
    assert len(out) <= lines
    assert all(width(line, face) <= room + 12 for line in out)


def test_wrapping_loses_no_word_when_there_is_room_and_keeps_numbers_with_their_units() -> None:
    lines = wrapped(TEXT, font(20), 500, 20)
    assert " ".join(lines).replace("\u00a0", " ") == TEXT
    assert any("3\u00a0h" in line for line in lines)


def test_letters_that_the_font_does_not_have_lose_their_marks_or_become_question_marks() -> None:
    assert printable("Łódź Česká Ñandú Αθήνα Київ") == "Łódź Česká Ñandú Αθήνα Київ"
    assert printable("東京\u202e<b>\x00\n") == "??<b>  "[:5] + " "
    assert shortened("abcdefgh", font(20), 45).endswith("…")


def test_a_card_is_a_valid_png_to_its_last_byte() -> None:
    card = draw_card(circling(19.15, -100.27), SquareLand(19.0, -100.0))
    place = 8
    while place < len(card):
        length = int.from_bytes(card[place : place + 4], "big")
        body = card[place + 4 : place + 8 + length]
        assert zlib.crc32(body) == int.from_bytes(card[place + 8 + length : place + 12 + length], "big")
        place += 12 + length
    assert place == len(card)


points = st.builds(
    TrailPoint,
    st.floats(T0, T0 + 80_000),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.one_of(st.just(math.nan), st.floats(-2000, 130_000)),
    st.booleans(),
)
patterns = st.builds(
    Pattern,
    st.sampled_from(("orbit", "racetrack", "figure_of_eight", "survey_grid", "holding")),
    st.floats(T0, T0 + 80_000),
    st.floats(T0, T0 + 80_000),
    st.floats(0, 500),
    st.floats(0, 60),
    st.one_of(st.floats(1, 1e5), st.just(math.inf)),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.sampled_from(("left", "right", "both")),
    st.floats(0, 100),
    st.floats(0, 600),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(points, min_size=1, max_size=12), st.one_of(st.none(), patterns), st.booleans())
def test_no_track_however_mad_makes_it_fail(trail: list[TrailPoint], pattern: Pattern | None, known: bool) -> None:
    base = circling(19.15, -100.27)
    alert = replace(base, trail=tuple(trail), pattern=pattern, sighting=base.sighting if known else None)
    last = trail[-1]
    land = SquareLand(last.latitude_deg, last.longitude_deg)
    assert draw_card(alert, land, size=(480, 360)).startswith(b"\x89PNG")
