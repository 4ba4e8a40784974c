"""The page in a real browser. One browser and one server serve most tests: starting them is what takes time."""

from __future__ import annotations

import io
import re
from typing import cast

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.receiver.web.airs import DRONE, START_S, FakeAlert, air
from tests.receiver.web.browsing import Scene, Watched
from tests.receiver.web.pages import drawn


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
    page.get_by_label("lowest altitude").fill("1500")
    page.get_by_label("highest altitude").fill("3500")
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
    seen.page.wait_for_function(  # what is selected shows all of its trail, once that has come
        "async () => (await import('./static/map.js')).drawn().some((one) => one.hex === '0d0004' && one.trail > 50)"
    )


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


def test_health_is_plotted_over_hour_and_day(seen: Watched) -> None:
    page = seen.page
    page.locator("#tab-health").click()
    expect(page.locator("#plots figcaption", has_text="processor of this machine")).to_be_visible()
    expect(page.locator("#polar canvas")).to_be_visible()
    page.get_by_role("radio", name="months").click()
    expect(page.locator("#plots")).to_contain_text("one row an hour")
    page.get_by_role("radio", name="hour").click()
    expect(page.locator("#plots figcaption").first).to_contain_text("messages per second")
    inked = "() => [...document.querySelectorAll('#plots canvas')].every((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v))"
    assert page.evaluate(inked)
    has_outline = "async () => (await import('./static/map.js')).outlined()"
    page.wait_for_function(has_outline)
    page.get_by_role("radio", name="day").click()
    expect(page.get_by_role("radio", name="day")).to_have_attribute("aria-checked", "true")
    assert page.evaluate(inked)
    expect(page.locator("#facts")).to_contain_text("2.40 MS/s")
    page.locator("#tab-view").click()
    page.get_by_label("outline of the range").uncheck()
    assert not page.evaluate(has_outline)


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


@pytest.mark.slow
def test_300_aircraft_for_a_minute_leave_the_browser_most_of_its_time() -> None:
    from benchmarks.page import measure

    figures = measure(300, 60.0, phone=False)  # checks by itself that all are shown, move, and keep up
    assert figures["weight_kb"] < 900
    assert figures["page_cpu_percent"] < 60
    assert figures["server_cpu_percent"] < 10
    assert figures["frames_per_s"] > 25
