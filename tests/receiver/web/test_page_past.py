"""The slider: the last hours and days of the history."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from config.history import HistorySettings
from receiver.history.reader import HistoryReader
from receiver.sinks.history import HistorySink
from tests.receiver.web.airs import DRONE, START_S, air, web_sink
from tests.receiver.web.browsing import Scene, Watched
from tests.receiver.web.pages import base_map, drawn


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


def test_the_replay_has_speeds_steps_and_a_sign_that_says_past(seen: Watched) -> None:
    page = seen.page
    page.wait_for_function("() => document.getElementById('slider').max > 1000")
    expect(page.locator("#past-sign")).to_be_hidden()
    page.keyboard.press(",")
    expect(page.locator("#past-sign")).to_contain_text("past 2025-11-25")
    first = page.locator("#slider-time").inner_text()
    page.keyboard.press(",")
    expect(page.locator("#slider-time")).not_to_have_text(first)
    page.keyboard.press(".")
    expect(page.locator("#slider-time")).to_have_text(first)
    page.locator("#slider").evaluate("(s) => { s.value = 100; s.dispatchEvent(new Event('input')); }")
    page.locator("#rate").select_option("200")
    page.keyboard.press("p")
    page.wait_for_function("() => Number(document.getElementById('slider').value) > 300")
    page.keyboard.press("p")
    page.locator("#live").click()
    expect(page.locator("#past-sign")).to_be_hidden()
