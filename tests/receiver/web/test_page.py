"""The page in a real browser. One browser and one server serve most tests: starting them is what takes time."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from config.history import HistorySettings
from config.station import StationSettings
from config.web import WebSettings
from receiver.decode.callsign import valid_callsign
from receiver.history.reader import HistoryReader
from receiver.sinks.history import HistorySink
from receiver.views.outlets import Air
from receiver.web import server
from receiver.web.recent import Recent
from receiver.web.server import WebSink
from tests.receiver.watch.air import _LETTERS
from tests.receiver.web.airs import DRONE, START_S, FakeAlert, air, web_sink
from tests.receiver.web.browsing import Scene, Tunnel, Watched, browser

EVIL = '<img src=x onerror="document.title=1"><b data-evil>&amp;</b>'
LAND = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "Polygon", "coordinates": [[[-103, 17], [-97, 17], [-97, 22], [-103, 22], [-103, 17]]]},
}


def base_map(box: Any, tolerance_deg: float, places: int) -> bytes:
    """A square of land and one place with markup in its name."""
    return json.dumps({"land": LAND, "places": [["Valle de Bravo", 19.2, -100.1, 5], [EVIL, 19.6, -99.6, 5]]}).encode()


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#204060").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with browser(tmp_path_factory.mktemp("chromium"), viewport={"width": 1280, "height": 800}) as opened:
        yield opened


@pytest.fixture(scope="module", autouse=True)
def _quick_broadcasts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "BROADCAST_PAUSE_S", 0.1)
        yield


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    sink = web_sink(base_map=base_map)
    with Scene(sink, past_s=1800) as running:
        running.call(sink.alert, FakeAlert(), png())
        yield running


@pytest.fixture
def seen(chrome: BrowserContext, scene: Scene) -> Iterator[Watched]:
    """A fresh page on the scene; whatever happens, it may not complain nor ask anybody else."""
    page = chrome.new_page()
    watched = Watched(page)
    page.goto(scene.url)
    expect(page.locator("#table tbody tr")).to_have_count(5)
    yield watched
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith((scene.url, "about:"))] == []
    page.close()


def drawn(seen: Watched) -> dict[str, Any]:
    """What the map draws, by hex."""
    rows = seen.page.evaluate("async () => (await import('./static/map.js')).drawn()")
    return {row["hex"]: row for row in rows}


def test_aircraft_appear_on_the_map_and_move(seen: Watched) -> None:
    first = drawn(seen)
    assert set(first) == set(air(START_S).objects)
    assert first[DRONE]["label"] == ["TROY701", "19,000"]
    assert first[DRONE]["trail"] > 50, "the trail of what is watched is drawn whole"
    seen.page.wait_for_function(
        "async ([hex, x, y]) => (await import('./static/map.js')).drawn()"
        ".some((one) => one.hex === hex && Math.hypot(one.x - x, one.y - y) > 0.05)",
        arg=[DRONE, first[DRONE]["x"], first[DRONE]["y"]],
    )


def test_what_is_drawn_is_on_the_canvas(seen: Watched) -> None:
    """The drone's own pixels: the ring of what is watched is there, and not elsewhere."""
    seen.page.wait_for_timeout(300)  # one frame of the canvas
    place = drawn(seen)[DRONE]
    box = seen.page.locator("#map").bounding_box()
    assert box is not None
    shot = Image.open(io.BytesIO(seen.page.screenshot())).convert("RGB")
    x, y = round(box["x"] + place["x"]), round(box["y"] + place["y"])
    around = {
        cast(tuple[int, int, int], shot.getpixel((x + dx, y + dy))) for dx in range(-20, 21) for dy in range(-20, 21)
    }
    accent = seen.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()")
    wanted = tuple(int(accent[k : k + 2], 16) for k in (1, 3, 5))
    assert any(sum(abs(a - b) for a, b in zip(pixel, wanted, strict=True)) < 30 for pixel in around)


