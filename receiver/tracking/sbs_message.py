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


def sbs_message(message: Message, sighting: Sighting) -> sbs.SbsMessage | None:
    """The line for a message, or None for what SBS has no line for and for addresses that are not ICAO's."""
    if not message.address_type.is_icao:
        return None
    kind = _BY_DF.get(message.df)
    if isinstance(message, ExtendedSquitter):
        kind = _BY_REGISTER.get(type(message.register))
    if kind is None:
        return None
    time_s = message.time_s

    def said(slot: Slot) -> Any:
        value = sighting.values[slot]
        return value.value if value is not None and value.time_s == time_s else None

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
