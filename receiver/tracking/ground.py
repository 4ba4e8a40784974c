"""On the ground or in the air, and the moment when that changes.

Several fields say so and not all can be trusted: the kind of position message is what the aircraft itself goes by;
the capability (DF11, DF17) and the flight status (DF4, 5, 20, 21) come from a switch that fails now and then; the
vertical status of DF0 and DF16 is wrong on whole fleets and is not used.
"""

from __future__ import annotations

from enum import IntEnum

from receiver.decode.message import Message
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.precedence import is_outranked
from receiver.tracking.sighting import Event, Slot

# Nothing rolls so fast, and no airfield is so high.
_MAX_ROLLING_KT = 250.0
_HIGHEST_AIRFIELD_FT = 16_000
_HOLD_S = 15.0


class Witness(IntEnum):
    """How far a claim can be trusted."""

    SWITCH = 1  # capability, flight status
    POSITION = 2  # the kind of position message


_WITNESS = {"0,5": Witness.POSITION, "0,6": Witness.POSITION}


def claim_ground(aircraft: Aircraft, on_ground: bool, message: Message, register: str) -> None:
    """Take in one claim. A change takes two in a row, and is an event when the state before was known."""
    now = message.time_s
    known = aircraft.values[Slot.ON_GROUND]
    witness = _WITNESS.get(register, Witness.SWITCH)
    if on_ground and _impossible(aircraft, now):
        return
    if known is None:
        aircraft.set(Slot.ON_GROUND, on_ground, message, register)
        return
    if witness < _WITNESS.get(known.register, Witness.SWITCH) and abs(now - known.time_s) <= _HOLD_S:
        return
    if is_outranked(known, Slot.ON_GROUND, message.address_type, now):
        return
    if known.value == on_ground:
        aircraft.settle(Slot.ON_GROUND)
    elif not aircraft.seconded(Slot.ON_GROUND, on_ground, message.frame):
        return
    else:
        aircraft.events.append(Event("landing" if on_ground else "takeoff", ""))
    aircraft.set(Slot.ON_GROUND, on_ground, message, register)


def _impossible(aircraft: Aircraft, now: float) -> bool:
    speed = aircraft.get(Slot.GROUND_SPEED, now, 10.0)
    altitude = aircraft.get(Slot.ALTITUDE_BARO, now, 10.0)
    return (speed is not None and speed > _MAX_ROLLING_KT) or (altitude is not None and altitude > _HIGHEST_AIRFIELD_FT)
