"""What an extended squitter changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.registers.bds05 import AirbornePosition
from receiver.decode.registers.bds06 import SurfacePosition
from receiver.decode.registers.bds08 import Identification
from receiver.decode.registers.bds09 import Velocity
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.decode.registers.bds61 import EmergencyStatus
from receiver.decode.registers.bds62 import TargetState
from receiver.decode.registers.bds65 import OperationalStatus
from receiver.decode.registers.tisb_coarse import CoarsePosition
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.cpr import Half
from receiver.tracking.ground import claim_ground
from receiver.tracking.placing import take_position
from receiver.tracking.sighting import Slot
from receiver.tracking.values import (
    Context,
    take_advisory,
    take_altitude,
    take_callsign,
    take_emergency,
    take_heading,
    take_quality,
    take_squawk,
)

_CPR_17 = 1.0 / (1 << 17)
_CPR_12 = 1.0 / (1 << 12)


def take_squitter(context: Context, aircraft: Aircraft, message: ExtendedSquitter) -> None:
    """Take over what a DF17 or DF18 says."""
    now = message.time_s
    if aircraft.first_adsb_s is None and not message.address_type.is_tisb:
        aircraft.first_adsb_s = now
    register = message.register
    if message.on_ground is not None and not isinstance(register, AirbornePosition | SurfacePosition):
        claim_ground(aircraft, message.on_ground, now, message.address_type, "DF17")
    if register is not None:
        _REGISTERS[type(register)](context, aircraft, message, register)


def _airborne_position(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: AirbornePosition
) -> None:
    now, source = message.time_s, message.address_type
    plausible = True
    if not register.altitude_is_geometric:
        plausible = take_altitude(context, aircraft, message, register.altitude_ft, "0,5")
    elif register.altitude_ft is not None:
        aircraft.set(Slot.ALTITUDE_GEOM, "altitude_geom_ft", register.altitude_ft, now, source, "0,5")
    if not source.is_tisb:
        status = register.surveillance_status
        aircraft.set(Slot.ALERT, "alert", status in (1, 2), now, source, "0,5", yields=True)
        if status in (0, 3):  # an alert hides whether the ident button is pressed
            aircraft.set(Slot.SPI, "spi", status == 3, now, source, "0,5", yields=True)
    if register.type_code == 0:
        return
    claim_ground(aircraft, False, now, source, "0,5")
    # Some transponders without a position send type code 15, no altitude and zeros for the longitude (readsb knows
    # three).
    empty = register.type_code == 15 and register.altitude_ft is None and register.cpr_longitude == 0
    if plausible and not empty:
        half = Half(register.cpr_latitude * _CPR_17, register.cpr_longitude * _CPR_17, register.cpr_odd)
        take_position(context, aircraft, message, half, register.type_code, register.nic_supplement_b)


def _surface_position(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: SurfacePosition
) -> None:
    now, source = message.time_s, message.address_type
    claim_ground(aircraft, True, now, source, "0,6")
    if register.ground_speed_kt is not None:
        aircraft.set(Slot.GROUND_SPEED, "ground_speed_kt", register.ground_speed_kt, now, source, "0,6")
    if register.track_deg is not None:
        if aircraft.surface_sends_heading:
            take_heading(aircraft, message, register.track_deg, "0,6")
        else:
            aircraft.set(Slot.TRACK, "track_deg", register.track_deg, now, source, "0,6")
    half = Half(register.cpr_latitude * _CPR_17, register.cpr_longitude * _CPR_17, register.cpr_odd)
    take_position(context, aircraft, message, half, register.type_code, is_surface=True)


def _coarse_position(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: CoarsePosition) -> None:
    now, source = message.time_s, message.address_type
    plausible = take_altitude(context, aircraft, message, register.altitude_ft, "TIS-B")
    if register.ground_speed_kt is not None:
        aircraft.set(Slot.GROUND_SPEED, "ground_speed_kt", register.ground_speed_kt, now, source, "TIS-B")
    if register.track_deg is not None:
        aircraft.set(Slot.TRACK, "track_deg", register.track_deg, now, source, "TIS-B")
    if plausible:
        half = Half(register.cpr_latitude * _CPR_12, register.cpr_longitude * _CPR_12, register.cpr_odd)
        take_position(context, aircraft, message, half, None)


def _identification(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: Identification) -> None:
    take_callsign(context, aircraft, message, register.callsign, "0,8")
    if message.is_clean:
        aircraft.set(Slot.CATEGORY, "category", register.category, message.time_s, message.address_type, "0,8")


def _velocity(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: Velocity) -> None:
    now, source = message.time_s, message.address_type
    if register.ground_speed_kt is not None:
        aircraft.set(Slot.GROUND_SPEED, "ground_speed_kt", register.ground_speed_kt, now, source, "0,9")
    if register.track_deg is not None:
        aircraft.set(Slot.TRACK, "track_deg", register.track_deg, now, source, "0,9")
        aircraft.derive_track_rate(register.track_deg, now, source)
    if register.ias_kt is not None:
        aircraft.set(Slot.IAS, "ias_kt", register.ias_kt, now, source, "0,9")
    if register.tas_kt is not None:
        aircraft.set(Slot.TAS, "tas_kt", register.tas_kt, now, source, "0,9")
    if register.heading_deg is not None:
        take_heading(aircraft, message, register.heading_deg, "0,9")
    baro, geometric = register.vertical_rate_baro_fpm, register.vertical_rate_geom_fpm
    if baro is not None:
        aircraft.set(Slot.RATE_BARO, "vertical_rate_baro_fpm", baro, now, source, "0,9")
    if geometric is not None:
        aircraft.set(Slot.RATE_GEOM, "vertical_rate_geom_fpm", geometric, now, source, "0,9")
    if register.geom_minus_baro_ft is not None:
        altitude = aircraft.get(Slot.ALTITUDE_BARO, now, 10.0)
        if altitude is not None:
            height = altitude + register.geom_minus_baro_ft
            aircraft.set(Slot.ALTITUDE_GEOM, "altitude_geom_ft", height, now, source, "0,9")
    if aircraft.version and not source.is_tisb:  # in version 0 the field is NUCr, which counts otherwise
        take_quality(aircraft, message, aircraft.quality._replace(nac_v=register.nac_v), "0,9")


def _emergency_status(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: EmergencyStatus
) -> None:
    take_emergency(aircraft, message, register.emergency, "6,1")
    if register.squawk is not None:
        take_squawk(context, aircraft, message, register.squawk, "6,1")


def _advisory(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: ResolutionAdvisory) -> None:
    take_advisory(aircraft, message, register, "6,1")


def _target_state(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: TargetState) -> None:
    now, source = message.time_s, message.address_type
    for slot, name, value in (
        (Slot.NAV_ALTITUDE_MCP, "nav_altitude_mcp_ft", register.altitude_mcp_ft),
        (Slot.NAV_ALTITUDE_FMS, "nav_altitude_fms_ft", register.altitude_fms_ft),
        (Slot.NAV_QNH, "nav_qnh_hpa", register.qnh_hpa),
        (Slot.NAV_HEADING, "nav_heading_deg", register.heading_deg),
        (Slot.NAV_MODES, "nav_modes", register.modes),
    ):
        if value is not None:
            aircraft.set(slot, name, value, now, source, "6,2")
    if register.emergency is not None:
        take_emergency(aircraft, message, register.emergency, "6,2")
    old = aircraft.quality
    sil_type = old.sil_type if register.sil_type == "unknown" and old.sil_type else register.sil_type
    quality = old._replace(nac_p=register.nac_p, nic_baro=register.nic_baro, sil=register.sil, sil_type=sil_type)
    take_quality(aircraft, message, quality, "6,2")


def _operational_status(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: OperationalStatus
) -> None:
    if not message.is_clean:
        return  # it decides how all else is read
    aircraft.version = register.version
    if register.nic_supplement_a is not None:
        aircraft.nic_supplement_a = register.nic_supplement_a
    if register.nic_supplement_c is not None:
        aircraft.nic_supplement_c = register.nic_supplement_c
    if register.headings_are_magnetic is not None:
        aircraft.headings_are_magnetic = register.headings_are_magnetic
    if register.surface_sends_heading is not None:
        aircraft.surface_sends_heading = register.surface_sends_heading
    said = {
        name: value
        for name in ("nac_p", "nac_v", "sil", "sil_type", "gva", "sda", "nic_baro")
        if (value := getattr(register, name)) is not None
    }
    take_quality(aircraft, message, aircraft.quality._replace(version=register.version, **said), "6,5")


_REGISTERS: dict[type, Callable[[Context, Aircraft, ExtendedSquitter, Any], None]] = {
    AirbornePosition: _airborne_position,
    SurfacePosition: _surface_position,
    CoarsePosition: _coarse_position,
    Identification: _identification,
    Velocity: _velocity,
    EmergencyStatus: _emergency_status,
    ResolutionAdvisory: _advisory,
    TargetState: _target_state,
    OperationalStatus: _operational_status,
}