def test_the_table_sorts_and_finds(seen: Watched) -> None:
    page = seen.page
    cells = page.locator("#table tbody td:first-child")
    page.get_by_role("button", name="altitude in feet").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("ft")
    expect(cells.first).to_have_text("TROY701")
    page.get_by_role("button", name="altitude in feet").click()
    expect(cells.last).to_have_text("TROY701")
    page.keyboard.press("/")
    page.keyboard.type("amx103")
    expect(cells).to_have_text(["AMX103"])
    assert set(drawn(seen)) == {"0d0003"}, "the map shows what the table shows"


def test_filters_leave_the_military_the_watched_and_a_band_of_altitude(seen: Watched) -> None:
    page = seen.page
    cells = page.locator("#table tbody td:first-child")
    for box in ("military", "watched"):
        page.get_by_label(box).check()
        expect(cells).to_have_text(["TROY701"])
        page.get_by_label(box).uncheck()
        expect(cells).to_have_count(5)
    page.get_by_label("lowest altitude in feet").fill("1500")
    page.get_by_label("highest altitude in feet").fill("3500")
    expect(cells).to_have_text(["AMX102", "AMX103"])


def test_details_show_every_value_its_age_and_what_is_unknown(seen: Watched) -> None:
    page = seen.page
    page.locator(f"tr[data-hex='{DRONE}']").click()
    detail = page.locator("#detail")
    expect(detail.locator("h2")).to_have_text("TROY701")
    row = detail.locator("dl > div").filter(has_text="altitude, barometric")
    expect(row.locator("dd span")).to_have_text("19,000 ft")
    expect(row.locator("small")).to_have_text(re.compile(r"^\d+ s$"))  # on a busy machine its seconds come late
    expect(row).to_have_attribute("title", "register 0,5, ADS-B")
    expect(detail.locator(".unknown").filter(has_text="registration").locator("dd")).to_contain_text("unknown")
    page.locator("#detail-show").focus()
    page.wait_for_timeout(600)  # two updates
    assert page.evaluate("document.activeElement.id") == "detail-show", "an update takes nobody's focus away"
    page.locator("#detail-close").click()
    expect(detail).to_be_hidden()


def test_an_aircraft_is_selected_on_the_map(seen: Watched) -> None:
    place = drawn(seen)["0d0004"]
    seen.page.locator("#map").click(position={"x": place["x"], "y": place["y"]})
    expect(seen.page.locator("#detail h2")).to_have_text("AMX104")
    assert drawn(seen)["0d0004"]["trail"] > 50, "what is selected shows all of its trail"


def test_an_alert_opens_with_sentence_picture_and_track(seen: Watched) -> None:
    page = seen.page
    expect(page.locator("#banner")).to_contain_text("TROY701, MQ-9")
    page.locator("#banner-open").click()
    card = page.locator(f"#alert-{FakeAlert().id}")
    expect(card.locator(".text")).to_contain_text("orbiting for 3 h 12 min")
    expect(card.locator(".why")).to_have_text("because type is Q9 (aircraft database)")
    page.wait_for_function("() => document.querySelector('.alert img')?.naturalWidth === 400")
    expect(page.locator("#banner")).to_be_hidden()
    assert any(url.endswith("/track") for url in seen.requests)


def test_an_update_of_an_alert_folds_nothing_and_takes_no_focus(seen: Watched, scene: Scene) -> None:
    page = seen.page
    facts = {"facts": [{"name": "type", "value": "Q9", "source": "aircraft database"}]}
    other = FakeAlert(id="drone-ae4bd7-other", severity="info", text="an orbit", more=facts)
    scene.call(scene.sink.alert, other, None)
    page.locator("#tab-alerts").click()
    card = page.locator("#alert-drone-ae4bd7-other")
    card.locator("summary").click()
    expect(card.locator("li")).to_have_text("type: Q9 (aircraft database)")
    changed = FakeAlert(id=other.id, severity="info", text="an orbit of two laps", state="ended", more=facts)
    scene.call(scene.sink.alert, changed, None)
    expect(card.locator(".text")).to_have_text("an orbit of two laps")
    expect(card.locator("li")).to_be_visible()
    expect(card.locator("summary")).to_be_focused()


