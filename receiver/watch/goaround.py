"""Approaches that end in a climb: a go-around, or a low pass. From heights, speed and the place of the aerodrome.

The barometric height is not corrected for the day's pressure, so "low" has some hundred feet to spare; where somebody rolls on
the runway between, or flies circuits (light aircraft), nothing is noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from receiver.watch.world import Aerodrome

NEAR_KM = 6.0
LOW_FT = 1_200.0  # above the aerodrome
FROM_FT, BACK_FT = 1_800.0, 800.0  # it came from so high above it, and climbed again by so much
LEAST_KT = 100.0
LASTS_S = 300.0
VISIT_S = 900.0  # between the height that it came from and the lowest


@dataclass(slots=True)
class Descent:
    """One approach: the height that it came from and when, the lowest above the aerodrome and when (feet, UTC s), and
    which aerodrome. `gone_s`: when it was climbing again; None: it is not."""

    from_ft: float = 0.0
    from_s: float = 0.0
    low_ft: float | None = None
    low_s: float = 0.0
    name: str = ""
    gone_s: float | None = None

    def update(
        self, now: float, altitude_ft: float | None, speed_kt: float | None, on_ground: bool, field: Aerodrome | None
    ) -> None:
        """Take height (barometric), speed and the nearest aerodrome."""
        if self.gone_s is not None and now - self.gone_s > LASTS_S:
            self.gone_s = None
        if on_ground:
            self.low_ft, self.from_ft, self.from_s, self.gone_s = None, 0.0, now, None
            return
        if altitude_ft is None or field is None or field.elevation_ft is None or field.distance_km > 3.0 * NEAR_KM:
            self.low_ft = None
            return
        above = altitude_ft - field.elevation_ft
        if above >= FROM_FT:
            self.from_ft, self.from_s = above, now
        came_down = self.from_ft >= FROM_FT and now - self.from_s <= VISIT_S
        if self.low_ft is None or above < self.low_ft:
            if above <= LOW_FT and field.distance_km <= NEAR_KM and came_down and (speed_kt or 0.0) >= LEAST_KT:
                self.low_ft, self.low_s, self.name = above, now, field.name
        elif above >= self.low_ft + BACK_FT and now - self.low_s <= LASTS_S:
            self.gone_s, self.low_ft, self.from_ft = now, None, 0.0
