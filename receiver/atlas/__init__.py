"""Where it is: countries and regions under a position, places, aerodromes, and the map around them. Offline.

The files in `data` are written by `scripts/build_atlas`; `data/SOURCES.md` says what they come from.
"""

from receiver.atlas.answers import Aerodrome, Area, Box, Land, NearPlace, Place
from receiver.atlas.atlas import CREDIT, Atlas
from receiver.atlas.details import Detail
from receiver.atlas.files import base_map_file

__all__ = ["CREDIT", "Aerodrome", "Area", "Atlas", "Box", "Detail", "Land", "NearPlace", "Place", "base_map_file"]
