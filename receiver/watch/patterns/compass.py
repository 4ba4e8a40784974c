"""Whether a reported track can be true: it is held against the chord between positions.

A track is a claim like a position is. Now and then one is wrong by chance, and some recordings hold nothing but wrong
ones (a signed byte that overflowed: 100° off over half of the compass). Between two positions an aircraft turns by no
more than its bank allows, so the track at the end lies within half of that of the chord's direction, and noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from receiver.earth import wrap_deg

LONGEST_S = 12.0  # over a longer step a turn of any size may hide
SHORTEST_KM = 0.06
STEEPEST_TAN = math.tan(math.radians(60.0))
SLACK_DEG = 12.0
NOISE_KM = 0.012
G_M_S2 = 9.80665
SLOWEST_M_S = 20.0

DISTRUSTED = 2.5  # so many more contradictions than agreements count for, and no track is believed
MOST_DISTRUST = 6.0
AGREEMENT = 0.25
SURPRISE_DEG = 12.0
CLOSER_DEG = 4.0
MOST_SURPRISES = 2  # in a row; then it was the turn that changed


@dataclass(slots=True)
class Compass:
    """How far this aircraft's tracks have been believed. `distrust` grows with each that contradicts its chord;
    `surprises`: so many in a row left the turn without their chord."""

    distrust: float = 0.0
    surprises: int = 0

    def believes(
        self, track_deg: float, bearing_deg: float, chord_km: float, duration_s: float, expected_deg: float | None
    ) -> bool:
        """Whether a track is worth using, given the chord that led to where it was reported.

        `expected_deg`: where the heading would be if the turn had gone on as before; None: not known.
        """
        if duration_s <= LONGEST_S and chord_km >= SHORTEST_KM:
            speed_m_s = max(SLOWEST_M_S, 1000.0 * chord_km / duration_s)
            turn_deg = math.degrees(G_M_S2 * STEEPEST_TAN / speed_m_s) * duration_s
            limit_deg = 0.5 * turn_deg + SLACK_DEG + math.degrees(math.atan2(2.0 * NOISE_KM, chord_km))
            off_deg = abs(wrap_deg(track_deg - bearing_deg))
            if off_deg > limit_deg:
                self.distrust = min(MOST_DISTRUST, self.distrust + 1.0)
                return False
            self.distrust = max(0.0, self.distrust - AGREEMENT)
            if expected_deg is not None and self.surprises < MOST_SURPRISES:
                # one that leaves the turn, and from which the chord lies farther than from the turn as it was
                left = abs(wrap_deg(track_deg - expected_deg)) > SURPRISE_DEG
                if left and off_deg > abs(wrap_deg(expected_deg - bearing_deg)) + CLOSER_DEG:
                    self.surprises += 1
                    return False
            self.surprises = 0
        return self.distrust <= DISTRUSTED
