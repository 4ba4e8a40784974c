"""The alerts that the map shows, with picture and track: bounded, the oldest ended ones go first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Protocol

MAX_ALERTS = 200
MAX_PICTURES = 60  # of at most 100 kB each


class AlertLike(Protocol):
    """What the watch hands out, as far as the map needs it."""

    @property
    def id(self) -> str:
        """Letters, digits, - and _."""

    @property
    def icao(self) -> str:
        """Address of the aircraft, or ""."""

    @property
    def trail(self) -> Iterable[tuple[Any, ...]]:
        """UTC s, degrees, degrees, feet (NaN when unknown), and what else there is to say of a point."""

    def payload(self, aircraft: dict[str, Any] | None = None, picture: str | None = None) -> dict[str, Any]:
        """The alert as JSON has it."""


def _point(time_s: float, lat: float, lon: float, altitude_ft: float, unheard: bool = False) -> list[float | None]:
    feet = None if math.isnan(altitude_ft) else round(altitude_ft)
    return [round(time_s, 1), round(lat, 5), round(lon, 5), feet, int(unheard)]


def _address(id_: str) -> str:
    return f"api/alerts/{id_}/picture"


class Alerts:
    """Newest state of each alert, by id, oldest first."""

    def __init__(self) -> None:
        self._payloads: dict[str, dict[str, Any]] = {}
        self._tracks: dict[str, list[list[float | None]]] = {}
        self._pictures: dict[str, bytes] = {}
        self._before: dict[str, list[list[float | None]]] = {}  # tracks of before the restart

    def remember(self, payload: dict[str, Any], trail: Iterable[tuple[Any, ...]], picture: bytes | None) -> None:
        """Take the last state of an alert from before the restart; one that has been told since is newer."""
        id_ = str(payload["id"])
        if id_ in self._payloads:
            return
        if picture is not None:
            self._keep_picture(id_, picture)
            payload = {**payload, "picture": _address(id_)}
        self._payloads[id_] = payload
        track = [_point(*point) for point in trail]
        if track:
            self._tracks[id_] = track
            if payload.get("state") != "ended":
                self._before[id_] = track
        self._make_room()

    def take(self, alert: AlertLike, picture: bytes | None, aircraft: dict[str, Any] | None) -> dict[str, Any]:
        """Remember a state of an alert; the result is what the page is told."""
        if picture is not None:
            self._keep_picture(alert.id, picture)
        if aircraft is None:
            aircraft = self._payloads.get(alert.id, {}).get("aircraft")
        address = _address(alert.id) if alert.id in self._pictures else None
        payload = alert.payload(aircraft, address)
        self._payloads[alert.id] = payload
        track = [_point(*point) for point in alert.trail]
        if track:  # the watch's begins anew with a restart
            first_s = track[0][0] or 0.0
            before = [point for point in self._before.get(alert.id, ()) if (point[0] or 0.0) < first_s]
            self._tracks[alert.id] = before + track
        self._make_room()
        return payload

    def add_picture(self, id_: str, picture: bytes) -> dict[str, Any] | None:
        """The card of an alert that was told already; what the page is told then, None when there is no such alert."""
        if id_ not in self._payloads:
            return None
        self._keep_picture(id_, picture)
        self._payloads[id_] = {**self._payloads[id_], "picture": _address(id_)}
        return self._payloads[id_]

    def told(self) -> list[dict[str, Any]]:
        """All of them, oldest first."""
        return list(self._payloads.values())

    def picture(self, id_: str) -> bytes | None:
        """The PNG; None when there is none."""
        return self._pictures.get(id_)

    def track(self, id_: str) -> list[list[float | None]] | None:
        """`[t, lat, lon, altitude or None, 1 if unheard on the way here]`, oldest first; None when the alert is not known or has none."""
        return self._tracks.get(id_)

    def _make_room(self) -> None:
        while len(self._payloads) > MAX_ALERTS:
            self._forget()

    def _forget(self) -> None:
        ended = (id_ for id_, payload in self._payloads.items() if payload.get("state") == "ended")
        id_ = next(ended, None) or next(iter(self._payloads))
        del self._payloads[id_]
        self._tracks.pop(id_, None)
        self._pictures.pop(id_, None)
        self._before.pop(id_, None)

    def _keep_picture(self, id_: str, picture: bytes) -> None:
        self._pictures.pop(id_, None)
        self._pictures[id_] = picture
        while len(self._pictures) > MAX_PICTURES:
            self._forget_picture(next(iter(self._pictures)))

    def _forget_picture(self, id_: str) -> None:
        del self._pictures[id_]
        if id_ in self._payloads:
            self._payloads[id_] = {key: value for key, value in self._payloads[id_].items() if key != "picture"}
