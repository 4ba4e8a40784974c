"""A described traffic scene: who flies where, what they send, and who listens. Read from a TOML file of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from config.base import Section, setting
from config.errors import ConfigError
from config.load import read_file
from config.scenario_air import RealAir
from config.scenario_stations import MOST_STATIONS, Arrivals, Hostile, Pressure, SceneStation

Latitude = Annotated[float, Field(ge=-89, le=89)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Place = tuple[Latitude, Longitude]
Address = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{6}$", to_lower=True)]
Callsign = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
Squawk = Annotated[str, StringConstraints(pattern=r"^[0-7]{4}$")]
Category = Annotated[str, StringConstraints(pattern=r"^[A-D][0-7]$")]
Emergency = Literal["none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed"]

_CROWD_S = 5_000_000  # each takes 64 bytes
_PLACE = "[latitude, longitude] in degrees"
_ALTITUDE = {"ge": -1000, "le": 50_000}
_SPEED = {"ge": 0, "le": 1200}


class ScenarioStation(Section):
    """`[station]`: where the scene is heard; `[[relay]]`: who else sends what they hear."""

    name: str = setting("scene", "Name", "Of the station.", "text", max_length=40)
    latitude: float = setting(..., "Latitude", "Degrees north.", "-89–89 degrees", ge=-89, le=89)
    longitude: float = setting(..., "Longitude", "Degrees east.", "-180–180 degrees", ge=-180, le=180)
    altitude_m: float = setting(0.0, "Altitude", "Of the land around, above the sea.", "-430–6000 m", ge=-430, le=6000)
    antenna_m: float = setting(10.0, "Antenna", "Its height above the land around.", "1–2000 m", ge=1, le=2000)


class Radio(Section):
    """`[radio]`: how well it is heard."""

    noise_dbfs: float = setting(-36.0, "Noise", "Noise power in 2.4 MHz.", "-60–-10 dBFS", ge=-60, le=-10)
    level_at_100_km_dbfs: float = setting(
        -22.0, "Level", "Pulse power of an ordinary transponder at 100 km.", "-60–0 dBFS", ge=-60, le=0
    )
    fading_db: float = setting(2.0, "Fading", "How far levels swing as aircraft turn and bank.", "0–10 dB", ge=0, le=10)
    dc: tuple[float, float] = setting((0.0, 0.0), "DC offset", "Of I and Q; 1 is full scale.", "[I, Q]")
    iq_gain_db: float = setting(0.0, "I/Q gain", "How much stronger Q is than I.", "-6–6 dB", ge=-6, le=6)
    iq_phase_deg: float = setting(
        0.0, "I/Q phase", "How far the two are from a right angle.", "-30–30 degrees", ge=-30, le=30
    )
    jitter_ns: float = setting(12.0, "Jitter", "Standard deviation of each pulse's moment.", "0–100 ns", ge=0, le=100)
    needed_snr_db: float = setting(
        7.0, "Needed", "For scenes as frames: half of the frames at this level above the noise are heard.", "0–20 dB",
        ge=0, le=20,
    )  # fmt: skip
    radar_replies_per_s: float = setting(
        1.5, "Radar replies", "DF4, 5, 20 and 21 of each aircraft, a second.", "0–20", ge=0, le=20
    )
    acas_replies_per_s: float = setting(
        0.7, "ACAS replies", "DF0 and 16 of each aircraft, a second.", "0–20", ge=0, le=20
    )


class Leg(Section):
    """One part of a route: to a place, around one, back and forth between two, or a wait on the ground."""

    to: Place | None = setting(None, "To", "Fly, or taxi, there.", _PLACE)
    orbit: Place | None = setting(None, "Orbit", "Circle this place.", _PLACE)
    racetrack: tuple[Place, Place] | None = setting(
        None, "Racetrack", "Fly around these two places.", "two places, [[latitude, longitude], [latitude, longitude]]"
    )
    wait_s: float | None = setting(None, "Wait", "Stand still so long.", "0–86400 seconds", ge=0, le=86_400)
    for_s: float | None = setting(None, "For", "How long to orbit.", "1–86400 seconds", ge=1, le=86_400)
    radius_km: float = setting(6.0, "Radius", "Of an orbit, or of a racetrack's ends.", "0.1–100 km", ge=0.1, le=100)
    turn: Literal["left", "right"] = setting("left", "Turn", "Which way round.", '"left" or "right"')
    drift_km_h: tuple[float, float] = setting(
        (0.0, 0.0), "Drift", "How the orbit's centre moves.", "[east, north] in km an hour"
    )
    altitude_ft: float | None = setting(
        None, "Altitude", "Climb or descend to it; unchanged when unset.", "-1000–50000 ft", **_ALTITUDE
    )
    speed_kt: float | None = setting(None, "Speed", "Over ground; unchanged when unset.", "0–1200 kt", **_SPEED)
    land: bool = setting(False, "Land", "Touch down at the end of this leg.", "true or false")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        said = [name for name in ("to", "orbit", "racetrack", "wait_s") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(f"got {' and '.join(said) or 'none'}, expected one of to, orbit, racetrack and wait_s")
        if said[0] in ("orbit", "racetrack") and self.for_s is None:
            raise ValueError(f"{said[0]} needs for_s, how long")
        return self


class Route(Section):
    """`[routes.NAME]`: a way that several aircraft take."""

    start: Place = setting(..., "Start", "Where it begins.", _PLACE)
    altitude_ft: float = setting(..., "Altitude", "At the start.", "-1000–50000 ft", **_ALTITUDE)
    speed_kt: float = setting(..., "Speed", "Over ground, at the start.", "0–1200 kt", **_SPEED)
    on_ground: bool = setting(False, "On ground", "The start is on the ground.", "true or false")
    legs: list[Leg] = Field(min_length=1, max_length=500, title="Legs", description="One after the other.")


class Event(Section):
    """Something that an aircraft begins to send differently."""

    at_s: float = setting(..., "At", "Seconds after the scene's start.", "0–864000 seconds", ge=0, le=864_000)
    squawk: Squawk | None = setting(None, "Squawk", "From then on.", "four digits 0–7")
    emergency: Emergency | None = setting(None, "Emergency", "From then on.", "none, general, unlawful, nordo, …")
    callsign: Callsign | None = setting(None, "Call sign", "From then on.", "up to eight of A–Z and 0–9")
    ident: bool = setting(False, "Ident", "Press the ident button: 18 s.", "true or false")
    position: Literal["good", "poor", "lost"] | None = setting(
        None, "Position", "How well it knows where it is, from then on.", '"good", "poor" or "lost"'
    )
    silent: bool | None = setting(None, "Silent", "Switch the transponder off, or on again.", "true or false")


class Flight(Section):
    """`[[aircraft]]`"""

    icao: Address = setting(..., "Address", "ICAO address.", "six hex digits")
    callsign: Callsign | None = setting(None, "Call sign", "Unset: none is sent.", "up to eight of A–Z and 0–9")
    category: Category = setting("A3", "Category", "As the identification says it.", "A0–D7")
    squawk: Squawk = setting("2000", "Squawk", "At the start.", "four digits 0–7")
    type: str | None = setting(
        None, "Type", "For the reader: aircraft do not send it, a database tells it.", "text", max_length=20
    )
    enters_s: float = setting(
        0.0, "Enters", "When it begins, seconds after the scene's start.", "0–864000 seconds", ge=0, le=864_000
    )
    route: str | None = setting(None, "Route", "Name of a route; or start and legs here.", "a name of [routes]")
    start: Place | None = setting(None, "Start", "Where it begins.", _PLACE)
    altitude_ft: float | None = setting(None, "Altitude", "At the start.", "-1000–50000 ft", **_ALTITUDE)
    speed_kt: float | None = setting(None, "Speed", "Over ground, at the start.", "0–1200 kt", **_SPEED)
    on_ground: bool = setting(False, "On ground", "The start is on the ground.", "true or false")
    legs: list[Leg] = Field(default_factory=list, max_length=500, title="Legs", description="One after the other.")
    events: list[Event] = Field(default_factory=list, max_length=100, title="Events", description="In any order.")
    transponder: Literal["adsb", "mode_s", "df18"] = setting(
        "adsb",
        "Transponder",
        "adsb: extended squitters and replies; mode_s: replies only; df18: squitters of something else.",
        '"adsb", "mode_s" or "df18"',
    )
    version: Literal[0, 2] = setting(2, "Version", "Of ADS-B.", "0 or 2")
    climb_fpm: float = setting(1800.0, "Climb", "How fast it climbs and descends.", "50–8000 ft/min", ge=50, le=8000)
    bank_deg: float = setting(25.0, "Bank", "Steepest bank in turns.", "3–60 degrees", ge=3, le=60)
    power_db: float = setting(
        0.0, "Power", "Stronger or weaker than an ordinary transponder.", "-20–20 dB", ge=-20, le=20
    )
    told_offset_km: tuple[float, float] = setting(
        (0.0, 0.0), "Told offset", "The positions that it sends lie so far from where it is.", "[east, north] in km"
    )
    carrier_khz: float | None = setting(
        None, "Carrier", "Its offset. Unset: by chance.", "-1000–1000 kHz", ge=-1000, le=1000
    )
    phase: Literal["steady", "walk", "independent"] | None = setting(
        None,
        "Phase",
        "From pulse to pulse, in scenes with [air]. Unset: as [air] shares it out.",
        '"steady", "walk" or "independent"',
    )

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if self.route is None and (self.start is None or self.altitude_ft is None or self.speed_kt is None):
            raise ValueError("expected a route, or start, altitude_ft and speed_kt")
        if self.route is None and not self.legs:
            raise ValueError("expected a route, or legs")
        if self.route is not None and (self.legs or self.start is not None):
            raise ValueError("got a route and a start or legs of its own, expected one of them")
        return self


class Crowd(Section):
    """`[[crowd]]`: ordinary aircraft at random places, to fill the sky."""

    count: int = setting(..., "Count", "How many.", "1–2000", ge=1, le=2000)
    first_icao: Address = setting("0d0100", "First address", "The others follow it.", "six hex digits")
    callsign: str = setting(
        "SQT", "Call signs", "Their first letters; numbers follow.", "up to four of A–Z", pattern=r"^[A-Z]{1,4}$"
    )
    centre: Place | None = setting(None, "Centre", "The station when unset.", _PLACE)
    radius_km: float = setting(200.0, "Radius", "How far around.", "5–400 km", ge=5, le=400)
    altitude_ft: tuple[float, float] = setting((4000.0, 39_000.0), "Altitude", "From, to.", "[low, high] in ft")
    speed_kt: tuple[float, float] = setting((180.0, 480.0), "Speed", "From, to.", "[low, high] in kt")
    mode_s_share: float = setting(0.15, "Mode S only", "Share that sends no ADS-B.", "0–1", ge=0, le=1)


class Scenario(Section):
    """A scenario file."""

    title: str = setting(..., "Title", "What the scene shows.", "text", max_length=200)
    start: datetime = setting(..., "Start", "UTC of the scene's first moment.", "a time such as 2025-08-09T12:00:00Z")
    duration_s: float = setting(..., "Duration", "How long it lasts.", "1–864000 seconds", ge=1, le=864_000)
    seed: int = setting(1, "Seed", "Another seed is another day with the same flights.", "0 or more", ge=0, le=2**62)
    station: ScenarioStation = Field(
        title="Station", description="Where the scene is heard; unset: the first of stations."
    )
    stations: list[SceneStation] = Field(
        default_factory=list,
        max_length=MOST_STATIONS,
        title="Stations",
        description="Several that receive the same sky, each with a clock of its own.",
    )
    pressure: Pressure = Field(default_factory=Pressure, title="Pressure", description="For scenes with stations.")
    arrivals: Arrivals = Field(default_factory=Arrivals, title="Arrivals", description="For scenes with stations.")
    relay: list[ScenarioStation] = Field(
        default_factory=list,
        max_length=100,
        title="Relays",
        description="Other receivers that send frames; they add to the scene's frames, never to its samples.",
    )
    radio: Radio = Field(default_factory=Radio, title="Radio", description="How well it is heard.")
    air: RealAir = Field(default_factory=RealAir, title="Air", description="What real air has; off when unset.")
    routes: dict[str, Route] = Field(default_factory=dict, title="Routes", description="Ways that several take.")
    aircraft: list[Flight] = Field(default_factory=list, max_length=2000, title="Aircraft", description="Who flies.")
    crowd: list[Crowd] = Field(default_factory=list, max_length=20, title="Crowds", description="Who flies besides.")

    @model_validator(mode="before")
    @classmethod
    def _first_station(cls, values: Any) -> Any:
        stations = values.get("stations") if isinstance(values, dict) else None
        if "station" not in values and isinstance(stations, list) and stations and isinstance(stations[0], dict):
            same = ("name", "latitude", "longitude", "altitude_m", "antenna_m")
            values = values | {"station": {key: stations[0][key] for key in same if key in stations[0]}}
        return values

    @model_validator(mode="after")
    def _all_known(self) -> Self:
        names = [station.name for station in self.stations]
        if len(set(names)) < len(names):
            raise ValueError(f"stations: got the names {', '.join(names)}, expected each of them once")
        addresses = [flight.icao for flight in self.aircraft]
        twice = sorted({icao for icao in addresses if addresses.count(icao) > 1})
        if twice:
            raise ValueError(f"several aircraft have the address {', '.join(twice)}")
        for flight in self.aircraft:
            if flight.route is not None and flight.route not in self.routes:
                known = ", ".join(self.routes) or "none"
                raise ValueError(f"aircraft {flight.icao}: no route is called {flight.route!r}; known: {known}")
        phased = [flight.icao for flight in self.aircraft if flight.phase is not None]
        if phased and not self.air.is_on:
            raise ValueError(f"aircraft {phased[0]}: a phase needs a table [air] with a key")
        crowded_s = sum(crowd.count for crowd in self.crowd) * self.duration_s
        if crowded_s > _CROWD_S:
            raise ValueError(
                f"crowds of {crowded_s:.0f} aircraft-seconds (count × duration_s), expected {_CROWD_S} at most"
            )
        return self

    @property
    def start_utc_s(self) -> float:
        """UTC of the scene's first moment, seconds since 1970."""
        return (self.start if self.start.tzinfo else self.start.replace(tzinfo=UTC)).timestamp()


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises
    ------
    ConfigError
        With one line a mistake: file, key, line, what was got, what was expected.
    """
    values, lines = read_file(path)
    try:
        return Scenario.model_validate(values)
    except ValidationError as error:
        raise ConfigError("\n".join(dict.fromkeys(_explain(path, e, lines) for e in error.errors()))) from None


def _explain(path: Path, detail: Any, lines: dict[str, str]) -> str:
    parts = [str(part) for part in detail["loc"]]
    line = next((lines[k] for k in (".".join(parts[:n]) for n in range(len(parts), 0, -1)) if k in lines), None)
    place = f"{path}: {'.'.join(parts) or 'scenario'}{f' ({line})' if line else ''}"
    if detail["type"] == "extra_forbidden":
        return f"{place}: no such key"
    if detail["type"] == "missing":
        return f"{place}: missing"
    if detail["type"] == "value_error":
        return f"{place}: {detail['ctx']['error']}"
    expected = _expected(parts) or detail["msg"][0].lower() + detail["msg"][1:]
    return f"{place}: got {detail['input']!r}, expected {expected}"


def _expected(parts: list[str]) -> str | None:
    """What the model says may be written at a key."""
    model: Any = {
        "station": ScenarioStation,
        "relay": ScenarioStation,
        "stations": SceneStation,
        "pressure": Pressure,
        "arrivals": Arrivals,
        "radio": Radio,
        "air": RealAir,
        "routes": Route,
        "aircraft": Flight,
        "crowd": Crowd,
    }.get(parts[0], Scenario)
    if "legs" in parts:
        model = Leg
    elif "events" in parts:
        model = Event
    elif "hostile" in parts:
        model = Hostile
    name = next((part for part in reversed(parts) if part in model.model_fields), "")
    field = model.model_fields.get(name)
    extra = field.json_schema_extra if field is not None else None
    return str(extra["expected"]) if isinstance(extra, dict) and "expected" in extra else None
