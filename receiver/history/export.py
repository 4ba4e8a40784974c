"""Flights for other programs: GeoJSON, KML, CSV, GPX and Parquet.

Heights are metres in GeoJSON, KML and GPX, which know no other unit. A track has one kind of height throughout, above
the ellipsoid where that is known more often than not, else barometric; points without one get it from their neighbours
(GPX leaves it out). Lines that cross the date line are cut there in GeoJSON (RFC 7946, 3.1.9). Text from the air is
escaped as each format wants it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from receiver.errors import SquitterError
from receiver.history.day_file import utc
from receiver.history.flights import Flight
from receiver.history.reader import Point

METRES_PER_FOOT = 0.3048
CSV_COLUMNS = ("time", "icao", "callsign", "registration", "type_designator", "latitude_deg", "longitude_deg",
               "altitude_baro_ft", "altitude_geom_ft", "ground_speed_kt", "track_deg", "vertical_rate_fpm",
               "on_ground")  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FlownTrack:
    """A flight and its points."""

    flight: Flight
    points: Sequence[Point]


def name_of(flight: Flight) -> str:
    """What people call it: the call sign, the registration, or the address."""
    return flight.callsign or flight.registration or flight.icao


def geojson(tracks: Iterable[FlownTrack]) -> str:
    """A FeatureCollection of lines; `coordTimes` holds the time of each point, nested as the coordinates are. A flight of
    one position is a point, one across the date line several lines."""
    features = []
    for track in tracks:
        flight = track.flight
        lines = _cut_at_date_line(track.points, heights_m(track.points))
        coordinates = [[place for place, _ in line] for line in lines]
        times = [[_iso(time_s) for _, time_s in line] for line in lines]
        if len(lines) > 1:
            geometry: dict[str, Any] = {"type": "MultiLineString", "coordinates": coordinates}
        elif len(coordinates[0]) > 1:
            geometry = {"type": "LineString", "coordinates": coordinates[0]}
        else:
            geometry = {"type": "Point", "coordinates": coordinates[0][0]}
        known = {
            "icao": flight.icao,
            "callsign": flight.callsign,
            "registration": flight.registration,
            "type_designator": flight.type_designator,
            "category": flight.category,
            "start": _iso(flight.start_s),
            "end": _iso(flight.end_s),
        }
        features.append(
            {
                "type": "Feature",
                "properties": {key: value for key, value in known.items() if value is not None}
                | {"coordTimes": times if len(lines) > 1 else times[0]},
                "geometry": geometry,
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"), ensure_ascii=False)


def kml(tracks: Iterable[FlownTrack]) -> str:
    """Tracks with times, for Google Earth's slider."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">',
        "<Document><name>Squitter</name>",
    ]
    for track in tracks:
        heights = heights_m(track.points)
        known = heights is not None
        lines += [
            f"<Placemark><name>{_xml(name_of(track.flight))}</name>",
            f"<description>{_xml(_words(track.flight))}</description>",
            f"<gx:Track><altitudeMode>{'absolute' if known else 'clampToGround'}</altitudeMode>",
        ]
        lines += [f"<when>{_iso(point.time_s)}</when>" for point in track.points]
        lines += [
            f"<gx:coord>{point.longitude_deg:.6f} {point.latitude_deg:.6f} {height_m:.1f}</gx:coord>"
            for point, height_m in zip(track.points, heights or [0.0] * len(track.points), strict=True)
        ]
        lines.append("</gx:Track></Placemark>")
    lines.append("</Document></kml>")
    return "\n".join(lines) + "\n"


def gpx(tracks: Iterable[FlownTrack]) -> str:
    """GPX 1.1, one track a flight."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="Squitter" xmlns="http://www.topografix.com/GPX/1/1">',
    ]
    for track in tracks:
        lines += [f"<trk><name>{_xml(name_of(track.flight))}</name><desc>{_xml(_words(track.flight))}</desc><trkseg>"]
        kind = _kind_of_height(track.points)
        for point in track.points:
            height = _height_m(point, kind)
            elevation = "" if height is None else f"<ele>{height:.1f}</ele>"
            lines.append(
                f'<trkpt lat="{point.latitude_deg:.6f}" lon="{point.longitude_deg:.6f}">{elevation}'
                f"<time>{_iso(point.time_s)}</time></trkpt>"
            )
        lines.append("</trkseg></trk>")
    lines.append("</gpx>")
    return "\n".join(lines) + "\n"


def csv_text(tracks: Iterable[FlownTrack]) -> str:
    """A line a position. No text begins with a character that makes a spreadsheet compute; numbers may be negative."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for row in _rows(tracks):
        writer.writerow([_cell(row[name]) for name in CSV_COLUMNS])
    return out.getvalue()


