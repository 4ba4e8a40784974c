"""The whole card: head, map (chart.py), figures, sentence, credits."""

from __future__ import annotations

import io
from datetime import UTC, datetime, tzinfo

from PIL import Image, ImageDraw

from receiver.atlas.atlas import CREDIT
from receiver.watch.alerts import ENDED, Alert
from receiver.watch.language import language as language_of
from receiver.watch.picture.basemap import Geometry
from receiver.watch.picture.chart import Chart
from receiver.watch.picture.lettering import font, printable, shortened, width, wrapped
from receiver.watch.picture.style import SIZE, Style
from receiver.watch.picture.theme import THEMES, Theme, along
from receiver.watch.sentence import LONG

MIN_SIZE, MAX_SIZE = (480, 360), (2000, 2000)


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
        self.words = language_of(language).card
        self.width, self.height = size
        unit = min(size[0] / SIZE[0], 1.25 * size[1] / SIZE[1])
        self.style = Style(theme, unit, language, self.words, zone)
        self.px = self.style.px
        self.image = Image.new("RGB", size, theme.paper)
        self.draw = ImageDraw.Draw(self.image)

    def png(self) -> bytes:
        top = self._head()
        bottom = self._foot()
        if bottom - top >= self.px(160):
            if self.alert.trail:
                chart = Chart(self.alert, self.geometry, self.style).image(self.width, bottom - top)
                self.image.paste(chart, (0, top))
                for y in (top, bottom):
                    self.draw.line((0, y, self.width, y), fill=self.theme.rule, width=1)
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
        if pattern is not None and pattern.kind not in ("survey_grid", "loiter", "search", "shuttle"):
            laps = int(pattern.laps + 0.1)
            eight = pattern.kind == "figure_of_eight"
            is_long = eight or (pattern.kind in LONG and pattern.length_km > 0.0)
            out.append((words.times if eight else words.laps, str(laps)))
            across = pattern.length_km if is_long and not eight else 2.0 * pattern.radius_km
            out.append((words.length if is_long else words.diameter, self._km(across)))
            minutes = pattern.period_s / 60.0
            out.append(
                (
                    words.period,
                    f"{minutes:.0f} min" if minutes >= 9.5 else self.words.numbers.decimal(f"{minutes:.1f}") + " min",
                )
            )
            if not eight:
                out.append((words.hand, words.hands[pattern.hand]))
        # of the pattern, where there is one: when it is over the aircraft may be landing
        altitude, speed = (None, None) if pattern is None else (pattern.altitude_ft, pattern.speed_kt)
        if sighting is not None:
            altitude = sighting.altitude_baro_ft if altitude is None else 100.0 * round(altitude / 100.0)
            speed = sighting.ground_speed_kt if speed is None else speed
        if altitude is not None:
            out.append((words.altitude, f"{words.numbers.whole(altitude)} ft"))
        if speed is not None:
            out.append((words.speed, f"{speed:.0f} kt"))
        return out

    def _km(self, value: float) -> str:
        return (self.words.numbers.decimal(f"{value:.1f}") if value < 9.95 else f"{value:.0f}") + " km"
