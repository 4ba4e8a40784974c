"""Loss of GPS: aircraft that were sure of their position and are no longer, and how many at once.

One aircraft proves nothing (a receiver on board fails now and then); three at a time are worth a word. It is said
what is observed, never why.
"""

from __future__ import annotations

LOST_NAC_P = 2  # estimated position uncertainty of 4 nmi or more, or unknown (DO-260B, NACp)
FOUND_NAC_P = 4
AFTER_S = 30.0  # it must last
GOOD_WITHIN_S = 900.0  # it must have been sure not long before
FLEET_WITHIN_S = 600.0
MIN_SPEED_KT = 50.0


class IntegrityWatch:
    """One aircraft's confidence in its position, from NACp, or NIC when that is all it sends."""

    __slots__ = ("bad_since_s", "good_s", "lost_s")

    def __init__(self) -> None:
        self.good_s: float | None = None
        self.bad_since_s: float | None = None
        self.lost_s: float | None = None

    def update(self, now: float, nac_p: int | None, nic: int | None, flying: bool) -> None:
        """Take what it says now."""
        if nac_p is not None:
            good, bad = nac_p >= FOUND_NAC_P, nac_p <= LOST_NAC_P
        elif nic is not None:
            good, bad = nic >= 5, nic == 0
        else:
            return
        if good:
            self.good_s, self.bad_since_s, self.lost_s = now, None, None
        elif bad and flying:
            if self.bad_since_s is None:
                self.bad_since_s = now
            sure = self.good_s is not None and self.bad_since_s - self.good_s <= GOOD_WITHIN_S
            if sure and self.lost_s is None and now - self.bad_since_s >= AFTER_S:
                self.lost_s = now


class FleetIntegrity:
    """Which aircraft lost GPS lately."""

    def __init__(self) -> None:
        self._lost: dict[str, float] = {}

    def update(self, icao: str, integrity: IntegrityWatch, now: float) -> None:
        """Take one aircraft's state."""
        if integrity.lost_s is not None:
            self._lost[icao] = now
        elif self._lost:
            self._lost.pop(icao, None)

    def lost(self, now: float) -> tuple[str, ...]:
        """Addresses that have been without GPS within the last ten minutes, sorted."""
        self._lost = {icao: at for icao, at in self._lost.items() if now - at <= FLEET_WITHIN_S}
        return tuple(sorted(self._lost))
