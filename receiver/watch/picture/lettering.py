"""Letters: two cuts of one font that comes along, so that a card looks the same on every machine."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_FONTS = Path(__file__).with_name("fonts")
_UNIT = re.compile(r"(\d) (h|min|km|ft|kt|UTC)\b")  # a number and its unit stay on one line
_RANGES = ((0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF))
_SINGLE = frozenset("əʻʼ–—‘’“”„•…′″‹›€←↑→↓−≈≤≥ґҐ")


@lru_cache(maxsize=64)
def font(size_px: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """A font of a size. The basic layout engine is everywhere the same; the other one is not in every Pillow."""
    name = "inter-semibold.ttf" if bold else "inter-regular.ttf"
    return ImageFont.truetype(str(_FONTS / name), size_px, layout_engine=ImageFont.Layout.BASIC)


def printable(text: str) -> str:
    """The text in letters that the font has: others lose their accents, or become a question mark; no line breaks."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        if _has(letter):
            out.append(letter)
        elif letter.isspace():
            out.append(" ")
        elif letter.isprintable():
            plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
            out.append(plain if plain and all(_has(c) for c in plain) else "?")
    return "".join(out)


def _has(letter: str) -> bool:
    code = ord(letter)
    return letter in _SINGLE or (letter.isprintable() and any(low <= code <= high for low, high in _RANGES))


def width(text: str, face: ImageFont.FreeTypeFont) -> float:
    """Of the text, in pixels."""
    return float(face.getlength(text))


def shortened(text: str, face: ImageFont.FreeTypeFont, room_px: float) -> str:
    """The text, cut with an ellipsis where it does not fit."""
    if width(text, face) <= room_px:
        return text
    while text and width(text + "…", face) > room_px:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, face: ImageFont.FreeTypeFont, room_px: float, lines: int) -> list[str]:
    """The text in at most so many lines, broken between words where there are any; what is left over becomes an
    ellipsis."""
    out: list[str] = []
    line = ""
    words = _UNIT.sub("\\1\N{NO-BREAK SPACE}\\2", text).split(" ")
    while words:
        word = words.pop(0)
        longer = f"{line} {word}" if line else word
        if width(longer, face) <= room_px:
            line = longer
            continue
        if not line:  # one word wider than the line
            cut = len(word) - 1
            while cut > 1 and width(word[:cut], face) > room_px:
                cut -= 1
            line, rest = word[:cut], word[cut:]
            words.insert(0, rest)
        else:
            words.insert(0, word)
        if len(out) == lines - 1:
            return [*out, shortened(" ".join([line, *words]), face, room_px)]
        out.append(line)
        line = ""
    return [*out, line] if line else out
