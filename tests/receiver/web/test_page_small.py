"""The page on small screens, in other languages, when there is nothing to show, and for who cannot see it."""

from __future__ import annotations

from importlib import resources

import pytest
from playwright.sync_api import BrowserContext, expect

from receiver.views.outlets import Air
from tests.receiver.web.airs import START_S, FakeAlert, air, web_sink
from tests.receiver.web.browsing import Scene, Watched
from tests.receiver.web.pages import base_map

TABS = ("aircraft", "alerts", "health", "view")
SMALL = """() => [...document.querySelectorAll('button, input:not([type=checkbox]), select, a, summary, label:has(input)')]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width && !e.closest('.leaflet-control-attribution, label label')
    && !(e.matches('input, select') && e.closest('label')))
  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5 && box.width > 0).map(([text, box]) => `${text} ${box.width}x${box.height}`)"""


def violations(page: object) -> list[str]:
    """What axe-core finds wrong with the page as it is now."""
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed: `make install-dev` installs it")
    script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
    page.evaluate(script)  # type: ignore[attr-defined]
    found = page.evaluate("async () => (await axe.run()).violations")  # type: ignore[attr-defined]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']][:4]}" for one in found]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_wrong_in_any_view(seen: Watched, scheme: str) -> None:
    page = seen.page
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", scheme)
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        assert violations(page) == [], tab
    page.locator("#tab-aircraft").click()
    page.locator("#table tbody tr").first.click()
    page.locator("#elsewhere summary").click()
    assert violations(page) == [], "details"


def test_on_a_phone_nothing_is_wider_than_the_screen_and_everything_is_large_enough_for_a_finger(seen: Watched) -> None:
    page = seen.page
    page.set_viewport_size({"width": 390, "height": 844})
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate("document.getElementById('panel').getBoundingClientRect().right") <= 390
        assert page.evaluate(SMALL) == [], tab
    page.locator("#tab-aircraft").click()
    page.locator("#table tbody tr").first.click()
    expect(page.locator("#detail")).to_be_visible()
    assert page.evaluate(SMALL) == [], "details"
    assert page.locator("#map").bounding_box()["height"] > 200  # type: ignore[index]
    before = page.locator("#panel").bounding_box()["height"]  # type: ignore[index]
    page.locator("#sheet").click()
    assert page.locator("#panel").bounding_box()["height"] > before + 150  # type: ignore[index]
    page.locator("#panel-toggle").click()
    expect(page.locator("#panel")).to_be_hidden()
    assert page.locator("#banner-open").evaluate("(e) => e.getBoundingClientRect().height") < 60, (
        "the banner is one line"
    )


def test_it_can_be_installed(seen: Watched) -> None:
    page = seen.page
    manifest = page.evaluate("async () => (await fetch(document.querySelector('link[rel=manifest]').href)).json()")
    assert manifest["display"] == "standalone"
    assert page.evaluate("new URL('../', document.querySelector('link[rel=manifest]').href).pathname") == "/"


def test_the_language_is_the_browsers(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'languages', { get: () => ['es-MX', 'en'] })")
    watched = Watched(page)
    with Scene(web_sink(base_map=base_map)) as scene:
        page.goto(scene.url)
        expect(page.locator("#tab-aircraft")).to_have_text("Aeronaves")
        expect(page.locator("#connection")).to_contain_text("en vivo")
        expect(page.locator("#table thead")).to_contain_text("indicativo")
        page.locator("#table tbody tr").first.click()
        expect(page.locator("#detail")).to_contain_text("altitud barométrica")
        expect(page.locator("html")).to_have_attribute("lang", "es")
        page.locator("#tab-view").click()
        page.locator("#option-lang").select_option("en")
        expect(page.locator("#tab-aircraft")).to_have_text("Aircraft")
        assert watched.complaints == []
    page.close()


def test_the_page_says_why_there_is_nothing_to_see(chrome: BrowserContext) -> None:
    page = chrome.new_page()

    def none(now: float) -> Air:
        return air(now, 0, aircraft_listed=0)

    silent = Scene(web_sink(base_map=base_map), none)
    with silent as scene:
        page.goto(scene.url)
        expect(page.locator("#empty")).to_contain_text("No aircraft now.")
        expect(page.locator("#state")).to_contain_text("squitter db update")
        page.locator("#state button").click()
        expect(page.locator("#state")).to_be_hidden()
    with Scene(web_sink(base_map=base_map)) as scene:
        page.goto(scene.url)
        expect(page.locator("#table tbody tr")).to_have_count(5)
        page.locator("#search").fill("nobody")
        expect(page.locator("#empty")).to_contain_text("No aircraft matches. 5 are hidden")
        page.locator("#search").fill("/(/")
        expect(page.locator("#empty")).to_contain_text("not complete")
        page.locator("#search").fill("type:zzz")
        page.get_by_role("button", name="show all").click()
        expect(page.locator("#table tbody tr")).to_have_count(5)
        scene.call(scene.sink.alert, FakeAlert(), None)
        expect(page.locator("#alert-count")).to_have_text("1")
    page.close()


def test_before_anything_was_received_it_says_what_to_look_at(chrome: BrowserContext) -> None:
    page = chrome.new_page()
    with Scene(web_sink(base_map=base_map), second_s=3600.0, start_s=START_S) as scene:
        scene.sink._told.latest = None  # the first second has not come
        page.goto(scene.url)
        expect(page.locator("#empty")).to_contain_text("Is the antenna connected?")
    page.close()
