"""Loss of GPS: one aircraft that was sure of its position and is no longer.

One aircraft proves nothing (a receiver on board fails now and then); three at a time are worth a word (`fleet.py`). It
is said what is observed, never why.
"""

from __future__ import annotations

from dataclasses import dataclass

LOST_NAC_P = 2  # estimated position uncertainty of 4 nmi or more, or unknown (DO-260B, NACp)
FOUND_NAC_P = 4
FOUND_NIC = 5
AFTER_S = 30.0  # it must last
GOOD_WITHIN_S = 900.0  # it must have been sure not long before
LAPSES_S = 600.0  # what was not said again for so long is not known any more
MIN_SPEED_KT = 50.0


@dataclass(slots=True)
class IntegrityWatch:
    """One aircraft's confidence in its position, from NACp, or NIC when that is all it sends. Times in UTC seconds:
    sure last, unsure since, lost since, and unsure last; None: not."""

    good_s: float | None = None
    bad_since_s: float | None = None
    lost_s: float | None = None
    bad_s: float | None = None

    def update(self, now: float, nac_p: int | None, nic: int | None, flying: bool) -> None:
        """Take what it says now; None where it has not said so lately."""
        if self.bad_s is not None and now - self.bad_s > LAPSES_S:
            self.bad_since_s = self.lost_s = self.bad_s = None
        if nac_p is not None:
            good, bad = nac_p >= FOUND_NAC_P, nac_p <= LOST_NAC_P
        elif nic is not None:
            good, bad = nic >= FOUND_NIC, nic == 0
        else:
            return
        if good:
            self.good_s, self.bad_since_s, self.lost_s, self.bad_s = now, None, None, None
        elif bad and flying:
            self.bad_s = now
            if self.bad_since_s is None:
                self.bad_since_s = now
            sure = self.good_s is not None and self.bad_since_s - self.good_s <= GOOD_WITHIN_S
            if sure and self.lost_s is None and now - self.bad_since_s >= AFTER_S:
                self.lost_s = now
