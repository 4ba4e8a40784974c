"""The base map: archives of vector tiles (PMTiles), of which a page asks for ranges of bytes."""

from __future__ import annotations

import os
from pathlib import Path

from aiohttp import web

from receiver.web.maps import Maps
from receiver.web.routes import Routes
from receiver.web.work import Work

MOST_BYTES = 4 * 1024 * 1024  # of one answer; tiles have some 50 kB


class BaseMapRoutes:
    """`/map/….pmtiles`.

    Parameters
    ----------
    maps
        The archives.
    """

    def __init__(self, maps: Maps, work: Work) -> None:
        self._maps = maps
        self._work = work

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {"/map/{name:[a-z]+}.pmtiles": self._range}

    async def _range(self, request: web.Request) -> web.Response:
        path = self._maps.path(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound(text="no such map\n")
        try:
            asked = request.http_range
        except ValueError:
            asked = slice(None)
        start, stop = asked.start, asked.stop
        if start is None or start < 0 or stop is None or not 0 < stop - start <= MOST_BYTES:
            raise web.HTTPRequestRangeNotSatisfiable(text=f"ask for a range of at most {MOST_BYTES} bytes\n")
        try:
            body, size, tag = await self._work.do(read, path, start, stop)
        except OSError:
            raise web.HTTPNotFound(text="the map file is gone\n") from None
        if not body:
            raise web.HTTPRequestRangeNotSatisfiable(
                headers={"Content-Range": f"bytes */{size}"}, text="beyond the end\n"
            )
        headers = {
            "Content-Range": f"bytes {start}-{start + len(body) - 1}/{size}",
            "Content-Type": "application/octet-stream",
            "ETag": tag,
            "Cache-Control": "private, max-age=86400",
        }
        return web.Response(status=206, body=body, headers=headers)


def read(path: Path, start: int, stop: int) -> tuple[bytes, int, str]:
    """Bytes of a file, its size, and a tag that changes with it. It blocks."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        return os.pread(descriptor, stop - start, start), found.st_size, f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
    finally:
        os.close(descriptor)
