"""What stands on the map beside the track: north, the scale, and what the colours mean."""

from __future__ import annotations

import math
from datetime import datetime

from PIL import Image, ImageDraw

from receiver.earth import KM_PER_NMI
from receiver.watch.picture.basemap import Rect
from receiver.watch.picture.lettering import font
from receiver.watch.picture.projection import View
from receiver.watch.picture.style import Style
from receiver.watch.picture.theme import along
from receiver.watch.picture.track import Shading


def draw_north(image: Image.Image, view: View, style: Style) -> Rect:
    """An arrow that points to true north where it stands."""
    theme = style.theme
    x, y, r = view.width_px - style.px(44), style.px(52), style.px(24)
    angle = math.radians(view.north_deg(x, y))
    c, s = math.cos(angle), math.sin(angle)
    box = 2 * (r + style.px(14))
    piece = image.crop((x - box // 2, y - box // 2, x - box // 2 + box, y - box // 2 + box))
    large = piece.resize((box * 3, box * 3), Image.Resampling.NEAREST)
    draw, m = ImageDraw.Draw(large), box * 1.5

    def at(px: float, py: float) -> tuple[float, float]:
        return m + 3 * r * (px * c - py * s), m + 3 * r * (px * s + py * c)

    draw.polygon([at(0, -0.42), at(0.36, 0.9), at(0, 0.62)], fill=theme.ink)
    draw.polygon([at(0, -0.42), at(-0.36, 0.9), at(0, 0.62)], fill=theme.casing)
    draw.line([at(0, -0.42), at(0.36, 0.9), at(0, 0.62), at(-0.36, 0.9), at(0, -0.42)], fill=theme.ink, width=3)
    image.paste(large.reduce(3), (x - box // 2, y - box // 2))
    lx, ly = x + r * 0.9 * s, y - r * 0.9 * c
    ImageDraw.Draw(image).text((lx, ly), "N", font=font(style.px(17), bold=True), fill=theme.ink, anchor="mm",
                               stroke_width=2, stroke_fill=theme.halo)  # fmt: skip
    return (x - box / 2, y - box / 2, x + box / 2, y + box / 2)


def draw_scale(image: Image.Image, view: View, style: Style) -> Rect:
    """Kilometres and nautical miles at the centre of the map."""
    theme, draw = style.theme, ImageDraw.Draw(image)
    face = font(style.px(15))
    right, y = view.width_px - style.px(24), view.height_px - style.px(34)
    longest = 0.0
    for unit, km, up in (("km", 1.0, True), ("NM", KM_PER_NMI, False)):
        length = _nice(0.2 * view.width_px * view.km_per_px / km)
        bar = length * km / view.km_per_px
        longest = max(longest, bar)
        x = right - bar
        tick = style.px(7) * (-1 if up else 1)
        for colour, extra in ((theme.halo, 2), (theme.ink, 0)):
            w = style.px(2) + 2 * extra
            draw.line([(x, y + tick), (x, y), (right, y), (right, y + tick)], fill=colour, width=w)
        text = f"{style.words.numbers.decimal(f'{length:g}')} {unit}"
        draw.text((right - bar / 2, y - style.px(5) if up else y + style.px(5)), text, font=face, fill=theme.ink,
                  anchor="ms" if up else "mt", stroke_width=2, stroke_fill=theme.halo)  # fmt: skip
    return (right - longest - 10, y - style.px(28), right + 10, y + style.px(30))


def draw_legend(image: Image.Image, view: View, shading: Shading, style: Style) -> Rect:
    """What the colours of the track mean."""
    theme, draw = style.theme, ImageDraw.Draw(image)
    x, y = style.px(24), view.height_px - style.px(24)
    w, h = style.px(190), style.px(9)
    ramp = theme.by_altitude if shading.by_altitude else theme.by_time
    draw.rectangle((x - 2, y - 2, x + w + 1, y + h + 1), fill=theme.halo)
    for k in range(w):
        draw.line((x + k, y, x + k, y + h - 1), fill=along(ramp, k / (w - 1)))
    face = font(style.px(15))
    if shading.by_altitude:
        ends = (
            style.words.numbers.whole(100 * round(shading.low / 100)),
            f"{style.words.numbers.whole(100 * round(shading.high / 100))} ft",
        )
    else:
        moments = [datetime.fromtimestamp(t, style.zone) for t in (shading.low, shading.high)]
        ends = (f"{moments[0]:%H:%M}", f"{moments[1]:%H:%M %Z}")
    for px, text, anchor in ((x, ends[0], "ls"), (x + w, ends[1], "rs")):
        draw.text((px, y - style.px(6)), text, font=face, fill=theme.ink, anchor=anchor, stroke_width=2,
                  stroke_fill=theme.halo)  # fmt: skip
    return (x - 6, y - style.px(28), x + w + 6, y + h + 8)


def _nice(value: float) -> float:
    """The largest of 1, 2, 5, 10, … that is no larger."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)
