"""Recorded tracks that are none, found and worked out again: the reported track against the chords between positions.

Nothing here knows the detector or its own checks. A track is contradicted when it differs from the chord before *and*
from the chord after by more than a right angle allows for noise and turning: `LIMIT_DEG` over steps of at most
`STEP_S`. Where more than `BROKEN` of a recording's tracks are, all of them are worked out from positions; else only the
contradicted ones.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from receiver.watch.patterns import PathPoint

LIMIT_DEG = 50.0
STEP_S = 12.0
LEAST_KM = 0.1
BROKEN = 0.05


def repaired(fixes: list[PathPoint]) -> tuple[list[PathPoint], float]:
    """The positions with tracks that can be true, and the share of tracks that were contradicted."""
    chords = [_chord(a, b) for a, b in itertools.pairwise(fixes)]
    wrong = [False] * len(fixes)
    tested = 0
    for k in range(1, len(fixes) - 1):
        before, after, track = chords[k - 1], chords[k], fixes[k].track_deg
        if before is None or after is None or track is None:
            continue
        tested += 1
        wrong[k] = all(abs(_apart(track, chord)) > LIMIT_DEG for chord in (before, after))
    share = sum(wrong) / tested if tested else 0.0
    if not any(wrong):
        return fixes, 0.0
    out = []
    for k, fix in enumerate(fixes):
        if fix.track_deg is None or (share <= BROKEN and not wrong[k]):
            out.append(fix)
            continue
        around = [c for c in (chords[k - 1] if k else None, chords[k] if k < len(chords) else None) if c is not None]
        track = None
        if around:
            track = (around[0] + _apart(around[-1], around[0]) / 2.0) % 360.0
        out.append(replace(fix, track_deg=track))
    return out, share


def _chord(a: PathPoint, b: PathPoint) -> float | None:
    """Direction from one to the other, degrees; None when they are too far apart in time or too near in place."""
    if not 0.0 < b.time_s - a.time_s <= STEP_S:
        return None
    north = (b.latitude_deg - a.latitude_deg) * 111.195
    east = _apart(b.longitude_deg, a.longitude_deg) * 111.195 * math.cos(math.radians(a.latitude_deg))
    return math.degrees(math.atan2(east, north)) if math.hypot(east, north) >= LEAST_KM else None


def _apart(a: float, b: float) -> float:
    return (a - b + 180.0) % 360.0 - 180.0
