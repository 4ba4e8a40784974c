"""The aircraft object against readsb's keys, units, rounding and rules of omission."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from receiver.decode.message import AddressType
from receiver.decode.registers.bds30 import decode_bds30
from receiver.tracking.air_data import Temperature, Wind
from receiver.tracking.sighting import Position, Quality, Sighting, Slot, Value
from receiver.views.aircraft_object import aircraft_object, is_listed
from receiver.views.aircraft_schema import AircraftObject, aircraft_schema

NOW = 1_700_000_000.0
ADVISORY = decode_bds30(0x30 << 48 | 0b1100000 << 41 | 1 << 26 | 0x4840D6 << 2)

FULL: dict[Slot, Any] = {
    Slot.CALLSIGN: "TROY701",
    Slot.CATEGORY: "B6",
    Slot.SQUAWK: "0421",
    Slot.EMERGENCY: "none",
    Slot.POSITION: Position(19.1234567, -100.7654321, 8, 185.2, False, 12.34567, 271.26, 90.4),
    Slot.ALTITUDE_BARO: 19025,
    Slot.ALTITUDE_GEOM: 20100,
    Slot.ON_GROUND: False,
    Slot.GROUND_SPEED: 181.2661,
    Slot.TRACK: 271.2345,
    Slot.TRACK_RATE: -0.4567,
    Slot.ROLL: -12.3456,
    Slot.IAS: 130,
    Slot.TAS: 179.5,
    Slot.MACH: 0.30449,
    Slot.TRUE_HEADING: 270.556,
    Slot.MAG_HEADING: 265.126,
    Slot.RATE_BARO: -64,
    Slot.RATE_GEOM: 0,
    Slot.NAV_QNH: 1013.26,
    Slot.NAV_ALTITUDE_MCP: 19008,
    Slot.NAV_ALTITUDE_FMS: 19104,
    Slot.NAV_HEADING: 270.7031,
    Slot.NAV_MODES: frozenset({"tcas", "autopilot", "althold"}),
    Slot.QUALITY: Quality(2, 9, 1, 3, "perhour", 2, 2, 1),
    Slot.ALERT: False,
    Slot.SPI: True,
    Slot.ACAS_RA: ADVISORY,
    Slot.WIND: Wind(359.7, 42.4),
    Slot.TEMPERATURE: Temperature(-21.6, -17.4),
}
EXPECTED: dict[str, Any] = {
    "hex": "ae4bd7",
    "type": "adsb_icao",
    "flight": "TROY701 ",
    "category": "B6",
    "squawk": "0421",
    "emergency": "none",
    "r": "N123",
    "t": "Q9",
    "desc": "GENERAL ATOMICS MQ-9 Reaper",
    "ownOp": "CBP",
    "year": "2010",
    "dbFlags": 1,
    "alt_baro": 19025,
    "alt_geom": 20100,
    "gs": 181.3,
    "ias": 130,
    "tas": 180,
    "mach": 0.304,
    "track": 271.23,
    "track_rate": -0.46,
    "roll": -12.35,
    "mag_heading": 265.13,
    "true_heading": 270.56,
    "baro_rate": -64,
    "geom_rate": 0,
    "nav_qnh": 1013.3,
    "nav_altitude_mcp": 19008,
    "nav_altitude_fms": 19104,
    "nav_heading": 270.7,
    "nav_modes": ["autopilot", "althold", "tcas"],
    "lat": 19.123457,
    "lon": -100.765432,
    "nic": 8,
    "rc": 186,
    "seen_pos": 2.0,
    "r_dst": 12.346,
    "r_dir": 271.3,
    "version": 2,
    "nic_baro": 1,
    "nac_p": 9,
    "nac_v": 1,
    "sil": 3,
    "sil_type": "perhour",
    "gva": 2,
    "sda": 2,
    "alert": 0,
    "spi": 1,
    "acas_ra": {
        "unix_timestamp": NOW - 2,
        "bytes": ADVISORY.raw,
        "ARA": "1100000",
        "RAC": "0000",
        "RAT": "0",
        "MTE": "0",
        "TTI": "1",
        "advisory": "limit descent",
        "advisory_complement": "",
        "threat_id_hex": "4840d6",
    },
    "wd": 0,
    "ws": 42,
    "oat": -22,
    "tat": -17,
    "mlat": [],
    "tisb": [],
    "messages": 77,
    "seen": 2.0,
    "rssi": -12.3,
    "squitter": {
        "confidence": "confirmed",
        "country": "United States",
        "place": "12 km W of Valle de Bravo",
        "over": "Mexico",
        "watch": ["cbp"],
        "pattern": "orbit",
    },
}


def sighting(
    values: dict[Slot, Any],
    age_s: float = 2.0,
    source: AddressType = AddressType.ADSB_ICAO,
    icao: str = "ae4bd7",
    last_position: Value[Position] | None = None,
    rssi_dbfs: float | None = -12.34,
) -> Sighting:
    def held(slot: Slot) -> Value[Any] | None:
        return Value(values[slot], NOW - age_s, source, "test") if slot in values else None

    return Sighting(
        icao=icao,
        now=NOW,
        changed=frozenset(),
        events=(),
        address_type=source,
        confirmed=True,
        messages=77,
        rssi_dbfs=rssi_dbfs,
        first_seen_s=NOW - 100,
        last_seen_s=NOW - age_s,
        last_position=held(Slot.POSITION) if last_position is None else last_position,
        comm_b=None,
        values=tuple(held(slot) for slot in Slot),
    )


DATABASE = {"r": "N123", "t": "Q9", "desc": "GENERAL ATOMICS MQ-9 Reaper", "ownOp": "CBP", "year": "2010", "dbFlags": 1}
SQUITTER = {
    "country": "United States",
    "place": "12 km W of Valle de Bravo",
    "over": "Mexico",
    "watch": ["cbp"],
    "pattern": "orbit",
}


def check(out: dict[str, Any]) -> None:
    """Both forms of the model accept it, as JSON and as it is."""
    text = json.dumps(out)
    AircraftObject.model_validate_json(text)
    jsonschema.validate(json.loads(text), aircraft_schema(), cls=jsonschema.Draft202012Validator)


def test_everything_known_is_written_under_readsbs_names_and_rounding() -> None:
    out = aircraft_object(sighting(FULL), NOW, DATABASE, SQUITTER)
    assert out == EXPECTED
    check(out)


def test_every_key_of_the_model_is_exercised_but_those_that_exclude_each_other() -> None:
    published = set(aircraft_schema()["properties"])
    assert published - set(EXPECTED) == {"calc_track", "lastPosition"}


def test_an_aircraft_of_which_nothing_is_known_has_only_what_is_always_there() -> None:
    out = aircraft_object(sighting({}, rssi_dbfs=None), NOW)
    assert set(out) == {"hex", "type", "mlat", "tisb", "messages", "seen", "squitter"}
    check(out)


@pytest.mark.parametrize("slot", list(Slot))
def test_what_is_not_known_is_left_out_and_never_null(slot: Slot) -> None:
    values = {key: value for key, value in FULL.items() if key is not slot}
    out = aircraft_object(sighting(values), NOW, DATABASE, SQUITTER)
    assert len(out) < len(EXPECTED) or slot in (Slot.ON_GROUND, Slot.TRACK)
    assert None not in out.values()
    check(out)


def test_on_the_ground_the_altitude_is_the_word() -> None:
    out = aircraft_object(sighting({**FULL, Slot.ON_GROUND: True}), NOW)
    assert out["alt_baro"] == "ground"
    check(out)


def test_a_track_from_positions_stands_in_only_in_the_air_and_only_when_none_is_said() -> None:
    silent: dict[Slot, Any] = {slot: value for slot, value in FULL.items() if slot is not Slot.TRACK}
    assert aircraft_object(sighting(silent), NOW)["calc_track"] == 90
    assert "calc_track" not in aircraft_object(sighting(FULL), NOW)
    assert "calc_track" not in aircraft_object(sighting({**silent, Slot.ON_GROUND: True}), NOW)


def test_old_values_go_and_the_last_position_stays_under_its_own_key() -> None:
    out = aircraft_object(sighting(FULL), NOW + 100)
    assert {"lat", "lon", "gs", "track", "alt_baro", "r_dst", "acas_ra"}.isdisjoint(out)
    assert out["lastPosition"] == {"lat": 19.123457, "lon": -100.765432, "nic": 8, "rc": 186, "seen_pos": 102.0}
    assert {"flight", "category", "squawk", "nav_qnh"} <= set(out)
    check(out)


def test_an_unbounded_radius_and_unset_flags_are_left_out() -> None:
    position = FULL[Slot.POSITION]._replace(nic=0, rc_m=None, distance_nmi=None, bearing_deg=None)
    out = aircraft_object(
        sighting({Slot.POSITION: position}), NOW, {"r": "", "dbFlags": 0}, {"watch": [], "over": None}
    )
    assert {"rc", "r_dst", "r_dir", "r", "dbFlags"}.isdisjoint(out)
    assert out["nic"] == 0
    assert out["squitter"] == {"confidence": "confirmed"}
    check(out)


def test_what_a_ground_radar_measured_is_listed_as_such() -> None:
    out = aircraft_object(sighting(FULL, source=AddressType.TISB_OTHER, icao="~abcdef"), NOW)
    assert out["hex"] == "~abcdef"
    assert out["type"] == "tisb_other"
    assert {"lat", "lon", "nic", "rc", "altitude", "gs", "callsign"} <= set(out["tisb"])
    check(out)


def test_listed_while_heard_for_30_s_or_placed_for_60_s() -> None:
    placed, unplaced = sighting(FULL, age_s=0.0), sighting({Slot.SQUAWK: "1200"}, age_s=0.0)
    assert is_listed(placed, NOW + 60)
    assert not is_listed(placed, NOW + 61)
    assert is_listed(unplaced, NOW + 30)
    assert not is_listed(unplaced, NOW + 31)
