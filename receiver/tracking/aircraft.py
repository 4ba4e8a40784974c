"""What the tracker remembers of one aircraft. Nobody outside this room sees it: they get a `Sighting`."""

from __future__ import annotations

import math
from typing import Any

from receiver.decode.message import AddressType, Message
from receiver.earth import wrap_deg
from receiver.record import record
from receiver.tracking.comm_b import Verdict
from receiver.tracking.position import PositionFilter
from receiver.tracking.precedence import TYPE_RANK, another_transmission, is_broadcast, is_outranked
from receiver.tracking.sighting import (
    ATTRIBUTE_OF,
    LIFETIME_S,
    Event,
    Position,
    Quality,
    Sighting,
    Slot,
    Value,
    Values,
    alive,
)
from receiver.wire.frame import Frame

# A type that is no longer heard gives way to a lesser one after so long.
_TYPE_HOLD_S = 60.0
_SECOND_S = 60.0
_ALTITUDE_BARO = int(Slot.ALTITUDE_BARO)
_SAID_ITSELF_S = 10.0
# Tracks come in steps of a degree or less: two need some seconds between them to tell a rate of turn.
_TURN_MIN_S = 4.0
_TURN_MAX_S = 15.0


@record
class Doubt:
    """A value that waits to be heard a second time, and the frame that said it."""

    slot: Slot
    value: Any
    frame: Frame


