"""The page and its files."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from receiver.errors import SquitterError
from receiver.web.answers import Document
from receiver.web.routes import Routes

PAGE = Path(__file__).parents[1] / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    "": "text/plain; charset=utf-8",
}


def page_files(folder: Path = PAGE) -> dict[str, Document]:
    """The files of the page by their path below `static/`, read once: nothing else can be asked for."""
    files = {
        path.relative_to(folder).as_posix(): Document(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TYPES and not path.name.startswith("package")
    }
    missing = {"leaflet/leaflet.js", "leaflet/protomaps-leaflet.js"} - files.keys()
    if missing:
        raise SquitterError(
            f"the map lacks {' and '.join(sorted(missing))} in {folder}: install squitter from its wheel, or reinstall it"
        )
    return files


class PageRoutes:
    """`/` and `/static/…`."""

    def __init__(self) -> None:
        self._files: dict[str, Document] = {}

    def read(self) -> None:
        """Read the files; it blocks. Raises SquitterError when they are not all there."""
        self._files = page_files()

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {"/": self._index, "/static/{name:[a-z0-9_./-]+}": self._static}

    async def _index(self, request: web.Request) -> web.Response:
        return self._files["index.html"].answer(request)

    async def _static(self, request: web.Request) -> web.Response:
        document = self._files.get(request.match_info["name"])
        if document is None:
            raise web.HTTPNotFound(text="no such file\n")
        return document.answer(request)
