"""From the measures of two laps to a word. Every number here is geometry or flying practice, none is from a database.

orbit            round, or nearly so: at most about twice as long as wide, about a place that may move
racetrack        two straight legs, half turns at the ends, flown again where they were
holding          a racetrack of about one-minute legs at the speed of an airliner
aerodrome_circuit laps whose height goes down to the ground and up again each time
thermalling      circles of a glider: tight and steep
spiral           circles that climb or sink all the time: out of a valley, to drop parachutists, down from above
"""

from __future__ import annotations

import math

from receiver.earth import METRES_PER_NMI
from receiver.watch.patterns.loops import Loop

MAX_RADIUS_KM = 50.0
MIN_RADIUS_KM = 0.47
TIGHT_RADIUS_KM = 0.2  # small drones: level, gently banked; below that nothing but gliders and toys

ROUGH_ORBIT = 0.85  # how far from a perfect lap it may be, see roughness()
ROUGH_RACETRACK = 0.8
MIN_STEPS = 3.6  # fewer positions than this in two laps prove no shape
MAX_UNSEEN = 2.5  # flown over counted: most of the flight was somewhere else than on these arcs
MAX_SPREAD = 3.0  # radii from the centre: 1.3 on an oval twice as long as wide, 2.6 when the centre moves as it may
PLACED_STEPS = 24.0  # … told by a position a sector or more: between fewer, the sectors' places are guesses
RACETRACK_ELONGATION = 0.42  # legs 2.3 times the turn's radius: more than twice as long as wide
HOLDING_ELONGATION = 0.30
STEEPEST_DEG = 57.0  # of bank, level: orbits are flown with 45° at most, and this is measured on shaky radii
SPIRAL_STEPS = 16.0  # with fewer than eight positions a lap, heights are of another moment than the laps
SPIRAL_FPM, SPIRAL_FT = (
    500.0,
    3000.0,
)  # climbed or sunk between the ends of two laps; less is an orbit that changes height

G_M_S2 = 9.80665


def roughness(loop: Loop) -> float:
    """How unlike two laps of one circle: 0 for a perfect one, 1 for the limit in any single respect.

    A sum of squares, so that one poor measure is forgiven and two are not. The centre may move by 2.2 radii a lap (as
    it does when it moves at a quarter of the aircraft's speed), and legs may be half of the lap. The laps may differ by
    2 in length; a circle interrupted by a third of a turn the other way is none.
    """
    return (
        (loop.drift / 2.2) ** 2
        + (loop.elongation / 0.5) ** 2
        + ((1.0 - loop.evenness) / 0.5) ** 2
        + (loop.wasted_deg / 120.0) ** 2
    )


def bank_deg(loop: Loop) -> float:
    """Bank of a level turn with this speed and radius, degrees (tan φ = v² / g r)."""
    speed = loop.speed_kt * METRES_PER_NMI / 3600.0
    return math.degrees(math.atan(speed * speed / (G_M_S2 * max(loop.radius_km, 1e-3) * 1000.0)))


def name(loop: Loop, ground_ft: float | None, laps: float) -> str | None:
    """The word for these two laps, or None when they are no pattern.

    Parameters
    ----------
    ground_ft
        Height of the ground as far as known: the nearest aerodrome's, or the lowest that the aircraft was seen at.
    laps
        Laps since the turning began: a tight circle must last longer to be believed.
    """
    if loop.radius_km > MAX_RADIUS_KM or not math.isfinite(loop.period_s) or loop.steps < MIN_STEPS:
        return None
    if loop.unseen > MAX_UNSEEN:
        return None
    if loop.radius_km < MIN_RADIUS_KM:
        return _tight(loop, laps)
    if loop.elongation < 0.6 and _circuit(loop, ground_ft) and loop.drift < 1.0 and loop.evenness > 0.4:
        return "aerodrome_circuit"
    straight = (loop.drift / 0.8) ** 2 + ((1.0 - loop.evenness) / 0.5) ** 2 + (loop.wasted_deg / 120.0) ** 2
    if straight <= ROUGH_RACETRACK and loop.elongation > HOLDING_ELONGATION:
        if 190.0 <= loop.period_s <= 500.0 and 150.0 <= loop.speed_kt <= 330.0 and loop.elongation <= 0.8:
            return "holding"
        if loop.elongation > RACETRACK_ELONGATION:
            return "racetrack"
    reaches_out = loop.spread > MAX_SPREAD and loop.steps >= PLACED_STEPS
    if roughness(loop) <= ROUGH_ORBIT and not reaches_out and bank_deg(loop) <= STEEPEST_DEG:
        return "spiral" if _climbs(loop) else "orbit"
    return None


def _climbs(loop: Loop) -> bool:
    """Does it climb or sink all the time."""
    if loop.climb_fpm is None or abs(loop.climb_fpm) < SPIRAL_FPM or loop.steps < SPIRAL_STEPS:
        return False
    return abs(loop.climb_fpm) * (loop.end_s - loop.start_s) / 60.0 >= SPIRAL_FT


def _tight(loop: Loop, laps: float) -> str | None:
    if loop.elongation > 0.45 or loop.drift > 2.2:
        return None
    level = (
        loop.climb_fpm is not None
        and abs(loop.climb_fpm) <= 60.0
        and loop.altitude_high_ft is not None
        and loop.altitude_low_ft is not None
        and loop.altitude_high_ft - loop.altitude_low_ft <= 100.0
    )
    if bank_deg(loop) > 24.0 and not (level and loop.radius_km > 0.3):
        return "thermalling"
    if level and loop.radius_km >= TIGHT_RADIUS_KM and laps >= 3.0 and roughness(loop) <= 0.35:
        return "orbit"
    return None


def _circuit(loop: Loop, ground_ft: float | None) -> bool:
    """Does the height come down to an aerodrome's in each lap."""
    low, high = loop.altitude_low_ft, loop.altitude_high_ft
    if ground_ft is None or low is None or high is None or loop.climb_fpm is None:
        return False
    net = abs(loop.climb_fpm) * (loop.end_s - loop.start_s) / 60.0
    return low - ground_ft <= 900.0 and 400.0 <= high - low <= 5000.0 and net <= 0.6 * (high - low)
