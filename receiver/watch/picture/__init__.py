"""The card that goes along with an alert: its track on a map, with the sentence. Pillow only; nothing of the station.

`draw_card` is pure and takes some tenths of a second: call it in a worker thread.
"""

from receiver.watch.picture.basemap import Geometry
from receiver.watch.picture.card import draw_card
from receiver.watch.picture.style import SIZE
from receiver.watch.picture.theme import THEMES

__all__ = ["SIZE", "THEMES", "Geometry", "draw_card"]
