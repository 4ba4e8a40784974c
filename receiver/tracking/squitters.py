"""What an extended squitter changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.message import AddressType
from receiver.decode.registers.bds05 import AirbornePosition
from receiver.decode.registers.bds06 import SurfacePosition
from receiver.decode.registers.bds08 import Identification
from receiver.decode.registers.bds09 import Velocity
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.decode.registers.bds61 import EmergencyStatus, emergency_of
from receiver.decode.registers.bds62 import TargetState
from receiver.decode.registers.bds65 import OperationalStatus
from receiver.decode.registers.test_message import ModeACode
from receiver.decode.registers.tisb_coarse import CoarsePosition
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.cpr import Half
from receiver.tracking.fields import take_fields
from receiver.tracking.ground import claim_ground
from receiver.tracking.placing import take_position
from receiver.tracking.precedence import is_broadcast
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
_OWN_BIT_8 = frozenset({AddressType.ADSB_ICAO, AddressType.ADSB_ICAO_NT, AddressType.ADSB_OTHER})


def take_squitter(context: Context, aircraft: Aircraft, message: ExtendedSquitter) -> None:
    """Take over what a DF17 or DF18 says."""
    if aircraft.first_adsb_s is None and is_broadcast(message.address_type):
        aircraft.first_adsb_s = message.time_s
    register = message.register
    if message.on_ground is not None and not isinstance(register, AirbornePosition | SurfacePosition):
        claim_ground(aircraft, message.on_ground, message, "DF17")
    if register is not None:
        _REGISTERS[type(register)](context, aircraft, message, register)


def _airborne_position(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: AirbornePosition
) -> None:
    if not register.altitude_is_geometric:
        take_altitude(context, aircraft, message, register.altitude_ft, "0,5")
    elif register.altitude_ft is not None:
        aircraft.set(Slot.ALTITUDE_GEOM, register.altitude_ft, message, "0,5")
    if is_broadcast(message.address_type):
        status = register.surveillance_status
        aircraft.set(Slot.ALERT, status in (1, 2), message, "0,5")
        if status in (0, 3):  # an alert hides whether the ident button is pressed
            aircraft.set(Slot.SPI, status == 3, message, "0,5")
    if register.type_code == 0:
        return
    claim_ground(aircraft, False, message, "0,5")
    # Some transponders without a position send type code 15, no altitude and zeros for the longitude (readsb knows
    # three).
    empty = register.type_code == 15 and register.altitude_ft is None and register.cpr_longitude == 0
    if not empty:
        half = Half(register.cpr_latitude * _CPR_17, register.cpr_longitude * _CPR_17, register.cpr_odd)
        # where the ground station sends the aircraft's message again, or makes one, the bit is the IMF flag
        supplement_b = register.nic_supplement_b if message.address_type in _OWN_BIT_8 else None
        take_position(context, aircraft, message, half, register.type_code, supplement_b)


def _surface_position(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: SurfacePosition
) -> None:
    claim_ground(aircraft, True, message, "0,6")
    if register.ground_speed_kt is not None:
        aircraft.set(Slot.GROUND_SPEED, register.ground_speed_kt, message, "0,6")
    if register.track_deg is not None:
        if aircraft.surface_sends_heading:
            take_heading(aircraft, message, register.track_deg, "0,6")
        else:
            aircraft.set(Slot.TRACK, register.track_deg, message, "0,6")
    half = Half(register.cpr_latitude * _CPR_17, register.cpr_longitude * _CPR_17, register.cpr_odd)
    take_position(context, aircraft, message, half, register.type_code, is_surface=True)


def _coarse_position(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: CoarsePosition) -> None:
    take_altitude(context, aircraft, message, register.altitude_ft, "TIS-B")
    take_fields(aircraft, message, register)
    half = Half(register.cpr_latitude * _CPR_12, register.cpr_longitude * _CPR_12, register.cpr_odd)
    take_position(context, aircraft, message, half, None)


def _identification(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: Identification) -> None:
    take_callsign(context, aircraft, message, register.callsign, "0,8")
    if message.is_clean:
        aircraft.set(Slot.CATEGORY, register.category, message, "0,8")


def _velocity(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: Velocity) -> None:
    take_fields(aircraft, message, register)
    if register.track_deg is not None:
        aircraft.derive_track_rate(register.track_deg, message)
    if register.heading_deg is not None:
        take_heading(aircraft, message, register.heading_deg, "0,9")
    is_version_3 = aircraft.version is not None and aircraft.version >= 3
    difference_ft = register.fine_geom_minus_baro_ft if is_version_3 else register.geom_minus_baro_ft
    if difference_ft is not None:
        altitude = aircraft.get(Slot.ALTITUDE_BARO, message.time_s, 10.0)
        if altitude is not None:
            aircraft.set(Slot.ALTITUDE_GEOM, altitude + difference_ft, message, "0,9")
    if is_version_3 and register.nic_supplement_d is not None and message.is_clean:
        aircraft.nic_supplement_d = register.nic_supplement_d
    # in version 0 the field is NUCr, which counts otherwise
    if aircraft.version and register.nac_v is not None and is_broadcast(message.address_type):
        take_quality(aircraft, message, aircraft.quality._replace(nac_v=register.nac_v), "0,9")


def _emergency_status(
    context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: EmergencyStatus
) -> None:
    take_emergency(aircraft, message, emergency_of(register.state, aircraft.version), "6,1")
    if register.squawk is not None:
        take_squawk(context, aircraft, message, register.squawk, "6,1")


def _advisory(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: ResolutionAdvisory) -> None:
    if aircraft.version is None or aircraft.version >= 2:  # older ones have no such message
        take_advisory(aircraft, message, register, "6,1")


def _mode_a_code(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: ModeACode) -> None:
    if aircraft.version is None or aircraft.version <= 1:  # later ones send it with the emergency state
        take_squawk(context, aircraft, message, register.squawk, "TC23")


def _target_state(context: Context, aircraft: Aircraft, message: ExtendedSquitter, register: TargetState) -> None:
    take_fields(aircraft, message, register)
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
    ModeACode: _mode_a_code,
    TargetState: _target_state,
    OperationalStatus: _operational_status,
}
