"""What the tests of the page share: a small base map, a picture, and what the map draws."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from receiver.atlas import base_map_file
from tests.receiver.web.browsing import Watched

base_map = base_map_file()
EVIL = '<img src=x onerror="document.title=1"><b data-evil>&amp;</b>'


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#204060").save(out, "PNG")
    return out.getvalue()


def drawn(seen: Watched) -> dict[str, Any]:
    """What the map draws, by hex."""
    rows = seen.page.evaluate("async () => (await import('./static/map.js')).drawn()")
    return {row["hex"]: row for row in rows}
