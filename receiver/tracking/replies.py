"""What a reply to an interrogator, or to another aircraft's ACAS, changes."""

from __future__ import annotations

from receiver.decode.formats.df00 import AirAir
from receiver.decode.formats.df04 import AltitudeReply
from receiver.decode.formats.df05 import IdentityReply
from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df16 import AirAirLong
from receiver.decode.formats.df20 import CommBReply
from receiver.decode.registers.bds17 import decode_bds17, fits_bds17
from receiver.decode.registers.bds20 import AircraftIdentification
from receiver.decode.registers.bds30 import ResolutionAdvisory, fits_bds30
from receiver.decode.registers.bds40 import SelectedVerticalIntention
from receiver.decode.registers.bds44 import MeteorologicalReport
from receiver.decode.registers.bds45 import HazardReport
from receiver.decode.registers.bds50 import TrackAndTurn, decode_bds50, fits_bds50
from receiver.decode.registers.bds53 import AirReferencedState
from receiver.decode.registers.bds60 import HeadingAndSpeed, decode_bds60, fits_bds60
from receiver.tracking.air_data import Temperature, Wind, declination_deg, temperature, wind
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.comm_b import NEEDED, CommBRegister, Known, identify, is_likely_bds17
from receiver.tracking.fields import take_fields
from receiver.tracking.ground import claim_ground
from receiver.tracking.sighting import Slot
from receiver.tracking.values import (
    Context,
    take_advisory,
    take_altitude,
    take_callsign,
    take_flight_status,
    take_squawk,
)

# How old a value may be to be compared with a Comm-B reply, and to go into one wind or temperature with another.
_COMPARE_S = 30.0
_TOGETHER_S = 8.0
_AIR_AIR = {0: "DF0", 16: "DF16"}
_COMM_B = {20: "DF20", 21: "DF21"}


def take_air_air(context: Context, aircraft: Aircraft, message: AirAir | AirAirLong) -> None:
    """Take over what a DF0 or DF16 says."""
    take_altitude(context, aircraft, message, message.altitude_ft, _AIR_AIR[message.df])
    if isinstance(message, AirAirLong) and message.advisory is not None:
        take_advisory(aircraft, message, message.advisory, "DF16")


def take_all_call(context: Context, aircraft: Aircraft, message: AllCallReply) -> None:
    """Take over what a DF11 says."""
    if message.on_ground is not None:
        claim_ground(aircraft, message.on_ground, message, "DF11")


def take_altitude_reply(context: Context, aircraft: Aircraft, message: AltitudeReply) -> None:
    """Take over what a DF4 says."""
    if message.status is not None:
        take_flight_status(context, aircraft, message, message.status, "DF4")
    take_altitude(context, aircraft, message, message.altitude_ft, "DF4")


def take_identity_reply(context: Context, aircraft: Aircraft, message: IdentityReply) -> None:
    """Take over what a DF5 says."""
    if message.status is not None:
        take_flight_status(context, aircraft, message, message.status, "DF5")
    take_squawk(context, aircraft, message, message.squawk, "DF5")


def take_comm_b(context: Context, aircraft: Aircraft, message: CommBReply) -> None:
    """Take over what a DF20 or DF21 says: its head, and its register when it is clear which one it is."""
    register = _COMM_B[message.df]
    if message.status is not None:
        take_flight_status(context, aircraft, message, message.status, register)
    if message.squawk is not None:
        take_squawk(context, aircraft, message, message.squawk, register)
    take_altitude(context, aircraft, message, message.altitude_ft, register)
    now = message.time_s
    verdict = identify(message.mb, _known(aircraft, message))
    aircraft.comm_b = verdict
    context.statistics.comm_b[verdict.bds or verdict.reasons[0]] += 1
    _remember(aircraft, message.mb, now)
    if verdict.register is not None:
        _take_register(context, aircraft, message, verdict.register, sure=verdict.points >= NEEDED)


def _known(aircraft: Aircraft, message: CommBReply) -> Known:
    now = message.time_s
    get = aircraft.get
    rate = get(Slot.RATE_BARO, now, _TOGETHER_S)
    callsign = aircraft.values[Slot.CALLSIGN]
    blowing: Wind | None = get(Slot.WIND, now, 60.0)
    return Known(
        altitude_ft=message.altitude_ft
        if message.altitude_ft is not None
        else get(Slot.ALTITUDE_BARO, now, _COMPARE_S),
        ground_speed_kt=get(Slot.GROUND_SPEED, now, _COMPARE_S),
        track_deg=get(Slot.TRACK, now, _TOGETHER_S),
        vertical_rate_fpm=rate if rate is not None else get(Slot.RATE_GEOM, now, _TOGETHER_S),
        callsign=None if callsign is None else callsign.value,
        on_ground=get(Slot.ON_GROUND, now, _COMPARE_S),
        wind_direction_deg=None if blowing is None else blowing.direction_deg,
        wind_speed_kt=None if blowing is None else blowing.speed_kt,
        qnh_hpa=get(Slot.NAV_QNH, now, 180.0),
        altitude_mcp_ft=get(Slot.NAV_ALTITUDE_MCP, now, 180.0),
        served=aircraft.served,
        mach=get(Slot.MACH, now, _COMPARE_S),
        mag_heading_deg=get(Slot.MAG_HEADING, now, _TOGETHER_S),
        tas_kt=get(Slot.TAS, now, _COMPARE_S),
        last_50=decode_bds50(aircraft.last_50)
        if aircraft.last_50 and abs(now - aircraft.last_50_s) <= _COMPARE_S
        else None,
        last_60=decode_bds60(aircraft.last_60)
        if aircraft.last_60 and abs(now - aircraft.last_60_s) <= _COMPARE_S
        else None,
        last_30_raw=aircraft.last_30_raw,
    )


