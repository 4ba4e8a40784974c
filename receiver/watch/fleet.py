"""What is known of several aircraft together: who lost GPS, who has it again, whose positions cannot be true, who flies in
company."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from receiver.watch.belief import Doubt
from receiver.watch.company import Company
from receiver.watch.integrity import IntegrityWatch
from receiver.watch.patterns import Pattern
from receiver.watch.patterns.steps import offset_km

WITHIN_S = 600.0
TOGETHER_KM = 60.0  # who deceives, deceives all of them to one place
BACK_FOR_S = 7200.0


@dataclass(frozen=True, slots=True)
class Deceived:
    """An aircraft whose positions cannot be true: when last, why, and where it was believed to be last (degrees)."""

    time_s: float
    doubt: Doubt
    believed: tuple[float, float] | None


@dataclass(slots=True)
class Fleet:
    """The fleet: everybody in view. A rule about it raises one alert, about no single aircraft.

    `gps_lost`: address and when it was last without GPS (UTC s); `gps_back`: when it was sure again.
    """

    gps_lost: dict[str, float] = field(default_factory=dict)
    gps_back: dict[str, float] = field(default_factory=dict)
    doubted: dict[str, Deceived] = field(default_factory=dict)
    last_deceived: dict[str, Deceived] = field(default_factory=dict)  # so that an end can say where
    company: Company = field(default_factory=Company)
    since: dict[str, float] = field(default_factory=dict)  # rule name -> since when its condition has held

    now: float = 0.0
    checked: float = -1.0  # the five seconds in which rules were looked at last

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

    def doubt(self, icao: str, doubt: Doubt | None, believed: tuple[float, float] | None, now: float) -> None:
        """Take whether one aircraft's positions are doubted; None: not, which changes nothing of the last ten minutes."""
        if doubt is not None:
            self.doubted[icao] = Deceived(now, doubt, believed)
            self.last_deceived = dict(self.doubted)

    def deceived(self) -> dict[str, Deceived]:
        """Those that say they are in one place where they cannot be: the most that are together; or all, when there is no
        such place."""
        best: dict[str, Deceived] = {}
        for one in self.doubted.values():
            place = (one.doubt.latitude_deg, one.doubt.longitude_deg)
            there = {
                icao: other
                for icao, other in self.doubted.items()
                if math.hypot(*offset_km(*place, other.doubt.latitude_deg, other.doubt.longitude_deg)) <= TOGETHER_KM
            }
            if len(there) > len(best):
                best = there
        return best if len(best) >= 2 else dict(self.doubted)

    def expire(self, now: float) -> None:
        """It is now so late; forget what is too old to count."""
        self.now = now
        if self.gps_lost:
            self.gps_lost = {icao: at for icao, at in self.gps_lost.items() if now - at <= WITHIN_S}
        if self.doubted:
            self.doubted = {icao: one for icao, one in self.doubted.items() if now - one.time_s <= WITHIN_S}
        if self.gps_back:
            self.gps_back = {icao: at for icao, at in self.gps_back.items() if now - at <= BACK_FOR_S}

    def members(self, about: str, now: float) -> tuple[str, ...]:
        """Whom a rule with this key of `config.rules.FLEET_KEYS` is about now, sorted."""
        if about == "gps_lost_aircraft":
            return self.lost(now)
        if about == "gps_spoofed_aircraft":
            return tuple(sorted(self.deceived()))
        return self.company.military(now) if about == "military_aircraft" else self.company.group()[0]

    def lost(self, now: float) -> tuple[str, ...]:
        """Addresses that have been without GPS within the last ten minutes, sorted."""
        return tuple(sorted(icao for icao, at in self.gps_lost.items() if now - at <= WITHIN_S))
