"""Which field of a register says what of the aircraft, for the registers whose fields are taken over as they are.

Squitters and replies to radars carry the same things in different registers; what a field must pass before it counts, if
anything, is in `receiver.tracking.values`.
"""

from __future__ import annotations

from receiver.decode.message import Message
from receiver.decode.registers.bds09 import Velocity
from receiver.decode.registers.bds40 import SelectedVerticalIntention
from receiver.decode.registers.bds50 import TrackAndTurn
from receiver.decode.registers.bds53 import AirReferencedState
from receiver.decode.registers.bds60 import HeadingAndSpeed
from receiver.decode.registers.bds62 import TargetState
from receiver.decode.registers.tisb_coarse import CoarsePosition
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.sighting import Slot

_FIELDS: dict[type, tuple[str, tuple[tuple[Slot, str], ...]]] = {
    Velocity: (
        "0,9",
        (
            (Slot.GROUND_SPEED, "ground_speed_kt"),
            (Slot.TRACK, "track_deg"),
            (Slot.IAS, "ias_kt"),
            (Slot.TAS, "tas_kt"),
            (Slot.RATE_BARO, "vertical_rate_baro_fpm"),
            (Slot.RATE_GEOM, "vertical_rate_geom_fpm"),
        ),
    ),
    TargetState: (
        "6,2",
        (
            (Slot.NAV_ALTITUDE_MCP, "altitude_mcp_ft"),
            (Slot.NAV_ALTITUDE_FMS, "altitude_fms_ft"),
            (Slot.NAV_QNH, "qnh_hpa"),
            (Slot.NAV_HEADING, "heading_deg"),
            (Slot.NAV_MODES, "modes"),
        ),
    ),
    CoarsePosition: (
        "TIS-B",
        ((Slot.GROUND_SPEED, "ground_speed_kt"), (Slot.TRACK, "track_deg")),
    ),
    SelectedVerticalIntention: (
        "4,0",
        (
            (Slot.NAV_ALTITUDE_MCP, "altitude_mcp_ft"),
            (Slot.NAV_ALTITUDE_FMS, "altitude_fms_ft"),
            (Slot.NAV_QNH, "qnh_hpa"),
            (Slot.NAV_MODES, "modes"),
        ),
    ),
    TrackAndTurn: (
        "5,0",
        (
            (Slot.ROLL, "roll_deg"),
            (Slot.TRACK, "track_deg"),
            (Slot.GROUND_SPEED, "ground_speed_kt"),
            (Slot.TRACK_RATE, "track_rate_deg_s"),
            (Slot.TAS, "tas_kt"),
        ),
    ),
    AirReferencedState: (
        "5,3",
        (
            (Slot.MAG_HEADING, "mag_heading_deg"),
            (Slot.IAS, "ias_kt"),
            (Slot.MACH, "mach"),
            (Slot.TAS, "tas_kt"),
            (Slot.RATE_BARO, "vertical_rate_baro_fpm"),
        ),
    ),
    HeadingAndSpeed: (
        "6,0",
        (
            (Slot.MAG_HEADING, "mag_heading_deg"),
            (Slot.IAS, "ias_kt"),
            (Slot.MACH, "mach"),
            (Slot.RATE_BARO, "vertical_rate_baro_fpm"),
            (Slot.RATE_GEOM, "vertical_rate_inertial_fpm"),
        ),
    ),
}


def take_fields(aircraft: Aircraft, message: Message, register: object) -> None:
    """Take over what a register of this table says; a field that is None does not say."""
    name, fields = _FIELDS[type(register)]
    for slot, field in fields:
        value = getattr(register, field)
        if value is not None:
            aircraft.set(slot, value, message, name)
