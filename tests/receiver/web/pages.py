"""What the tests of the page share: a small base map, a picture, and what the map draws."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image

from tests.receiver.web.browsing import Watched

EVIL = '<img src=x onerror="document.title=1"><b data-evil>&amp;</b>'
LAND = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "Polygon", "coordinates": [[[-103, 17], [-97, 17], [-97, 22], [-103, 22], [-103, 17]]]},
}


def base_map(box: Any, tolerance_deg: float, places: int) -> bytes:
    """A square of land and one place with markup in its name."""
    return json.dumps({"land": LAND, "places": [["Valle de Bravo", 19.2, -100.1, 5], [EVIL, 19.6, -99.6, 5]]}).encode()


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#204060").save(out, "PNG")
    return out.getvalue()


def drawn(seen: Watched) -> dict[str, Any]:
    """What the map draws, by hex."""
    rows = seen.page.evaluate("async () => (await import('./static/map.js')).drawn()")
    return {row["hex"]: row for row in rows}
