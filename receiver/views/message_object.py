"""One decoded message as a JSON object: what this message said, under aircraft.json's names and units."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from receiver.decode.message import TYPE_NAMES, Message
from receiver.tracking.sighting import Position, Sighting, Slot, Value
from receiver.views.aircraft_object import (
    PLAIN_KEYS,
    advisory_object,
    modes_in_order,
    quality_keys,
    temperature_keys,
    wind_keys,
)


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
    out["type"] = TYPE_NAMES[sighting.address_type]
    grounded = False
    for slot, value in sighting.said:
        plain = _PLAIN[slot]
        if plain is not None:
            key, decimals = plain
            out[key] = round(value.value) if decimals is None else round(value.value, decimals)
        elif slot == _ON_GROUND:
            grounded = value.value
        else:
            _WRITE[slot](out, value)
    if grounded:
        out["alt_baro"] = "ground"
    if "track" in out or grounded:
        out.pop("calc_track", None)
    return out


def _position(out: dict[str, Any], value: Value[Position]) -> None:
    position = value.value
    out["lat"], out["lon"] = round(position.latitude_deg, 6), round(position.longitude_deg, 6)
    out["nic"] = position.nic
    if position.rc_m is not None:
        out["rc"] = math.ceil(position.rc_m)
    if position.distance_nmi is not None and position.bearing_deg is not None:
        out["r_dst"] = round(position.distance_nmi, 3)
        out["r_dir"] = round(position.bearing_deg, 1)
    if position.calc_track_deg is not None:
        out["calc_track"] = round(position.calc_track_deg) % 360


def _set(key: str, form: Callable[[Any], Any]) -> Callable[[dict[str, Any], Value[Any]], None]:
    def write(out: dict[str, Any], value: Value[Any]) -> None:
        out[key] = form(value.value)

    return write


def _nothing(_out: dict[str, Any], _value: Value[Any]) -> None:
    """What is written above, or nowhere."""


_BY_SLOT: dict[Slot, Callable[[dict[str, Any], Value[Any]], None]] = {
    Slot.CALLSIGN: _set("flight", "{:8}".format),
    Slot.CATEGORY: _set("category", str),
    Slot.SQUAWK: _set("squawk", str),
    Slot.EMERGENCY: _set("emergency", str),
    Slot.ALTITUDE_BARO: _set("alt_baro", int),
    Slot.NAV_MODES: _set("nav_modes", modes_in_order),
    Slot.ALERT: _set("alert", int),
    Slot.SPI: _set("spi", int),
    Slot.POSITION: _position,
    Slot.QUALITY: lambda out, value: out.update(quality_keys(value.value)),
    Slot.WIND: lambda out, value: out.update(wind_keys(value.value)),
    Slot.TEMPERATURE: lambda out, value: out.update(temperature_keys(value.value)),
    Slot.ACAS_RA: lambda out, value: out.update(acas_ra=advisory_object(value)),
}
_ON_GROUND = int(Slot.ON_GROUND)
_PLAIN = tuple(PLAIN_KEYS.get(slot) for slot in Slot)
_WRITE = tuple(_BY_SLOT.get(slot, _nothing) for slot in Slot)
