"""Tracks cut into flights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from receiver.history.day_file import IdentityRow, PositionRow, aircraft_address
from receiver.history.reader import HistoryReader

GAP_S = 1800.0  # who was not heard for half an hour has landed, or come back as another flight


@dataclass(slots=True)
class Flight:
    """From the first to the last position of an aircraft without a long gap and under one call sign.

    Attributes
    ----------
    positions
        Positions in the history, which is thinner than what was heard.
    lowest_ft, highest_ft
        Barometric, in the air; None when it never said.
    """

    icao: str
    start_s: float
    end_s: float
    positions: int = 0
    callsign: str | None = None
    registration: str | None = None
    type_designator: str | None = None
    category: str | None = None
    lowest_ft: int | None = None
    highest_ft: int | None = None

    def _add(self, row: PositionRow) -> None:
        self.end_s = row.time_ms / 1000.0
        self.positions += 1
        altitude = row.altitude_baro_ft
        if altitude is not None and not row.on_ground:
            self.lowest_ft = altitude if self.lowest_ft is None else min(self.lowest_ft, altitude)
            self.highest_ft = altitude if self.highest_ft is None else max(self.highest_ft, altitude)

    def _know(self, known: IdentityRow) -> None:
        self.callsign = known.callsign or self.callsign
        self.registration = known.registration or self.registration
        self.type_designator = known.type_designator or self.type_designator
        self.category = known.category or self.category


def flights(
    reader: HistoryReader,
    start_s: float,
    end_s: float,
    *,
    icao: str | None = None,
    callsign: str | None = None,
    limit: int = 10_000,
) -> list[Flight]:
    """Flights with a position in a time, by their start; the latest `limit` of them.

    Parameters
    ----------
    icao
        Of one aircraft only.
    callsign
        With this call sign only; upper or lower case.
    """
    wanted = None if callsign is None else callsign.strip().upper()
    found = [flight for flight in _cut(reader, start_s, end_s, icao) if wanted is None or flight.callsign == wanted]
    found.sort(key=lambda flight: (flight.start_s, flight.icao))
    return found[-limit:]


def _cut(reader: HistoryReader, start_s: float, end_s: float, icao: str | None) -> Iterator[Flight]:
    # what is known when: a day's file repeats everything once, so the day of the start is enough
    day_start_s = start_s - start_s % 86_400.0
    said: dict[int, list[IdentityRow]] = {}
    for known in reader.identities(day_start_s, end_s, icao):
        said.setdefault(known.aircraft, []).append(known)
    for rows in said.values():
        rows.reverse()  # the next one is at the end
    current: dict[int, Flight] = {}
    latest: dict[int, IdentityRow] = {}
    for row in reader.positions(start_s, end_s, icao):
        flight = current.get(row.aircraft)
        if flight is not None and row.time_ms / 1000.0 - flight.end_s > GAP_S:
            yield current.pop(row.aircraft)
            flight = None
        due = said.get(row.aircraft)
        known_now = None
        while due and due[-1].time_ms <= row.time_ms:
            known_now = latest[row.aircraft] = due.pop()
        if (
            flight is not None
            and known_now is not None
            and known_now.callsign is not None
            and flight.callsign not in (None, known_now.callsign)
        ):
            yield current.pop(row.aircraft)
            flight = None
        if flight is None:
            flight = current[row.aircraft] = Flight(
                aircraft_address(row.aircraft), row.time_ms / 1000.0, row.time_ms / 1000.0
            )
            known_now = latest.get(row.aircraft)
        if known_now is not None:
            flight._know(known_now)
        flight._add(row)
    yield from current.values()
