"""The picture of `squitter bench`: detection against signal-to-noise ratio, drawn with Pillow (matplotlib costs 3 s)."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from receiver.cli.bench_measure import Sweep

WIDTH, HEIGHT = 1120, 720
LEFT, RIGHT, TOP, BOTTOM = 96, 40, 84, 84
SCALE = 2  # drawn twice as large and made smaller: smooth lines
COLOURS = ("#1f6f8b", "#d1495b", "#3a7d44", "#8d5a97", "#c77d0a", "#444444")
INK, PALE = "#222222", "#dddddd"


def plot(sweeps: list[Sweep], title: str) -> bytes:
    """A PNG of all sweeps.

    Parameters
    ----------
    title
        One line above the picture.
    """
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "white")
    draw = ImageDraw.Draw(image)
    big, small = (ImageFont.load_default(size * SCALE) for size in (22, 17))
    low = min((sweep.snr_db[0] for sweep in sweeps), default=0.0)
    high = max((sweep.snr_db[-1] for sweep in sweeps), default=1.0)

    def at(snr_db: float, share: float) -> tuple[float, float]:
        x = LEFT + (snr_db - low) / (high - low) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
        return x * SCALE, y * SCALE

    def text(x: float, y: float, words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, anchor: str) -> None:
        draw.text((x * SCALE, y * SCALE), words, fill=INK, font=font, anchor=anchor)

    for percent in range(0, 101, 10):
        dark = percent in (50, 90)
        draw.line([at(low, percent / 100), at(high, percent / 100)], fill="#999999" if dark else PALE, width=SCALE)
        text(LEFT - 10, at(low, percent / 100)[1] / SCALE, f"{percent} %", small, "rm")
    for snr_db in range(round(low), round(high) + 1):
        draw.line([at(snr_db, 0.0), at(snr_db, 1.0)], fill=PALE, width=SCALE)
        text(at(snr_db, 0.0)[0] / SCALE, HEIGHT - BOTTOM + 10, str(snr_db), small, "mt")
    draw.rectangle([at(low, 1.0), at(high, 0.0)], outline=INK, width=SCALE)
    for sweep, colour in zip(sweeps, COLOURS, strict=False):
        points = [at(*point) for point in zip(sweep.snr_db, sweep.found, strict=True)]
        draw.line(points, fill=colour, width=4 * SCALE, joint="curve")
        for x, y in points:
            draw.ellipse([x - 4 * SCALE, y - 4 * SCALE, x + 4 * SCALE, y + 4 * SCALE], fill=colour)
    text(LEFT, 22, "DF17 frames found, by strength", big, "lt")
    text(LEFT, 52, title, small, "lt")
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 22, "pulse power over the noise in 2.4 MHz, dB", small, "mb")
    side = Image.new("RGB", (HEIGHT * SCALE, 30 * SCALE), "white")
    ImageDraw.Draw(side).text((HEIGHT * SCALE / 2, 15 * SCALE), "frames found", fill=INK, font=small, anchor="mm")
    image.paste(side.rotate(90, expand=True), (4 * SCALE, 0))
    _legend(draw, sweeps, small)
    out = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _legend(draw: ImageDraw.ImageDraw, sweeps: list[Sweep], font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> None:
    width, line = 330, 28
    left, top = WIDTH - RIGHT - width - 14, HEIGHT - BOTTOM - line * len(sweeps) - 26
    box = [left * SCALE, top * SCALE, (left + width) * SCALE, (HEIGHT - BOTTOM - 14) * SCALE]
    draw.rectangle(box, fill="white", outline="#999999", width=SCALE)
    for number, (sweep, colour) in enumerate(zip(sweeps, COLOURS, strict=False)):
        y = (top + 6 + line * (number + 0.5)) * SCALE
        draw.line([((left + 10) * SCALE, y), ((left + 40) * SCALE, y)], fill=colour, width=4 * SCALE)
        half = "50 % nowhere" if sweep.half_db is None else f"50 % at {sweep.half_db:.1f} dB"
        words = f"{sweep.sample_rate_hz / 1e6:g} MS/s: {half}"
        draw.text(((left + 50) * SCALE, y), words, fill=INK, font=font, anchor="lm")