def _remember(aircraft: Aircraft, mb: int, now: float) -> None:
    """What the next reply can be compared with: anything that has the form, whatever this one was taken for."""
    if mb == 0:
        return
    if fits_bds17(mb) and is_likely_bds17(mb):
        registers = decode_bds17(mb).registers
        if registers == aircraft.last_17:
            aircraft.served = registers
        aircraft.last_17 = registers
    if fits_bds50(mb):
        aircraft.last_50, aircraft.last_50_s = mb, now
    if fits_bds60(mb):
        aircraft.last_60, aircraft.last_60_s = mb, now
    if mb >> 48 == 0x30 and fits_bds30(mb):
        aircraft.last_30_raw = f"{mb:014X}"


def _take_register(
    context: Context, aircraft: Aircraft, message: CommBReply, register: CommBRegister, sure: bool
) -> None:
    match register:
        case AircraftIdentification():
            take_callsign(context, aircraft, message, register.callsign, "2,0", doubtful=not sure)
        case ResolutionAdvisory():
            if sure:
                take_advisory(aircraft, message, register, "3,0")
        case SelectedVerticalIntention() | AirReferencedState():
            take_fields(aircraft, message, register)
        case TrackAndTurn():
            _track_and_turn(aircraft, message, register)
        case HeadingAndSpeed():
            _heading_and_speed(aircraft, message, register)
        case MeteorologicalReport():
            if register.wind_speed_kt is not None and register.wind_direction_deg is not None:
                aircraft.set(Slot.WIND, Wind(register.wind_direction_deg, register.wind_speed_kt), message, "4,4")
            _measured_temperature(aircraft, message, register.static_air_temperature_c, "4,4")
        case HazardReport():
            _measured_temperature(aircraft, message, register.static_air_temperature_c, "4,5")


def _measured_temperature(aircraft: Aircraft, message: CommBReply, oat_c: float | None, register: str) -> None:
    if oat_c is not None:
        aircraft.set(Slot.TEMPERATURE, Temperature(oat_c, None), message, register)


def _track_and_turn(aircraft: Aircraft, message: CommBReply, register: TrackAndTurn) -> None:
    take_fields(aircraft, message, register)
    if register.tas_kt is not None:
        _derive_temperature(aircraft, message)
        _derive_wind(aircraft, message)


def _heading_and_speed(aircraft: Aircraft, message: CommBReply, register: HeadingAndSpeed) -> None:
    take_fields(aircraft, message, register)
    if register.mag_heading_deg is not None:
        _derive_true_heading(aircraft, message, register.mag_heading_deg)
        _derive_wind(aircraft, message)
    if register.mach is not None:
        _derive_temperature(aircraft, message)


def _derive_true_heading(aircraft: Aircraft, message: CommBReply, mag_heading_deg: float) -> None:
    """True heading from the magnetic one, where the aircraft is; a said one goes before."""
    place = aircraft.last_position
    said = aircraft.values[Slot.TRUE_HEADING]
    if place is None or (
        said is not None and said.register != "derived" and message.time_s - said.time_s < _TOGETHER_S
    ):
        return
    declination = declination_deg(place.value.latitude_deg, place.value.longitude_deg, message.time_s)
    aircraft.set(Slot.TRUE_HEADING, (mag_heading_deg + declination) % 360.0, message, "derived")


def _derive_wind(aircraft: Aircraft, message: CommBReply) -> None:
    now, get = message.time_s, aircraft.get
    tas, heading = get(Slot.TAS, now, _TOGETHER_S), get(Slot.TRUE_HEADING, now, _TOGETHER_S)
    speed, track = get(Slot.GROUND_SPEED, now, _TOGETHER_S), get(Slot.TRACK, now, _TOGETHER_S)
    roll = get(Slot.ROLL, now, _TOGETHER_S)
    if tas is None or heading is None or speed is None or track is None or tas < 80:
        return
    if roll is not None and abs(roll) > 3.0:
        return  # in a turn, values some seconds apart do not belong together
    blowing = wind(tas, heading, speed, track)
    if blowing is not None:
        aircraft.set(Slot.WIND, blowing, message, "derived")


def _derive_temperature(aircraft: Aircraft, message: CommBReply) -> None:
    now, get = message.time_s, aircraft.get
    tas, mach = get(Slot.TAS, now, _TOGETHER_S), get(Slot.MACH, now, _TOGETHER_S)
    if tas is not None and mach is not None:
        air = temperature(tas, mach)
        if air is not None:
            aircraft.set(Slot.TEMPERATURE, air, message, "derived")
