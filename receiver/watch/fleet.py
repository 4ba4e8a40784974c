"""What is known of several aircraft together: who lost GPS, who has it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from receiver.watch.integrity import IntegrityWatch
from receiver.watch.patterns import Pattern

WITHIN_S = 600.0
BACK_FOR_S = 7200.0


@dataclass(slots=True)
class Fleet:
    """The fleet: everybody in view. A rule about it raises one alert, about no single aircraft.

    `gps_lost`: address and when it was last without GPS (UTC s); `gps_back`: when it was sure again.
    """

    gps_lost: dict[str, float] = field(default_factory=dict)
    gps_back: dict[str, float] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)  # rule name -> since when its condition has held

    icao = ""
    pattern: Pattern | None = None

    def update(self, icao: str, integrity: IntegrityWatch, now: float) -> None:
        """Take one aircraft's state."""
        if integrity.lost_s is not None:
            self.gps_lost[icao] = now
            self.gps_back.pop(icao, None)
        elif icao in self.gps_lost and integrity.good_s is not None and integrity.good_s >= self.gps_lost[icao]:
            self.gps_back[icao] = now
            del self.gps_lost[icao]

    def expire(self, now: float) -> None:
        """Forget what is too old to count."""
        if self.gps_lost:
            self.gps_lost = {icao: at for icao, at in self.gps_lost.items() if now - at <= WITHIN_S}
        if self.gps_back:
            self.gps_back = {icao: at for icao, at in self.gps_back.items() if now - at <= BACK_FOR_S}

    def lost(self, now: float) -> tuple[str, ...]:
        """Addresses that have been without GPS within the last ten minutes, sorted."""
        return tuple(sorted(icao for icao, at in self.gps_lost.items() if now - at <= WITHIN_S))
