"""Which value wins when several messages say the same thing: the one place where it is decided.

1. What an aircraft broadcasts goes before what it replies to a radar, and both before what others say of it (`RANK`).
   While a value is fresh (`HOLD_S`), nobody of a lesser rank replaces it.
2. A better source replaces a lesser one at once.
3. Among equals the newest wins; where it cannot be (an altitude that jumps, another squawk), the second time
   (`receiver.tracking.values`).
4. A second time is another transmission: `another_transmission`.

docs/decoding.md has the table.
"""

from __future__ import annotations

from typing import Any

from receiver.decode.message import AddressType
from receiver.tracking.sighting import Slot, Value
from receiver.wire.frame import ANY_RECEIVER, Frame

_ADSB, _ADSB_NON_TRANSPONDER, _ADSR, _REPLY, _TISB, _MLAT = 5, 4, 3, 2, 1, 0
RANK = {
    AddressType.ADSB_ICAO: _ADSB,
    AddressType.ADSB_ICAO_NT: _ADSB_NON_TRANSPONDER,
    AddressType.ADSB_OTHER: _ADSB_NON_TRANSPONDER,
    AddressType.ADSR_ICAO: _ADSR,
    AddressType.ADSR_OTHER: _ADSR,
    AddressType.MODE_S: _REPLY,
    AddressType.TISB_ICAO: _TISB,
    AddressType.TISB_OTHER: _TISB,
    AddressType.TISB_TRACKFILE: _TISB,
    AddressType.MLAT: _MLAT,
}
"""Whose word about the same value is worth more."""

TYPE_RANK = RANK | {AddressType.MODE_S: -1}
"""The same for what an aircraft is listed as: a position, whoever gave it, goes before replies."""

_HOLD_S = 10.0
_LONG_HOLDS_S = {Slot.SQUAWK: 30.0, Slot.CALLSIGN: 60.0}
HOLD_S = tuple(_LONG_HOLDS_S.get(slot, _HOLD_S) for slot in Slot)
"""How long a lesser source does not count, by slot."""

# Between two replies to one radar, or two squitters, lie more than 100 ms or they come in one burst; a copy by another
# way comes within some ms of the radio's speed, but through a network, or from a receiver with another clock, it may
# take its time.
COPY_S = 0.1
COPY_BETWEEN_SOURCES_S = 2.0
_COPY_IN_ORDER_S = 0.0025  # of frames whose order alone is known, which are 1 ms apart: at least two others between


def is_outranked(old: Value[Any] | None, slot: Slot, source: AddressType, now: float) -> bool:
    """Whether a better source has lately said this itself."""
    return (
        old is not None
        and old.source is not source
        and RANK[source] < RANK[old.source]
        and abs(now - old.time_s) <= HOLD_S[slot]
    )


def outranks(source: AddressType, old: Value[Any]) -> bool:
    """Whether the source is a better one than that of the value."""
    return RANK[source] > RANK[old.source]


def is_broadcast(source: AddressType) -> bool:
    """Whether the aircraft itself, or a ground station that repeats it, said it unasked."""
    return RANK[source] > _REPLY


def another_transmission(before: Frame, now: Frame) -> bool:
    """Whether two frames that say the same are certainly two transmissions: not one that was received twice, or came by
    two ways."""
    return apart(before.time_s, now.time_s, same_clock(before, now), now.timed and before.timed)


def same_clock(before: Frame, now: Frame) -> bool:
    """Whether two frames were certainly timed by the same receiver."""
    return before.source == now.source and before.receiver == now.receiver != ANY_RECEIVER and before.epoch == now.epoch


def apart(before_s: float, now_s: float, of_one_clock: bool = True, timed: bool = True) -> bool:
    """Whether two times lie farther apart than a transmission and its copies."""
    if not timed:
        return now_s - before_s > _COPY_IN_ORDER_S
    return now_s - before_s > (COPY_S if of_one_clock else COPY_BETWEEN_SOURCES_S)
