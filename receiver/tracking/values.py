"""How a value that several messages carry is taken over, and what makes it doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from receiver.decode.formats.status import FlightStatus
from receiver.decode.message import Message
from receiver.decode.registers.bds30 import CLEAR, NONE, ResolutionAdvisory
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.ground import claim_ground
from receiver.tracking.limits import Station, TrackingLimits
from receiver.tracking.precedence import another_transmission, is_broadcast, is_outranked, outranks
from receiver.tracking.sighting import ATTRIBUTE_OF, LIFETIME_S, Event, Quality, Slot, Value
from receiver.tracking.statistics import TrackerStatistics
from receiver.tracking.whereabouts import Whereabouts

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
    whereabouts: Whereabouts


def take_altitude(
    context: Context, aircraft: Aircraft, message: Message, altitude_ft: int | None, register: str
) -> None:
    """Take over a barometric altitude. One that jumps counts when the next is near it; a reply that cannot be true if the
    last broadcast was does not count."""
    if altitude_ft is None:
        return
    slot, now, source = Slot.ALTITUDE_BARO, message.time_s, message.address_type
    old = aircraft.values[slot]
    if old is None:
        aircraft.set(slot, altitude_ft, message, register)
        return
    fits = _climbable(old.value, altitude_ft, now - old.time_s)
    broadcast = aircraft.altitude_broadcast
    if not is_broadcast(source) and broadcast is not None and abs(now - broadcast.time_s) <= LIFETIME_S[slot]:
        fits = fits and _climbable(broadcast.value, altitude_ft, now - broadcast.time_s)
        if not fits:
            context.statistics.contradicted["altitude_baro_ft"] += 1
            return
    if not fits and not (message.is_clean and outranks(source, old)):
        doubtful = aircraft.pending(slot)
        if (
            doubtful is None
            or not another_transmission(doubtful.frame, message.frame)
            or not _climbable(doubtful.value, altitude_ft, now - doubtful.frame.time_s)
        ):
            if doubtful is None or doubtful.value != altitude_ft or now < doubtful.frame.time_s:
                aircraft.doubt(slot, altitude_ft, message.frame)
            context.statistics.doubtful["altitude_baro_ft"] += 1
            return
    aircraft.settle(slot)
    aircraft.set(slot, altitude_ft, message, register)


def _climbable(old_ft: int, new_ft: int, seconds: float) -> bool:
    return abs(new_ft - old_ft) <= _ALTITUDE_SLACK_FT + _CLIMB_FT_S * abs(seconds)


def take_squawk(context: Context, aircraft: Aircraft, message: Message, squawk: str, register: str) -> None:
    """Take over a Mode A code. It counts when it is heard twice, but for a broadcast one that is the first and no
    emergency."""
    slot, now, source = Slot.SQUAWK, message.time_s, message.address_type
    old = aircraft.values[slot]
    known = None if old is None else old.value
    if squawk == known:
        aircraft.settle(slot)
    elif is_outranked(old, slot, source, now):
        context.statistics.contradicted["squawk"] += 1
        return
    elif _counts_at_once(message, old, squawk) or aircraft.seconded(slot, squawk, message.frame):
        aircraft.events.append(Event("squawk", squawk))
    else:
        if known is None and squawk not in _EMERGENCY_SQUAWKS:
            aircraft.say(slot, squawk, message, register)
        context.statistics.doubtful["squawk"] += 1
        return
    if not aircraft.set(slot, squawk, message, register):
        return
    emergency = _EMERGENCY_SQUAWKS.get(squawk)
    said = aircraft.values[Slot.EMERGENCY]
    if said is not None and said.register != _FROM_SQUAWK:
        return  # the aircraft says itself what its emergency is
    if emergency is not None:
        take_emergency(aircraft, message, emergency, _FROM_SQUAWK)
    elif said is not None:
        aircraft.values[Slot.EMERGENCY] = None
        aircraft.changed.add("emergency")


def _counts_at_once(message: Message, old: Value[str] | None, squawk: str) -> bool:
    """Whether a squawk that is new needs no second: parity proves the frame, and nothing as good speaks against it."""
    if not message.is_clean or not is_broadcast(message.address_type) or squawk in _EMERGENCY_SQUAWKS:
        return False
    return old is None or outranks(message.address_type, old)


def take_emergency(aircraft: Aircraft, message: Message, emergency: str, register: str) -> None:
    """Take over an emergency state; one that was not there before is an event."""
    old = aircraft.values[Slot.EMERGENCY]
    is_new = emergency != "none" and (old is None or old.value != emergency)
    if is_new and not message.is_clean:
        return  # a repaired frame raises no alarm
    if aircraft.set(Slot.EMERGENCY, emergency, message, register) and is_new:
        aircraft.events.append(Event("emergency", emergency))


def take_advisory(aircraft: Aircraft, message: Message, advisory: ResolutionAdvisory, register: str) -> None:
    """Take over a resolution advisory; one with other words is an event, but for the end of one."""
    if not message.is_clean or advisory.advisory == NONE:
        return
    old = aircraft.values[Slot.ACAS_RA]
    taken = aircraft.set(Slot.ACAS_RA, advisory, message, register)
    if taken and advisory.advisory != CLEAR and (old is None or old.value.advisory != advisory.advisory):
        aircraft.events.append(Event("advisory", advisory.advisory))


def take_callsign(
    context: Context, aircraft: Aircraft, message: Message, callsign: str | None, register: str, doubtful: bool = False
) -> None:
    """Take over a call sign; from a repaired frame, or when it is doubtful anyway, a new one only when it is heard
    twice."""
    if callsign is None:
        return
    old = aircraft.values[Slot.CALLSIGN]
    is_new = old is None or old.value != callsign
    if not is_new:
        aircraft.settle(Slot.CALLSIGN)
    elif (doubtful or not message.is_clean) and not aircraft.seconded(Slot.CALLSIGN, callsign, message.frame):
        context.statistics.doubtful["callsign"] += 1
        return
    taken = aircraft.set(Slot.CALLSIGN, callsign, message, register)
    if is_new and taken:
        aircraft.events.append(Event("identified", callsign))


def take_flight_status(
    context: Context, aircraft: Aircraft, message: Message, status: FlightStatus, register: str
) -> None:
    """Take over alert, ident and air/ground from a reply. That a bit is set counts when it is heard twice."""
    for slot, is_set in ((Slot.ALERT, status.alert), (Slot.SPI, status.spi)):
        old = aircraft.values[slot]
        if is_set and (old is None or not old.value) and not aircraft.seconded(slot, True, message.frame):
            context.statistics.doubtful[ATTRIBUTE_OF[slot]] += 1
            continue
        aircraft.settle(slot)
        aircraft.set(slot, is_set, message, register)
    if status.on_ground is not None:
        claim_ground(aircraft, status.on_ground, message, register)


def take_heading(aircraft: Aircraft, message: Message, heading_deg: float, register: str) -> None:
    """Take over a heading as true or magnetic, as the operational status has said (true when it has not)."""
    slot = Slot.MAG_HEADING if aircraft.headings_are_magnetic else Slot.TRUE_HEADING
    aircraft.set(slot, heading_deg, message, register)


@lru_cache(maxsize=256)
def _shared(quality: Quality) -> Quality:
    """The same object for all who say the same: most airliners do."""
    return quality


def take_quality(aircraft: Aircraft, message: Message, quality: Quality, register: str) -> None:
    """Take over what is said about the quality of the data."""
    old, quality = aircraft.quality, _shared(quality)
    taken = aircraft.set(Slot.QUALITY, quality, message, register)
    if taken and old != quality:
        aircraft.changed.discard("adsb_version")
        for name, before, after in zip(Quality._fields, old, quality, strict=True):
            if before != after:
                aircraft.changed.add("adsb_version" if name == "version" else name)
