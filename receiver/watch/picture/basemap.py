"""The map below the track: sea, land, lakes, borders, a graticule, and the names on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from PIL import Image, ImageDraw

from receiver.atlas.answers import Area, Box, Place
from receiver.atlas.details import Detail
from receiver.earth import KM_PER_DEG
from receiver.watch.picture.lettering import font, printable, width
from receiver.watch.picture.projection import Points, View
from receiver.watch.picture.theme import Colour, Theme
from receiver.watch.world import Land, NearPlace

_GRID_DEG = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)

RUNWAY_KM = 0.06

Rect = tuple[float, float, float, float]


class Geometry(Protocol):
    """What a map is drawn from: the atlas."""

    def lines(self, kind: Literal["coast", "border", "region"], box: Box, tolerance_deg: float) -> Sequence[Points]:
        """Lines as (n, 2) arrays of longitude and latitude."""

    def areas(self, kind: Literal["land", "lake"], box: Box, tolerance_deg: float) -> Sequence[Area]:
        """Areas in the order in which they are painted."""

    def details(self, box: Box, tolerance_deg: float) -> Sequence[Detail]:
        """Lakes, rivers, roads and runways in the order in which they are painted."""

    def places(self, box: Box, limit: int) -> Sequence[Place]:
        """Places, the most notable first."""

    def land(self, latitude_deg: float, longitude_deg: float, language: str) -> Land | None:
        """The country there; None at sea."""

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        """The nearest notable place, which the sentence names."""


def draw_ground(view: View, geometry: Geometry | None, theme: Theme, fine: int, grid: bool = True) -> Image.Image:
    """The map without names, as large as the view.

    Parameters
    ----------
    fine
        Drawn so many times larger and then reduced: smooth edges.
    """
    large = view.scaled(fine)
    image = Image.new("RGB", (large.width_px, large.height_px), theme.sea)
    draw = ImageDraw.Draw(image)
    if grid:
        _graticule(draw, large, theme, fine)  # the sea needs something to hold on to; land hides it
    if geometry is not None:
        box = window(view)
        tolerance = view.km_per_px / KM_PER_DEG
        for area in geometry.areas("land", box, tolerance):
            _fill(draw, large, area.points, theme.sea if area.hole else theme.land)
        details = geometry.details(box, tolerance)
        if not any(detail.kind == "lake" for detail in details):
            for area in geometry.areas("lake", box, tolerance):
                _fill(draw, large, area.points, theme.land if area.hole else theme.lake, theme.shore, fine)
        _draw_details(draw, large, details, theme, fine)
        for line in geometry.lines("region", box, tolerance):
            _line(draw, large, line, theme.region, fine)
        for line in geometry.lines("coast", box, tolerance):
            _line(draw, large, line, theme.shore, round(1.3 * fine))
        for line in geometry.lines("border", box, tolerance):
            _line(draw, large, line, theme.border, 2 * fine)
    return image.reduce(fine) if fine > 1 else image


def _draw_details(draw: ImageDraw.ImageDraw, view: View, details: Sequence[Detail], theme: Theme, fine: int) -> None:
    """Lakes, rivers, roads, runways; tiles cut lakes into pieces, so that those have no rim."""
    wide_runway = max(2.0 * fine, RUNWAY_KM / view.km_per_px)
    lines = {
        "river": (theme.river, fine),
        "street": (theme.street, fine),
        "road": (theme.road, round(1.6 * fine)),
        "runway": (theme.runway, round(wide_runway)),
    }
    for kind, points in details:
        if kind in lines:
            _line(draw, view, points, *lines[kind])
        else:
            _fill(draw, view, points, theme.land if kind == "island" else theme.lake)


def window(view: View) -> Box:
    """The view's box as the atlas takes it."""
    return Box(*view.box())


def _fill(
    draw: ImageDraw.ImageDraw, view: View, points: Points, colour: Colour, rim: Colour | None = None, width_px: int = 0
) -> None:
    if len(points) >= 3:
        corners = _bounded(view.pixels(points[:, 0], points[:, 1]))
        draw.polygon(corners, fill=colour)
        if rim is not None:
            draw.line([*corners, corners[0]], fill=rim, width=width_px)


