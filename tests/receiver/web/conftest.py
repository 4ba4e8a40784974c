"""Async tests of this folder run in a loop of their own; tests of the page share a browser and a server per file."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from receiver.web import server
from tests.receiver.web.airs import FakeAlert, web_sink
from tests.receiver.web.browsing import Scene, Watched, browser
from tests.receiver.web.pages import base_map, png


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine function; leave the others to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory, quick_broadcasts: None) -> Iterator[BrowserContext]:
    with browser(tmp_path_factory.mktemp("chromium"), viewport={"width": 1280, "height": 800}) as opened:
        yield opened


@pytest.fixture(scope="module")
def quick_broadcasts() -> Iterator[None]:
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
    page.evaluate("localStorage.clear()")  # what one test has chosen is not the next one's
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith((scene.url, "about:"))] == []
    page.close()
