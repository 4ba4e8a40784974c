"""A sighting as an object of readsb's `aircraft.json`, which maps, feeders and scripts read. Its short names live
here only.

A field that is not known is left out. Rounding is readsb's: nothing is told more exactly than it is known.

Source: readsb, `sprintAircraftObject` (keys, rounding, when a key is left out).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from receiver.decode.message import AddressType
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.tracking.air_data import Temperature, Wind
from receiver.tracking.sighting import Position, Quality, Sighting, Slot, Value, Values, alive

# readsb's order. It is the order of importance, too.
_NAV_MODES = ("autopilot", "vnav", "althold", "approach", "lnav", "tcas")
# Keys as readsb lists them in `mlat` and `tisb`, by slot.
_DERIVED_KEYS: dict[Slot, tuple[str, ...]] = {
    Slot.CALLSIGN: ("callsign",),
    Slot.ALTITUDE_BARO: ("altitude",),
    Slot.ALTITUDE_GEOM: ("alt_geom",),
    Slot.GROUND_SPEED: ("gs",),
    Slot.IAS: ("ias",),
    Slot.TAS: ("tas",),
    Slot.TRACK: ("track",),
    Slot.MAG_HEADING: ("mag_heading",),
    Slot.TRUE_HEADING: ("true_heading",),
    Slot.RATE_BARO: ("baro_rate",),
    Slot.RATE_GEOM: ("geom_rate",),
    Slot.SQUAWK: ("squawk",),
    Slot.EMERGENCY: ("emergency",),
    Slot.POSITION: ("lat", "lon", "nic", "rc"),
}
# Slot, key and decimals (None: a whole number) of all that needs nothing but rounding.
_PLAIN: tuple[tuple[Slot, str, int | None], ...] = (
    (Slot.ALTITUDE_GEOM, "alt_geom", None),
    (Slot.GROUND_SPEED, "gs", 1),
    (Slot.IAS, "ias", None),
    (Slot.TAS, "tas", None),
    (Slot.MACH, "mach", 3),
    (Slot.TRACK, "track", 2),
    (Slot.TRACK_RATE, "track_rate", 2),
    (Slot.ROLL, "roll", 2),
    (Slot.MAG_HEADING, "mag_heading", 2),
    (Slot.TRUE_HEADING, "true_heading", 2),
    (Slot.RATE_BARO, "baro_rate", None),
    (Slot.RATE_GEOM, "geom_rate", None),
    (Slot.NAV_QNH, "nav_qnh", 1),
    (Slot.NAV_ALTITUDE_MCP, "nav_altitude_mcp", None),
    (Slot.NAV_ALTITUDE_FMS, "nav_altitude_fms", None),
    (Slot.NAV_HEADING, "nav_heading", 2),
)
PLAIN_KEYS: dict[Slot, tuple[str, int | None]] = {slot: (key, decimals) for slot, key, decimals in _PLAIN}
"""The same by slot."""
_ADVISORY_LIFETIME_S = 15.0


def is_listed(sighting: Sighting, now: float) -> bool:
    """Whether `aircraft.json` lists it: a position in the last 60 s or a message in the last 30 s."""
    position = sighting.last_position
    return now - sighting.last_seen_s <= 30.0 or (position is not None and now - position.time_s <= 60.0)


def aircraft_object(
    sighting: Sighting,
    now: float,
    database: Mapping[str, Any] | None = None,
    squitter: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The object, ready for JSON.

    Parameters
    ----------
    sighting
        The picture; it may be older than `now`: what has expired since is left out.
    now
        UTC seconds, by the signal's clock.
    database
        What the aircraft database knows, under the keys `r`, `t`, `desc`, `ownOp`, `year`, `dbFlags`; None and empty
        values and flags of 0 are left out.
    squitter
        What this project adds, under the keys `country`, `place`, `over`, `watch`, `pattern`; None and empty
        values are left out. `confidence` is added here.
    """
    values = alive(sighting.values, now)
    out: dict[str, Any] = {"hex": sighting.icao, "type": sighting.address_type.value}
    _text(out, values)
    if database is not None:
        for key in ("r", "t", "desc", "ownOp", "year", "dbFlags"):
            if database.get(key):
                out[key] = database[key]
    on_ground = values[Slot.ON_GROUND]
    grounded = on_ground is not None and on_ground.value
    if grounded:
        out["alt_baro"] = "ground"
    elif (altitude := values[Slot.ALTITUDE_BARO]) is not None:
        out["alt_baro"] = altitude.value
    for slot, key, decimals in _PLAIN:
        value = values[slot]
        if value is not None:
            out[key] = round(value.value) if decimals is None else round(value.value, decimals)
    if (modes := values[Slot.NAV_MODES]) is not None:
        out["nav_modes"] = modes_in_order(modes.value)
    _place(out, values, sighting, now, grounded)
    _quality(out, values)
    _weather(out, values)
    for slot, key in ((Slot.ALERT, "alert"), (Slot.SPI, "spi")):
        if (bit := values[slot]) is not None:
            out[key] = int(bit.value)
    advisory = values[Slot.ACAS_RA]
    if advisory is not None and now - advisory.time_s <= _ADVISORY_LIFETIME_S:
        out["acas_ra"] = advisory_object(advisory)
    for name, is_of in (("mlat", _is_mlat), ("tisb", _is_tisb)):
        out[name] = [
            key
            for slot, keys in _DERIVED_KEYS.items()
            if (value := values[slot]) is not None and is_of(value.source)
            for key in keys
        ]
    out["messages"] = sighting.messages
    out["seen"] = _age(now, sighting.last_seen_s)
    if sighting.rssi_dbfs is not None:
        out["rssi"] = round(sighting.rssi_dbfs, 1)
    out["squitter"] = {
        "confidence": "confirmed" if sighting.confirmed else "unconfirmed",
        **{key: value for key, value in (squitter or {}).items() if value},
    }
    return out


