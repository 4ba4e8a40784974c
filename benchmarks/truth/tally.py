"""Counting how often two decoders agree."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyModeS

from receiver.earth import METRES_PER_NMI, distance_nmi
from receiver.tracking import Sighting


@dataclass(slots=True)
class Tally:
    """One quantity: how often it was compared and agreed, why it did not, and what is left."""

    compared: int = 0
    agreed: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of those compared, how many agree."""
        return self.agreed / self.compared if self.compared else 1.0


class Comparison:
    """The tallies of one source, by quantity."""

    def __init__(self) -> None:
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)

    def put(self, name: str, agrees: bool, what: str, reason: str | None = None) -> None:
        """Count one comparison; with `reason` when it is known why the two disagree."""
        tally = self.tallies[name]
        tally.compared += 1
        if agrees:
            tally.agreed += 1
        elif reason is not None:
            tally.explained[reason] += 1
        else:
            tally.unexplained.append(what)

    def value(
        self, name: str, ours: Any, theirs: Any, where: str, tolerance: float = 0.0, reason: str | None = None
    ) -> None:
        """Compare one value that the other decoder gives (nothing when it gives none)."""
        if theirs is None:
            return
        inexact = ours is not None and not isinstance(theirs, str)
        agrees = abs(ours - theirs) <= tolerance if inexact else ours == theirs
        self.put(name, agrees, f"{where}: {ours} against {theirs}", reason)


def said(sighting: Sighting | None, name: str) -> Any:
    """A value, if this very message said it and nothing contradicts it."""
    return sighting.said_of(name) if sighting is not None else None


def apart_m(sighting: Sighting | None, now: float, latitude: float, longitude: float) -> float | None:
    """How far the position that this message set is from another; None when it set none."""
    position = said(sighting, "position")
    if position is None:
        return None
    return METRES_PER_NMI * distance_nmi(position.latitude_deg, position.longitude_deg, latitude, longitude)


def lines(path: Path) -> Iterator[str]:
    """The lines of a gzipped text."""
    with gzip.open(path, "rt", encoding="utf-8-sig", errors="replace") as file:
        yield from file


def pymodes_register(data: bytes) -> str | None:
    """The register of a Comm-B reply as pyModeS sees it, "50"; None when it sees none."""
    bds = pyModeS.decode(data.hex().upper()).get("bds")
    return None if bds is None else str(bds).replace(",", "")