def test_links_lead_to_an_aircraft_and_to_an_alert(seen: Watched, scene: Scene) -> None:
    page = seen.page
    page.goto(f"{scene.url}#aircraft=0d0002")
    expect(page.locator("#detail h2")).to_have_text("AMX102")
    page.goto("about:blank")
    page.goto(f"{scene.url}#alert={FakeAlert().id}")
    expect(page.locator(f"#alert-{FakeAlert().id} .text")).to_be_visible()


def test_the_slider_shows_the_past_and_comes_back(seen: Watched) -> None:
    page = seen.page
    page.wait_for_function("() => document.getElementById('slider').max > 1000")
    now = drawn(seen)[DRONE]
    page.locator("#slider").focus()
    page.locator("#slider").evaluate("(s) => { s.value = s.max - 240; s.dispatchEvent(new Event('input')); }")
    expect(page.locator("#slider-time")).to_contain_text("2025-11-25")
    page.wait_for_function("async () => !(await import('./static/store.js')).store.live")
    page.wait_for_function(  # the map is drawn with the next frame
        "async ([hex, x, y]) => (await import('./static/map.js')).drawn()"
        ".some((o) => o.hex === hex && Math.hypot(o.x - x, o.y - y) > 5)",
        arg=[DRONE, now["x"], now["y"]],
    )
    past = drawn(seen)[DRONE]
    page.wait_for_timeout(600)
    assert drawn(seen)[DRONE]["x"] == past["x"], "the past stands still while the present goes on"
    page.locator("#play").click()
    page.wait_for_function(
        "async ([hex, x]) => (await import('./static/map.js')).drawn().some((o) => o.hex === hex && Math.abs(o.x - x) > 0.5)",
        arg=[DRONE, past["x"]],
    )
    page.locator("#live").click()
    expect(page.locator("#slider-time")).to_have_text("live")
    expect(page.locator("#table tbody tr")).to_have_count(5)


def test_days_of_the_history_are_replayed(chrome: BrowserContext, tmp_path: Path) -> None:
    """What the history wrote two days ago is on the map when that day is chosen, and the slider spans a day."""
    settings = HistorySettings(dir=tmp_path / "history")
    before = START_S - 2 * 86_400

    async def write() -> None:
        sink = HistorySink(settings)
        for second in range(0, 1200, 5):
            sink.second(air(before + second, 4))
        for second in range(-60, 0, 5):
            sink.second(air(START_S + second, 4))
        await sink.finish()

    writer = threading.Thread(target=lambda: asyncio.run(write()))  # Playwright's own loop runs in this one
    writer.start()
    writer.join()
    page = chrome.new_page()
    watched = Watched(page)
    with Scene(web_sink(base_map=base_map, history=HistoryReader(settings.directory())), past_s=60) as scene:
        page.goto(scene.url)
        expect(page.locator("#day")).to_be_visible()
        assert page.locator("#slider").get_attribute("max") == "86400"
        page.locator("#day").fill("2025-11-23")
        expect(page.locator("#slider-time")).to_have_text("2025-11-23 08:40:00Z")  # nothing is older
        page.locator("#slider").evaluate("(s) => { s.value = 600; s.dispatchEvent(new Event('input')); }")
        expect(page.locator("#slider-time")).to_have_text("2025-11-23 08:50:00Z")
        expect(page.locator("#table tbody tr")).to_have_count(4)
        page.locator("tr[data-hex='0d0003']").click()
        page.wait_for_function(
            "async () => (await import('./static/map.js')).drawn().some((one) => one.hex === '0d0003' && one.trail > 100)"
        )
        page.locator("#live").click()
        expect(page.locator("#table tbody tr")).to_have_count(5)
    assert [text for text in watched.complaints if "ERR_" not in text] == []
    page.close()


def test_health_is_plotted_over_hour_and_day(seen: Watched) -> None:
    page = seen.page
    page.locator("#tab-health").click()
    expect(page.locator("#plots figure")).to_have_count(7)
    expect(page.locator("#plots figcaption").first).to_contain_text("messages per second")
    inked = "() => [...document.querySelectorAll('#plots canvas')].every((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v))"
    assert page.evaluate(inked)
    has_outline = "async () => (await import('./static/map.js')).outlined()"
    page.wait_for_function(has_outline)
    page.get_by_role("radio", name="day").click()
    expect(page.get_by_role("radio", name="day")).to_have_attribute("aria-checked", "true")
    assert page.evaluate(inked)
    expect(page.locator("#facts")).to_contain_text("2.40 MS/s")
    page.locator("#tab-aircraft").click()
    assert not page.evaluate(has_outline), "it is drawn only while the receiver is looked at"


