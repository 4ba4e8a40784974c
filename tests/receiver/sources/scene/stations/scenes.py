"""A small scene with all kinds of aircraft, two or three stations, and what a test changes of it."""

from __future__ import annotations

from typing import Any

from config.scenario import Scenario
from receiver.sources.scene import Scene

START = "2025-08-09T18:00:00Z"
NORTH: dict[str, Any] = {"name": "north", "latitude": 19.6, "longitude": -99.8, "altitude_m": 2500}
SOUTH: dict[str, Any] = {"name": "south", "latitude": 19.1, "longitude": -99.7, "altitude_m": 2600}
WEST: dict[str, Any] = {"name": "west", "latitude": 19.3, "longitude": -100.2, "altitude_m": 1800}

AIRCRAFT: list[dict[str, Any]] = [
    {
        "icao": "0d0a01", "callsign": "TEST01", "start": [19.5, -99.9], "altitude_ft": 24_000, "speed_kt": 420,
        "legs": [{"to": [19.0, -99.3], "altitude_ft": 12_000}],
        "events": [{"at_s": 10, "squawk": "7700", "emergency": "general"}, {"at_s": 20, "ident": True}],
    },
    {
        "icao": "0d0a02", "callsign": "TEST02", "start": [19.2, -99.9], "altitude_ft": 9000, "speed_kt": 120,
        "category": "A1", "version": 0,
        "legs": [{"orbit": [19.25, -99.95], "radius_km": 3, "for_s": 500}],
        "events": [{"at_s": 15, "position": "lost"}, {"at_s": 30, "position": "poor"}, {"at_s": 45, "silent": True}],
    },
    {
        "icao": "0d0a03", "start": [19.4, -99.5], "altitude_ft": 31_000, "speed_kt": 450, "transponder": "mode_s",
        "legs": [{"to": [20.5, -100.5]}],
    },
    {
        "icao": "0d0a04", "callsign": "CAR4", "start": [19.335, -99.566], "altitude_ft": 8450, "speed_kt": 15,
        "on_ground": True, "transponder": "df18", "category": "C2", "legs": [{"to": [19.345, -99.560]}, {"wait_s": 300}],
    },
    {
        "icao": "0d0a05", "callsign": "TEST05", "start": [19.35, -99.75], "altitude_ft": 15_000, "speed_kt": 1100,
        "told_offset_km": [12, -7], "legs": [{"to": [19.0, -98.0]}],
    },
]  # fmt: skip


def scene_of(stations: list[dict[str, Any]], aircraft: list[dict[str, Any]] | None = None, **more: Any) -> Scene:
    """A scene of a minute."""
    values = {"title": "a test", "start": START, "duration_s": 60, "stations": stations, "aircraft": AIRCRAFT, **more}
    if aircraft is not None:
        values["aircraft"] = aircraft
    return Scene(Scenario.model_validate(values))
