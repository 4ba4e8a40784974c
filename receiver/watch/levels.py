"""How loud an aircraft is for the distance that it tells. A deceived receiver moves the position and not the transmitter.

What is compared is the level that each would have at one mile, if it fell with the square of the distance. Walls,
mountains and weak transmitters make an aircraft quieter than it should be, nothing makes it much louder: so one that is
far louder than the loudest quarter of the last ten minutes is not as far away as it says. Who says that it is nearer
than it is looks quiet, and that proves nothing. When the gain changes, all become louder within seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

WITHIN_S = 600.0
LEAST_AIRCRAFT = 20  # so many others make a measure
HIGH_SHARE = 0.75  # so that a quarter may be deceived at once
NEAREST_NMI = 10.0  # nearer, receivers are overloaded and antennas look over it
LOUDEST_DBFS = -3.0
EVERY_S = 5.0


@dataclass(slots=True)
class Levels:
    """Levels of all aircraft whose positions are believed.

    `known`: address -> when (UTC s), and its level reduced to one mile (dBFS). `high_dbfs`: what a quarter
    exceed, as of `high_s`; None: too few aircraft to say.
    """

    known: dict[str, tuple[float, float]] = field(default_factory=dict)
    high_dbfs: float | None = None
    high_s: float = -1.0

    def excess_db(
        self, icao: str, now: float, rssi_dbfs: float | None, distance_nmi: float | None, believed: bool
    ) -> float | None:
        """By how much an aircraft is louder than it may be at its distance, dB; None: nobody can say."""
        if rssi_dbfs is None or distance_nmi is None or distance_nmi < NEAREST_NMI or rssi_dbfs > LOUDEST_DBFS:
            return None
        reduced = rssi_dbfs + 20.0 * math.log10(distance_nmi)
        high = self._high(now)
        excess = None if high is None else reduced - high
        if believed:
            self.known[icao] = (now, reduced)
        return excess

    def _high(self, now: float) -> float | None:
        tick = now // EVERY_S
        if tick != self.high_s:
            self.high_s = tick
            self.known = {icao: one for icao, one in self.known.items() if 0.0 <= now - one[0] <= WITHIN_S}
            order = sorted(level for _, level in self.known.values())
            self.high_dbfs = order[int(HIGH_SHARE * (len(order) - 1))] if len(order) > LEAST_AIRCRAFT else None
        return self.high_dbfs