def test_everything_is_reached_by_keyboard(seen: Watched) -> None:
    page = seen.page
    page.keyboard.press("2")
    expect(page.locator("#view-alerts")).to_be_visible()
    page.keyboard.press("1")
    assert page.locator("#table tbody tr[tabindex='0']").count() == 1
    page.locator("#table tbody tr[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    page.locator("#tab-aircraft").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-alerts")).to_be_focused()


def test_dark_and_light_are_remembered(seen: Watched, scene: Scene) -> None:
    page = seen.page
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("d")
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.reload()
    expect(page.locator("#table tbody tr")).to_have_count(5)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after
    page.keyboard.press("d")


def test_a_replay_faster_than_real_time_leaves_whole_trails(chrome: BrowserContext) -> None:
    """Between two messages a minute passes; the trail of what is watched is asked for, not drawn with corners."""
    page = chrome.new_page()
    sink = web_sink(base_map=base_map)
    with Scene(sink, past_s=60) as scene:
        page.goto(scene.url)
        expect(page.locator("#table tbody tr")).to_have_count(5)

        def forward() -> None:
            for second in range(10, 900, 5):
                sink.second(air(scene.now + second))
            scene.now += 900

        scene.call(forward)
        page.wait_for_function(
            "async (hex) => (await import('./static/map.js')).drawn().some((one) => one.hex === hex && one.trail > 150)",
            arg=DRONE,
        )
    page.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(seen: Watched) -> None:
    page = seen.page
    page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("aircraft", "alerts", "health"):
        page.locator(f"#tab-{tab}").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate("document.getElementById('panel').getBoundingClientRect().right") <= 390
    page.locator("#tab-aircraft").click()
    page.locator("#table tbody tr").first.click()
    expect(page.locator("#detail")).to_be_visible()
    assert page.locator("#map").bounding_box()["height"] > 200  # type: ignore[index]


def test_strings_from_air_database_and_atlas_make_no_element(chrome: BrowserContext) -> None:
    """All 64 characters of the call-sign alphabet, and markup wherever a database or the atlas may put text."""
    alphabet = [_LETTERS[k : k + 8].ljust(8) for k in range(0, 64, 8)]
    raw = ["<script>", "<b>x</b>", '"><img x', "&lt;a&gt;", "javascri", "' onload=", "</td><td", *alphabet]

    def make(now: float) -> Air:
        calm = air(now, len(raw))
        objects = {}
        for (icao, aircraft), callsign in zip(calm.objects.items(), raw, strict=True):
            evil = dict.fromkeys(("r", "t", "desc", "ownOp", "year", "squawk", "emergency", "category", "type"), EVIL)
            own = dict.fromkeys(("country", "place", "over", "pattern", "confidence"), EVIL)
            objects[icao] = {**aircraft, **evil, "flight": callsign, "squitter": {**own, "watch": [EVIL]}}
        said = {**calm.statistics, "source": EVIL, "receiver_state": EVIL, "receiver_text": EVIL}
        return Air(now, calm.sightings, objects, said)

    sink = web_sink(base_map=base_map)
    more = {"title": EVIL, "clause": EVIL, "facts": [{"name": EVIL, "value": EVIL, "source": EVIL}]}
    page = chrome.new_page()
    watched = Watched(page)
    with Scene(sink, make, past_s=60) as scene:
        scene.call(sink.alert, FakeAlert(text=EVIL, more=more), png())
        page.goto(scene.url)
        expect(page.locator("#table tbody tr")).to_have_count(len(raw))
        shown = page.locator("#table tbody td:first-child").all_inner_texts()
        assert {text.removeprefix("★").strip() for text in shown} >= {text.strip() for text in raw if text.strip()}
        page.locator("#table tbody tr").first.click()
        expect(page.locator("#detail")).to_contain_text("onerror")
        page.locator("#tab-alerts").click()
        expect(page.locator(".alert .text")).to_have_text(EVIL)
        page.locator("#tab-health").click()
        expect(page.locator("#facts")).to_contain_text("onerror")
        page.locator("#map .place").first.wait_for()
        assert "onerror" in " ".join(page.locator("#map .place").all_inner_texts())
        page.locator("#slider").evaluate("(s) => { s.value = 20; s.dispatchEvent(new Event('input')); }")
        expect(page.locator("#slider-time")).to_contain_text("2025")
        assert page.locator("[data-evil], img[src=x], script:not([src])").count() == 0
        assert page.title().startswith("Squitter")
    assert [text for text in watched.complaints if "ERR_" not in text] == []
    page.close()


def test_the_policy_stops_a_script_that_got_in_all_the_same(chrome: BrowserContext, scene: Scene) -> None:
    page = chrome.new_page()
    watched = Watched(page)
    page.goto(scene.url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.evil = 1\">')")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s)"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.evil") is None
    assert any("Content Security Policy" in text for text in watched.complaints)
    page.close()


