"""What the tracker remembers of one aircraft. Nobody outside this room sees it: they get a `Sighting`."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from receiver.decode.message import AddressType
from receiver.earth import wrap_deg
from receiver.tracking.comm_b import Verdict
from receiver.tracking.position import PositionFilter
from receiver.tracking.sighting import LIFETIME_S, Event, Position, Quality, Sighting, Slot, Value

# Who may overrule whom about the same value while it is fresh: the aircraft's own word is worth more than a radar's
# opinion of it.
_RANK = {
    AddressType.MODE_S: 1,
    AddressType.TISB_TRACKFILE: 2,
    AddressType.TISB_OTHER: 2,
    AddressType.TISB_ICAO: 2,
    AddressType.ADSR_OTHER: 3,
    AddressType.ADSR_ICAO: 3,
    AddressType.ADSB_OTHER: 4,
    AddressType.ADSB_ICAO_NT: 4,
    AddressType.ADSB_ICAO: 5,
}
_HOLD_S = 10.0
# A type that is no longer heard gives way to a lesser one after so long.
_TYPE_HOLD_S = 60.0
_SECOND_S = 60.0
# Tracks come in steps of a degree or less: two need some seconds between them to tell a rate of turn.
_TURN_MIN_S = 4.0
_TURN_MAX_S = 15.0


class Doubt(NamedTuple):
    """A value that waits to be heard a second time, and when it was heard."""

    slot: Slot
    value: Any
    time_s: float


class Aircraft:
    """State of one aircraft: under 3 kB when it has broadcast everything, under 4 when it also told radars everything."""

    __slots__ = (
        "_doubts",
        "_swept_s",
        "address_type",
        "address_type_s",
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
        "positions",
        "proofs",
        "served",
        "signal_power",
        "surface_sends_heading",
        "turn_from_deg",
        "turn_from_s",
        "values",
        "version",
    )

    def __init__(
        self, icao: str, address_type: AddressType, now: float, changed: set[str], events: list[Event]
    ) -> None:
        self.icao = icao
        self.address_type = address_type
        self.address_type_s = now
        self.first_seen_s = now
        self.last_seen_s = now
        self.messages = 0
        self.proofs = 0
        self.signal_power: float | None = None
        self.values: list[Value[Any] | None] = [None] * len(Slot)
        self.last_position: Value[Position] | None = None
        self.positions: PositionFilter | None = None
        # One pair for all aircraft of a tracker, a tenth of what an aircraft takes: only one message is taken in at a
        # time, and the picture after it empties them.
        self.changed = changed
        self.events = events
        # what BDS 6,5 said last
        self.version: int | None = None
        self.nic_supplement_a = False
        self.nic_supplement_c = False
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
        self._doubts: tuple[Doubt, ...] = ()
        self._swept_s = now

    def heard(self, now: float, address_type: AddressType, signal_dbfs: float | None, proof: bool) -> None:
        """Count a message that is believed to be from this aircraft."""
        self.messages += 1
        self.proofs += proof
        self.last_seen_s = now
        if _RANK[address_type] >= _RANK[self.address_type] or abs(now - self.address_type_s) > _TYPE_HOLD_S:
            if address_type is not self.address_type:
                self.address_type = address_type
                self.changed.add("address_type")
            self.address_type_s = now
        if signal_dbfs is not None:
            power = 10.0 ** (signal_dbfs / 10.0)
            # the mean of about the last eight
            self.signal_power = (
                power if self.signal_power is None else self.signal_power + (power - self.signal_power) / 8
            )

    def set(
        self, slot: Slot, name: str, value: Any, now: float, source: AddressType, register: str, yields: bool = False
    ) -> bool:
        """Take over a value; False when a better source has lately said something itself.

        With `yields`, a reply to an interrogator gives way to the aircraft's own broadcast.
        """
        old = self.values[slot]
        if old is not None:
            if (
                old.source is not source
                and _RANK[source] < _RANK[old.source]
                and (yields or source is not AddressType.MODE_S)
                and abs(now - old.time_s) <= _HOLD_S
            ):
                return False
            if old.value != value:
                self.changed.add(name)
        else:
            self.changed.add(name)
        self.values[slot] = Value(value, now, source, register)
        return True

    def get(self, slot: Slot, now: float, max_age_s: float) -> Any:
        """A value that is no older than that, else None."""
        value = self.values[slot]
        return None if value is None or abs(now - value.time_s) > max_age_s else value.value

    def seconded(self, slot: Slot, value: Any, now: float) -> bool:
        """Whether the same doubtful value was heard before within a minute. If not, it is remembered."""
        before = self.pending(slot)
        if before is not None and before.value == value and abs(now - before.time_s) <= _SECOND_S:
            self.settle(slot)
            return True
        self.doubt(slot, value, now)
        return False

    def doubt(self, slot: Slot, value: Any, now: float) -> None:
        """Remember a doubtful value."""
        self.settle(slot)
        self._doubts = (*self._doubts, Doubt(slot, value, now))

    def pending(self, slot: Slot) -> Doubt | None:
        """The doubtful value that waits for a second."""
        return next((doubt for doubt in self._doubts if doubt.slot is slot), None) if self._doubts else None

    def settle(self, slot: Slot) -> None:
        """Forget the doubtful value: what was known has been borne out."""
        if self._doubts:
            self._doubts = tuple(doubt for doubt in self._doubts if doubt.slot is not slot)

    def derive_track_rate(self, track_deg: float, now: float, source: AddressType) -> None:
        """Rate of turn from two tracks some seconds apart; one that the aircraft says itself goes before."""
        before_deg, took_s = self.turn_from_deg, now - self.turn_from_s
        if before_deg is not None and 0.0 <= took_s < _TURN_MIN_S:
            return
        self.turn_from_deg, self.turn_from_s = track_deg, now
        if before_deg is None or not 0.0 <= took_s <= _TURN_MAX_S:
            return
        said = self.values[Slot.TRACK_RATE]
        if said is not None and said.register != "derived" and abs(now - said.time_s) <= _HOLD_S:
            return
        turned = wrap_deg(track_deg - before_deg)
        self.set(Slot.TRACK_RATE, "track_rate_deg_s", turned / took_s, now, source, "derived")

    @property
    def quality(self) -> Quality:
        """The quality as far as it is known."""
        value = self.values[Slot.QUALITY]
        return Quality() if value is None else value.value

    def forget(self, now: float) -> None:
        """Drop the values that are too old."""
        values = self.values
        for slot, value in enumerate(values):
            if value is not None and LIFETIME_S[slot] and abs(now - value.time_s) > LIFETIME_S[slot]:
                values[slot] = None

    def sighting(self, now: float) -> Sighting:
        """The picture now. What has changed and happened is told once."""
        if abs(now - self._swept_s) >= 1.0:
            self._swept_s = now
            self.forget(now)
        power = self.signal_power
        picture = Sighting(
            icao=self.icao,
            now=now,
            changed=frozenset(self.changed),
            events=tuple(self.events),
            address_type=self.address_type,
            confirmed=self.proofs >= 2 or self.messages >= 3,
            messages=self.messages,
            rssi_dbfs=None if power is None else 10.0 * math.log10(max(power, 1e-10)),
            first_seen_s=self.first_seen_s,
            last_seen_s=self.last_seen_s,
            last_position=self.last_position,
            comm_b=self.comm_b,
            values=tuple(self.values),
        )
        self.changed.clear()
        self.events.clear()
        self.comm_b = None
        return picture
