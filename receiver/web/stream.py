"""Server-sent events: a page is told everything once, then once a second what has changed.

An event is encoded once for all pages. Each page has a bounded queue; one that does not read is cut off, and finds its
way back by itself to a fresh start. Something is sent every two seconds, so that a page notices soon when
its connection has died without a word.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from receiver.web.connections import connection_of
from receiver.web.work import Work

QUEUE_BYTES = 2_000_000  # that wait for one page, besides what it is told first
WRITE_TIMEOUT_S = 20.0
PULSE_S = 1.2  # after so long without news; a page doubts its connection after four seconds
LARGE = 64_000  # bytes that take long to compress
_AGES = frozenset({"seen", "seen_pos"})
_MISSING = object()

Objects = Mapping[str, dict[str, Any]]


def compact(value: Any) -> str:
    """JSON without spaces; NaN is refused."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def event(name: str, value: Any, number: int = 0) -> bytes:
    """One event. JSON has no line breaks of its own, so one `data:` line holds it. By its number a page that was told
    everything another way knows what it has missed."""
    return f"id: {number}\nevent: {name}\ndata: {compact(value)}\n\n".encode()


def difference(old: Objects, new: Objects) -> tuple[list[dict[str, Any]], list[str]]:
    """What has changed: objects with only the changed keys (`-` lists those that are gone), and who has left.

    A change of nothing but ages is none: the page lets them grow itself.
    """
    changed = []
    for icao, aircraft in new.items():
        before = old.get(icao)
        if before is None:
            changed.append(aircraft)
            continue
        if before is aircraft:
            continue
        news = {key: value for key, value in aircraft.items() if before.get(key, _MISSING) != value}
        lost = [key for key in before if key not in aircraft]
        if not lost and news.keys() <= _AGES:
            continue
        for key in _AGES:
            if key in aircraft:
                news[key] = aircraft[key]
        news["hex"] = aircraft["hex"]
        if lost:
            news["-"] = lost
        changed.append(news)
    return changed, [icao for icao in old if icao not in new]


class Page:
    """One browser that follows."""

    def __init__(self, request: web.Request, work: Work) -> None:
        self._request = request
        self._work = work
        self._queue: deque[bytes] = deque()
        self._waiting = 0  # bytes
        self._news = asyncio.Event()
        self._zip = (
            zlib.compressobj(5, zlib.DEFLATED, 31) if "gzip" in request.headers.get("Accept-Encoding", "") else None
        )
        self.was_slow = False

    def tell(self, data: bytes) -> None:
        """Queue an event; too much in the queue ends the connection."""
        if self._waiting > QUEUE_BYTES:
            self.was_slow = True
            self.close()
            return
        self._queue.append(data)
        self._waiting += len(data)
        self._news.set()

    def close(self) -> None:
        """End the connection at once."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def serve(self) -> web.StreamResponse:
        """Write what is queued until the connection ends."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        if self._zip is not None:
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
        connection = connection_of(self._request)
        if connection is not None:
            connection.enter("answering", None)
        with contextlib.suppress(ConnectionError, TimeoutError):
            await response.prepare(self._request)
            await self._write(response, b"retry: 2000\n\n")
            while True:
                await self._news.wait()
                self._news.clear()
                data = b"".join(self._queue)
                self._queue.clear()
                await self._write(response, data)
                self._waiting -= len(data)
        self.close()
        return response

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        if self._zip is not None:
            packing = self._work.do(pack, self._zip, data) if len(data) > LARGE else None
            data = pack(self._zip, data) if packing is None else await packing
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await response.write(data)


def pack(zip_: zlib._Compress, data: bytes) -> bytes:
    """Compress so that it can be read at once."""
    return zip_.compress(data) + zip_.flush(zlib.Z_SYNC_FLUSH)


class Pages:
    """All browsers that follow, and what they have been told.

    Parameters
    ----------
    most
        That follow at a time.
    work
        Compresses what is large.
    """

    def __init__(self, most: int, work: Work) -> None:
        self._most = most
        self._work = work
        self._pages: set[Page] = set()
        self._told: Objects = {}
        self._now = 0.0
        self.number = 0  # of the last event
        self.slow = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._pages)

    def tell(self, name: str, value: Any) -> None:
        """Send an event to all."""
        self.number += 1
        if self._pages:
            data = event(name, value, self.number)
            for page in tuple(self._pages):
                page.tell(data)

    def air(self, now: float, objects: Objects, radio: Mapping[str, Any] | None = None) -> None:
        """Send all what has changed in the air; and of the radio, when something is wrong with it."""
        if self._pages:
            changed, gone = difference(self._told, objects)
            self._told, self._now = objects, now
            more = {} if radio is None else {"radio": radio}
            self.tell("air", {"now": round(now, 1), "aircraft": changed, "gone": gone, **more})

    def beginning(self, now: float, objects: Objects) -> tuple[float, list[dict[str, Any]]]:
        """Time and aircraft that a new page is told first: what the others were told last, so that the next difference
        fits it, too."""
        if not self._pages:
            self._told, self._now = objects, now
        return round(self._now, 1), list(self._told.values())

    async def follow(
        self, request: web.Request, hello: Mapping[str, Any], now: float, objects: Objects, trails: Mapping[str, Any]
    ) -> web.StreamResponse:
        """Serve a new page: everything first, then what changes."""
        if len(self._pages) >= self._most:
            self.refused += 1
            raise web.HTTPServiceUnavailable(text="too many pages follow already\n", headers={"Retry-After": "10"})
        told_s, aircraft = self.beginning(now, objects)
        page = Page(request, self._work)
        page.tell(event("hello", hello, self.number))
        full = {"now": told_s, "full": True, "aircraft": aircraft, "gone": [], "trails": trails}
        page.tell(event("air", full, self.number))
        self._pages.add(page)
        try:
            return await page.serve()
        finally:
            self._pages.discard(page)
            self.slow += page.was_slow

    def close(self) -> None:
        """End all connections."""
        for page in tuple(self._pages):
            page.close()
