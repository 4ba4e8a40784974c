"""Outlines of kinds of aircraft, the same as on the map's page.

`shapes.json` is what `receiver/web/page/map/shapes.js` says; a test in the browser keeps them the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

Part = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Corners of each part, nose up (y grows downwards), some 20 units long; `size` relative to an airliner's.

    `upright`: not turned by the heading, such as a balloon.
    """

    size: float
    upright: bool
    parts: tuple[Part, ...]


@cache
def _read() -> tuple[dict[str, Shape], list[tuple[str, re.Pattern[str]]], dict[str, str]]:
    told = json.loads(resources.files(__package__).joinpath("shapes.json").read_text(encoding="utf-8"))
    shapes = {
        kind: Shape(one["size"], one["upright"], tuple(tuple((x, y) for x, y in part) for part in one["parts"]))
        for kind, one in told["shapes"].items()
    }
    return shapes, [(kind, re.compile(pattern)) for kind, pattern in told["types"]], told["categories"]


def kind_of(type_: str | None, category: str | None) -> str:
    """The kind of an aircraft: by its type designator (ICAO Doc 8643), else by its category, else a plain airliner."""
    _, types, categories = _read()
    if category is not None and category.startswith("C"):
        return categories.get(category, "vehicle")
    found = next((kind for kind, pattern in types if type_ and pattern.match(type_.upper())), None)
    return found or categories.get(category or "") or "narrow"


def shape_of(type_: str | None, category: str | None) -> Shape:
    """The outline to draw."""
    return _read()[0][kind_of(type_, category)]
