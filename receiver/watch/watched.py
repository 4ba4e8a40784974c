"""What the watch remembers of one aircraft."""

from __future__ import annotations

from dataclasses import dataclass

from receiver.tracking import Position, Sighting, Value
from receiver.watch.identity import Identity
from receiver.watch.integrity import IntegrityWatch
from receiver.watch.patterns import Pattern, PatternDetector
from receiver.watch.trail import Trail
from receiver.watch.world import Land

MAX_CROSSINGS = 6


@dataclass(frozen=True, slots=True)
class Crossing:
    """A border crossed: into a land (None: out to sea) from another (None: from the sea), about when (UTC s)."""

    into: Land | None
    out_of: Land | None
    time_s: float


class Watched:
    """One aircraft: the newest sighting, who it is, what it flies, where it has been. Bounded."""

    __slots__ = (
        "checked", "crossings", "detector", "first_seen", "fixed_s", "fleet", "identity", "identity_key", "integrity",
        "land", "land_s", "position", "sighting", "since", "trail",
    )  # fmt: skip

    def __init__(self, sighting: Sighting, detector: PatternDetector, first_seen: bool) -> None:
        self.sighting = sighting
        self.detector = detector
        self.first_seen = first_seen
        self.identity = Identity()
        self.identity_key: tuple[str | None, str | None] | None = None
        self.integrity = IntegrityWatch()
        self.trail = Trail()
        self.position: Value[Position] | None = None
        self.fixed_s = 0.0
        self.checked = -1.0  # the five seconds in which its rules were looked at last
        self.land: Land | None = None
        self.land_s = -1e18
        self.crossings: list[Crossing] = []
        self.since: dict[str, float] = {}  # rule name -> since when its condition has held
        self.fleet: tuple[str, ...] = ()  # for the fleet itself: the aircraft that lost GPS

    @property
    def pattern(self) -> Pattern | None:
        """The pattern flown now."""
        return self.detector.pattern

    def place(self) -> tuple[float, float] | None:
        """Newest place, degrees; None when there never was one."""
        value = self.sighting.last_position
        return None if value is None else (value.value.latitude_deg, value.value.longitude_deg)

    def crossed(self, crossing: Crossing) -> None:
        """Remember a border crossed; the oldest go."""
        self.crossings.append(crossing)
        del self.crossings[:-MAX_CROSSINGS]
