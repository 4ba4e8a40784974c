"""What the watch remembers of one aircraft."""

from __future__ import annotations

from dataclasses import dataclass, field

from receiver.tracking import Position, Sighting, Value
from receiver.watch.approach import Approach
from receiver.watch.belief import Belief
from receiver.watch.goaround import Descent
from receiver.watch.identity import Identity
from receiver.watch.integrity import IntegrityWatch
from receiver.watch.patterns import Pattern, PatternDetector
from receiver.watch.trail import Trail
from receiver.watch.usual import News
from receiver.watch.world import Land

MAX_CROSSINGS = 6
LAND_FRESH_S = 120.0  # without a position for so long, nobody knows what is below


@dataclass(frozen=True, slots=True)
class Crossing:
    """A border crossed: into a land (None: out to sea) from another (None: from the sea), about when (UTC s)."""

    into: Land | None
    out_of: Land | None
    time_s: float


@dataclass(slots=True)
class Watched:
    """One aircraft: the newest sighting, who it is, what it flies, where it has been. Bounded.

    Attributes
    ----------
    fixed_s
        UTC seconds of the newest position that the detector was given.
    checked
        The five seconds in which its rules were looked at last.
    land, land_s
        What was below, and when.
    since
        Rule name: since when its condition has held.
    approaches
        The closest approach to each place that rules ask about, as foretold last.
    news
        What is out of the ordinary about this visit.
    descent
        Its approach to an aerodrome, when a rule asks.
    """

    sighting: Sighting
    detector: PatternDetector
    first_seen: bool
    identity: Identity = field(default_factory=Identity)
    identity_key: tuple[str | None, str | None] | None = None
    integrity: IntegrityWatch = field(default_factory=IntegrityWatch)
    belief: Belief = field(default_factory=Belief)
    trail: Trail = field(default_factory=Trail)
    position: Value[Position] | None = None
    fixed_s: float = 0.0
    checked: float = -1.0
    land: Land | None = None
    land_s: float = -1e18
    crossings: list[Crossing] = field(default_factory=list)
    since: dict[str, float] = field(default_factory=dict)
    approaches: dict[str, Approach] = field(default_factory=dict)
    news: News = field(default_factory=News)
    descent: Descent = field(default_factory=Descent)

    @property
    def icao(self) -> str:
        """Its address."""
        return self.sighting.icao

    @property
    def pattern(self) -> Pattern | None:
        """The pattern flown now."""
        return self.detector.pattern

    def place(self) -> tuple[float, float] | None:
        """Newest place that is believed, degrees; None when there never was one."""
        if self.belief.doubt is not None:
            believed = self.belief.believed
            return None if believed is None else (believed.latitude_deg, believed.longitude_deg)
        value = self.sighting.last_position
        return None if value is None else (value.value.latitude_deg, value.value.longitude_deg)

    def place_now(self) -> tuple[float, float] | None:
        """Where it is now, degrees; None when that is not known, or not believed."""
        position = self.sighting.position
        if position is None or self.belief.doubt is not None:
            return None
        return position.latitude_deg, position.longitude_deg

    def land_below(self) -> Land | None:
        """The land below now; None at sea, and when its position is not known any more."""
        return self.land if self.sighting.now - self.land_s <= LAND_FRESH_S else None

    def crossed(self, crossing: Crossing) -> None:
        """Remember a border crossed; the oldest go."""
        self.crossings.append(crossing)
        del self.crossings[:-MAX_CROSSINGS]
