"""What the routes answer with: documents that stay as they are, JSON, and what is there under no such name."""

from __future__ import annotations

import gzip
import hashlib
import re
from typing import Any

from aiohttp import web

from receiver.views.aircraft_json import json_bytes


class Document:
    """Bytes that are served as they are, compressed once."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self.body = body
        self.packed = gzip.compress(body, 9, mtime=0) if len(body) > 600 and "png" not in content_type else None
        self.content_type = content_type
        self.tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'

    def answer(self, request: web.Request, cache: str = "no-cache") -> web.Response:
        """The document, or 304 when the browser has it."""
        headers = {"ETag": self.tag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = self.content_type
        if self.packed is not None and takes_gzip(request):
            return web.Response(body=self.packed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=self.body, headers=headers)


def takes_gzip(request: web.Request) -> bool:
    """Whether the asker takes a compressed answer."""
    return "gzip" in request.headers.get("Accept-Encoding", "")


def json_answer(request: web.Request, value: Any) -> web.Response:
    """A value as JSON, compressed when that pays."""
    return json_bytes_answer(*packed_json(value, takes_gzip(request)))


def packed_json(value: Any, gzipped: bool) -> tuple[bytes, bool]:
    """A value as JSON, and whether it is compressed: when that is taken and pays."""
    body = json_bytes(value)
    if gzipped and len(body) > 1000:
        return gzip.compress(body, 4, mtime=0), True
    return body, False


def json_bytes_answer(body: bytes, is_packed: bool) -> web.Response:
    """An answer with JSON that was made before."""
    headers = {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers=headers)


def matching(request: web.Request, name: str, pattern: re.Pattern[str]) -> str:
    """A part of the path, when it looks as it should; else there is nothing of that name."""
    text = request.match_info[name]
    if not pattern.fullmatch(text):
        raise web.HTTPNotFound(text="no such thing\n")
    return text
