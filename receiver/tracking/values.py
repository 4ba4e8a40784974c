"""How a value that several messages carry is taken over, and what makes it doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from receiver.decode.formats.status import FlightStatus
from receiver.decode.message import Message
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.ground import claim_ground
from receiver.tracking.limits import Station, TrackingLimits
from receiver.tracking.sighting import Event, Quality, Slot
from receiver.tracking.statistics import TrackerStatistics

_EMERGENCY_SQUAWKS = {"7500": "unlawful", "7600": "nordo", "7700": "general"}
_FROM_SQUAWK = "squawk"
# An altitude may differ so much from the one before: 15,000 ft/min, and some for the encoder.
_ALTITUDE_SLACK_FT = 1000.0
_CLIMB_FT_S = 250.0


@dataclass(frozen=True, slots=True)
class Context:
    """What all aircraft of one tracker share."""

    station: Station | None
    limits: TrackingLimits
    statistics: TrackerStatistics


def take_altitude(
    context: Context, aircraft: Aircraft, message: Message, altitude_ft: int | None, register: str
) -> bool:
    """Take over a barometric altitude; False when it is a jump that nothing else bears out yet."""
    if altitude_ft is None:
        return True
    now = message.time_s
    old = aircraft.values[Slot.ALTITUDE_BARO]
    if old is not None and not _climbable(old.value, altitude_ft, now - old.time_s):
        doubtful = aircraft.pending(Slot.ALTITUDE_BARO)
        if doubtful is None or not _climbable(doubtful.value, altitude_ft, now - doubtful.time_s):
            aircraft.doubt(Slot.ALTITUDE_BARO, altitude_ft, now)
            context.statistics.doubtful["altitude_baro_ft"] += 1
            return False
    aircraft.settle(Slot.ALTITUDE_BARO)
    aircraft.set(Slot.ALTITUDE_BARO, "altitude_baro_ft", altitude_ft, now, message.address_type, register)
    return True


def _climbable(old_ft: int, new_ft: int, seconds: float) -> bool:
    return abs(new_ft - old_ft) <= _ALTITUDE_SLACK_FT + _CLIMB_FT_S * abs(seconds)


def take_squawk(context: Context, aircraft: Aircraft, message: Message, squawk: str, register: str) -> None:
    """Take over a Mode A code; a change, and any emergency, only when it is heard twice."""
    now = message.time_s
    old = aircraft.values[Slot.SQUAWK]
    known = None if old is None else old.value
    if squawk == known:
        aircraft.settle(Slot.SQUAWK)
    elif (known is not None or squawk in _EMERGENCY_SQUAWKS) and not aircraft.seconded(Slot.SQUAWK, squawk, now):
        context.statistics.doubtful["squawk"] += 1
        return
    else:
        aircraft.events.append(Event("squawk", squawk))
    aircraft.set(Slot.SQUAWK, "squawk", squawk, now, message.address_type, register)
    emergency = _EMERGENCY_SQUAWKS.get(squawk)
    said = aircraft.values[Slot.EMERGENCY]
    if said is not None and said.register != _FROM_SQUAWK:
        return  # the aircraft says itself what its emergency is
    if emergency is not None:
        take_emergency(aircraft, message, emergency, _FROM_SQUAWK)
    elif said is not None:
        aircraft.values[Slot.EMERGENCY] = None
        aircraft.changed.add("emergency")


def take_emergency(aircraft: Aircraft, message: Message, emergency: str, register: str) -> None:
    """Take over an emergency state; one that was not there before is an event."""
    old = aircraft.values[Slot.EMERGENCY]
    if not message.is_clean and (old is None or old.value != emergency) and emergency != "none":
        return  # a repaired frame raises no alarm
    aircraft.set(Slot.EMERGENCY, "emergency", emergency, message.time_s, message.address_type, register)
    if emergency != "none" and (old is None or old.value != emergency):
        aircraft.events.append(Event("emergency", emergency))


def take_advisory(aircraft: Aircraft, message: Message, advisory: ResolutionAdvisory, register: str) -> None:
    """Take over a resolution advisory; one with other words is an event."""
    if not message.is_clean:
        return
    old = aircraft.values[Slot.ACAS_RA]
    if old is None or old.value.advisory != advisory.advisory:
        aircraft.events.append(Event("advisory", advisory.advisory))
    aircraft.set(Slot.ACAS_RA, "acas_ra", advisory, message.time_s, message.address_type, register)


def take_callsign(
    context: Context, aircraft: Aircraft, message: Message, callsign: str | None, register: str, doubtful: bool = False
) -> None:
    """Take over a call sign; from a repaired frame, or when it is doubtful anyway, a new one only when it is heard
    twice."""
    if callsign is None:
        return
    now = message.time_s
    old = aircraft.values[Slot.CALLSIGN]
    is_new = old is None or old.value != callsign
    if not is_new:
        aircraft.settle(Slot.CALLSIGN)
    elif (doubtful or not message.is_clean) and not aircraft.seconded(Slot.CALLSIGN, callsign, now):
        context.statistics.doubtful["callsign"] += 1
        return
    taken = aircraft.set(Slot.CALLSIGN, "callsign", callsign, now, message.address_type, register, yields=True)
    if is_new and taken:
        aircraft.events.append(Event("identified", callsign))


def take_flight_status(aircraft: Aircraft, message: Message, status: FlightStatus, register: str) -> None:
    """Take over alert, ident and air/ground from a reply."""
    now, source = message.time_s, message.address_type
    aircraft.set(Slot.ALERT, "alert", status.alert, now, source, register)
    aircraft.set(Slot.SPI, "spi", status.spi, now, source, register)
    if status.on_ground is not None:
        claim_ground(aircraft, status.on_ground, now, source, register)


def take_heading(aircraft: Aircraft, message: Message, heading_deg: float, register: str) -> None:
    """Take over a heading as true or magnetic, as the operational status has said (true when it has not)."""
    now, source = message.time_s, message.address_type
    if aircraft.headings_are_magnetic:
        aircraft.set(Slot.MAG_HEADING, "mag_heading_deg", heading_deg, now, source, register)
    else:
        aircraft.set(Slot.TRUE_HEADING, "true_heading_deg", heading_deg, now, source, register)


@lru_cache(maxsize=256)
def _shared(quality: Quality) -> Quality:
    """The same object for all who say the same: most airliners do."""
    return quality


def take_quality(aircraft: Aircraft, message: Message, quality: Quality, register: str) -> None:
    """Take over what is said about the quality of the data."""
    old, quality = aircraft.quality, _shared(quality)
    taken = aircraft.set(Slot.QUALITY, "adsb_version", quality, message.time_s, message.address_type, register)
    if taken and old != quality:
        aircraft.changed.discard("adsb_version")
        for name, before, after in zip(Quality._fields, old, quality, strict=True):
            if before != after:
                aircraft.changed.add("adsb_version" if name == "version" else name)
