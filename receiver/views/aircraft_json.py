"""`aircraft.json` and `receiver.json`, which tar1090 and many a script read, from files or over HTTP.

Source: readsb, README-json.md and `generateAircraftJson`, `generateReceiverJson`.
"""

from __future__ import annotations

import json
from typing import Any

from receiver.views.aircraft_object import is_listed
from receiver.views.outlets import Air


def aircraft_json(air: Air) -> dict[str, Any]:
    """All aircraft that are listed: those with a position in the last 60 s or a message in the last 30 s.

    `now` in UTC seconds, `messages` since the start, `aircraft` as `receiver.views.aircraft_schema` describes them.
    """
    return {
        "now": round(air.now, 3),
        "messages": int(air.statistics.get("messages", 0)),
        "aircraft": [air.objects[icao] for icao, sighting in air.sightings.items() if icao in air.objects
                     and is_listed(sighting, air.now)],
    }  # fmt: skip


def receiver_json(
    *, version: str, refresh_ms: int = 1000, history: int = 0, location: tuple[float, float] | None = None
) -> dict[str, Any]:
    """What a page wants to know first. It claims none of readsb's binary formats.

    Parameters
    ----------
    version
        What the page shows as the receiver's version.
    refresh_ms
        How often `aircraft.json` is renewed.
    history
        How many `history_N.json` there are.
    location
        Latitude and longitude as they may be published (`StationSettings.published_location`); None: left out.
    """
    out: dict[str, Any] = {"version": version, "refresh": refresh_ms, "history": history}
    if location is not None:
        out["lat"], out["lon"] = location
    return out


class HistoryRing:
    """Which `history_N.json` is due: one every so often, numbered from 0, the oldest overwritten when all are there.

    Attributes
    ----------
    valid
        How many there are: what `receiver.json` says.
    """

    def __init__(self, files: int = 120, interval_s: float = 30.0) -> None:
        self.files = files
        self.interval_s = interval_s
        self.valid = 0
        self._next = 0
        self._last_s: float | None = None

    def due(self, now: float) -> int | None:
        """The number of the file to be written at `now`, None when none is; the next is due later by the interval."""
        if self.files == 0 or (self._last_s is not None and 0.0 <= now - self._last_s < self.interval_s):
            return None
        self._last_s = now
        number = self._next
        self._next = (number + 1) % self.files
        self.valid = min(self.valid + 1, self.files)
        return number


def json_bytes(value: Any) -> bytes:
    """Compact JSON with a line end.

    Raises
    ------
    ValueError
        A number is not finite: JSON has no word for that.
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"
