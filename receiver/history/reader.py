"""Questions about the past: where everybody was at a moment, which way an aircraft went, which flights there were.

Everything here blocks; each call opens the days that it needs and closes them again. A day that cannot be read counts
as empty.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from receiver.earth import wrap_deg
from receiver.history.day_file import (
    IdentityRow,
    PositionRow,
    aircraft_address,
    aircraft_number,
    day_of,
    days_in,
    open_to_read,
)

_POSITIONS = f"SELECT {', '.join(PositionRow._fields)} FROM position WHERE time_ms >= ? AND time_ms <= ?"
_IDENTITIES = f"SELECT {', '.join(IdentityRow._fields)} FROM identity WHERE time_ms >= ? AND time_ms <= ?"
# What a trail needs, ready to use: a page that plays the past asks for tens of thousands of these a second
_TRAILS = """
    SELECT aircraft, time_ms / 1000.0, latitude_e6 / 1e6, longitude_e6 / 1e6,
        CASE on_ground WHEN 1 THEN 0 ELSE coalesce(altitude_baro_ft, altitude_geom_ft) END
    FROM position WHERE time_ms >= ? AND time_ms <= ?
"""
BETWEEN_S = (
    25.0  # positions no further apart are ends of a line; the writer keeps one every 15 s, or as soon as it is heard
)
_BY_AIRCRAFT, _IN_ORDER = " AND aircraft = ?", " ORDER BY time_ms"


class Point(NamedTuple):
    """An aircraft at a moment; None: not known then."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_baro_ft: int | None
    altitude_geom_ft: int | None
    ground_speed_kt: float | None
    track_deg: float | None
    vertical_rate_fpm: int | None
    on_ground: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The air at a moment.

    Attributes
    ----------
    aircraft
        Objects as in aircraft.json, with what the history knows.
    trails
        By `hex`: time (UTC s), latitude, longitude and altitude (ft; 0 on the ground, None: not known), oldest first.
    """

    now: float
    aircraft: list[dict[str, Any]]
    trails: dict[str, list[tuple[float, float, float, int | None]]]


class HistoryReader:
    """Reads a directory of day files, while another process writes to it or not."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def span(self) -> tuple[float, float] | None:
        """UTC (s) of the first and last position; None when there is none."""
        days = list(days_in(self.directory).values())
        first = next((edge for path in days if (edge := self._edge(path, "min")) is not None), None)
        last = next((edge for path in reversed(days) if (edge := self._edge(path, "max")) is not None), None)
        return None if first is None or last is None else (first / 1000.0, last / 1000.0)

    def positions(self, start_s: float, end_s: float, icao: str | None = None) -> Iterator[PositionRow]:
        """Rows of a time, in its order; of one aircraft or all."""
        for row in self._rows(_POSITIONS, start_s, end_s, icao):
            yield PositionRow._make(row)

    def identities(self, start_s: float, end_s: float, icao: str | None = None) -> Iterator[IdentityRow]:
        """Rows of a time, in its order. Each day begins with what was known on it first."""
        for row in self._rows(_IDENTITIES, start_s, end_s, icao):
            yield IdentityRow._make(row)

    def identities_by_address(
        self, start_s: float, end_s: float, icao: str | None = None
    ) -> Iterator[tuple[str, IdentityRow]]:
        """The same, each with its address."""
        for row in self.identities(start_s, end_s, icao):
            yield aircraft_address(row.aircraft), row

    def tracks(
        self, start_s: float, end_s: float, *, icao: str | None = None, limit: int = 200_000
    ) -> dict[str, list[Point]]:
        """Tracks by address, oldest point first; at most `limit` points, the earliest."""
        found: dict[int, list[Point]] = {}
        for count, row in enumerate(self.positions(start_s, end_s, icao)):
            if count >= limit:
                break
            found.setdefault(row.aircraft, []).append(_point(row))
        return {aircraft_address(number): points for number, points in found.items()}

    def at(self, time_s: float, *, trail_s: float = 900.0, stale_s: float = 75.0) -> Picture:
        """Everybody whose last position before `time_s` is at most `stale_s` old, and the way that led there.

        On a straight way few positions are kept: between two of them, the aircraft is where the line between them says.
        """
        last = {row.aircraft: row for row in self.positions(time_s - stale_s, time_s)}
        under_way: set[int] = set()
        for after in self.positions(time_s + 0.001, time_s + BETWEEN_S):
            before = last.get(after.aircraft)
            if before is None or after.aircraft in under_way:
                continue
            if after.time_ms - before.time_ms <= BETWEEN_S * 1000:
                under_way.add(after.aircraft)
                last[after.aircraft] = between(before, after, round(time_s * 1000))
        trails: dict[int, list[tuple[float, float, float, int | None]]] = {number: [] for number in last}
        for row in self._rows(_TRAILS, time_s - max(trail_s, stale_s), time_s, None):
            trail = trails.get(row[0])
            if trail is not None:
                trail.append(row[1:])
        for number in under_way:
            here = last[number]
            feet = 0 if here.on_ground else here.altitude_baro_ft
            trails[number].append((here.time_ms / 1000.0, here.latitude_e6 / 1e6, here.longitude_e6 / 1e6, feet))
        known: dict[int, IdentityRow] = {}
        midnight_s = day_of(int((time_s - stale_s) * 1000)) * 86_400.0
        for identity in self.identities(midnight_s, time_s):
            if identity.aircraft in last:
                known[identity.aircraft] = identity
        aircraft = [
            _object(aircraft_address(number), _point(row), len(trails[number]), known.get(number), time_s)
            for number, row in last.items()
        ]
        return Picture(time_s, aircraft, {aircraft_address(number): trail for number, trail in trails.items()})

    def _rows(self, query: str, start_s: float, end_s: float, icao: str | None) -> Iterator[tuple[Any, ...]]:
        start_ms, end_ms = round(start_s * 1000), round(end_s * 1000)
        values: tuple[int, ...] = (start_ms, end_ms)
        if icao is not None:
            query, values = query + _BY_AIRCRAFT, (*values, aircraft_number(icao))
        for day, path in days_in(self.directory).items():
            if day_of(start_ms) <= day <= day_of(end_ms):
                try:
                    with closing(open_to_read(path)) as connection:
                        yield from connection.execute(query + _IN_ORDER, values)
                except sqlite3.Error:
                    continue

    def _edge(self, path: Path, which: str) -> int | None:
        try:
            with closing(open_to_read(path)) as connection:
                row = connection.execute(f"SELECT {which}(time_ms) FROM position").fetchone()
        except sqlite3.Error:
            return None
        return None if row is None or row[0] is None else int(row[0])


