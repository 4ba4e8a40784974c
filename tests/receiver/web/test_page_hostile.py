"""The page with hostile text, addresses and much to remember."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from receiver.decode.callsign import valid_callsign
from receiver.views.outlets import Air
from tests.receiver.watch.air import _LETTERS
from tests.receiver.web.airs import FakeAlert, air, web_sink
from tests.receiver.web.browsing import Scene, Watched
from tests.receiver.web.pages import EVIL, base_map, png


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


def test_the_alphabet_has_64_characters_and_most_of_them_are_refused_before_the_page() -> None:
    assert len(_LETTERS) == 64
    good = [letter for letter in set(_LETTERS) if valid_callsign(f"A{letter}B")]
    assert "<" not in good
    assert len(good) == 37
