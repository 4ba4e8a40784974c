"""The page when its server, its way to it, or the radio fails, and who is let in."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from config.station import StationSettings
from config.web import WebSettings
from receiver.views.outlets import Air
from receiver.web.server import WebSink
from tests.receiver.web.airs import START_S, FakeAlert, air, web_sink
from tests.receiver.web.browsing import Scene, Tunnel, Watched
from tests.receiver.web.pages import base_map, png


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