def _line(draw: ImageDraw.ImageDraw, view: View, points: Points, colour: Colour, width_px: int) -> None:
    if len(points) >= 2:
        draw.line(_bounded(view.pixels(points[:, 0], points[:, 1])), fill=colour, width=width_px, joint="curve")


def _bounded(pixels: Points) -> list[tuple[float, float]]:
    """Pillow's integers overflow far outside of the image."""
    return [(x, y) for x, y in np.clip(pixels, -30_000.0, 30_000.0).tolist()]


def _grid_steps(view: View) -> tuple[float, float]:
    """Degrees between parallels and between meridians."""
    height = view.height_px * view.km_per_px / KM_PER_DEG
    step = next((d for d in _GRID_DEG if d >= height / 4.5), 30.0)
    stretch = max(0.05, math.cos(math.radians(view.latitude_deg)))
    return step, next((d for d in _GRID_DEG if d >= step / stretch * 0.9), 30.0)


def _graticule(draw: ImageDraw.ImageDraw, view: View, theme: Theme, fine: int) -> None:
    west, south, east, north = view.box(0.0)
    if east < west:
        east += 360.0
    step, step_lon = _grid_steps(view)
    for k in range(math.floor(south / step), math.ceil(north / step) + 1):
        lat = k * step
        if abs(lat) < 90.0:
            lons = np.linspace(west - 1, east + 1, 73)
            _line(draw, view, np.column_stack((lons, np.full(73, lat))), theme.grid, fine)
    for k in range(math.floor(west / step_lon), math.ceil(east / step_lon) + 1):
        lats = np.linspace(max(-89.9, south - 1), min(89.9, north + 1), 25)
        _line(draw, view, np.column_stack((np.full(25, k * step_lon), lats)), theme.grid, fine)


def label_grid(image: Image.Image, view: View, theme: Theme, taken: list[Rect], size_px: int, point: str) -> None:
    """Degrees along the left and the upper edge, where there is room."""
    draw, face = ImageDraw.Draw(image), font(size_px)
    steps = _grid_steps(view)
    for axis, step, length in ((0, steps[0], view.height_px), (1, steps[1], view.width_px)):
        before: float | None = None
        for k in range(0, length + 1, 4):
            value = view.place(0.0, k)[0] if axis == 0 else view.place(k, 0.0)[1]
            if (
                before is not None
                and abs(value - before) < step
                and math.floor(before / step) != math.floor(value / step)
            ):
                degrees = step * max(math.floor(before / step), math.floor(value / step))
                text = _degrees(degrees, step, "NS" if axis == 0 else "EW", point)
                w = width(text, face)
                x, y = (6.0, k - 0.6 * size_px) if axis == 0 else (k - w / 2, 4.0)
                rect = (x - 3, y - 2, x + w + 3, y + 1.2 * size_px)
                inside = x > 0 and x + w < view.width_px and 0 < y < view.height_px - 2 * size_px
                if inside and not any(_overlap(rect, other) for other in taken):
                    draw.text((x, y), text, font=face, fill=theme.faint_ink, stroke_width=1, stroke_fill=theme.halo)
                    taken.append(rect)
            before = value


def _degrees(value: float, step: float, sides: str, point: str) -> str:
    decimals = 0 if step >= 1.0 else (1 if step >= 0.1 else 2)
    text = f"{abs(value):.{decimals}f}".replace(".", point)
    return (
        f"{text}°"
        if float(f"{abs(value):.{decimals}f}") in (0.0, 180.0)
        else f"{text}° {sides[0] if value > 0 else sides[1]}"
    )


