"""The past as tar1090 asks for it: the trace of one aircraft, and the air in half-hours ("heatmap", for `?replay`).

A trace is JSON: `icao`, `timestamp` (UTC s), `trace`, a list of

    [s after timestamp, lat, lon, altitude ft | "ground" | null, speed kt, track °, flags, climb ft/min,
     what was said of the aircraft | null, type, geometric altitude ft, geometric climb, IAS, roll]

with flags 1 (no position for a while before it), 2 (another flight begins), 4 and 8 (climb, altitude are geometric).

A half-hour is a file of entries of 16 bytes, little-endian: first an index, an entry a slice, whose first number is the
slice's place in entries; then the slices. A slice begins with a mark, the time and the interval between slices (ms):

    int32 0x0E7F7C9D, int32 ms >> 32, uint32 ms, uint16 interval, uint16 0

Then come call signs and squawks, (address | 1 << 24 for a `~`, 1 << 30 | squawk as a decimal number, 8 characters), and
positions, (address | type << 27, latitude and longitude in millionths, int16 altitude / 25 ft, int16 speed / 0.1 kt).

Source: readsb, README-json.md (traces), `globe_index.h` (heatEntry) and `handleHeatmap`; tar1090, `initReplay`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from receiver.history.day_file import IdentityRow
from receiver.history.reader import Point

MAGIC = 0x0E7F7C9D
HALF_HOUR_S = 1800.0
SLICE_S = 30.0
STALE_S = 75.0  # the history keeps a position a minute of those that stand still
LEG_S = 1800.0  # as long as what parts two flights
GROUND, UNKNOWN_ALTITUDE, UNKNOWN_SPEED = -123, -124, -1

_MARK = struct.Struct("<iiIHH")
_IDENTITY = struct.Struct("<Ii8s")
_POSITION = struct.Struct("<Iiihh")
_TYPES = ("adsb_icao", "adsb_icao_nt", "adsr_icao", "tisb_icao", "adsc", "mlat", "other", "mode_s", "adsb_other",
          "adsr_other", "tisb_trackfile", "tisb_other")  # fmt: skip


def trace(icao: str, points: Sequence[Point], identities: Sequence[IdentityRow]) -> dict[str, Any] | None:
    """The trace of an aircraft; None without a position.

    Parameters
    ----------
    points, identities
        Oldest first.
    """
    if not points:
        return None
    start_s = points[0].time_s
    out: dict[str, Any] = {"icao": icao, "timestamp": round(start_s, 3)}
    last = identities[-1] if identities else None
    if last is not None:
        out |= {key: value for key, value in (("r", last.registration), ("t", last.type_designator)) if value}
    entries: list[list[Any]] = []
    told, before = -1, None
    for point in points:
        number = told
        while number + 1 < len(identities) and (number < 0 or identities[number + 1].time_ms <= point.time_s * 1000):
            number += 1
        details = _details(identities[number]) if number != told else None
        told = number
        gap_s = math.inf if before is None else point.time_s - before
        before = point.time_s
        flags = (gap_s > STALE_S and entries != []) | (2 if gap_s > LEG_S else 0)
        altitude = point.altitude_baro_ft
        if altitude is None and point.altitude_geom_ft is not None and not point.on_ground:
            altitude, flags = point.altitude_geom_ft, flags | 8
        entries.append(
            [
                round(point.time_s - start_s, 2),
                round(point.latitude_deg, 6),
                round(point.longitude_deg, 6),
                "ground" if point.on_ground else altitude,
                point.ground_speed_kt,
                point.track_deg,
                flags,
                point.vertical_rate_fpm,
                details,
                identities[number].address_type if number >= 0 else None,
                point.altitude_geom_ft,
                None,
                None,
                None,
            ]
        )
    out["trace"] = entries
    return out


def _details(identity: IdentityRow) -> dict[str, Any]:
    said = {
        "type": identity.address_type,
        "flight": None if identity.callsign is None else f"{identity.callsign:8}",
        "squawk": identity.squawk,
        "category": identity.category,
        "emergency": identity.emergency,
    }
    return {key: value for key, value in said.items() if value is not None}


def half_hour(
    start_s: float,
    tracks: Mapping[str, Sequence[Point]],
    identities: Mapping[str, IdentityRow],
    interval_s: float = SLICE_S,
) -> bytes:
    """The file of the half-hour that begins at `start_s`.

    Parameters
    ----------
    tracks
        By address, oldest first, from some before the half-hour on.
    identities
        What was known of each address.
    interval_s
        Between slices, at most 65 s.
    """
    slices: list[bytes] = []
    for number in range(round(HALF_HOUR_S / interval_s)):
        at_s = start_s + number * interval_s
        until_s = at_s + interval_s
        ms = round(at_s * 1000)
        parts = [_MARK.pack(MAGIC, ms >> 32, ms & 0xFFFFFFFF, round(interval_s * 1000), 0)]
        positions = []
        for icao, points in tracks.items():
            point = _last_before(points, until_s)
            if point is None or point.time_s < until_s - STALE_S:
                continue
            identity = identities.get(icao)
            address = int(icao.lstrip("~"), 16) | (1 << 24 if icao.startswith("~") else 0)
            if number % 4 == 0 and identity is not None:
                parts.append(_identity(address, identity))
            positions.append(_position(address, point, None if identity is None else identity.address_type))
        slices.append(b"".join((*parts, *positions)))
    index, place = [], len(slices)
    for one in slices:
        index.append(struct.pack("<iiii", place, 0, 0, 0))
        place += len(one) // 16
    return b"".join((*index, *slices))


def _last_before(points: Sequence[Point], time_s: float) -> Point | None:
    low, high = 0, len(points)
    while low < high:
        middle = (low + high) // 2
        if points[middle].time_s < time_s:
            low = middle + 1
        else:
            high = middle
    return points[low - 1] if low else None


def _identity(address: int, identity: IdentityRow) -> bytes:
    squawk = identity.squawk if identity.squawk and identity.squawk.isdecimal() else "0"
    callsign = (identity.callsign or "").encode("ascii", "replace")[:8]
    return _IDENTITY.pack(address, 1 << 30 | int(squawk) & 0xFFFF, callsign.ljust(8) if callsign else bytes(8))


def _position(address: int, point: Point, address_type: str | None) -> bytes:
    kind = _TYPES.index(address_type) if address_type in _TYPES else 6
    feet = point.altitude_baro_ft if point.altitude_baro_ft is not None else point.altitude_geom_ft
    altitude = GROUND if point.on_ground else UNKNOWN_ALTITUDE if feet is None else _bound(round(feet / 25))
    speed = UNKNOWN_SPEED if point.ground_speed_kt is None else _bound(round(point.ground_speed_kt * 10))
    return _POSITION.pack(
        (address | kind << 27) & 0xFFFFFFFF,
        round(point.latitude_deg * 1e6),
        round(point.longitude_deg * 1e6),
        altitude,
        speed,
    )


def _bound(value: int) -> int:
    return max(-32768, min(32767, value))
