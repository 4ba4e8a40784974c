"""What leaves the tracker: an immutable picture of one aircraft at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Any, Generic, NamedTuple, Self, TypeVar, overload

from receiver.decode.message import AddressType
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.record import record
from receiver.tracking.comm_b import Verdict

T = TypeVar("T")


@record
class Value(Generic[T]):
    """Something known of an aircraft: what, since when (UTC s), from whom, out of which register ("0,9", "DF4")."""

    # no tuple: there are thirty in an aircraft, and each would take 24 bytes more

    value: T
    time_s: float
    source: AddressType
    register: str


class Freshness(Enum):
    """How much a value still means."""

    FRESH = "fresh"
    STALE = "stale"


class Position(NamedTuple):
    """Where. `nic` and `rc_m` as the aircraft's version of the standard defines them; `rc_m` (radius of containment)
    is None when it is not bounded. Distance and bearing are from the station, None when its place is not known.
    `calc_track_deg`: direction from the previous position, None until it has moved."""

    latitude_deg: float
    longitude_deg: float
    nic: int
    rc_m: float | None
    is_surface: bool
    distance_nmi: float | None
    bearing_deg: float | None
    calc_track_deg: float | None


class Quality(NamedTuple):
    """How good the aircraft says its data are. None: it does not say."""

    version: int = 0
    nac_p: int | None = None
    nac_v: int | None = None
    sil: int | None = None
    sil_type: str | None = None
    gva: int | None = None
    sda: int | None = None
    nic_baro: int | None = None


class Event(NamedTuple):
    """Something that has just happened: `appeared`, `identified`, `squawk`, `emergency`, `advisory`, `takeoff`,
    `landing`, `left`; `detail` in a word (the call sign, the code, the emergency, the advisory) or empty."""

    name: str
    detail: str


class Slot(IntEnum):
    """Where a value lives in `Sighting.values`."""

    CALLSIGN = 0
    CATEGORY = 1
    SQUAWK = 2
    EMERGENCY = 3
    POSITION = 4
    ALTITUDE_BARO = 5
    ALTITUDE_GEOM = 6
    ON_GROUND = 7
    GROUND_SPEED = 8
    TRACK = 9
    TRACK_RATE = 10
    ROLL = 11
    IAS = 12
    TAS = 13
    MACH = 14
    TRUE_HEADING = 15
    MAG_HEADING = 16
    RATE_BARO = 17
    RATE_GEOM = 18
    NAV_QNH = 19
    NAV_ALTITUDE_MCP = 20
    NAV_ALTITUDE_FMS = 21
    NAV_HEADING = 22
    NAV_MODES = 23
    QUALITY = 24
    ALERT = 25
    SPI = 26
    ACAS_RA = 27
    WIND = 28
    TEMPERATURE = 29


Values = tuple[Value[Any] | None, ...]

_BRIEF_S, _LONG_S, _WHILE_HEARD = 60.0, 180.0, 0.0
_LIFETIMES = {
    Slot.CALLSIGN: _WHILE_HEARD,
    Slot.CATEGORY: _WHILE_HEARD,
    Slot.QUALITY: _WHILE_HEARD,
    Slot.SQUAWK: _LONG_S,
    Slot.EMERGENCY: _LONG_S,  # as long as the squawk that it may follow from
    Slot.ON_GROUND: _LONG_S,
    Slot.NAV_QNH: _LONG_S,
    Slot.NAV_ALTITUDE_MCP: _LONG_S,
    Slot.NAV_ALTITUDE_FMS: _LONG_S,
    Slot.NAV_HEADING: _LONG_S,
    Slot.NAV_MODES: _LONG_S,
}
LIFETIME_S = tuple(_LIFETIMES.get(slot, _BRIEF_S) for slot in Slot)
"""How long a value lives, by slot; 0 is as long as the aircraft is heard."""


def alive(values: Sequence[Value[Any] | None], now: float) -> Values:
    """The values without those that are too old at `now`, or from a time that has not come."""
    return tuple(
        value if value is None or not lifetime or abs(now - value.time_s) <= lifetime else None
        for value, lifetime in zip(values, LIFETIME_S, strict=True)
    )


STALE_AFTER_S = 15.0
"""From this age on a value is stale."""


class _Whole(Generic[T]):
    """An attribute that is the value in a slot."""

    def __init__(self, slot: Slot) -> None:
        self.slot = int(slot)

    @overload
    def __get__(self, sighting: None, owner: type) -> Self: ...
    @overload
    def __get__(self, sighting: Sighting, owner: type) -> T | None: ...
    def __get__(self, sighting: Sighting | None, owner: type) -> Self | T | None:
        if sighting is None:
            return self
        value: Value[T] | None = sighting.values[self.slot]
        return None if value is None else value.value


class _Part(Generic[T]):
    """An attribute that is one field of the record in a slot."""

    def __init__(self, slot: Slot, field: str) -> None:
        self.slot = int(slot)
        self.field = field

    @overload
    def __get__(self, sighting: None, owner: type) -> Self: ...
    @overload
    def __get__(self, sighting: Sighting, owner: type) -> T | None: ...
    def __get__(self, sighting: Sighting | None, owner: type) -> Self | T | None:
        if sighting is None:
            return self
        value = sighting.values[self.slot]
        return None if value is None else getattr(value.value, self.field)


@record
class Sighting:
    """One aircraft as it is known at `now`. Every attribute below that is not a field is None when it is not known, or
    no longer: values expire by the signal's clock.

    Attributes
    ----------
    icao
        Six lower-case hex digits, `~` before them when it is no ICAO address. Safe in topics and file names.
    now
        UTC seconds: when the picture was taken.
    changed
        Names of the attributes that the last message changed.
    events
        What has just happened.
    address_type
        Who speaks for it; the values are aircraft.json's `type`.
    confirmed
        Whether a second message has borne out the first.
    messages
        Messages that counted.
    rssi_dbfs
        Mean signal of the last messages; None when the source does not say.
    first_seen_s, last_seen_s
        UTC seconds.
    last_position
        The last position, even when it is too old to be one; None if there never was one.
    comm_b
        What the last message was taken for when it was a Comm-B reply, and why; None when it was not.
    values
        The values with source, time and register, by `Slot`; `value_of` is the way in.
    said
        What the last message itself said, as far as nothing contradicts it: slot and value. A better source may have
        kept its own in `values`.
    """

    icao: str
    now: float
    changed: frozenset[str]
    events: tuple[Event, ...]
    address_type: AddressType
    confirmed: bool
    messages: int
    rssi_dbfs: float | None
    first_seen_s: float
    last_seen_s: float
    last_position: Value[Position] | None
    comm_b: Verdict | None
    values: Values
    said: tuple[tuple[Slot, Value[Any]], ...] = ()

    callsign = _Whole[str](Slot.CALLSIGN)
    category = _Whole[str](Slot.CATEGORY)
    squawk = _Whole[str](Slot.SQUAWK)
    emergency = _Whole[str](Slot.EMERGENCY)
    position = _Whole[Position](Slot.POSITION)
    latitude_deg = _Part[float](Slot.POSITION, "latitude_deg")
    longitude_deg = _Part[float](Slot.POSITION, "longitude_deg")
    nic = _Part[int](Slot.POSITION, "nic")
    rc_m = _Part[float](Slot.POSITION, "rc_m")
    distance_nmi = _Part[float](Slot.POSITION, "distance_nmi")
    bearing_deg = _Part[float](Slot.POSITION, "bearing_deg")
    calc_track_deg = _Part[float](Slot.POSITION, "calc_track_deg")
    altitude_baro_ft = _Whole[int](Slot.ALTITUDE_BARO)
    altitude_geom_ft = _Whole[int](Slot.ALTITUDE_GEOM)
    on_ground = _Whole[bool](Slot.ON_GROUND)
    ground_speed_kt = _Whole[float](Slot.GROUND_SPEED)
    track_deg = _Whole[float](Slot.TRACK)
    track_rate_deg_s = _Whole[float](Slot.TRACK_RATE)
    roll_deg = _Whole[float](Slot.ROLL)
    ias_kt = _Whole[int](Slot.IAS)
    tas_kt = _Whole[float](Slot.TAS)
    mach = _Whole[float](Slot.MACH)
    true_heading_deg = _Whole[float](Slot.TRUE_HEADING)
    mag_heading_deg = _Whole[float](Slot.MAG_HEADING)
    vertical_rate_baro_fpm = _Whole[int](Slot.RATE_BARO)
    vertical_rate_geom_fpm = _Whole[int](Slot.RATE_GEOM)
    nav_qnh_hpa = _Whole[float](Slot.NAV_QNH)
    nav_altitude_mcp_ft = _Whole[int](Slot.NAV_ALTITUDE_MCP)
    nav_altitude_fms_ft = _Whole[int](Slot.NAV_ALTITUDE_FMS)
    nav_heading_deg = _Whole[float](Slot.NAV_HEADING)
    nav_modes = _Whole[frozenset[str]](Slot.NAV_MODES)
    adsb_version = _Part[int](Slot.QUALITY, "version")
    nac_p = _Part[int](Slot.QUALITY, "nac_p")
    nac_v = _Part[int](Slot.QUALITY, "nac_v")
    sil = _Part[int](Slot.QUALITY, "sil")
    sil_type = _Part[str](Slot.QUALITY, "sil_type")
    gva = _Part[int](Slot.QUALITY, "gva")
    sda = _Part[int](Slot.QUALITY, "sda")
    nic_baro = _Part[int](Slot.QUALITY, "nic_baro")
    alert = _Whole[bool](Slot.ALERT)
    spi = _Whole[bool](Slot.SPI)
    acas_ra = _Whole[ResolutionAdvisory](Slot.ACAS_RA)
    wind_direction_deg = _Part[float](Slot.WIND, "direction_deg")
    wind_speed_kt = _Part[float](Slot.WIND, "speed_kt")
    oat_c = _Part[float](Slot.TEMPERATURE, "oat_c")
    tat_c = _Part[float](Slot.TEMPERATURE, "tat_c")

    def value_of(self, name: str) -> Value[Any] | None:
        """The value behind an attribute, with its time, source and register. A latitude's is the whole position.

        Raises
        ------
        KeyError
            `name` is not one of `FIELDS`.
        """
        return self.values[FIELDS[name]]

    def said_of(self, name: str) -> Any:
        """What the last message said of an attribute; None when it said nothing of it, or nothing credible."""
        attribute = vars(Sighting)[name]
        for slot, value in self.said:
            if slot == attribute.slot:
                return getattr(value.value, attribute.field) if isinstance(attribute, _Part) else value.value
        return None

    def time_of(self, name: str) -> float | None:
        """When an attribute was last heard, UTC seconds; None when it is not known."""
        value = self.value_of(name)
        return None if value is None else value.time_s

    def source_of(self, name: str) -> AddressType | None:
        """Who said it; None when it is not known."""
        value = self.value_of(name)
        return None if value is None else value.source

    def freshness_of(self, name: str, now: float) -> Freshness | None:
        """Whether an attribute is fresh or stale at `now`; None when it is not known."""
        value = self.value_of(name)
        if value is None:
            return None
        return Freshness.FRESH if now - value.time_s <= STALE_AFTER_S else Freshness.STALE


FIELDS: dict[str, int] = {
    name: attribute.slot for name, attribute in vars(Sighting).items() if isinstance(attribute, _Whole | _Part)
}
"""The attributes that come with a source and a time, and where they are."""

_MAIN_ATTRIBUTES = {
    Slot.POSITION: "latitude_deg",
    Slot.QUALITY: "adsb_version",
    Slot.WIND: "wind_speed_kt",
    Slot.TEMPERATURE: "oat_c",
}
ATTRIBUTE_OF = tuple(
    _MAIN_ATTRIBUTES.get(slot) or next(name for name, of in FIELDS.items() if of == slot) for slot in Slot
)
"""The attribute that stands for a slot in `Sighting.changed`."""
