"""What somebody who leaves the page open all day does with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, expect

from tests.receiver.atlas.archives import LINE, POLYGON, vector_tile, write
from tests.receiver.web.airs import DRONE, web_sink
from tests.receiver.web.browsing import Scene, Watched
from tests.receiver.web.pages import base_map, drawn

SHAPES = Path(__file__).parents[3] / "receiver" / "watch" / "picture" / "shapes.json"
BASE = "async () => (await import('./static/map.js')).baseState()"
COLOUR_AT = """([x, y]) => { const tiles = [...document.querySelectorAll('#map canvas.leaflet-tile')]; for (const t of tiles) {
  const b = t.getBoundingClientRect(); if (x >= b.left && x < b.right && y >= b.top && y < b.bottom && t.width)
  return [...t.getContext('2d').getImageData((x - b.left) * t.width / b.width, (y - b.top) * t.height / b.height, 1, 1).data].slice(0, 3); } return null; }"""


def colour(page: Any, name: str) -> list[int]:
    """A colour of the style sheet."""
    text = page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
    return [int(text[k : k + 2], 16) for k in (1, 3, 5)]


def choose(page: Any, name: str, value: str) -> None:
    """A choice of the View tab."""
    page.locator("#tab-view").click()
    page.locator(f"#option-{name}").select_option(value)
    page.locator("#tab-aircraft").click()


def test_the_base_map_shows_land_and_sea_of_the_package(seen: Watched) -> None:
    page = seen.page
    page.evaluate("async () => (await import('./static/map.js')).show(50.3, -4.8, 8)")  # Cornwall
    page.wait_for_function(
        "async () => { const s = (await import('./static/map.js')).baseState(); return s.tiles > 3 && !s.loading; }"
    )
    box = page.locator("#map").bounding_box()
    assert box is not None
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert page.evaluate(COLOUR_AT, [middle[0] + 14, middle[1] - 28]) == colour(page, "land")
    assert page.evaluate(COLOUR_AT, [middle[0], middle[1] + 150]) == colour(page, "water")
    asked = [url for url in seen.requests if ".pmtiles" in url]
    assert asked
    assert all("/map/base.pmtiles?" in url for url in asked)


def test_a_region_of_the_owners_is_drawn_over_it(chrome: BrowserContext, tmp_path: Path) -> None:
    region = tmp_path / "region.pmtiles"
    whole = [(0, 0), (4096, 0), (4096, 4096), (0, 4096)]
    tile = vector_tile({"earth": [(POLYGON, [whole], {"kind": "earth"})],
                        "landuse": [(POLYGON, [whole], {"kind": "park"})],
                        "roads": [(LINE, [[(0, 2048), (4096, 2048)]], {"kind": "highway", "name": "Way"})]})  # fmt: skip
    write(region, {(8, 56, 114): tile}, (-101.2, 18.3, -99.9, 19.7))
    page = chrome.new_page()
    watched = Watched(page)
    with Scene(web_sink(base_map=base_map, map_file=region)) as scene:
        page.goto(f"{scene.url}#at=18.647,-100.55,14")
        page.wait_for_function(
            """(wanted) => [...document.querySelectorAll('#map canvas.leaflet-tile')].some((t) => {
              const d = t.width ? t.getContext('2d').getImageData(0, 0, t.width, t.height).data : [];
              for (let k = 0; k < d.length; k += 4) if (d[k] === wanted[0] && d[k + 1] === wanted[1] && d[k + 2] === wanted[2]) return true;
              return false; })""",
            arg=colour(page, "road"),
            polling=1000,
        )
        assert any("/map/region.pmtiles" in url for url in watched.requests)
        assert [text for text in watched.complaints if "Canvas2D" not in text] == []  # our own looking
    page.close()


def test_there_are_shapes_for_forty_kinds_the_same_on_map_and_card(seen: Watched) -> None:
    page = seen.page
    told = page.evaluate("""async () => { const m = await import('./static/map/shapes.js'); const r = (v) => Math.round(v * 100) / 100;
      return { shapes: Object.fromEntries(Object.entries(m.SHAPES).map(([k, s]) => [k, { size: s.size, upright: Boolean(s.upright), ground: Boolean(s.ground), parts: s.parts.map((p) => p.map(([x, y]) => [r(x), r(y)])) }])),
        types: m.TYPES.map(([k, p]) => [k, p.source]), categories: { ...m.CATEGORIES } }; }""")
    assert told == json.loads(SHAPES.read_text())
    assert len(told["shapes"]) >= 40
    kinds = page.evaluate("""async (types) => { const m = await import('./static/map/shapes.js'); return types.map((t) => m.kindOf({ t })); }""",
                          ["A320", "B77W", "A388", "EC35", "C172", "GLID", "Q9", "EUFI", "BALL", "DH8D", "C56X", "B52", "V22", "P28A", "A21N"])  # fmt: skip
    assert kinds == ["narrow", "wide", "double", "helicopter", "highwing", "glider", "drone", "delta", "balloon", "turboprop", "business",
                     "bomber", "tiltrotor", "light", "stretched"]  # fmt: skip
    assert drawn(seen)[DRONE]["kind"] == "drone"


def test_units_labels_columns_and_order_are_in_the_address_and_remembered(seen: Watched, scene: Scene) -> None:
    page = seen.page
    choose(page, "altitude", "m")
    choose(page, "distance", "km")
    choose(page, "labels", "long")
    page.locator("#tab-view").click()
    page.get_by_label("registration", exact=True).check()
    page.locator("#tab-aircraft").click()
    page.get_by_role("button", name="altitude in metres").or_(
        page.get_by_role("button", name="altitude in m")
    ).first.click()
    row = page.locator(f"tr[data-hex='{DRONE}']")
    expect(row).to_contain_text("5,791")
    page.wait_for_function(
        "() => location.hash.includes('altitude=m') && location.hash.includes('sort=-altitude') && location.hash.includes('registration')"
    )
    link = page.url
    page.reload()
    expect(row).to_contain_text("5,791")
    expect(page.locator("#table thead")).to_contain_text("reg.")
    assert len(drawn(seen)[DRONE]["label"]) == 3
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.goto(link)
    expect(row).to_contain_text("5,791")


def test_the_search_takes_negation_expressions_and_comparisons(seen: Watched) -> None:
    page = seen.page
    cells = page.locator("#table tbody td:first-child")
    for text, found in (
        ("-troy", 4),
        ("/^AMX10[12]$/", 2),
        ("alt:>15000", 1),
        ("type:b738 -amx104", 3),
        ("-/amx/", 1),
        ("country:mx alt:<2500", 2),
    ):
        page.locator("#search").fill(text)
        expect(cells).to_have_count(found)
    page.reload()
    expect(cells).to_have_count(2)


def test_several_are_picked_shown_alone_and_followed(seen: Watched) -> None:
    page = seen.page
    rows = page.locator("#table tbody tr")
    page.locator("tr[data-hex='0d0001']").click(modifiers=["Control"])
    page.locator("tr[data-hex='0d0002']").click(modifiers=["Shift"])
    expect(page.locator("#picked b")).to_have_text("2 picked")
    page.locator("#isolate").check()
    expect(rows).to_have_count(2)
    assert set(drawn(seen)) == {"0d0001", "0d0002"}
    page.reload()
    expect(rows).to_have_count(2)
    page.locator("#picked-clear").click()
    expect(rows).to_have_count(5)
    page.locator("tr[data-hex='0d0003']").click()
    page.keyboard.press("f")
    size = page.locator("#map").bounding_box()
    page.wait_for_function(
        "async ([w, h]) => (await import('./static/map.js')).drawn().some((o) => o.hex === '0d0003' && Math.hypot(o.x - w / 2, o.y - h / 2) < 12)",
        arg=[size["width"], size["height"]],  # type: ignore[index]
    )


def test_the_last_day_is_drawn_as_tracks_and_as_heat(seen: Watched) -> None:
    page = seen.page
    for kind in ("tracks", "heat"):
        choose(page, "day", kind)
        page.wait_for_function("async () => (await import('./static/map.js')).dayDrawn() === 5")
        page.wait_for_function("() => document.querySelector('.leaflet-day-pane canvas').toDataURL().length > 6000")
    choose(page, "day", "off")
    assert page.locator(".leaflet-day-pane canvas").count() == 0


def test_a_track_has_a_profile_and_can_be_saved_and_other_sites_are_a_click_away(seen: Watched) -> None:
    page = seen.page
    page.locator(f"tr[data-hex='{DRONE}']").click()
    expect(page.locator("#profile")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="GeoJSON").click()
    track = json.loads(Path(download.value.path()).read_text())
    assert track["geometry"]["type"] == "LineString"
    assert len(track["geometry"]["coordinates"]) == len(track["properties"]["times"]) > 50
    assert download.value.suggested_filename.startswith(DRONE)
    page.locator("#elsewhere summary").click()
    link = page.locator("#elsewhere a").first
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert DRONE in (link.get_attribute("href") or "").lower()


def test_station_rings_and_legend_follow_the_unit(seen: Watched) -> None:
    page = seen.page
    expect(page.locator(".ring").first).to_have_text("50 nmi")
    choose(page, "distance", "km")
    expect(page.locator(".ring").first).to_have_text("100 km")
    page.locator("#tab-view").click()
    page.get_by_label("station and range rings").uncheck()
    expect(page.locator(".ring")).to_have_count(0)
    choose(page, "altitude", "FL")
    expect(page.locator(".legend")).to_contain_text("FL400")
