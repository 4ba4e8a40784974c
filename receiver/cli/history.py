"""`squitter history list|export|passes`: past flights, their tracks for other programs, and who passed a place."""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError, UsageError
from receiver.history.day_file import utc
from receiver.history.export import FlownTrack, csv_text, geojson, gpx, kml, write_parquet
from receiver.history.flights import Flight, flights
from receiver.history.passes import passes, passes_csv
from receiver.history.reader import HistoryReader

FORMATS = ("geojson", "kml", "csv", "gpx", "parquet")
DEFAULT_SPAN_S = 86_400.0
_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 86_400.0}
_ADDRESS = re.compile(r"~?[0-9a-f]{6}\Z")
_BACK = re.compile(r"(\d+(?:\.\d+)?)([mhd])\Z")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """list and export."""
    actions = parser.add_subparsers(dest="action", metavar="list|export|passes", required=True)
    listing = actions.add_parser("list", help="list flights")
    listing.add_argument("--json", action="store_true", help="as JSON, one flight a line")
    listing.add_argument("--limit", type=int, default=1000, help="maximum number, the latest first (default: 1000)")
    export = actions.add_parser("export", help="write tracks for another program")
    export.add_argument("--format", choices=FORMATS, help="default: by the suffix of --output, else geojson")
    export.add_argument("-o", "--output", metavar="FILE", default="-", help="default: standard output")
    passing = actions.add_parser("passes", help="who passed a place, and how low: CSV, a row a pass")
    passing.add_argument("--near", required=True, metavar="LAT,LON", help="the place, degrees north and east")
    passing.add_argument("--within", type=float, default=1.0, metavar="KM", help="how near (default: 1 km)")
    passing.add_argument("--below", type=float, metavar="FT", help="only what was lower, barometric feet")
    passing.add_argument("-o", "--output", metavar="FILE", default="-", help="default: standard output")
    for action in (listing, export, passing):
        action.add_argument("aircraft", nargs="?", help="24-bit address, six hex digits (default: every aircraft)")
        action.add_argument("--callsign", help="flights under this call sign only")
        action.add_argument("--from", dest="start", metavar="T", help="e.g. 2026-01-31T12:00Z, or 90m, 6h, 2d before "
                            "the end of the history (default: 24h)")  # fmt: skip
        action.add_argument("--to", dest="end", metavar="T", help="likewise (default: the end of the history)")
        action.add_argument("--dir", type=Path, help="where the history is (default: history.dir of the settings)")
        add_settings_arguments(action)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 1 when there is no history or no such flight."""
    directory = arguments.dir or load_settings(arguments).settings.history.directory()
    reader = HistoryReader(directory)
    span = reader.span()
    if span is None:
        raise SquitterError(f"{directory}: no history in it; `squitter run` keeps one unless history.enabled is false")
    end_s = moment(arguments.end, "--to", span[1]) if arguments.end else span[1]
    start_s = moment(arguments.start, "--from", span[1]) if arguments.start else end_s - DEFAULT_SPAN_S
    icao = address(arguments.aircraft) if arguments.aircraft else None
    place = position(arguments.near) if arguments.action == "passes" else None
    limit = arguments.limit if arguments.action == "list" else sys.maxsize
    found = flights(reader, start_s, end_s, icao=icao, callsign=arguments.callsign, limit=limit)
    if not found:
        who = " ".join(part for part in (arguments.aircraft, arguments.callsign) if part)
        raise SquitterError(
            f"no flight{f' of {who}' if who else ''} between {when(start_s)} and {when(end_s)}; the history goes from "
            f"{when(span[0])} to {when(span[1])}"
        )
    if arguments.action == "list":
        show(found, arguments.json)
    elif place is not None:
        near = passes(tracks_of(reader, found), *place, arguments.within, arguments.below)
        write(passes_csv(sorted(near, key=lambda one: one.nearest_s)).encode(), arguments.output)
    else:
        export(reader, found, arguments.format, arguments.output)
    return 0


def show(found: list[Flight], as_json: bool) -> None:
    """Print flights."""
    if as_json:
        for flight in found:
            told = {name: getattr(flight, name) for name in Flight.__slots__ if getattr(flight, name) is not None}
            print(json.dumps(told, ensure_ascii=False))
        return
    table = Table(box=None)
    for name in ("address", "call sign", "registration", "type", "from (UTC)", "to (UTC)", "minutes", "positions",
                 "altitude ft"):  # fmt: skip
        table.add_column(name, justify="right" if name in ("minutes", "positions", "altitude ft") else "left")
    for flight in found:
        low, high = flight.lowest_ft, flight.highest_ft
        table.add_row(
            flight.icao,
            flight.callsign or "–",
            flight.registration or "–",
            flight.type_designator or "–",
            when(flight.start_s),
            when(flight.end_s),
            f"{(flight.end_s - flight.start_s) / 60:.0f}",
            f"{flight.positions:,}",
            "–" if low is None or high is None else f"{low:,}–{high:,}",
        )
    Console(width=None if sys.stdout.isatty() else 140, highlight=False, markup=False).print(table)


def export(reader: HistoryReader, found: list[Flight], form: str | None, output: str) -> None:
    """Write the tracks of flights."""
    if form is None:
        suffix = Path(output).suffix.lstrip(".").lower()
        form = {"json": "geojson"}.get(suffix, suffix)
        if form not in FORMATS:
            if output != "-":
                raise UsageError(f"--output: got {output}, expected a suffix of {', '.join(FORMATS)}, or --format")
            form = "geojson"
    tracks = tracks_of(reader, found)
    try:
        if form == "parquet":
            table = io.BytesIO()
            write_parquet(tracks, table)
            data = table.getvalue()
        else:
            data = {"geojson": geojson, "kml": kml, "csv": csv_text, "gpx": gpx}[form](tracks).encode()
    except OSError as error:
        raise SquitterError(f"{output}: {error.strerror or error}") from None
    write(data, output)


def write(data: bytes, output: str) -> None:
    """To a file, or to standard output."""
    try:
        if output == "-":
            sys.stdout.buffer.write(data)
        else:
            Path(output).write_bytes(data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SquitterError(f"{output}: {error.strerror or error}") from None


def position(text: str) -> tuple[float, float]:
    """Latitude and longitude, degrees."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--near: got {text!r}, expected degrees north and east such as 48.137,11.575") from None
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        raise UsageError(f"--near: got {text!r}, expected -90–90 degrees north and -180–180 degrees east")
    return latitude, longitude


