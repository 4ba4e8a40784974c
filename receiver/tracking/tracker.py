"""From messages to aircraft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from receiver.decode.formats.df00 import AirAir
from receiver.decode.formats.df04 import AltitudeReply
from receiver.decode.formats.df05 import IdentityReply
from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df16 import AirAirLong
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.formats.df20 import CommBReply
from receiver.decode.message import TYPE_NAMES, Message
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.belief import Acquaintances, proves_itself
from receiver.tracking.limits import Station, TrackingLimits
from receiver.tracking.replies import (
    take_air_air,
    take_all_call,
    take_altitude_reply,
    take_comm_b,
    take_identity_reply,
)
from receiver.tracking.sighting import Event, Sighting, Slot, Value
from receiver.tracking.squitters import take_squitter
from receiver.tracking.statistics import TrackerStatistics
from receiver.tracking.values import Context
from receiver.tracking.whereabouts import Whereabouts

_TAKE: dict[type[Message], Callable[[Context, Aircraft, Any], None]] = {
    AirAir: take_air_air,
    AirAirLong: take_air_air,
    AltitudeReply: take_altitude_reply,
    IdentityReply: take_identity_reply,
    AllCallReply: take_all_call,
    ExtendedSquitter: take_squitter,
    CommBReply: take_comm_b,
}


class Tracker:
    """All aircraft in view. Knows no clock: time is what the messages and the caller say.

    Parameters
    ----------
    station
        Where the receiver is; None when it is not known (no distances, no range check, no surface positions before an
        airborne one).
    limits
        See `TrackingLimits`.
    """

    def __init__(self, station: Station | None = None, limits: TrackingLimits | None = None) -> None:
        self.station = station
        self.limits = limits if limits is not None else TrackingLimits()
        self.statistics = TrackerStatistics()
        self.whereabouts = Whereabouts()
        self._context = Context(station, self.limits, self.statistics, self.whereabouts)
        self._aircraft: dict[str, Aircraft] = {}
        self._newcomers: dict[str, None] = {}  # those heard once, oldest first
        self._acquaintances = Acquaintances(self.limits.max_acquaintances)
        self._departed: list[Sighting] = []
        self._changed: set[str] = set()
        self._events: list[Event] = []
        self._said: list[tuple[Slot, Value[Any]]] = []

    def place_hint(self) -> str | None:
        """What is probably wrong with the station's place; None when nothing seems to be."""
        return self.whereabouts.hint(self.station, self.limits.max_range_nmi)

    def __len__(self) -> int:
        return len(self._aircraft)

    def update(self, message: Message) -> Sighting | None:
        """Take in one message; the aircraft as it is now, or None when its address is not believed (yet)."""
        aircraft = self._aircraft.get(message.icao)
        proof = proves_itself(message)
        if aircraft is None:
            aircraft = self._admit(message, proof)
            if aircraft is None:
                self.statistics.rejected["unconfirmed"] += 1
                return None
        now = message.time_s
        aircraft.heard(message, proof)
        if aircraft.messages == 2:
            self._newcomers.pop(aircraft.icao, None)
        self.statistics.messages[TYPE_NAMES[message.address_type]] += 1
        if isinstance(message, AllCallReply) and message.interrogator:
            self._acquaintances.note_interrogator(message.interrogator, now)
        _TAKE[type(message)](self._context, aircraft, message)
        return aircraft.sighting(now)

    def aircraft(self, now: float) -> Iterator[Sighting]:
        """Every aircraft as it is at `now`, in the order of their appearance. `changed` and `events` are empty."""
        for aircraft in list(self._aircraft.values()):
            yield aircraft.look(now)

    def get(self, icao: str, now: float) -> Sighting | None:
        """One aircraft as it is at `now`; None when it is not in view."""
        aircraft = self._aircraft.get(icao)
        return None if aircraft is None else aircraft.look(now)

    def expire(self, now: float) -> list[Sighting]:
        """The aircraft that have left since the last call, each with the event `left`. To be called every second or
        so."""
        limits = self.limits
        self._acquaintances.expire(now)
        for aircraft in list(self._aircraft.values()):
            patience = limits.departed_after_s if aircraft.messages > 1 else limits.newcomer_departed_after_s
            # also after a step back of the signal's clock, when nothing would ever grow old
            if abs(now - aircraft.last_seen_s) > patience:
                self._dismiss(aircraft, now)
        departed, self._departed = self._departed, []
        return departed

    def _admit(self, message: Message, proof: bool) -> Aircraft | None:
        """A state for an unknown address, if it can be believed."""
        now, limits = message.time_s, self.limits
        crowded = len(self._newcomers) >= limits.max_newcomers
        if isinstance(message, ExtendedSquitter):
            believed = proof and (not crowded or self._acquaintances.heard_twice(message.icao, message.frame))
        else:
            believed = (
                isinstance(message, AllCallReply)
                and message.is_clean
                and self._acquaintances.knows_interrogator(message.interrogator, now)
                and self._acquaintances.heard_twice(message.icao, message.frame)
            )
        if not believed:
            return None
        if crowded:
            self._dismiss(self._aircraft[next(iter(self._newcomers))], now)
        if len(self._aircraft) >= limits.max_aircraft:
            self._dismiss(min(self._aircraft.values(), key=lambda aircraft: aircraft.last_seen_s), now)
        aircraft = Aircraft(message.icao, message.address_type, now, self._changed, self._events, self._said)
        aircraft.events.append(Event("appeared", ""))
        self._aircraft[message.icao] = aircraft
        self._newcomers[message.icao] = None
        self.statistics.aircraft_seen += 1
        return aircraft

    def _dismiss(self, aircraft: Aircraft, now: float) -> None:
        del self._aircraft[aircraft.icao]
        self._newcomers.pop(aircraft.icao, None)
        aircraft.events.append(Event("left", ""))
        self._departed.append(aircraft.sighting(now))
        self.statistics.aircraft_departed += 1
        self.statistics.aircraft_heard_once += aircraft.messages == 1
