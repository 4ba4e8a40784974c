"""The base map, made once for each piece of the world that somebody looks at."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web

from receiver.web.answers import Document
from receiver.web.routes import Routes

CELL_DEG = 10  # of the detailed base map
CELL_TOLERANCE_DEG, WORLD_TOLERANCE_DEG = 0.003, 0.1
CELL_PLACES, WORLD_PLACES = 300, 600
CELLS_KEPT = 24

BaseMap = Callable[[tuple[float, float, float, float] | None, float, int], bytes]
"""The base map as JSON, of a box (west, south, east, north; None: the world), to a tolerance in degrees, with so many
places."""


class BaseMapRoutes:
    """`/api/basemap…`."""

    def __init__(self, make: BaseMap | None) -> None:
        self._make = make
        self._cells: OrderedDict[str, Document] = OrderedDict()
        self._lock = asyncio.Lock()

    def routes(self) -> Routes:
        """The handlers by their address."""
        return {
            "/api/basemap": self._world,
            "/api/basemap/{west:-?[0-9]{1,3}}/{south:-?[0-9]{1,2}}": self._cell,
        }

    async def _world(self, request: web.Request) -> web.Response:
        return (await self._document("world")).answer(request, "private, max-age=86400")

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
        async with self._lock:  # one at a time: it is work for the processor
            document = self._cells.get(name)
            if document is None:
                if name == "world":
                    body = await asyncio.to_thread(make, None, WORLD_TOLERANCE_DEG, WORLD_PLACES)
                else:
                    west, south = (int(part) for part in name.split(","))
                    box = (float(west), float(south), float(west + CELL_DEG), float(south + CELL_DEG))
                    body = await asyncio.to_thread(make, box, CELL_TOLERANCE_DEG, CELL_PLACES)
                document = await asyncio.to_thread(Document, body, "application/json")
                self._cells[name] = document
                while len(self._cells) > CELLS_KEPT:
                    self._cells.popitem(last=False)
            self._cells.move_to_end(name)
        return document