def test_a_server_that_is_killed_and_comes_back_is_found_again(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    first = Scene(web_sink(base_map=base_map), past_s=60)
    with first:
        page.goto(first.url)
        expect(page.locator("#connection")).to_contain_text("live 0")
        port = int(first.url.rstrip("/").rpartition(":")[2])
    expect(page.locator("#connection")).to_contain_text("no connection, trying again")
    expect(page.locator("#table tbody tr")).to_have_count(5)
    with Scene(web_sink(base_map=base_map, port=port), lambda now: air(now, 7), start_s=START_S + 100):
        expect(page.locator("#connection")).to_contain_text("live 0")
        expect(page.locator("#table tbody tr")).to_have_count(7)
    page.close()


def test_eight_tabs_share_a_connection_and_come_back_when_it_died_without_a_word(chrome: BrowserContext) -> None:
    with Scene(web_sink(base_map=base_map), past_s=60) as scene, Tunnel(scene.url) as tunnel:
        pages = [chrome.new_page() for _ in range(8)]
        for page in pages:
            page.goto(tunnel.url)
        for page in pages:
            expect(page.locator("#table tbody tr")).to_have_count(5)
            expect(page.locator("#connection")).to_contain_text("live 0")
        assert scene.call(scene.sink.statistics)["pages"] == 1
        tunnel.silence()
        for page in pages:
            expect(page.locator("body")).to_have_class("lost")
        before = pages[0].evaluate("async () => (await import('./static/store.js')).store.now")
        pages[0].wait_for_function("async (t) => (await import('./static/store.js')).store.now > t + 1", arg=before)
        tunnel.carry()
        for page in pages:
            expect(page.locator("#connection")).to_contain_text("live 0")
        trail = "async () => (await import('./static/store.js')).store.trails.get('ae4bd7').length"
        assert min(page.evaluate(trail) for page in pages) > 10
        for page in pages[1:]:
            page.close()
        expect(pages[0].locator("#connection")).to_contain_text("live 0")
        pages[0].close()


def test_without_shared_workers_a_hidden_page_lets_go_and_a_seen_one_follows(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    page.add_init_script("delete window.SharedWorker")
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.clock.install()
    with Scene(web_sink(base_map=base_map)) as scene:
        page.goto(scene.url)
        expect(page.locator("#table tbody tr")).to_have_count(5)
        assert scene.call(scene.sink.statistics)["pages"] == 1
        page.evaluate(hide, True)
        page.clock.run_for(11_000)
        while scene.call(scene.sink.statistics)["pages"]:
            pass
        page.evaluate(hide, False)
        expect(page.locator("#connection")).to_contain_text("live 0")
        assert scene.call(scene.sink.statistics)["pages"] == 1
    page.close()


def test_the_page_says_that_the_radio_is_silent_and_why(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    clock = [0.0]
    sink = WebSink(WebSettings(enabled=True, port=0), StationSettings(), base_map, clock=lambda: clock[0])

    def dead(now: float) -> Air:
        clock[0] = now - START_S
        return air(now, 2, samples_processed=7, receiver_state="absent", receiver_text="no RTL-SDR dongle found")

    with Scene(sink, dead, second_s=0.05) as scene:
        page.goto(scene.url)
        expect(page.locator("body")).to_have_class("silent")
        expect(page.locator("#connection")).to_contain_text("no signal: no receiver found")
        expect(page.locator("#connection")).to_have_attribute("title", "no RTL-SDR dongle found")
    page.close()


@pytest.mark.parametrize(
    "hash_", ["%", "%E0%A4%A", "=", "aircraft=", "aircraft=%", "alert=%00", "a=b=c", "#", "aircraft=__proto__"]
)
def test_a_strange_address_does_no_harm(chrome: BrowserContext, scene: Scene, hash_: str) -> None:
    page = chrome.new_page()
    watched = Watched(page)
    page.goto(f"{scene.url}#{hash_}")
    expect(page.locator("#table tbody tr")).to_have_count(5)
    page.evaluate("(hash) => { location.hash = hash; }", hash_)
    expect(page.locator("#connection")).to_contain_text("live 0")
    assert watched.complaints == []
    page.close()


def test_a_page_that_has_looked_at_all_the_world_keeps_little_of_it(chrome: BrowserContext, scene: Scene) -> None:
    page = chrome.new_page()
    page.goto(scene.url)
    expect(page.locator("#table tbody tr")).to_have_count(5)
    for west in range(-175, 180, 10):
        page.evaluate("async ([w]) => (await import('./static/map.js')).show(35, w, 8)", [west])
    page.wait_for_function("async () => (await import('./static/map/base.js')).keptCells().length <= 16")
    page.wait_for_function("async () => (await import('./static/map/base.js')).keptCells().includes('170/30')")
    page.close()


def test_a_link_to_an_alert_of_before_a_restart_leads_to_its_picture_and_track(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    watched = Watched(page)
    sink = web_sink(base_map=base_map)
    past = FakeAlert(id="drone-ae4bd7-past", icao="ae4bff", state="ended")  # who is not heard any more
    sink.remember(past.payload(), past.trail, png())
    with Scene(sink) as scene:
        with page.expect_response(f"**/api/alerts/{past.id}/track") as track:
            page.goto(f"{scene.url}#alert={past.id}")
        assert track.value.ok
        card = page.locator(f"#alert-{past.id}")
        expect(card.locator(".when")).to_contain_text("ended")
        page.wait_for_function("(id) => document.querySelector(`#alert-${id} img`)?.naturalWidth === 400", arg=past.id)
        assert watched.complaints == []
    page.close()


def test_the_token_opens_the_map_once_and_for_all(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    with Scene(web_sink(token="correct-horse-battery")) as scene:
        page.goto(scene.url)
        expect(page.locator("body")).to_contain_text("asks for its token")
        page.goto(f"{scene.url}?token=correct-horse-battery")
        expect(page.locator("#table tbody tr")).to_have_count(5)
        assert "token" not in page.url
        page.goto(scene.url)
        expect(page.locator("#table tbody tr")).to_have_count(5)
    page.close()


def test_the_alphabet_has_64_characters_and_most_of_them_are_refused_before_the_page() -> None:
    assert len(_LETTERS) == 64
    good = [letter for letter in set(_LETTERS) if valid_callsign(f"A{letter}B")]
    assert "<" not in good
    assert len(good) == 37


def test_memory_of_the_last_hours_is_bounded() -> None:
    recent = Recent(keep_s=600.0)
    for second in range(0, 3000, 5):
        recent.second(air(START_S + second, 3))
    span = recent.span()
    assert span is not None
    assert span[1] - span[0] <= 600 + 300, "what is older goes, at the latest five minutes later"


@pytest.mark.slow
def test_300_aircraft_for_a_minute_leave_the_browser_most_of_its_time() -> None:
    from benchmarks.page import measure

    figures = measure(300, 60.0, phone=False)  # checks by itself that all are shown, move, and keep up
    assert figures["weight_kb"] < 600
    assert figures["page_cpu_percent"] < 60
    assert figures["server_cpu_percent"] < 10
    assert figures["frames_per_s"] > 25
