"""The track: smooth where it was heard, dashed where it was not, coloured by altitude or by time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

from receiver.earth import wrap_deg
from receiver.watch.picture.projection import Points, View
from receiver.watch.picture.shapes import Shape
from receiver.watch.picture.theme import Colour, Theme, along
from receiver.watch.trail import TrailPoint

ALTITUDE_SPAN_FT = 2500.0  # a track that climbs by more is coloured by altitude, any other by time
SMOOTH_STEP_S = 400.0  # between points farther apart than this the track is a straight line


@dataclass(frozen=True, slots=True)
class Shading:
    """By what the track is coloured, from which value to which."""

    by_altitude: bool
    low: float
    high: float

    @classmethod
    def of(cls, trail: Sequence[TrailPoint], laps_since_s: float | None) -> Shading:
        """The one that tells more of this trail: time where laps lie on each other (since when is given), else
        altitude if it changes."""
        if laps_since_s is not None:
            return cls(False, max(trail[0].time_s, min(laps_since_s, trail[-1].time_s)), trail[-1].time_s)
        altitudes = [p.altitude_ft for p in trail if not math.isnan(p.altitude_ft)]
        if altitudes and max(altitudes) - min(altitudes) > ALTITUDE_SPAN_FT:
            return cls(True, min(altitudes), max(altitudes))
        return cls(False, trail[0].time_s, trail[-1].time_s)

    def colour(self, point: TrailPoint, theme: Theme) -> Colour:
        """Of a point."""
        value = point.altitude_ft if self.by_altitude else point.time_s
        if math.isnan(value):
            return theme.faint_ink
        ramp = theme.by_altitude if self.by_altitude else theme.by_time
        return along(ramp, (value - self.low) / max(self.high - self.low, 1e-9))


def pixels_of(view: View, trail: Sequence[TrailPoint]) -> Points:
    """Pixels (n, 2) of a trail."""
    lon = np.array([p.longitude_deg for p in trail])
    lat = np.array([p.latitude_deg for p in trail])
    return np.clip(view.pixels(lon, lat), -30_000.0, 30_000.0)


def draw_track(
    draw: ImageDraw.ImageDraw, view: View, trail: Sequence[TrailPoint], shading: Shading, theme: Theme, width_px: float
) -> None:
    """Draw a trail, the newest part on top, with a casing around all of it that lifts it off the map."""
    if len(trail) < 2:
        return
    pixels = pixels_of(view, trail)
    pieces = [_piece(pixels, k, trail) for k in range(len(trail) - 1)]
    wide, thin = round(1.7 * width_px + 1.0), round(width_px)
    for k, piece in enumerate(pieces):
        if not trail[k + 1].unheard:
            draw.line(piece, fill=theme.casing, width=wide, joint="curve")
    for k, piece in enumerate(pieces):
        colour = shading.colour(trail[k + 1], theme)
        if trail[k + 1].unheard:
            _dashed(draw, piece, colour, max(1, thin // 2), 4.0 * width_px)
            continue
        draw.line(piece, fill=colour, width=thin, joint="curve")
        for x, y in (piece[0], piece[-1]):
            r = thin / 2 - 0.5
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _piece(pixels: Points, k: int, trail: Sequence[TrailPoint]) -> list[tuple[float, float]]:
    """From point k to the next: a centripetal-like spline through the neighbours where they are near in time."""
    a, b = pixels[k], pixels[k + 1]
    length = math.hypot(*(b - a))
    if trail[k + 1].unheard or trail[k + 1].time_s - trail[k].time_s > SMOOTH_STEP_S or length < 6.0:
        return [(float(a[0]), float(a[1])), (float(b[0]), float(b[1]))]
    before, after = _tangent(pixels, k, trail), _tangent(pixels, k + 1, trail)
    n = int(min(12, max(2, length // 6)))
    t = np.linspace(0.0, 1.0, n + 1)[:, None]
    h = (2 * t**3 - 3 * t**2 + 1) * a + (t**3 - 2 * t**2 + t) * length * before
    h += (-2 * t**3 + 3 * t**2) * b + (t**3 - t**2) * length * after
    return [(x, y) for x, y in h.tolist()]


def _tangent(pixels: Points, k: int, trail: Sequence[TrailPoint]) -> Points:
    """Direction of flight at a point, of length one."""
    first = k - 1 if k > 0 and not trail[k].unheard else k
    last = k + 1 if k + 1 < len(trail) and not trail[k + 1].unheard else k
    # the nearer neighbour knows the direction better
    way = np.zeros(2)
    for i in (first, last):
        if i != k:
            step = (pixels[k] - pixels[i]) if i < k else (pixels[i] - pixels[k])
            way = way + step / max(float(step @ step), 1e-6)
    size = math.hypot(*way)
    return way / size if size > 0 else way


def _dashed(
    draw: ImageDraw.ImageDraw, line: Sequence[tuple[float, float]], colour: Colour, width_px: int, dash_px: float
) -> None:
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = math.hypot(x1 - x0, y1 - y0)
    count = min(400, int(length // (2 * dash_px)) + 1)
    for k in range(count):
        s, e = 2 * k * dash_px / max(length, 1e-9), min(1.0, (2 * k + 1) * dash_px / max(length, 1e-9))
        if s < 1.0:
            ends = [(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part) for part in (s, e)]
            draw.line(ends, fill=colour, width=width_px)


def arrows(
    pixels: Points, trail: Sequence[TrailPoint], apart_px: float, since_s: float
) -> list[tuple[float, float, float]]:
    """Where arrows go along a track: pixel and direction (radians from the right, downwards), about so far apart,
    from `since_s` (UTC s) on: laps that lie on each other need arrows once."""
    out, since = [], 0.6 * apart_px
    for k in range(1, len(pixels)):
        (x0, y0), (x1, y1) = pixels[k - 1], pixels[k]
        length = math.hypot(x1 - x0, y1 - y0)
        since += length
        if since >= apart_px and length > 0.0 and not trail[k].unheard and trail[k].time_s >= since_s:
            x2, y2 = pixels[min(k + 1, len(pixels) - 1)]
            out.append((float(x1), float(y1), math.atan2(y2 - y0, x2 - x0)))
            since = 0.0
    return out


def draw_arrow(draw: ImageDraw.ImageDraw, x: float, y: float, angle: float, size_px: float, theme: Theme) -> None:
    """A chevron that says which way the track was flown."""
    c, s = math.cos(angle), math.sin(angle)
    corners = [
        (x + size_px * (a * c - b * s), y + size_px * (a * s + b * c))
        for a, b in ((-0.6, -0.7), (0.6, 0.0), (-0.6, 0.7))
    ]
    draw.line(corners, fill=theme.casing, width=round(0.7 * size_px), joint="curve")
    draw.line(corners, fill=theme.ink, width=round(0.35 * size_px), joint="curve")


TICKS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
MOST_TICKS = 7


def ticks(trail: Sequence[TrailPoint], since_s: float) -> list[tuple[float, float, float]]:
    """Round moments (UTC s) on a track from `since_s` on, with the place of each: latitude and longitude."""
    if len(trail) < 2:
        return []
    begin, end = max(since_s, trail[0].time_s), trail[-1].time_s
    step = next((s for s in TICKS_S if (end - begin) / s <= MOST_TICKS), TICKS_S[-1])
    out = []
    k = 1
    for moment in range(math.ceil(begin / step) * step, math.floor(end) + 1, step):
        while k < len(trail) - 1 and trail[k].time_s < moment:
            k += 1
        a, b = trail[k - 1], trail[k]
        if b.unheard or b.time_s <= a.time_s or not a.time_s <= moment <= b.time_s:
            continue
        share = (moment - a.time_s) / (b.time_s - a.time_s)
        east = wrap_deg(b.longitude_deg - a.longitude_deg)
        out.append(
            (
                float(moment),
                a.latitude_deg + share * (b.latitude_deg - a.latitude_deg),
                wrap_deg(a.longitude_deg + share * east),
            )
        )
    return out


def draw_aircraft(
    draw: ImageDraw.ImageDraw,
    x: float,
    y: float,
    heading_deg: float,
    size_px: float,
    fill: Colour,
    rim: Colour,
    shape: Shape,
) -> None:
    """The aircraft where it was last, pointing where it flew; the heading is clockwise from upwards."""
    angle = 0.0 if shape.upright else math.radians(heading_deg)
    c, s = math.cos(angle), math.sin(angle)
    scale = size_px * shape.size / 10.0  # shapes are some 20 units long
    parts = [
        [(x + scale * (px * c - py * s), y + scale * (px * s + py * c)) for px, py in part] for part in shape.parts
    ]
    for part in parts:
        draw.line([*part, part[0]], fill=rim, width=max(1, round(0.28 * size_px)), joint="curve")
    for part in parts:
        draw.polygon(part, fill=fill)
