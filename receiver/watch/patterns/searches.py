"""Search patterns of rescuers, by their legs: the expanding square and the sector search (IAMSAR Manual, volume II, chapter 5).

An expanding square turns by 90° to one hand and its legs grow in pairs; a sector search turns by 120° to one hand, a long leg through
the middle and a short one along the rim in turn. Parallel tracks and the creeping line are survey grids (`legs.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from receiver.earth import wrap_deg
from receiver.watch.patterns.legs import Leg

LEGS = 5
SQUARE_DEG, SECTOR_DEG, OFF_DEG = 90.0, 120.0, 18.0
GROWS, SHRINKS = 1.1, 0.85
LONG, SAME = 1.4, 1.5


@dataclass(frozen=True, slots=True)
class Search:
    """A search in progress: its middle (degrees), its longest leg (km), when it began and ended (UTC s)."""

    latitude_deg: float
    longitude_deg: float
    length_km: float
    start_s: float
    end_s: float


def search(lines: Sequence[Leg]) -> Search | None:
    """The search that the newest legs make, or None."""
    legs = list(lines)[-LEGS:]
    if len(legs) < LEGS:
        return None
    turns = [wrap_deg(b.heading_deg - a.heading_deg) for a, b in itertools.pairwise(legs)]
    if not (all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)):
        return None
    lengths = [leg.length_km for leg in legs]
    if not (_expands(turns, lengths) or _sectors(turns, lengths)):
        return None
    ends = [leg.end for leg in legs] + [legs[0].start]
    west = legs[0].start[1]
    east = [wrap_deg(end[1] - west) for end in ends]
    return Search(
        latitude_deg=(max(end[0] for end in ends) + min(end[0] for end in ends)) / 2,
        longitude_deg=wrap_deg(west + (max(east) + min(east)) / 2),
        length_km=max(lengths),
        start_s=legs[0].start_s,
        end_s=legs[-1].end_s,
    )


def _expands(turns: list[float], lengths: list[float]) -> bool:
    square = all(abs(abs(turn) - SQUARE_DEG) <= OFF_DEG for turn in turns)
    grows = all(b >= GROWS * a for a, b in zip(lengths, lengths[2:], strict=False))
    return square and grows and all(b >= SHRINKS * a for a, b in itertools.pairwise(lengths))


def _sectors(turns: list[float], lengths: list[float]) -> bool:
    if not all(abs(abs(turn) - SECTOR_DEG) <= OFF_DEG for turn in turns):
        return False
    one, other = sorted((lengths[0::2], lengths[1::2]), key=sum)
    return min(other) >= LONG * max(one) and max(one) <= SAME * min(one) and max(other) <= SAME * min(other)