class Names:
    """Writes names where there is room: none over another, and rather beside the track than on it."""

    def __init__(self, image: Image.Image, view: View, theme: Theme, taken: list[Rect], track: Points) -> None:
        self._draw = ImageDraw.Draw(image)
        self._view = view
        self._theme = theme
        self._taken = taken
        self._track = track  # pixels that should stay free

    def place(
        self, name: str, latitude_deg: float, longitude_deg: float, water: bool, size_px: int, dear: bool
    ) -> bool:
        """Write a place's name beside its dot, if there is room. `dear`: the sentence speaks of it."""
        x, y = self._view.pixel(latitude_deg, longitude_deg)
        if not self._view.holds(x, y, 6.0):
            return False
        face = font(size_px, bold=dear)
        text = printable(name)[:40]
        w, h = width(text, face), 1.1 * size_px
        gap = 0.0 if water else 0.45 * size_px
        spots = (
            ((x - w / 2, y - h / 2),) if water else
            ((x + gap, y - h / 2), (x - gap - w, y - h / 2), (x - w / 2, y - gap - h), (x - w / 2, y + gap))
        )  # fmt: skip
        best: tuple[int, float, float] | None = None
        for left, top in spots:
            rect = (left - 3, top - 1, left + w + 3, top + h + 1)
            inside = self._view.holds(rect[0], rect[1], 4.0) and self._view.holds(rect[2], rect[3], 4.0)
            if not inside or any(_overlap(rect, other) for other in self._taken):
                continue
            over = self._crossings(rect)
            if best is None or over < best[0]:
                best = (over, left, top)
        if best is None or (best[0] > (12 if dear else 2)):
            return False
        _, left, top = best
        theme = self._theme
        colour = theme.water_name if water else theme.place
        if not water:
            r = 0.2 * size_px if not dear else 0.26 * size_px
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=theme.place, outline=theme.halo)
        self._draw.text(
            (left, top - 0.12 * size_px), text, font=face, fill=colour, stroke_width=2, stroke_fill=theme.halo
        )
        self._taken.append((left - 3, top - 1, left + w + 3, top + h + 1))
        self._taken.append((x - 4, y - 4, x + 4, y + 4))
        return True

    def country(self, name: str, x: float, y: float, size_px: int) -> bool:
        """Write a country's name, spaced out, around a pixel."""
        text = " ".join(printable(name).upper())[:60]
        face = font(size_px, bold=True)
        w, h = width(text, face), 1.1 * size_px
        left, top = x - w / 2, y - h / 2
        rect = (left - 4, top - 2, left + w + 4, top + h + 2)
        if not (self._view.holds(rect[0], rect[1], 2.0) and self._view.holds(rect[2], rect[3], 2.0)):
            return False
        if any(_overlap(rect, other) for other in self._taken) or self._crossings(rect) > 2:
            return False
        self._draw.text((left, top), text, font=face, fill=self._theme.country_name, stroke_width=1,
                        stroke_fill=self._theme.land)  # fmt: skip
        self._taken.append(rect)
        return True

    def _crossings(self, rect: Rect) -> int:
        if not len(self._track):
            return 0
        x, y = self._track[:, 0], self._track[:, 1]
        return int(np.count_nonzero((x > rect[0]) & (x < rect[2]) & (y > rect[1]) & (y < rect[3])))


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def name_countries(
    names: Names, view: View, geometry: Geometry, language: str, size_px: int, at_least: int = 2
) -> None:
    """Write the names of the countries in the window, each about the middle of what is seen of it, when there are at
    least so many (the sea counts as none)."""
    found: dict[str, tuple[str, list[tuple[float, float]]]] = {}
    columns, rows = 12, 8
    for i in range(columns):
        for j in range(rows):
            x, y = view.width_px * (i + 0.5) / columns, view.height_px * (j + 0.5) / rows
            land = geometry.land(*view.place(x, y), language)
            if land is not None:
                found.setdefault(land.code, (land.country, []))[1].append((x, y))
    if len(found) < at_least:
        return
    for name, spots in sorted(found.values(), key=lambda value: -len(value[1])):
        if len(spots) < 4:
            continue
        mx, my = (sum(s[k] for s in spots) / len(spots) for k in (0, 1))
        for x, y in sorted(spots, key=lambda s: (s[0] - mx) ** 2 + 4 * (s[1] - my) ** 2)[:12]:
            if names.country(name, x, y, size_px):
                break
