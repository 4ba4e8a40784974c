"""What an SBS client is told of one message, taken from what the tracker made of it."""

from __future__ import annotations

from typing import Any

from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.message import Message
from receiver.decode.registers.bds05 import AirbornePosition
from receiver.decode.registers.bds06 import SurfacePosition
from receiver.decode.registers.bds08 import Identification
from receiver.decode.registers.bds09 import Velocity
from receiver.decode.registers.tisb_coarse import CoarsePosition
from receiver.tracking.sighting import Sighting, Slot
from receiver.wire import sbs

_BY_DF = {0: sbs.AIR_AIR, 4: sbs.ALTITUDE, 5: sbs.SQUAWK, 11: sbs.ALL_CALL, 16: sbs.AIR_AIR, 20: sbs.ALTITUDE,
          21: sbs.SQUAWK}  # fmt: skip
_BY_REGISTER = {
    Identification: sbs.IDENTIFICATION,
    SurfacePosition: sbs.SURFACE,
    AirbornePosition: sbs.AIRBORNE,
    CoarsePosition: sbs.AIRBORNE,
    Velocity: sbs.VELOCITY,
}
# The same by the register that a value came in ("DF17" stands beside others only).
_BY_VALUE_REGISTER = {
    "0,8": sbs.IDENTIFICATION,
    "0,6": sbs.SURFACE,
    "0,5": sbs.AIRBORNE,
    "TIS-B": sbs.AIRBORNE,
    "0,9": sbs.VELOCITY,
    **{f"DF{df}": kind for df, kind in _BY_DF.items()},
}


def sbs_message(message: Message, sighting: Sighting) -> sbs.SbsMessage | None:
    """The line for a message, or None for what SBS has no line for and for addresses that are not ICAO's."""
    if not message.address_type.is_icao:
        return None
    kind = _BY_DF.get(message.df)
    if isinstance(message, ExtendedSquitter):
        kind = _BY_REGISTER.get(type(message.register))
    if kind is None:
        return None
    return _line(kind, sighting, message.time_s)


def sbs_of_sighting(sighting: Sighting, is_all_call: bool = False) -> sbs.SbsMessage | None:
    """The line for the message that a sighting was taken after, when the message itself is no longer at hand: what it
    was is seen from the registers of what it said. None as in `sbs_message`, and when the
    message said nothing that was believed, unless the caller knows that it was an all-call reply (DF11), which rarely
    says more than that somebody is there."""
    if sighting.icao.startswith("~"):
        return None
    time_s = sighting.last_seen_s
    kinds = [kind for _, value in sighting.said if (kind := _BY_VALUE_REGISTER.get(value.register)) is not None]
    if not kinds and is_all_call:
        kinds = [sbs.ALL_CALL]
    return _line(min(kinds), sighting, time_s) if kinds else None


def _line(kind: int, sighting: Sighting, time_s: float) -> sbs.SbsMessage:
    """What that message said."""
    found = {slot: value.value for slot, value in sighting.said}

    def said(slot: Slot) -> Any:
        return found.get(slot)

    position = said(Slot.POSITION)
    emergency = said(Slot.EMERGENCY)
    rate = said(Slot.RATE_BARO)
    return sbs.SbsMessage(
        kind,
        sighting.icao,
        time_s,
        callsign=said(Slot.CALLSIGN),
        altitude_ft=said(Slot.ALTITUDE_BARO),
        ground_speed_kt=said(Slot.GROUND_SPEED),
        track_deg=said(Slot.TRACK),
        latitude_deg=position.latitude_deg if position is not None else None,
        longitude_deg=position.longitude_deg if position is not None else None,
        vertical_rate_fpm=rate if rate is not None else said(Slot.RATE_GEOM),
        squawk=said(Slot.SQUAWK),
        alert=said(Slot.ALERT),
        emergency=None if emergency is None else emergency != "none",
        spi=said(Slot.SPI),
        on_ground=said(Slot.ON_GROUND),
    )
