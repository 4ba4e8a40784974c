"""The aircraft object as a model: types, units, bounds, and the JSON schema that is published with them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Latitude = Annotated[float, Field(ge=-90, le=90, description="latitude, ° (WGS 84)", json_schema_extra={"unit": "°"})]
Longitude = Annotated[
    float, Field(ge=-180, le=180, description="longitude, ° (WGS 84)", json_schema_extra={"unit": "°"})
]
_CONFIG = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def _field(description: str, unit: str | None = None, **bounds: Any) -> Any:
    """An optional key: left out when it is not known."""
    extra: dict[str, JsonValue] | None = {"unit": unit} if unit else None
    return Field(default=None, description=description, json_schema_extra=extra, **bounds)


class LastPosition(BaseModel):
    """A position that is too old to be one."""

    model_config = _CONFIG

    lat: Latitude
    lon: Longitude
    nic: int = Field(ge=0, le=11, description="navigation integrity category")
    rc: int | None = _field("radius of containment", "m", ge=1)
    seen_pos: float = Field(ge=0, description="age of the position, s", json_schema_extra={"unit": "s"})


class AcasAdvisory(BaseModel):
    """A resolution advisory, its bits as ICAO Annex 10 vol. IV names them, and in words."""

    model_config = _CONFIG

    unix_timestamp: float = Field(description="when it was heard, s since 1970 (UTC)", json_schema_extra={"unit": "s"})
    bytes_: str = Field(alias="bytes", pattern="^[0-9A-F]{14}$", description="the register, hexadecimal")
    ara: str = Field(alias="ARA", pattern="^[01]{7}$", description="active resolution advisory")
    rac: str = Field(alias="RAC", pattern="^[01]{4}$", description="complements")
    rat: str = Field(alias="RAT", pattern="^[01]$", description="1: terminated")
    mte: str = Field(alias="MTE", pattern="^[01]$", description="1: more than one threat")
    tti: str = Field(alias="TTI", pattern="^[0-3]$", description="kind of threat identity")
    advisory: str = Field(description="in words")
    advisory_complement: str = Field(description="what not to do, in words; may be empty")
    threat_id_hex: str | None = _field("address of the threat", pattern="^[0-9a-f]{6}$")


class ContradictionObject(BaseModel):
    """What speaks against a broadcast position."""

    model_config = _CONFIG

    stations: int = Field(description="how many stations' times say so")
    km: float = Field(description="how far from there it is, at least")
    lat: float | None = _field("where its transmissions come from, °")
    lon: float | None = _field("the same, °")


class MlatObject(BaseModel):
    """What a hub has computed from the times at which stations received an aircraft."""

    model_config = _CONFIG

    error_m: int | None = _field("the computed position is right within so many metres in 95 % of the cases")
    stations: int | None = _field("stations that the newest one comes from")
    fixes: int | None = _field("transmissions located so far")
    height_m: int | None = _field("computed height above the WGS 84 ellipsoid, m")
    seen: float | None = _field("seconds since the newest one")
    why_not: str | None = _field("why there is no computed position, a sentence")
    contradicts: ContradictionObject | None = _field("the broadcast position is not where its transmissions come from")


class SquitterObject(BaseModel):
    """What this project adds to readsb's keys."""

    model_config = _CONFIG

    confidence: Literal["unconfirmed", "confirmed"] = Field(description="whether a second message bore out the first")
    country: str | None = _field("country of registration")
    place: str | None = _field("where it is, in words")
    over: str | None = _field("country or region under it")
    watch: list[str] | None = _field("names of the rules that match it")
    pattern: str | None = _field("shape of its track: orbit, racetrack, …")
    stations: list[str] | None = _field("hub only: stations that received it in the last 30 s, by name")
    best_station: str | None = _field("hub only: the station with the strongest signal")
    doubt: Literal["jump", "bank", "speed", "slow", "level"] | None = _field(
        "why its positions are not believed; absent while they are"
    )
    mlat: MlatObject | None = _field("what the stations' arrival times say, from a hub")