def write_parquet(tracks: Iterable[FlownTrack], file: BinaryIO) -> None:
    """The same columns as CSV, with types; `time` in ms, UTC.

    Raises
    ------
    SquitterError
        pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SquitterError("Parquet needs pyarrow: pip install 'squitter[parquet]', or export CSV") from None
    text, number, whole = pyarrow.string(), pyarrow.float64(), pyarrow.int32()
    types = {
        "time": pyarrow.timestamp("ms", "UTC"), "icao": text, "callsign": text, "registration": text,
        "type_designator": text, "latitude_deg": number, "longitude_deg": number, "altitude_baro_ft": whole,
        "altitude_geom_ft": whole, "ground_speed_kt": number, "track_deg": number, "vertical_rate_fpm": whole,
        "on_ground": pyarrow.bool_(),
    }  # fmt: skip
    rows = list(_rows(tracks))
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in CSV_COLUMNS}
    columns["time"] = [row["time_s"] for row in rows]
    columns["time"] = [round(value * 1000) for value in columns["time"]]
    schema = pyarrow.schema(list(types.items()))
    pyarrow.parquet.write_table(pyarrow.table(columns, schema=schema), file, compression="zstd")


def _rows(tracks: Iterable[FlownTrack]) -> Iterator[dict[str, Any]]:
    for track in tracks:
        flight = track.flight
        for point in track.points:
            yield {
                "icao": flight.icao,
                "callsign": flight.callsign,
                "registration": flight.registration,
                "type_designator": flight.type_designator,
                "time": _iso(point.time_s),
                **point._asdict(),
            }


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def heights_m(points: Sequence[Point]) -> list[float] | None:
    """A height for each point, m; those without one get it from their neighbours, by time. None when nobody has one."""
    kind = _kind_of_height(points)
    known = [(point.time_s, height) for point in points if (height := _height_m(point, kind)) is not None]
    if not known:
        return None
    out, following = [], 0
    for point in points:
        height = _height_m(point, kind)
        if height is None:
            while following < len(known) and known[following][0] < point.time_s:
                following += 1
            after = known[min(following, len(known) - 1)]
            before = known[max(following - 1, 0)]
            took_s = after[0] - before[0]
            share = min(1.0, max(0.0, (point.time_s - before[0]) / took_s)) if took_s > 0 else 0.0
            height = before[1] + share * (after[1] - before[1])
        out.append(height)
    return out


def _kind_of_height(points: Sequence[Point]) -> str:
    """The attribute that holds the height of most points."""
    geometric = sum(point.altitude_geom_ft is not None for point in points)
    barometric = sum(point.altitude_baro_ft is not None for point in points)
    return "altitude_geom_ft" if geometric * 2 > max(barometric, 1) else "altitude_baro_ft"


def _height_m(point: Point, kind: str) -> float | None:
    feet: int | None = getattr(point, kind)
    return None if feet is None else feet * METRES_PER_FOOT


def _cut_at_date_line(
    points: Sequence[Point], heights: Sequence[float] | None
) -> list[list[tuple[list[float], float]]]:
    """Lines of (coordinates, time), none of which crosses the date line; where one did, both parts end on it."""

    def place(longitude_deg: float, latitude_deg: float, height_m: float | None) -> list[float]:
        where = [round(longitude_deg, 6), round(latitude_deg, 6)]
        return where if height_m is None else [*where, round(height_m, 1)]

    lines: list[list[tuple[list[float], float]]] = [[]]
    for index, point in enumerate(points):
        height = None if heights is None else heights[index]
        before = points[index - 1] if index else point
        step_deg = point.longitude_deg - before.longitude_deg
        if abs(step_deg) > 180.0:
            side = 180.0 if before.longitude_deg > 0 else -180.0
            whole_deg = 360.0 - abs(step_deg)
            share = abs(side - before.longitude_deg) / whole_deg if whole_deg else 0.0
            latitude = before.latitude_deg + share * (point.latitude_deg - before.latitude_deg)
            time_s = before.time_s + share * (point.time_s - before.time_s)
            there = (
                None
                if heights is None or height is None
                else heights[index - 1] + share * (height - heights[index - 1])
            )
            lines[-1].append((place(side, latitude, there), time_s))
            lines.append([(place(-side, latitude, there), time_s)])
        lines[-1].append((place(point.longitude_deg, point.latitude_deg, height), point.time_s))
    return lines


def _words(flight: Flight) -> str:
    known = (flight.icao, flight.callsign, flight.registration, flight.type_designator)
    return ", ".join(part for part in known if part)


def _iso(time_s: float) -> str:
    return utc(round(time_s, 3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _xml(text: str) -> str:
    """Escaped, without what XML cannot hold."""
    return escape("".join(c for c in text if c.isprintable()), {'"': "&quot;"})
