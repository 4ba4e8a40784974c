"""What the tracker counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class TrackerStatistics:
    """Counters since the start.

    Attributes
    ----------
    messages
        Messages that counted, by address type (aircraft.json's `type`).
    rejected
        Messages that did not, by reason: `unconfirmed` (the address is not believed).
    positions
        Position reports by what became of them (`receiver.tracking.position.Outcome`).
    reports, positions_by_type
        Position reports by kind (`airborne`, `surface`), and accepted positions by address type.
    comm_b
        Comm-B replies by the register found, or by why none was.
    doubtful
        Values held back until they are heard again, by attribute.
    contradicted
        Values of replies that the aircraft's own broadcast contradicts, by attribute.
    aircraft_seen, aircraft_departed, aircraft_heard_once
        Aircraft ever; gone; and of these, gone without a second message.
    max_distance_nmi
        Farthest accepted position; None when the station's place is not known.
    """

    messages: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    positions: Counter[str] = field(default_factory=Counter)
    reports: Counter[str] = field(default_factory=Counter)
    positions_by_type: Counter[str] = field(default_factory=Counter)
    comm_b: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    contradicted: Counter[str] = field(default_factory=Counter)
    aircraft_seen: int = 0
    aircraft_departed: int = 0
    aircraft_heard_once: int = 0
    max_distance_nmi: float | None = None