class AircraftObject(BaseModel):
    """One aircraft of `aircraft.json`, as readsb writes it. A key that is not known is left out."""

    model_config = _CONFIG

    hex: str = Field(pattern="^~?[0-9a-f]{6}$", description="24-bit address; ~ before one that is not an ICAO address")
    type: Literal[
        "adsb_icao",
        "adsb_icao_nt",
        "adsr_icao",
        "tisb_icao",
        "mode_s",
        "adsb_other",
        "adsr_other",
        "tisb_other",
        "tisb_trackfile",
        "mlat",
        "other",
    ] = Field(description="who speaks for it")
    flight: str | None = _field("call sign, padded with spaces", pattern="^[!-~][ -~]{7}$")
    category: str | None = _field("emitter category", pattern="^[A-D][0-7]$")
    squawk: str | None = _field("Mode A code", pattern="^[0-7]{4}$")
    emergency: (
        Literal[
            "none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "lostlink", "distress", "reserved"
        ]
        | None
    ) = _field("emergency or priority")
    r: str | None = _field("registration")
    t: str | None = _field("ICAO type designator")
    desc: str | None = _field("type in words")
    own_op: str | None = _field("owner or operator", alias="ownOp")
    year: str | None = _field("year of manufacture")
    db_flags: int | None = _field("1 military, 2 interesting, 4 PIA, 8 LADD", alias="dbFlags", ge=1, le=15)
    alt_baro: int | Literal["ground"] | None = _field("barometric altitude, or on the ground", "ft")
    alt_geom: int | None = _field("height above the WGS 84 ellipsoid", "ft")
    gs: float | None = _field("ground speed", "kt", ge=0)
    ias: int | None = _field("indicated airspeed", "kt", ge=0)
    tas: int | None = _field("true airspeed", "kt", ge=0)
    mach: float | None = _field("Mach number", ge=0)
    track: float | None = _field("track over ground, true", "°", ge=0, le=360)
    calc_track: int | None = _field("track from two positions, when the aircraft says none", "°", ge=0, lt=360)
    track_rate: float | None = _field("rate of turn, right positive", "°/s")
    roll: float | None = _field("roll, left negative", "°", ge=-180, le=180)
    mag_heading: float | None = _field("magnetic heading", "°", ge=0, le=360)
    true_heading: float | None = _field("true heading", "°", ge=0, le=360)
    baro_rate: int | None = _field("barometric vertical rate", "ft/min")
    geom_rate: int | None = _field("geometric or inertial vertical rate", "ft/min")
    nav_qnh: float | None = _field("altimeter setting", "hPa")
    nav_altitude_mcp: int | None = _field("altitude selected on the panel", "ft")
    nav_altitude_fms: int | None = _field("altitude selected by the flight management", "ft")
    nav_heading: float | None = _field("selected heading", "°", ge=0, le=360)
    nav_modes: list[Literal["autopilot", "vnav", "althold", "approach", "lnav", "tcas"]] | None = _field(
        "modes that are on"
    )
    lat: Latitude | None = None
    lon: Longitude | None = None
    nic: int | None = _field("navigation integrity category", ge=0, le=11)
    rc: int | None = _field("radius of containment", "m", ge=1)
    seen_pos: float | None = _field("age of the position", "s", ge=0)
    last_position: LastPosition | None = _field("the last position, when it is too old", alias="lastPosition")
    r_dst: float | None = _field("distance from the receiver", "nmi", ge=0)
    r_dir: float | None = _field("bearing from the receiver, true", "°", ge=0, le=360)
    version: int | None = _field("ADS-B version: 0 DO-260, 1 DO-260A, 2 DO-260B", ge=0, le=7)
    nic_baro: int | None = _field("whether the altitude is cross-checked", ge=0, le=1)
    nac_p: int | None = _field("navigation accuracy category, position", ge=0, le=15)
    nac_v: int | None = _field("navigation accuracy category, velocity", ge=0, le=7)
    sil: int | None = _field("source integrity level", ge=0, le=3)
    sil_type: Literal["unknown", "perhour", "persample"] | None = _field("what SIL counts by")
    gva: int | None = _field("geometric vertical accuracy", ge=0, le=3)
    sda: int | None = _field("system design assurance", ge=0, le=3)
    wd: int | None = _field("wind direction, from", "°", ge=0, lt=360)
    ws: int | None = _field("wind speed", "kt", ge=0)
    oat: int | None = _field("outside (static) air temperature", "°C")
    tat: int | None = _field("total air temperature", "°C")
    alert: int | None = _field("flight status: the Mode A code has changed", ge=0, le=1)
    spi: int | None = _field("flight status: special position identification", ge=0, le=1)
    acas_ra: AcasAdvisory | None = _field("resolution advisory of the last 15 s")
    mlat: list[str] = Field(description="keys derived by multilateration (none here)")
    tisb: list[str] = Field(description="keys derived from TIS-B")
    messages: int = Field(ge=1, description="messages heard")
    seen: float = Field(ge=0, description="age of the last message, s", json_schema_extra={"unit": "s"})
    rssi: float | None = _field("mean signal of the last messages", "dBFS")
    squitter: SquitterObject


def aircraft_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of the aircraft object, under the keys that are published."""
    return AircraftObject.model_json_schema(by_alias=True)
