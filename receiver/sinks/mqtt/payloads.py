"""The JSON of each topic, as far as the aircraft object does not say it already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from receiver.earth import distance_nmi
from receiver.tracking import Event, Sighting
from receiver.views.discretion import Discretion
from receiver.views.outlets import Air

LOSS_S = 60.0
_EMERGENCY_SQUAWKS = frozenset({"7500", "7600", "7700"})


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def aircraft_payload(found: dict[str, Any], now: float, discretion: Discretion) -> dict[str, Any]:
    """An aircraft object as it may be told, with `now`, which its ages count from."""
    return {"now": round(now, 3), **discretion.aircraft(found)}


class Losses:
    """Whether samples are being lost, by the dongle or by us."""

    def __init__(self) -> None:
        self._count = 0.0
        self._since_s: float | None = None

    def is_losing(self, air: Air) -> bool | None:
        """Whether any were lost in the last minute; None: there are no samples."""
        counts = [air.statistics[key] for key in ("samples_lost", "samples_dropped") if key in air.statistics]
        if not counts:
            return None
        count = float(sum(counts))
        if count > self._count:
            self._since_s = air.now
        self._count = count
        return self._since_s is not None and abs(air.now - self._since_s) < LOSS_S


def station_payload(described: Mapping[str, Any], name: str, location: tuple[float, float] | None) -> dict[str, Any]:
    """Name, version, source …; a place only as it may be published."""
    out = {key: value for key, value in described.items() if value is not None}
    for key in ("lat", "lon", "latitude", "longitude", "altitude_m", "location"):
        out.pop(key, None)
    if location is not None:
        out["lat"], out["lon"] = location
    return {"name": name, **out}


def event_payload(event: Event, sighting: Sighting) -> dict[str, Any]:
    """What has happened, to whom, when."""
    out: dict[str, Any] = {"type": event.name, "time": round(sighting.now, 3), "hex": sighting.icao}
    if event.detail:
        out["detail"] = event.detail
    if sighting.callsign is not None:
        out["flight"] = f"{sighting.callsign:8}"
    if sighting.squawk is not None:
        out["squawk"] = sighting.squawk
    if sighting.on_ground:
        out["alt_baro"] = "ground"
    elif sighting.altitude_baro_ft is not None:
        out["alt_baro"] = sighting.altitude_baro_ft
    if sighting.position is not None:
        out["lat"] = round(sighting.position.latitude_deg, 6)
        out["lon"] = round(sighting.position.longitude_deg, 6)
    return out


def in_emergency(found: Mapping[str, Any]) -> bool:
    """Whether an aircraft object tells of an emergency."""
    return found.get("squawk") in _EMERGENCY_SQUAWKS or found.get("emergency", "none") not in ("none", "reserved")


def summary_payload(
    objects: Mapping[str, Mapping[str, Any]], discretion: Discretion, open_alerts: int
) -> dict[str, Any]:
    """The sky in a few numbers: how many, who is nearest, who is in trouble."""
    out: dict[str, Any] = {
        "aircraft": len(objects),
        "with_position": sum("lat" in found for found in objects.values()),
        "emergency": sorted(icao for icao, found in objects.items() if in_emergency(found))[:20],
        "alerts": open_alerts,
    }
    place = discretion.location
    if place is not None:
        near = [
            (distance_nmi(*place, found["lat"], found["lon"]), icao)
            for icao, found in objects.items()
            if "lat" in found
        ]
        if near:
            distance, icao = min(near)
            out["nearest"] = nearest = {"hex": icao, "r_dst": round(distance)}
            flight = objects[icao].get("flight", "").strip()
            if flight:
                nearest["flight"] = flight
            altitude = objects[icao].get("alt_baro")
            if isinstance(altitude, int):
                nearest["alt_baro"] = round(altitude, -3)
            elif altitude is not None:
                nearest["alt_baro"] = altitude
    return out
