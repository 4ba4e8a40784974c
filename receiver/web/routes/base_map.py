"""The base map, made once for each piece of the world that somebody looks at."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable

from aiohttp import web

from receiver.web.answers import Document
from receiver.web.routes import Routes
from receiver.web.work import Work

CELL_DEG = 10  # of the detailed base map
CELL_TOLERANCE_DEG, WORLD_TOLERANCE_DEG = 0.003, 0.1
CELL_PLACES, WORLD_PLACES = 300, 600
CELLS_KEPT = 24
WORLD = "world"

BaseMap = Callable[[tuple[float, float, float, float] | None, float, int], bytes]
"""The base map as JSON, of a box (west, south, east, north; None: the world), to a tolerance in degrees, with so many
places."""


class BaseMapRoutes:
    """`/api/basemap…`."""

    def __init__(self, make: BaseMap | None, work: Work) -> None:
        self._make = make
        self._work = work
        self._cells: OrderedDict[str, Document] = OrderedDict()
        self._making: dict[str, asyncio.Task[Document]] = {}
        self._askers: Counter[str] = Counter()

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {
            "/api/basemap": self._world,
            "/api/basemap/{west:-?[0-9]{1,3}}/{south:-?[0-9]{1,2}}": self._cell,
        }

    async def _world(self, request: web.Request) -> web.Response:
        return (await self._document(WORLD)).answer(request, "private, max-age=86400")

    async def _cell(self, request: web.Request) -> web.Response:
        west, south = int(request.match_info["west"]), int(request.match_info["south"])
        if west % CELL_DEG or south % CELL_DEG or not (-180 <= west < 180 and -90 <= south < 90):
            raise web.HTTPNotFound(text=f"cells begin at multiples of {CELL_DEG} degrees\n")
        return (await self._document(f"{west},{south}")).answer(request, "private, max-age=86400")

    async def _document(self, name: str) -> Document:
        """The world, or the cell whose south-west corner is in the name; made once, the least wanted forgotten."""
        make = self._make
        if make is None:
            raise web.HTTPNotFound(text="no base map\n")
        document = self._cells.get(name)
        if document is None:
            document = await self._made(name, make)
        self._cells[name] = document
        self._cells.move_to_end(name)
        if WORLD in self._cells:  # everybody begins with it
            self._cells.move_to_end(WORLD)
        while len(self._cells) > CELLS_KEPT:
            self._cells.popitem(last=False)
        return document

    async def _made(self, name: str, make: BaseMap) -> Document:
        """Made for all who ask for it meanwhile; no longer wanted by any of them, it is not begun."""
        task = self._making.get(name)
        if task is None:
            task = self._making[name] = asyncio.create_task(self._work.do(drawn, make, name))
        self._askers[name] += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._askers[name] -= 1
            if not self._askers[name]:
                del self._askers[name], self._making[name]
                task.cancel()


def drawn(make: BaseMap, name: str) -> Document:
    """The document of that name. It blocks."""
    if name == WORLD:
        body = make(None, WORLD_TOLERANCE_DEG, WORLD_PLACES)
    else:
        west, south = (int(part) for part in name.split(","))
        box = (float(west), float(south), float(west + CELL_DEG), float(south + CELL_DEG))
        body = make(box, CELL_TOLERANCE_DEG, CELL_PLACES)
    return Document(body, "application/json")
