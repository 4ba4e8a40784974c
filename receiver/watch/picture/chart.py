"""The map of a card: ground, track, names, and the whole track once more in a corner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from PIL import Image, ImageDraw

from receiver.earth import great_circle_km, wrap_deg
from receiver.watch.alerts import Alert
from receiver.watch.picture.basemap import Geometry, Names, Rect, draw_ground, label_grid, name_countries, window
from receiver.watch.picture.framing import fit, spread_of, view_of
from receiver.watch.picture.furniture import draw_legend, draw_north, draw_scale
from receiver.watch.picture.lettering import font, width
from receiver.watch.picture.projection import Points, View
from receiver.watch.picture.shapes import shape_of
from receiver.watch.picture.style import FINE, Style
from receiver.watch.picture.track import Shading, arrows, draw_aircraft, draw_arrow, draw_track, pixels_of, ticks

PLACES = 40  # asked for
ARROW_PX = 110.0  # from one arrow on the track to the next


class Chart:
    """Draws the map of an alert that has a trail."""

    def __init__(self, alert: Alert, geometry: Geometry | None, style: Style) -> None:
        self.alert, self.geometry, self.style = alert, geometry, style
        self.trail = list(alert.trail)

    def image(self, width_px: int, height_px: int) -> Image.Image:
        """The map, so large."""
        trail, style, pattern = self.trail, self.style, self.alert.pattern
        view, near = view_of(pattern, trail, self.geometry, style.code, width_px, height_px)
        image = draw_ground(view, self.geometry, style.theme, FINE)
        shading = Shading.of(trail, None if pattern is None else pattern.since_s)
        image = self._with_track(image, view, shading, 3.4 if pattern is None or pattern.laps < 8 else 2.2)
        pixels = pixels_of(view, trail)
        spread = spread_of(pixels)
        taken: list[Rect] = [
            draw_north(image, view, style),
            draw_scale(image, view, style),
            draw_legend(image, view, shading, style),
        ]
        inside = np.count_nonzero(
            (pixels[:, 0] > 0) & (pixels[:, 0] < view.width_px) & (pixels[:, 1] > 0) & (pixels[:, 1] < view.height_px)
        )
        if inside < len(pixels) and width_px >= 700 and view.height_px >= 380:
            taken.append(self._overview(image, view, shading, spread, taken))
        last = trail[-1]
        x, y = view.pixel(last.latitude_deg, last.longitude_deg)
        taken.append((x - 14, y - 14, x + 14, y + 14))
        self._times(image, view, taken)
        if self.geometry is not None:
            names = Names(image, view, style.theme, taken, spread)
            places = self.geometry.places(window(view), PLACES)
            if near is not None:
                water = any(place.name == near[0] and place.kind == "water" for place in places)
                names.place(*near, water, style.px(20), dear=True)
            name_countries(names, view, self.geometry, style.code, style.px(17))
            for place in self.geometry.places(window(view), PLACES):
                if near is None or place.name != near[0]:
                    names.place(
                        place.name,
                        place.latitude_deg,
                        place.longitude_deg,
                        place.kind == "water",
                        style.px(16),
                        dear=False,
                    )
        label_grid(image, view, style.theme, taken, style.px(12), style.words.numbers.point)
        return image

    def _with_track(self, image: Image.Image, view: View, shading: Shading, width_px: float) -> Image.Image:
        """Draw the track smoothly: on an enlarged copy, which is reduced again."""
        trail, theme = self.trail, self.style.theme
        large = image.resize((view.width_px * FINE, view.height_px * FINE), Image.Resampling.NEAREST)
        draw = ImageDraw.Draw(large)
        fine = view.scaled(FINE)
        draw_track(draw, fine, trail, shading, theme, self.style.unit * width_px * FINE)
        for x, y, angle in arrows(
            pixels_of(fine, trail), trail, self.style.unit * ARROW_PX * FINE, self._marked_from_s()
        ):
            draw_arrow(draw, x, y, angle, self.style.unit * 6.5 * FINE, theme)
        last = trail[-1]
        x, y = fine.pixel(last.latitude_deg, last.longitude_deg)
        heading = self._heading()
        size = self.style.unit * 17.0 * FINE
        if heading is not None:
            shape = shape_of(self._type(), None if self.alert.sighting is None else self.alert.sighting.category)
            draw_aircraft(draw, x, y, heading + fine.north_deg(x, y), size, theme.ink, theme.casing, shape)
        else:
            r = size / 3
            draw.ellipse((x - r, y - r, x + r, y + r), fill=theme.ink, outline=theme.casing, width=FINE)
        return large.reduce(FINE)

    def _type(self) -> str | None:
        """The type designator."""
        return self.alert.identity.value("type") or None

    def _marked_from_s(self) -> float:
        """From when on arrows and times stand along the track: all of it, or the last lap."""
        pattern = self.alert.pattern
        return -math.inf if pattern is None else max(pattern.since_s, self.trail[-1].time_s - 1.05 * pattern.period_s)

    def _times(self, image: Image.Image, view: View, taken: list[Rect]) -> None:
        """When it was where: a tick and the time beside the track, at round moments, where there is room."""
        style, draw = self.style, ImageDraw.Draw(image)
        face = font(style.px(14))
        for moment, latitude, longitude in ticks(self.trail, self._marked_from_s()):
            x, y = view.pixel(latitude, longitude)
            if not view.holds(x, y, 10.0):
                continue
            r = style.px(3)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=style.theme.casing, outline=style.theme.ink)
            text = f"{datetime.fromtimestamp(moment, style.zone):%H:%M}"
            w, h = width(text, face), style.px(16)
            for left, top in ((x + 8, y - h - 2), (x - w - 8, y - h - 2), (x + 8, y + 2), (x - w - 8, y + 2)):
                rect = (left - 2, top - 1, left + w + 2, top + h)
                if (
                    view.holds(rect[0], rect[1], 3.0)
                    and view.holds(rect[2], rect[3], 3.0)
                    and not any(rect[0] < t[2] and t[0] < rect[2] and rect[1] < t[3] and t[1] < rect[3] for t in taken)
                ):
                    draw.text(
                        (left, top), text, font=face, fill=style.theme.ink, stroke_width=2, stroke_fill=style.theme.halo
                    )
                    taken.append(rect)
                    break

    def _heading(self) -> float | None:
        sighting, trail = self.alert.sighting, self.trail
        if sighting is not None and sighting.track_deg is not None:
            return sighting.track_deg
        if len(trail) < 2 or trail[-1].unheard:
            return None
        a, b = trail[-2], trail[-1]
        east = wrap_deg(b.longitude_deg - a.longitude_deg) * math.cos(math.radians(b.latitude_deg))
        north = b.latitude_deg - a.latitude_deg
        return math.degrees(math.atan2(east, north)) if east or north else None

    def _overview(
        self,
        image: Image.Image,
        view: View,
        shading: Shading,
        spread: Points,
        taken: Sequence[Rect],
    ) -> Rect:
        """The whole track, small, in the corner where the least is hidden."""
        trail, theme = self.trail, self.style.theme
        w, h = self.style.px(310), self.style.px(230)
        gap = self.style.px(16)
        right, low = view.width_px - w - gap, view.height_px - h - gap
        room = self.style.px(78)  # for what stands in the corners already
        corners = [(gap, gap), (right, gap), (right - room, gap), (right, gap + room), (gap, low), (gap, low - room // 2),
                   (right, low), (right, low - room // 2)]  # fmt: skip

        def hidden(corner: tuple[int, int]) -> float:
            x0, y0 = corner
            rect = (x0 - 4, y0 - 4, x0 + w + 4, y0 + h + 4)
            cost = 1e6 * sum(rect[0] < t[2] and t[0] < rect[2] and rect[1] < t[3] and t[1] < rect[3] for t in taken)
            x, y = spread[:, 0], spread[:, 1]
            return cost + float(np.count_nonzero((x > rect[0]) & (x < rect[2]) & (y > rect[1]) & (y < rect[3])))

        x0, y0 = min(corners, key=hidden)
        middle = trail[len(trail) // 2]
        centre = (middle.latitude_deg, middle.longitude_deg)
        offsets = [great_circle_km(*centre, p.latitude_deg, p.longitude_deg) for p in trail]
        small = fit(centre, offsets, w, h, least_km=4.0 * view.km_per_px * view.height_px * 0.5)
        inset = draw_ground(small, self.geometry, theme, FINE, grid=False)
        large = inset.resize((w * FINE, h * FINE), Image.Resampling.NEAREST)
        draw_track(ImageDraw.Draw(large), small.scaled(FINE), trail, shading, theme, self.style.unit * 1.6 * FINE)
        inset = large.reduce(FINE)
        pixels = pixels_of(small, trail)
        if self.geometry is not None:
            names = Names(inset, small, theme, [], spread_of(pixels))
            name_countries(names, small, self.geometry, self.style.code, self.style.px(13), at_least=1)
        draw = ImageDraw.Draw(inset)
        rim = [small.pixel(*view.place(x, y)) for x, y in
               ((0, 0), (view.width_px, 0), (view.width_px, view.height_px), (0, view.height_px))]  # fmt: skip
        draw.line([*rim, rim[0]], fill=theme.ink, width=self.style.px(1.4))
        image.paste(inset, (x0, y0))
        ImageDraw.Draw(image).rectangle(
            (x0 - 1, y0 - 1, x0 + w, y0 + h), outline=theme.faint_ink, width=self.style.px(1)
        )
        return (x0 - 6, y0 - 6, x0 + w + 6, y0 + h + 6)
