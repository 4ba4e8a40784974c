"""How a card is drawn: colours, sizes, words, times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from receiver.watch.language import CardWords
from receiver.watch.picture.theme import Theme

SIZE = (1200, 900)  # the standard: at this size a pixel is a pixel
FINE = 2  # lines are drawn so many times larger and then reduced


@dataclass(frozen=True, slots=True)
class Style:
    """What every part of a card shares. `unit`: pixels here for one of the standard size."""

    theme: Theme
    unit: float
    code: str
    words: CardWords
    zone: tzinfo

    def px(self, pixels: float) -> int:
        """Pixels of the standard size, here."""
        return max(1, round(pixels * self.unit))
