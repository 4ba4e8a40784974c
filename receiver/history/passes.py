"""Who passed a place, and how low: a row a pass, for noise logs and complaints.

A pass is a stretch of a track within a distance of the place (and below a height), without a gap of `GAP_S`. Between
two positions the aircraft is taken to have flown straight on, so that the nearest point is right though history is
thinner than what was heard.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from receiver.earth import KM_PER_DEG, wrap_deg
from receiver.history.export import FlownTrack
from receiver.history.reader import Point

GAP_S = 120.0
COLUMNS = (
    "address", "callsign", "registration", "type", "entered_utc", "nearest_utc", "left_utc", "nearest_km",
    "altitude_at_nearest_ft", "lowest_ft", "speed_at_nearest_kt", "track_at_nearest_deg",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass. Times in UTC seconds; altitude barometric feet; None: not known."""

    track: FlownTrack
    entered_s: float
    left_s: float
    nearest_s: float
    nearest_km: float
    altitude_ft: float | None
    lowest_ft: float | None
    speed_kt: float | None
    track_deg: float | None


def passes(
    tracks: Iterable[FlownTrack],
    latitude_deg: float,
    longitude_deg: float,
    radius_km: float,
    below_ft: float | None = None,
) -> Iterator[Pass]:
    """Passes within a distance of a place, by their beginning within each track; `below_ft`: only what was lower then."""
    for track in tracks:
        inside: list[tuple[Point, Point, float, float]] = []  # positions, share of the way and km where nearest
        for a, b in zip(track.points, track.points[1:], strict=False):
            share, distance = _nearest(a, b, latitude_deg, longitude_deg)
            height = _height(a, b, share)
            low = below_ft is None or (height is not None and height < below_ft)
            near = (
                0.0 < b.time_s - a.time_s <= GAP_S
                and distance <= radius_km
                and low
                and not (a.on_ground and b.on_ground)
            )
            if near and inside and a is not inside[-1][1]:
                yield _pass(track, inside)
                inside = []
            if near:
                inside.append((a, b, share, distance))
            elif inside:
                yield _pass(track, inside)
                inside = []
        if inside:
            yield _pass(track, inside)


def passes_csv(found: Iterable[Pass]) -> str:
    """A line a pass. No text begins with a character that makes a spreadsheet compute."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in found:
        flight = one.track.flight
        writer.writerow(
            [
                _text(flight.icao), _text(flight.callsign), _text(flight.registration), _text(flight.type_designator),
                _iso(one.entered_s), _iso(one.nearest_s), _iso(one.left_s), f"{one.nearest_km:.2f}",
                *("" if value is None else round(value)
                  for value in (one.altitude_ft, one.lowest_ft, one.speed_kt, one.track_deg)),
            ]
        )  # fmt: skip
    return out.getvalue()


def _nearest(a: Point, b: Point, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """Where between two positions it was nearest (0 to 1), and how near, km."""
    scale = KM_PER_DEG * max(0.02, math.cos(math.radians(latitude_deg)))
    ax, ay = wrap_deg(a.longitude_deg - longitude_deg) * scale, (a.latitude_deg - latitude_deg) * KM_PER_DEG
    bx, by = wrap_deg(b.longitude_deg - longitude_deg) * scale, (b.latitude_deg - latitude_deg) * KM_PER_DEG
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length > 0.0 else 0.0
    return share, math.hypot(ax + share * dx, ay + share * dy)


def _height(a: Point, b: Point, share: float) -> float | None:
    low, high = a.altitude_baro_ft, b.altitude_baro_ft
    if low is None or high is None:
        return low if high is None else high
    return low + share * (high - low)


def _pass(track: FlownTrack, inside: Sequence[tuple[Point, Point, float, float]]) -> Pass:
    a, b, share, distance = min(inside, key=lambda piece: piece[3])
    heights = [h for piece in inside for h in (piece[0].altitude_baro_ft, piece[1].altitude_baro_ft) if h is not None]
    return Pass(
        track,
        inside[0][0].time_s,
        inside[-1][1].time_s,
        a.time_s + share * (b.time_s - a.time_s),
        distance,
        _height(a, b, share),
        min(heights, default=None),
        b.ground_speed_kt if b.ground_speed_kt is not None else a.ground_speed_kt,
        b.track_deg if b.track_deg is not None else a.track_deg,
    )


def _text(text: str | None) -> str:
    return "" if text is None else ("'" + text if text[:1] in "=+-@\t\r" and text else text)


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