def tracks_of(reader: HistoryReader, found: list[Flight]) -> list[FlownTrack]:
    """The flights with their points."""
    start_s, end_s = min(flight.start_s for flight in found), max(flight.end_s for flight in found)
    one = found[0].icao if len({flight.icao for flight in found}) == 1 else None
    points = reader.tracks(start_s, end_s, icao=one, limit=sys.maxsize)
    return [
        FlownTrack(flight, [point for point in points[flight.icao] if flight.start_s <= point.time_s <= flight.end_s])
        for flight in found
    ]


def address(text: str) -> str:
    """A 24-bit address as the history has it."""
    plain = text.strip().lower()
    if not _ADDRESS.match(plain):
        raise UsageError(f"aircraft: got {text!r}, expected six hex digits such as ae4bd7; for a call sign: --callsign")
    return plain


def moment(text: str, option: str, end_s: float) -> float:
    """UTC seconds of an ISO time (UTC unless it says otherwise), or of so long before the end of the history."""
    back = _BACK.match(text.strip())
    if back:
        return end_s - float(back[1]) * _UNITS_S[back[2]]
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{option}: got {text!r}, expected a time such as 2026-01-31T12:00Z, or 90m, 6h, 2d") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def when(time_s: float) -> str:
    """A moment for people."""
    return utc(time_s).strftime("%Y-%m-%d %H:%M:%S")
