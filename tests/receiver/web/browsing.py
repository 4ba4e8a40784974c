"""A real browser on a real server: Debian's Chromium, driven by Playwright; the server in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from receiver.views.outlets import Air
from receiver.web.server import WebSink
from tests.receiver.web.airs import START_S, air

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=25_000)  # four of these may share two cores


def chromium() -> str:
    """Path of the browser; a test that needs it fails without it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("chromium is missing: `make install-dev` installs it (Debian package chromium)")
    return path


class Scene:
    """A server in a thread whose air moves on by itself: `second_s` of real time is a second of signal.

    Parameters
    ----------
    sink
        A fresh sink; `port` 0 in its settings.
    make_air
        The air at a moment.
    """

    def __init__(
        self,
        sink: WebSink,
        make_air: Callable[[float], Air] = air,
        second_s: float = 0.25,
        start_s: float = START_S,
        past_s: int = 0,
    ) -> None:
        self.sink = sink
        self.now = start_s
        self._make_air = make_air
        self._second_s = second_s
        self._past_s = past_s
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self.error: BaseException | None = None

    def __enter__(self) -> Scene:
        self._thread.start()
        assert self._ready.wait(60), "the server did not start"
        if self.error is not None:
            raise self.error
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server, as if it were killed: connections are cut."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call on the server's loop and wait for the result."""
        assert self._loop is not None

        async def run() -> Any:
            return function(*arguments)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    @property
    def url(self) -> str:
        """Where the page is."""
        assert self.sink.url is not None
        return self.sink.url

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        for back in range(self._past_s, 0, -5):
            self.sink.second(self._make_air(self.now - back))
        serve = asyncio.create_task(self.sink.run())
        ready = asyncio.create_task(self.sink.ready.wait())
        await asyncio.wait({serve, ready}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        if serve.done():
            self.error = serve.exception()
        self._ready.set()
        ticker = asyncio.create_task(self._tick())
        await self._stop.wait()
        for task in (ticker, serve, ready):
            task.cancel()
        await asyncio.gather(ticker, serve, ready, return_exceptions=True)

    async def _tick(self) -> None:
        while True:
            self.sink.second(self._make_air(self.now))
            self.now += 1.0
            await asyncio.sleep(self._second_s)


class Watched:
    """A page with what it complained of and where it went."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@contextlib.contextmanager
def browser(folder: Path, **context: Any) -> Iterator[BrowserContext]:
    """A fresh Chromium with a user-data folder of its own; `context` goes to Playwright (viewport, color_scheme, …)."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch_persistent_context(
            str(folder), executable_path=chromium(), headless=True, args=FLAGS, **context
        )
        opened.set_default_timeout(25_000)
        try:
            yield opened
        finally:
            opened.close()


class Tunnel:
    """A way to a server that can fall silent: nothing is closed, nothing goes through any more, as when a router has
    forgotten a connection or a phone has slept."""

    def __init__(self, url: str) -> None:
        self._target = ("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent = False
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Tunnel:
        self._thread.start()
        server = self._call(asyncio.start_server(self._join, "127.0.0.1", 0))
        self._server = server
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def silence(self) -> None:
        """Carry nothing more, and take new connections without carrying theirs, either."""
        self._silent = True

    def carry(self) -> None:
        """Carry new connections; those of before stay dead."""
        self._silent = False

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _end(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        dead = self._silent
        if dead:
            await asyncio.Event().wait()
        ahead, back = await asyncio.open_connection(*self._target)
        self._writers.add(back)

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            nonlocal dead
            while data := await source.read(65_536):
                dead = dead or self._silent
                if dead:
                    await asyncio.Event().wait()
                sink.write(data)
                await sink.drain()
            sink.close()

        with contextlib.suppress(ConnectionError):
            await asyncio.gather(pass_on(reader, back), pass_on(ahead, writer))
