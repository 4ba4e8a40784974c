"""One decoded message as a JSON object: what this message said, under aircraft.json's names and units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from receiver.decode.message import Message
from receiver.tracking.sighting import Sighting, Slot, Value
from receiver.views.aircraft_object import aircraft_object

# Keys that are about the aircraft as a whole, not about the message
_OF_THE_AIRCRAFT = ("messages", "seen", "seen_pos", "mlat", "tisb", "squitter", "lastPosition", "rssi")


def message_object(message: Message, sighting: Sighting | None, start_utc_s: float) -> dict[str, Any]:
    """The object, ready for JSON.

    Parameters
    ----------
    sighting
        What the tracker made of this very message; None when its address is not believed (yet): then only the
        envelope is told.
    start_utc_s
        `t` counts from here, s.
    """
    frame = message.frame
    out: dict[str, Any] = {
        "t": round(frame.time_s - start_utc_s, 7),
        "hex": message.icao,
        "df": frame.df,
        "frame": frame.hex,
    }
    if frame.signal_dbfs is not None:
        out["rssi"] = round(frame.signal_dbfs, 1)
    if not frame.timed:
        out["untimed"] = True  # `t` tells the order only
    if sighting is None:
        return out
    said: list[Value[Any] | None] = [None] * len(Slot)
    for slot, value in sighting.said:
        said[slot] = value
    fields = aircraft_object(replace(sighting, values=tuple(said), last_position=None), frame.time_s)
    return out | {key: value for key, value in fields.items() if key not in _OF_THE_AIRCRAFT and key != "hex"}
