"""What the map's server answers, as OpenAPI describes it: `python -m receiver.web.openapi > docs/openapi.yaml`.

The addresses are data here and handlers in `receiver/web/routes`; a test holds both together and asks each of a running server.
Source: OpenAPI Specification 3.1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from receiver import __version__


class Path(NamedTuple):
    """An address.

    Attributes
    ----------
    template
        With its parameters in braces.
    summary
        What it answers.
    kind
        The answer's media type.
    query
        Parameters after the question mark: name to meaning.
    errors
        Status codes beside 401 and 421, which every address has, with their meaning.
    """

    template: str
    summary: str
    kind: str = "application/json"
    query: Mapping[str, str] = MappingProxyType({})
    errors: Mapping[int, str] = MappingProxyType({})


_NO_AIRCRAFT = {404: "No such aircraft in view."}
_NO_ALERT = {404: "No such alert, or it has none."}
_NO_DAY = {404: "Nothing is stored for it."}
_PARAMETERS = {
    "hex": "24-bit address, six hexadecimal digits; `~` before one that is no ICAO address",
    "id": "id of an alert",
    "number": "number of the file, 0 to 119",
    "name": "name of a file of the page, or of a map",
    "part": "last two digits of the address",
    "file": "`trace_full_<hex>.json`, `trace_recent_<hex>.json` or `<half hour of the day>.bin.ttf`",
    "year": "year, four digits",
    "month": "month, two digits",
    "day": "day, two digits",
}
PATHS = (
    Path("/", "The map.", "text/html"),
    Path("/static/{name}", "A file of the page.", "application/octet-stream", errors={404: "No such file."}),
    Path(
        "/healthz",
        "`ok`, or `starting` before the first signal.",
        "text/plain",
        errors={503: "No signal for two minutes."},
    ),
    Path("/metrics", "Metrics in Prometheus' text format.", "text/plain"),
    Path("/data/aircraft.json", "All aircraft in view, as readsb writes them."),
    Path("/data/receiver.json", "The receiver, as readsb writes it."),
    Path("/data/stats.json", "Statistics of the last minutes, as readsb writes them."),
    Path("/data/history_{number}.json", "Aircraft at one of the last moments.", errors={404: "No such file."}),
    Path("/data/outline.json", "The farthest positions around the station, as readsb writes them."),
    Path("/data/traces/{part}/{file}", "Today's track of an aircraft, as tar1090 reads it.", errors=_NO_DAY),
    Path(
        "/globe_history/{year}/{month}/{day}/traces/{part}/{file}",
        "A past day's track, as tar1090 reads it.",
        errors=_NO_DAY,
    ),
    Path(
        "/globe_history/{year}/{month}/{day}/heatmap/{file}",
        "Positions of half an hour, as tar1090 reads them.",
        "application/octet-stream",
        errors=_NO_DAY,
    ),
    Path("/api/aircraft/{hex}", "Every value of an aircraft with its source and age.", errors=_NO_AIRCRAFT),
    Path("/api/aircraft/{hex}/trail", "The track of an aircraft as far as it is in memory."),
    Path("/api/alerts", "The latest alerts."),
    Path("/api/alerts/{id}/picture", "The card of an alert.", "image/png", errors=_NO_ALERT),
    Path("/api/alerts/{id}/track", "The track of an alert as GeoJSON.", errors=_NO_ALERT),
    Path(
        "/map/{name}.pmtiles",
        "Bytes of a base map in PMTiles version 3, by `Range`: `base` is built-in, `region` is `web.map_file`.",
        "application/octet-stream",
        errors={206: "The bytes asked for.", 404: "No such map.", 416: "A range is needed, or it is outside the file."},
    ),
    Path("/api/health", "The receiver's figures over an hour and a day."),
    Path("/api/health/months", "The receiver's figures over months."),
    Path("/api/interference", "Cells in which satellite navigation is disturbed, as GeoJSON."),
    Path("/api/range", "The range by direction and altitude."),
    Path(
        "/api/tracks",
        "Tracks of the last hours, from the history.",
        query={"hours": "hours before now"},
        errors={400: "Hours out of range."},
    ),
    Path("/api/outline", "The farthest positions around the station."),
    Path(
        "/api/playback",
        "All aircraft at a past moment.",
        query={"at": "UTC in seconds; absent: which moments there are"},
    ),
    Path("/api/now", "The state that a stream begins with."),
    Path("/api/stream", "Changes as they happen.", "text/event-stream", errors={503: "Too many clients."}),
)


def document() -> dict[str, Any]:
    """The description as one object."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Squitter",
            "version": __version__,
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
            "description": "What the map's server answers. All addresses are read with GET; nothing can be changed. Beyond this "
            "machine a token is needed: as `?token=`, as a bearer token, or as the cookie that the first link sets.",
        },
        "security": [{"token": []}, {"bearer": []}, {}],
        "components": {
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "query", "name": "token"},
                "bearer": {"type": "http", "scheme": "bearer"},
            }
        },
        "paths": {path.template: {"get": _operation(path)} for path in sorted(PATHS)},
    }


def _operation(path: Path) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", path.template)
    parameters = [
        {"name": name, "in": "path", "required": True, "description": _PARAMETERS[name], "schema": {"type": "string"}}
        for name in names
    ] + [
        {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in path.query.items()
    ]
    responses: dict[str, Any] = {"200": {"description": path.summary, "content": {path.kind: {}}}}
    errors = {401: "A token is needed, or the one given is wrong.", 421: "The host's name is not in web.allowed_hosts."}
    for status, meaning in sorted({**errors, **path.errors}.items()):
        responses[str(status)] = {"description": meaning}
    out: dict[str, Any] = {"summary": path.summary, "responses": responses}
    if parameters:
        out["parameters"] = parameters
    return out


if __name__ == "__main__":
    import yaml  # a tool of developers

    yaml.safe_dump(document(), sys.stdout, sort_keys=False, allow_unicode=True, width=120)
