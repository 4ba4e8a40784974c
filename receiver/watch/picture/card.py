"""The whole card: head, map, figures, sentence, credits."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
from PIL import Image, ImageDraw

from receiver.earth import KM_PER_NMI, destination, great_circle_km, wrap_deg
from receiver.watch.alerts import ENDED, Alert
from receiver.watch.picture.basemap import Geometry, Names, Rect, draw_ground, label_grid, name_countries, window
from receiver.watch.picture.lettering import font, printable, shortened, width, wrapped
from receiver.watch.picture.projection import Points, View
from receiver.watch.picture.theme import THEMES, Theme, along
from receiver.watch.picture.track import Shading, draw_aircraft, draw_track, pixels_of
from receiver.watch.picture.words import LANGUAGES
from receiver.watch.sentence import LONG
from receiver.watch.trail import TrailPoint

SIZE = (1200, 900)
MIN_SIZE, MAX_SIZE = (480, 360), (2000, 2000)
FINE = 2  # lines are drawn so many times larger and then reduced
SPAN_KM = 12.0  # a map shows at least so much from top to bottom
WIDEST_KM = 3000.0
PLACES = 40  # asked for
NAMES = 18  # written
CREDIT = "Natural Earth · GeoNames (CC BY 4.0)"


def draw_card(
    alert: Alert,
    geometry: Geometry | None,
    theme: str = "light",
    size: tuple[int, int] = SIZE,
    language: str = "en",
    zone: tzinfo = UTC,
) -> bytes:
    """A PNG of an alert.

    Parameters
    ----------
    geometry
        The atlas; None: the track on a graticule.
    theme
        "light" or "dark".
    size
        Width and height in pixels, from 480 × 360 to 2000 × 2000.
    language, zone
        Of the labels and times; the sentence is the alert's.

    The card shows where the aircraft was heard and nothing of who heard it. It carries no metadata.
    """
    if not all(low <= got <= high for low, got, high in zip(MIN_SIZE, size, MAX_SIZE, strict=True)):
        raise ValueError(f"size: got {size}, expected {MIN_SIZE} to {MAX_SIZE}")
    card = _Card(alert, geometry, THEMES[theme], size, language, zone)
    return card.png()


class _Card:
    def __init__(
        self, alert: Alert, geometry: Geometry | None, theme: Theme, size: tuple[int, int], language: str, zone: tzinfo
    ) -> None:
        self.alert, self.geometry, self.theme, self.zone = alert, geometry, theme, zone
        self.language, self.words = language, LANGUAGES[language]
        self.width, self.height = size
        self.unit = min(size[0] / SIZE[0], 1.25 * size[1] / SIZE[1])
        self.image = Image.new("RGB", size, theme.paper)
        self.draw = ImageDraw.Draw(self.image)

    def px(self, pixels: float) -> int:
        """Pixels of the standard size, here."""
        return max(1, round(pixels * self.unit))

    def png(self) -> bytes:
        top = self._head()
        bottom = self._foot()
        trail = list(self.alert.trail)
        if bottom - top >= self.px(160):
            if trail:
                self._map(trail, top, bottom)
            else:
                face = font(self.px(22))
                self.draw.text(
                    (self.px(40), (top + bottom) // 2), self.words.no_position, font=face, fill=self.theme.faint_ink
                )
        out = io.BytesIO()
        self._few_colours().save(out, "PNG", optimize=True)
        return out.getvalue()

    def _few_colours(self) -> Image.Image:
        """The card in 256 colours. The track's ramp is among them: it covers few pixels but must not come in steps."""
        common = self.image.quantize(208, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        colours = (common.getpalette() or [])[: 3 * 208]
        theme = self.theme
        for ramp in (theme.by_time, theme.by_altitude):
            for k in range(24):
                colours += along(ramp, k / 23)
        palette = Image.new("P", (1, 1))
        palette.putpalette(colours)
        return self.image.quantize(palette=palette, dither=Image.Dither.NONE)

    # --- text -----------------------------------------------------------------------------------------------------

    def _head(self) -> int:
        """Who and when. Returns where the map begins."""
        alert, theme, draw = self.alert, self.theme, self.draw
        height, left = self.px(84), self.px(40)
        draw.rectangle((0, 0, self.px(14), height), fill=theme.severity[alert.severity])
        stamp = f"{datetime.fromtimestamp(alert.updated_s, self.zone):%Y-%m-%d  %H:%M %Z}"
        face = font(self.px(22))
        room: float = self.width - left - self.px(32)
        when = width(stamp, face)
        draw.text((self.width - self.px(32), height // 2), stamp, font=face, fill=theme.faint_ink, anchor="rm")
        room -= when + self.px(24)
        big = font(self.px(40), bold=True)
        name = shortened(printable(self._name()), big, room * 0.6)
        draw.text((left, height // 2), name, font=big, fill=theme.ink, anchor="lm")
        left += round(width(name, big)) + self.px(20)
        title = printable(alert.title)
        if alert.state == ENDED:
            title += f" – {self.words.over}"
        face = font(self.px(24))
        title = shortened(title, face, self.width - self.px(32) - when - self.px(24) - left)
        draw.text((left, height // 2 + self.px(2)), title, font=face, fill=theme.severity[alert.severity], anchor="lm")
        return height

    def _name(self) -> str:
        alert = self.alert
        sighting = alert.sighting
        callsign = (sighting.callsign or "").strip() if sighting is not None else ""
        if callsign:
            return callsign
        if not alert.icao:
            return alert.title
        name = self.words.aircraft.format(alert.icao)
        return alert.identity.value("registration") or name[:1].upper() + name[1:]

    def _foot(self) -> int:
        """Figures, sentence, credits. Returns where the map ends."""
        theme, draw = self.theme, self.draw
        left, right = self.px(40), self.width - self.px(40)
        small = font(self.px(14))
        y = self.height - self.px(18)
        draw.text((left, y), "squitter", font=font(self.px(14), bold=True), fill=theme.faint_ink, anchor="ls")
        draw.text((right, y), CREDIT, font=small, fill=theme.faint_ink, anchor="rs")
        face = font(self.px(23))
        lines = wrapped(printable(self.alert.text), face, right - left, 5)
        pitch = self.px(32)
        y -= self.px(30) + pitch * len(lines)
        for k, line in enumerate(lines):
            draw.text((left, y + k * pitch + pitch // 2), line, font=face, fill=theme.ink, anchor="lm")
        figures = self._figures()
        if not figures:
            return y - self.px(14)
        y -= self.px(82)
        label_face, value_face = font(self.px(15)), font(self.px(24), bold=True)
        column = (right - left) / max(5, len(figures))
        for k, (label, value) in enumerate(figures):
            x = left + k * column
            draw.text((x, y + self.px(28)), label, font=label_face, fill=theme.faint_ink, anchor="ls")
            text = shortened(value, value_face, column - self.px(8))
            draw.text((x, y + self.px(58)), text, font=value_face, fill=theme.ink, anchor="ls")
        draw.line((left, y + self.px(76), right, y + self.px(76)), fill=theme.rule, width=self.px(1))
        return y

    def _figures(self) -> list[tuple[str, str]]:
        words, alert = self.words, self.alert
        out: list[tuple[str, str]] = []
        pattern, sighting = alert.pattern, alert.sighting
        if pattern is not None and pattern.kind != "survey_grid":
            laps = int(pattern.laps + 0.1)
            eight = pattern.kind == "figure_of_eight"
            is_long = eight or (pattern.kind in LONG and pattern.length_km > 0.0)
            out.append((words.times if eight else words.laps, str(laps)))
            across = pattern.length_km if is_long and not eight else 2.0 * pattern.radius_km
            out.append((words.length if is_long else words.diameter, self._km(across)))
            minutes = pattern.period_s / 60.0
            out.append(
                (words.period, f"{minutes:.0f} min" if minutes >= 9.5 else self._number(f"{minutes:.1f}") + " min")
            )
            if not eight:
                out.append((words.hand, words.hands[pattern.hand]))
        if sighting is not None:
            if sighting.altitude_baro_ft is not None:
                out.append((words.altitude, f"{self._thousands(sighting.altitude_baro_ft)} ft"))
            if sighting.ground_speed_kt is not None:
                out.append((words.speed, f"{sighting.ground_speed_kt:.0f} kt"))
        return out

    def _thousands(self, value: float) -> str:
        return f"{round(value):,}".replace(",", self.words.thousands)

    def _number(self, text: str) -> str:
        return text.replace(".", self.words.point)

    def _km(self, value: float) -> str:
        return (self._number(f"{value:.1f}") if value < 9.95 else f"{value:.0f}") + " km"

    # --- map ------------------------------------------------------------------------------------------------------

    def _map(self, trail: Sequence[TrailPoint], top: int, bottom: int) -> None:
        theme, pattern = self.theme, self.alert.pattern
        view, near = self._view(trail, self.width, bottom - top)
        image = draw_ground(view, self.geometry, theme, FINE)
        shading = Shading.of(trail, None if pattern is None else pattern.since_s)
        image = self._with_track(image, view, trail, shading, 3.4 if pattern is None or pattern.laps < 8 else 2.2)
        pixels = pixels_of(view, trail)
        spread = _spread(pixels)
        taken: list[Rect] = [self._north(image, view), self._scale(image, view), self._legend(image, view, shading)]
        inside = np.count_nonzero(
            (pixels[:, 0] > 0) & (pixels[:, 0] < view.width_px) & (pixels[:, 1] > 0) & (pixels[:, 1] < view.height_px)
        )
        if inside < len(pixels) and self.width >= 700 and view.height_px >= 380:
            taken.append(self._overview(image, view, trail, shading, spread, taken))
        last = trail[-1]
        x, y = view.pixel(last.latitude_deg, last.longitude_deg)
        taken.append((x - 14, y - 14, x + 14, y + 14))
        if self.geometry is not None:
            names = Names(image, view, theme, taken, spread)
            places = self.geometry.places(window(view), PLACES)
            if near is not None:
                water = any(place.name == near[0] and place.kind == "water" for place in places)
                names.place(*near, water, self.px(20), dear=True)
            name_countries(names, view, self.geometry, self.language, self.px(17))
            for place in self.geometry.places(window(view), PLACES):
                if near is None or place.name != near[0]:
                    names.place(
                        place.name,
                        place.latitude_deg,
                        place.longitude_deg,
                        place.kind == "water",
                        self.px(16),
                        dear=False,
                    )
        label_grid(image, view, theme, taken, self.px(12), self.words.point)
        self.image.paste(image, (0, top))
        self.draw.line((0, top, self.width, top), fill=theme.rule, width=1)
        self.draw.line((0, bottom, self.width, bottom), fill=theme.rule, width=1)

    def _with_track(
        self, image: Image.Image, view: View, trail: Sequence[TrailPoint], shading: Shading, width_px: float
    ) -> Image.Image:
        """Draw the track smoothly: on an enlarged copy, which is reduced again."""
        large = image.resize((view.width_px * FINE, view.height_px * FINE), Image.Resampling.NEAREST)
        draw = ImageDraw.Draw(large)
        fine = view.scaled(FINE)
        draw_track(draw, fine, trail, shading, self.theme, self.unit * width_px * FINE)
        last = trail[-1]
        x, y = fine.pixel(last.latitude_deg, last.longitude_deg)
        heading = self._heading(trail)
        size = self.unit * 12.0 * FINE
        if heading is not None:
            draw_aircraft(draw, x, y, heading + fine.north_deg(x, y), size, self.theme.ink, self.theme.casing)
        else:
            r = size / 3
            draw.ellipse((x - r, y - r, x + r, y + r), fill=self.theme.ink, outline=self.theme.casing, width=FINE)
        return large.reduce(FINE)

    def _heading(self, trail: Sequence[TrailPoint]) -> float | None:
        sighting = self.alert.sighting
        if sighting is not None and sighting.track_deg is not None:
            return sighting.track_deg
        if len(trail) < 2 or trail[-1].unheard:
            return None
        a, b = trail[-2], trail[-1]
        east = wrap_deg(b.longitude_deg - a.longitude_deg) * math.cos(math.radians(b.latitude_deg))
        north = b.latitude_deg - a.latitude_deg
        return math.degrees(math.atan2(east, north)) if east or north else None

    def _view(
        self, trail: Sequence[TrailPoint], width_px: int, height_px: int
    ) -> tuple[View, tuple[str, float, float] | None]:
        """What the map shows: the pattern and the place that the sentence names, or the whole track; and that place."""
        pattern = self.alert.pattern
        if pattern is not None:
            centre = (pattern.latitude_deg, pattern.longitude_deg)
            near = self._near(*centre)
            reach = max(0.5, pattern.radius_km)
            points = [(0.0, -reach), (0.0, reach), (-reach, 0.0), (reach, 0.0)]
            recent = max(pattern.since_s, pattern.updated_s - 3.0 * pattern.period_s)
            points += [
                great_circle_km(*centre, p.latitude_deg, p.longitude_deg)
                for p in trail
                if recent <= p.time_s <= pattern.updated_s
            ]
            points = [(e, n) for e, n in points if math.hypot(e, n) <= WIDEST_KM / 4]
            if near is not None:
                east, north = great_circle_km(*centre, near[1], near[2])
                if math.hypot(east, north) <= max(8.0 * reach, 30.0):
                    points.append((east, north))
            return _fit(centre, points, width_px, height_px), near
        last = trail[-1]
        centre = (last.latitude_deg, last.longitude_deg)
        near = self._near(*centre)
        points = [(0.0, 0.0)]
        for point in reversed(trail):
            offset = great_circle_km(*centre, point.latitude_deg, point.longitude_deg)
            if math.hypot(*offset) > WIDEST_KM / 4:
                break
            points.append(offset)
        if near is not None:
            offset = great_circle_km(*centre, near[1], near[2])
            if math.hypot(*offset) <= 60.0:
                points.append(offset)
        return _fit(centre, points, width_px, height_px), near

    def _near(self, latitude_deg: float, longitude_deg: float) -> tuple[str, float, float] | None:
        """The place that the sentence names: name, latitude, longitude."""
        if self.geometry is None:
            return None
        near = self.geometry.near(latitude_deg, longitude_deg, self.language)
        if near is None:
            return None
        return (near.name, *destination(latitude_deg, longitude_deg, near.bearing_deg + 180.0, near.distance_km))

    def _overview(
        self,
        image: Image.Image,
        view: View,
        trail: Sequence[TrailPoint],
        shading: Shading,
        spread: Points,
        taken: Sequence[Rect],
    ) -> Rect:
        """The whole track, small, in the corner where the least is hidden."""
        theme = self.theme
        w, h = self.px(310), self.px(230)
        gap = self.px(16)
        right, low = view.width_px - w - gap, view.height_px - h - gap
        room = self.px(78)  # for what stands in the corners already
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
        small = _fit(centre, offsets, w, h, least_km=4.0 * view.km_per_px * view.height_px * 0.5)
        inset = draw_ground(small, self.geometry, theme, FINE, grid=False)
        large = inset.resize((w * FINE, h * FINE), Image.Resampling.NEAREST)
        draw_track(ImageDraw.Draw(large), small.scaled(FINE), trail, shading, theme, self.unit * 1.6 * FINE)
        inset = large.reduce(FINE)
        pixels = pixels_of(small, trail)
        if self.geometry is not None:
            names = Names(inset, small, theme, [], _spread(pixels))
            name_countries(names, small, self.geometry, self.language, self.px(13), at_least=1)
        draw = ImageDraw.Draw(inset)
        rim = [small.pixel(*view.place(x, y)) for x, y in
               ((0, 0), (view.width_px, 0), (view.width_px, view.height_px), (0, view.height_px))]  # fmt: skip
        draw.line([*rim, rim[0]], fill=theme.ink, width=self.px(1.4))
        image.paste(inset, (x0, y0))
        ImageDraw.Draw(image).rectangle((x0 - 1, y0 - 1, x0 + w, y0 + h), outline=theme.faint_ink, width=self.px(1))
        return (x0 - 6, y0 - 6, x0 + w + 6, y0 + h + 6)

    def _north(self, image: Image.Image, view: View) -> Rect:
        """An arrow that points to true north where it stands."""
        theme = self.theme
        x, y, r = view.width_px - self.px(44), self.px(52), self.px(24)
        angle = math.radians(view.north_deg(x, y))
        c, s = math.cos(angle), math.sin(angle)
        box = 2 * (r + self.px(14))
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
        ImageDraw.Draw(image).text((lx, ly), "N", font=font(self.px(17), bold=True), fill=theme.ink, anchor="mm",
                                   stroke_width=2, stroke_fill=theme.halo)  # fmt: skip
        return (x - box / 2, y - box / 2, x + box / 2, y + box / 2)

    def _scale(self, image: Image.Image, view: View) -> Rect:
        """Kilometres and nautical miles at the centre of the map."""
        theme, draw = self.theme, ImageDraw.Draw(image)
        face = font(self.px(15))
        right, y = view.width_px - self.px(24), view.height_px - self.px(34)
        longest = 0.0
        for unit, km, up in (("km", 1.0, True), ("NM", KM_PER_NMI, False)):
            length = _nice(0.2 * view.width_px * view.km_per_px / km)
            bar = length * km / view.km_per_px
            longest = max(longest, bar)
            x = right - bar
            tick = self.px(7) * (-1 if up else 1)
            for colour, extra in ((theme.halo, 2), (theme.ink, 0)):
                w = self.px(2) + 2 * extra
                draw.line([(x, y + tick), (x, y), (right, y), (right, y + tick)], fill=colour, width=w)
            text = f"{self._number(f'{length:g}')} {unit}"
            draw.text((right - bar / 2, y - self.px(5) if up else y + self.px(5)), text, font=face, fill=theme.ink,
                      anchor="ms" if up else "mt", stroke_width=2, stroke_fill=theme.halo)  # fmt: skip
        return (right - longest - 10, y - self.px(28), right + 10, y + self.px(30))

    def _legend(self, image: Image.Image, view: View, shading: Shading) -> Rect:
        """What the colours of the track mean."""
        theme, draw = self.theme, ImageDraw.Draw(image)
        x, y = self.px(24), view.height_px - self.px(24)
        w, h = self.px(190), self.px(9)
        ramp = theme.by_altitude if shading.by_altitude else theme.by_time
        draw.rectangle((x - 2, y - 2, x + w + 1, y + h + 1), fill=theme.halo)
        for k in range(w):
            draw.line((x + k, y, x + k, y + h - 1), fill=along(ramp, k / (w - 1)))
        face = font(self.px(15))
        if shading.by_altitude:
            ends = (
                self._thousands(100 * round(shading.low / 100)),
                f"{self._thousands(100 * round(shading.high / 100))} ft",
            )
        else:
            moments = [datetime.fromtimestamp(t, self.zone) for t in (shading.low, shading.high)]
            ends = (f"{moments[0]:%H:%M}", f"{moments[1]:%H:%M %Z}")
        for px, text, anchor in ((x, ends[0], "ls"), (x + w, ends[1], "rs")):
            draw.text((px, y - self.px(6)), text, font=face, fill=theme.ink, anchor=anchor, stroke_width=2,
                      stroke_fill=theme.halo)  # fmt: skip
        return (x - 6, y - self.px(28), x + w + 6, y + h + 8)


def _fit(
    centre: tuple[float, float],
    offsets: Sequence[tuple[float, float]],
    width_px: int,
    height_px: int,
    least_km: float = 0.0,
) -> View:
    """A view that shows these offsets (east, north in km from the centre) with a rim."""
    easts, norths = [e for e, _ in offsets], [n for _, n in offsets]
    middle = ((min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2)
    east_km, north_km = max(easts) - min(easts), max(norths) - min(norths)
    least = max(SPAN_KM, least_km)
    scale = max(1.32 * east_km / width_px, 1.32 * north_km / height_px, least / height_px)
    bearing = math.degrees(math.atan2(*middle))
    latitude, longitude = destination(*centre, bearing, math.hypot(*middle))
    return View(latitude, longitude, min(scale, WIDEST_KM / height_px), width_px, height_px)


def _nice(value: float) -> float:
    """The largest of 1, 2, 5, 10, … that is no larger."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)


def _spread(pixels: Points) -> Points:
    """The track's pixels, close enough together that a name cannot slip between two."""
    out = [pixels[:1]]
    for a, b in itertools.pairwise(pixels):
        n = min(200, int(math.hypot(*(b - a)) / 8.0) + 1)
        out.append(a + (b - a) * np.linspace(1.0 / n, 1.0, n)[:, None])
    return np.concatenate(out)