def between(before: PositionRow, after: PositionRow, time_ms: int) -> PositionRow:
    """Where it was on the way from one position to the next."""
    share = (time_ms - before.time_ms) / (after.time_ms - before.time_ms)
    east = wrap_deg((after.longitude_e6 - before.longitude_e6) / 1e6) * 1e6
    longitude = wrap_deg((before.longitude_e6 + share * east) / 1e6)
    altitude = before.altitude_baro_ft
    if altitude is not None and after.altitude_baro_ft is not None:
        altitude = round(altitude + share * (after.altitude_baro_ft - altitude))
    return before._replace(
        time_ms=time_ms,
        latitude_e6=round(before.latitude_e6 + share * (after.latitude_e6 - before.latitude_e6)),
        longitude_e6=round(longitude * 1e6),
        altitude_baro_ft=altitude,
    )


def _point(row: PositionRow) -> Point:
    return Point(
        row.time_ms / 1000.0,
        row.latitude_e6 / 1e6,
        row.longitude_e6 / 1e6,
        row.altitude_baro_ft,
        row.altitude_geom_ft,
        None if row.ground_speed_dkt is None else row.ground_speed_dkt / 10.0,
        None if row.track_ddeg is None else row.track_ddeg / 10.0,
        row.vertical_rate_fpm,
        bool(row.on_ground),
    )


def _object(icao: str, last: Point, positions: int, known: IdentityRow | None, now: float) -> dict[str, Any]:
    """aircraft.json's object, as far as the history goes; what is not known is left out."""
    age = round(max(0.0, now - last.time_s), 1)
    said: dict[str, Any] = {"hex": icao, "type": known.address_type if known is not None else "other"}
    if known is not None:
        said |= {
            "flight": None if known.callsign is None else f"{known.callsign:8}",
            "category": known.category,
            "squawk": known.squawk,
            "emergency": known.emergency,
            "r": known.registration,
            "t": known.type_designator,
        }
    said |= {
        "alt_baro": "ground" if last.on_ground else last.altitude_baro_ft,
        "alt_geom": last.altitude_geom_ft,
        "gs": last.ground_speed_kt,
        "track": last.track_deg,
        "baro_rate": last.vertical_rate_fpm,
        "lat": last.latitude_deg,
        "lon": last.longitude_deg,
        "seen_pos": age,
        "mlat": [],
        "tisb": [],
        "messages": positions,  # of those in the trail: how many messages there were is not kept
        "seen": age,
        "squitter": {"confidence": "confirmed"},
    }
    return {key: value for key, value in said.items() if value is not None}