def _is_mlat(source: AddressType) -> bool:
    return source is AddressType.MLAT


def _is_tisb(source: AddressType) -> bool:
    return source.is_tisb


def _age(now: float, then: float) -> float:
    return round(max(now - then, 0.0), 1)


def _text(out: dict[str, Any], values: Values) -> None:
    if (callsign := values[Slot.CALLSIGN]) is not None:
        out["flight"] = f"{callsign.value:8}"
    for slot, key in ((Slot.CATEGORY, "category"), (Slot.SQUAWK, "squawk"), (Slot.EMERGENCY, "emergency")):
        if (value := values[slot]) is not None:
            out[key] = value.value


def _place(out: dict[str, Any], values: Values, sighting: Sighting, now: float, grounded: bool) -> None:
    value = values[Slot.POSITION]
    if value is None:
        if sighting.last_position is not None:
            out["lastPosition"] = _coordinates(sighting.last_position, now)
        return
    out.update(_coordinates(value, now))
    position: Position = value.value
    if position.distance_nmi is not None and position.bearing_deg is not None:
        out["r_dst"] = round(position.distance_nmi, 3)
        out["r_dir"] = round(position.bearing_deg, 1)
    if values[Slot.TRACK] is None and not grounded and position.calc_track_deg is not None:
        out["calc_track"] = round(position.calc_track_deg) % 360


def _coordinates(value: Value[Position], now: float) -> dict[str, Any]:
    position = value.value
    out: dict[str, Any] = {
        "lat": round(position.latitude_deg, 6),
        "lon": round(position.longitude_deg, 6),
        "nic": position.nic,
    }
    if position.rc_m is not None:
        out["rc"] = math.ceil(position.rc_m)
    out["seen_pos"] = _age(now, value.time_s)
    return out


def modes_in_order(modes: frozenset[str]) -> list[str]:
    """Autopilot modes as readsb lists them."""
    return [mode for mode in _NAV_MODES if mode in modes]


def _quality(out: dict[str, Any], values: Values) -> None:
    value = values[Slot.QUALITY]
    if value is not None:
        out.update(quality_keys(value.value))


def quality_keys(quality: Quality) -> dict[str, Any]:
    """What is known of the quality."""
    return {key: known for key, known in quality._asdict().items() if known is not None}


def _weather(out: dict[str, Any], values: Values) -> None:
    if (value := values[Slot.WIND]) is not None:
        out.update(wind_keys(value.value))
    if (value := values[Slot.TEMPERATURE]) is not None:
        out.update(temperature_keys(value.value))


def wind_keys(wind: Wind) -> dict[str, Any]:
    """Wind, whole numbers."""
    return {"wd": round(wind.direction_deg) % 360, "ws": round(wind.speed_kt)}


def temperature_keys(temperature: Temperature) -> dict[str, Any]:
    """Temperatures, whole numbers."""
    tat = {} if temperature.tat_c is None else {"tat": round(temperature.tat_c)}
    return {"oat": round(temperature.oat_c), **tat}


def advisory_object(value: Value[ResolutionAdvisory]) -> dict[str, Any]:
    """readsb's object for an advisory, as far as it goes without repeating the aircraft."""
    advisory = value.value
    bits = f"{int(advisory.raw, 16):056b}"
    words, _, complement = advisory.advisory.partition("; ")
    out: dict[str, Any] = {
        "unix_timestamp": round(value.time_s, 2),
        "bytes": advisory.raw,
        "ARA": bits[8:15],
        "RAC": bits[22:26],
        "RAT": bits[26],
        "MTE": bits[27],
        "TTI": str(int(bits[28:30], 2)),
        "advisory": words,
        "advisory_complement": complement,
    }
    if advisory.threat_icao is not None:
        out["threat_id_hex"] = advisory.threat_icao
    return out
