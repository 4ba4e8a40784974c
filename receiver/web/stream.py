"""Server-sent events: a page is told everything once, then once a second what has changed.

An event is encoded once for all pages. Each page has a bounded queue; one that does not read is cut off, and finds its
way back by itself (EventSource reconnects) to a fresh start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

QUEUE_EVENTS = 20  # about ten seconds
WRITE_TIMEOUT_S = 20.0
SILENCE_S = 15.0  # after so long without an event a comment is sent, so that a dead connection is noticed
_AGES = frozenset({"seen", "seen_pos"})
_MISSING = object()

Objects = Mapping[str, dict[str, Any]]


def compact(value: Any) -> str:
    """JSON without spaces; NaN is refused."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def event(name: str, value: Any) -> bytes:
    """One event. JSON has no line breaks of its own, so one `data:` line holds it."""
    return f"event: {name}\ndata: {compact(value)}\n\n".encode()


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

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_EVENTS)
        self._zip = (
            zlib.compressobj(5, zlib.DEFLATED, 31) if "gzip" in request.headers.get("Accept-Encoding", "") else None
        )
        self.was_slow = False

    def tell(self, data: bytes) -> None:
        """Queue an event; a full queue ends the connection."""
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            self.was_slow = True
            self.close()

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
        with contextlib.suppress(ConnectionError, TimeoutError):
            await response.prepare(self._request)
            await self._write(response, b"retry: 2000\n\n")
            while True:
                try:
                    data = await asyncio.wait_for(self._queue.get(), SILENCE_S)
                except TimeoutError:
                    data = b":\n\n"
                while not self._queue.empty():
                    data += self._queue.get_nowait()
                await self._write(response, data)
        self.close()
        return response

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        if self._zip is not None:
            data = self._zip.compress(data) + self._zip.flush(zlib.Z_SYNC_FLUSH)
        await asyncio.wait_for(response.write(data), WRITE_TIMEOUT_S)


class Pages:
    """All browsers that follow, and what they have been told."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pages: set[Page] = set()
        self._told: Objects = {}
        self._now = 0.0
        self.slow = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._pages)

    def tell(self, name: str, value: Any) -> None:
        """Send an event to all."""
        if self._pages:
            data = event(name, value)
            for page in tuple(self._pages):
                page.tell(data)

    def air(self, now: float, objects: Objects) -> None:
        """Send all what has changed in the air."""
        if self._pages:
            changed, gone = difference(self._told, objects)
            self._told, self._now = objects, now
            self.tell("air", {"now": round(now, 1), "aircraft": changed, "gone": gone})

    async def follow(
        self, request: web.Request, hello: Mapping[str, Any], now: float, objects: Objects, trails: Mapping[str, Any]
    ) -> web.StreamResponse:
        """Serve a new page: everything first, then what changes."""
        if len(self._pages) >= self._most:
            self.refused += 1
            raise web.HTTPServiceUnavailable(text="too many pages follow already\n", headers={"Retry-After": "10"})
        if not self._pages:
            self._told, self._now = objects, now
        page = Page(request)
        page.tell(event("hello", hello))
        # What the others were told last, so that the next difference fits it, too.
        full = {"now": round(self._now, 1), "full": True, "aircraft": list(self._told.values()), "gone": []}
        page.tell(event("air", {**full, "trails": trails}))
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
