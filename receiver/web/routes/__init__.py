"""What the map's server answers, one file a family of addresses.

Each has a class with `routes()`: a handler for each address. A new address is a method there; a new family is a file
here and a line in `receiver/web/server.py`. The state that they show is kept in the files of `receiver/web`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Routes = Mapping[str, Handler]
"""Handlers by address, which may have parts in braces as aiohttp's router takes them."""