class Aircraft:
    """State of one aircraft: under 3 kB when it has broadcast everything, under 4 when it also told radars everything."""

    __slots__ = (
        "_doubts",
        "_expires_s",
        "address_type",
        "address_type_s",
        "altitude_broadcast",
        "calc_track_deg",
        "calc_track_from",
        "changed",
        "comm_b",
        "events",
        "first_adsb_s",
        "first_seen_s",
        "headings_are_magnetic",
        "icao",
        "last_17",
        "last_30_raw",
        "last_50",
        "last_50_s",
        "last_60",
        "last_60_s",
        "last_position",
        "last_seen_s",
        "messages",
        "nic_supplement_a",
        "nic_supplement_c",
        "nic_supplement_d",
        "positions",
        "proof",
        "proofs",
        "said",
        "served",
        "signal_power",
        "surface_sends_heading",
        "transmission",
        "transmissions",
        "turn_from_deg",
        "turn_from_s",
        "values",
        "version",
    )

    def __init__(
        self,
        icao: str,
        address_type: AddressType,
        now: float,
        changed: set[str],
        events: list[Event],
        said: list[tuple[Slot, Value[Any]]],
    ) -> None:
        self.icao = icao
        self.address_type = address_type
        self.address_type_s = now
        self.first_seen_s = now
        self.last_seen_s = now
        self.messages = 0
        # those that were certainly sent one after the other, and of these the ones whose parity proves the address
        self.transmissions = self.proofs = 0
        self.transmission: Frame | None = None
        self.proof: Frame | None = None
        self.signal_power: float | None = None
        self.values: list[Value[Any] | None] = [None] * len(Slot)
        self.last_position: Value[Position] | None = None
        self.positions: PositionFilter | None = None
        # One set for all aircraft of a tracker, a tenth of what an aircraft takes: only one message is taken in at a
        # time, and the picture after it empties them.
        self.changed = changed
        self.events = events
        self.said = said
        # what BDS 6,5 said last
        self.version: int | None = None
        self.nic_supplement_a = False
        self.nic_supplement_c = False
        self.nic_supplement_d = 0  # version 3, from BDS 0,9
        self.headings_are_magnetic = False
        self.surface_sends_heading = False
        self.first_adsb_s: float | None = None
        self.turn_from_deg: float | None = None  # the track that a rate of turn counts from
        self.turn_from_s = now
        # what Comm-B replies said, and which registers BDS 1,7 lists
        self.comm_b: Verdict | None = None  # of this message only
        self.served: frozenset[str] | None = None
        self.last_17: frozenset[str] | None = None
        self.last_30_raw: str | None = None
        self.last_50 = 0  # the 56 bits; 0: none
        self.last_50_s = 0.0
        self.last_60 = 0
        self.last_60_s = 0.0
        self.altitude_broadcast: Value[int] | None = None
        self.calc_track_deg: float | None = None
        self.calc_track_from: tuple[float, float, float] | None = None  # latitude, longitude, time
        self._doubts: tuple[Doubt, ...] = ()
        self._expires_s = math.inf  # no value is too old before

    def heard(self, message: Message, proof: bool) -> None:
        """Count a message that is believed to be from this aircraft."""
        frame, address_type = message.frame, message.address_type
        now = frame.time_s
        if now >= self._expires_s or now < self.last_seen_s:
            self._sweep(now)
        self.messages += 1
        if self.transmissions < 3 and (
            self.transmission is None or another_transmission(self.transmission, frame)
        ):  # more are not needed
            self.transmissions += 1
            self.transmission = frame if self.transmissions < 3 else None  # what is not compared any more is freed
        if (
            proof
            and self.proofs < 2
            # frames of right parity that say something else are two transmissions, however close: a copy says the same
            and (self.proof is None or frame.data != self.proof.data or another_transmission(self.proof, frame))
        ):
            self.proofs += 1
            self.proof = frame if self.proofs < 2 else None
        self.last_seen_s = now
        if TYPE_RANK[address_type] >= TYPE_RANK[self.address_type] or abs(now - self.address_type_s) > _TYPE_HOLD_S:
            if address_type is not self.address_type:
                self.address_type = address_type
                self.changed.add("address_type")
            self.address_type_s = now
        signal_dbfs = frame.signal_dbfs
        if signal_dbfs is not None:
            power = 10.0 ** (signal_dbfs / 10.0)
            # the mean of about the last eight
            self.signal_power = (
                power if self.signal_power is None else self.signal_power + (power - self.signal_power) / 8
            )

    def set(self, slot: Slot, value: Any, message: Message, register: str) -> bool:
        """Take over what a message says; False when a better source has lately said something itself."""
        now, source = message.frame.time_s, message.address_type
        old = self.values[slot]
        new = Value(value, now, source, register)
        self.said.append((slot, new))
        if old is None:
            self.changed.add(ATTRIBUTE_OF[slot])
        elif old.source is not source and is_outranked(old, slot, source, now):
            return False
        elif old.value != value:
            self.changed.add(ATTRIBUTE_OF[slot])
        self.values[slot] = new
        lifetime = LIFETIME_S[slot]
        if lifetime and now + lifetime < self._expires_s:
            self._expires_s = now + lifetime
        if slot == _ALTITUDE_BARO and is_broadcast(source):
            self.altitude_broadcast = new
        return True

    def say(self, slot: Slot, value: Any, message: Message, register: str) -> None:
        """Note that a message says so, while something else is kept."""
        self.said.append((slot, Value(value, message.frame.time_s, message.address_type, register)))

    def get(self, slot: Slot, now: float, max_age_s: float) -> Any:
        """A value that is no older than that, else None."""
        value = self.values[slot]
        return None if value is None or abs(now - value.time_s) > max_age_s else value.value

    def seconded(self, slot: Slot, value: Any, frame: Frame) -> bool:
        """Whether the same doubtful value was sent before within a minute. If not, it is remembered."""
        before = self.pending(slot)
        if before is not None and before.value == value and abs(frame.time_s - before.frame.time_s) <= _SECOND_S:
            if another_transmission(before.frame, frame):
                self.settle(slot)
                return True
            if frame.time_s >= before.frame.time_s:
                return False  # perhaps a copy: the first one goes on waiting
        self.doubt(slot, value, frame)
        return False

    def doubt(self, slot: Slot, value: Any, frame: Frame) -> None:
        """Remember a doubtful value."""
        self.settle(slot)
        self._doubts = (*self._doubts, Doubt(slot, value, frame))

    def pending(self, slot: Slot) -> Doubt | None:
        """The doubtful value that waits for a second."""
        return next((doubt for doubt in self._doubts if doubt.slot is slot), None) if self._doubts else None

    def settle(self, slot: Slot) -> None:
        """Forget the doubtful value: what was known has been borne out."""
        if self._doubts:
            self._doubts = tuple(doubt for doubt in self._doubts if doubt.slot is not slot)

    def derive_track_rate(self, track_deg: float, message: Message) -> None:
        """Rate of turn from two tracks some seconds apart; one that the aircraft says itself goes before."""
        now = message.frame.time_s
        before_deg, took_s = self.turn_from_deg, now - self.turn_from_s
        if before_deg is not None and 0.0 <= took_s < _TURN_MIN_S:
            return
        self.turn_from_deg, self.turn_from_s = track_deg, now
        if before_deg is None or not 0.0 <= took_s <= _TURN_MAX_S:
            return
        said = self.values[Slot.TRACK_RATE]
        if said is not None and said.register != "derived" and abs(now - said.time_s) <= _SAID_ITSELF_S:
            return
        turned = wrap_deg(track_deg - before_deg)
        self.set(Slot.TRACK_RATE, turned / took_s, message, "derived")

    @property
    def quality(self) -> Quality:
        """The quality as far as it is known."""
        value = self.values[Slot.QUALITY]
        return Quality() if value is None else value.value

    def _sweep(self, now: float) -> None:
        """Drop the values that are too old. Only a message does so: to look at an aircraft changes nothing."""
        self.values = values = list(alive(self.values, now))
        self._expires_s = min(
            (
                value.time_s + lifetime
                for value, lifetime in zip(values, LIFETIME_S, strict=True)
                if value is not None and lifetime
            ),
            default=math.inf,
        )

    def _values_at(self, now: float) -> Values:
        if self.last_seen_s <= now < self._expires_s:
            return tuple(self.values)
        return alive(self.values, now)

    def look(self, now: float) -> Sighting:
        """The picture at a moment between messages."""
        return self._picture(now, frozenset(), (), None, ())

    def sighting(self, now: float) -> Sighting:
        """The picture after a message. What has changed and happened is told once."""
        picture = self._picture(now, frozenset(self.changed), tuple(self.events), self.comm_b, tuple(self.said))
        self.changed.clear()
        self.events.clear()
        self.said.clear()
        self.comm_b = None
        return picture

    def _picture(
        self,
        now: float,
        changed: frozenset[str],
        events: tuple[Event, ...],
        comm_b: Verdict | None,
        said: tuple[tuple[Slot, Value[Any]], ...],
    ) -> Sighting:
        power = self.signal_power
        return Sighting(
            icao=self.icao,
            now=now,
            changed=changed,
            events=events,
            address_type=self.address_type,
            confirmed=self.proofs >= 2 or self.transmissions >= 3,
            messages=self.messages,
            rssi_dbfs=None if power is None else 10.0 * math.log10(max(power, 1e-10)),
            first_seen_s=self.first_seen_s,
            last_seen_s=self.last_seen_s,
            last_position=self.last_position,
            comm_b=comm_b,
            values=self._values_at(now),
            said=said,
        )
