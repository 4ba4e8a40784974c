"""Flights for other programs: GeoJSON, KML, CSV, GPX and Parquet.

Heights are metres in GeoJSON, KML and GPX, which know no other unit: above the ellipsoid where the aircraft said so,
else barometric. Text from the air is escaped as each format wants it.
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
    """A FeatureCollection of lines; `coordTimes` holds the time of each point. A flight of one position is a point."""
    features = []
    for track in tracks:
        flight = track.flight
        coordinates = [_place(point) for point in track.points]
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
                | {"coordTimes": [_iso(point.time_s) for point in track.points]},
                "geometry": {"type": "LineString", "coordinates": coordinates}
                if len(coordinates) > 1
                else {"type": "Point", "coordinates": coordinates[0]},
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
        known = any(_height_m(point) is not None for point in track.points)
        lines += [
            f"<Placemark><name>{_xml(name_of(track.flight))}</name>",
            f"<description>{_xml(_words(track.flight))}</description>",
            f"<gx:Track><altitudeMode>{'absolute' if known else 'clampToGround'}</altitudeMode>",
        ]
        lines += [f"<when>{_iso(point.time_s)}</when>" for point in track.points]
        lines += [
            f"<gx:coord>{point.longitude_deg:.6f} {point.latitude_deg:.6f} {_height_m(point) or 0.0:.1f}</gx:coord>"
            for point in track.points
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
        for point in track.points:
            height = _height_m(point)
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


def _place(point: Point) -> list[float]:
    height = _height_m(point)
    place = [round(point.longitude_deg, 6), round(point.latitude_deg, 6)]
    return place if height is None else [*place, round(height, 1)]


def _height_m(point: Point) -> float | None:
    feet = point.altitude_geom_ft if point.altitude_geom_ft is not None else point.altitude_baro_ft
    return None if feet is None else feet * METRES_PER_FOOT


def _words(flight: Flight) -> str:
    known = (flight.icao, flight.callsign, flight.registration, flight.type_designator)
    return ", ".join(part for part in known if part)


def _iso(time_s: float) -> str:
    return utc(round(time_s, 3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _xml(text: str) -> str:
    """Escaped, without what XML cannot hold."""
    return escape("".join(c for c in text if c.isprintable()), {'"': "&quot;"})
