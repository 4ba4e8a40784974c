"""The hub's middle: payloads of stations in, transmissions out. Pure: `now` is what the caller says (UTC s)."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from receiver.fleet.agreement import Agreement, active_stations
from receiver.fleet.clocks import Clocks
from receiver.fleet.coverage import Coverage
from receiver.fleet.grouping import Grouper, Groups, Receptions
from receiver.fleet.health import health_of
from receiver.fleet.heard import TICKS_HZ, Gatherer, HeardError
from receiver.fleet.stations import Station
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

LIGHT_KM_PER_S = 299_792.458
AHEAD_S = 5.0  # nobody receives what is sent later than that from now
KIND = "fleet"
OVERLAP_EVERY_S = 30.0
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_HEX = re.compile(r"[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken in; see `[fleet]`."""

    hold_s: float = 2.0
    baseline_km: float = 600.0
    max_stations: int = 64
    max_frames_per_s: int = 5000
    max_aircraft: int = 1500
    stations: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    name: str = "fleet"


class Fleet:
    """Stations, their clocks, and what they have received.

    Attributes
    ----------
    stations
        By name.
    strangers
        Messages of stations that are not admitted.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.stations: dict[str, Station] = {}
        self.strangers = 0
        self.clocks = Clocks()
        self._names: list[str] = []
        self._gatherer = Gatherer()
        self._of_message: list[tuple[int, int, float, float, float, int]] = []  # what `_take_in` reads
        self._grouper = Grouper(self.limits.baseline_km / LIGHT_KM_PER_S)
        self.coverage = Coverage()
        self.agreement = Agreement(self.coverage, lambda number: self._names[number] in self.limits.trusted)
        self._second_s = self._overlap_s = -np.inf
        self._overlap: dict[int, tuple[int, int]] = {}
        self._now = 0.0
        self._epoch_s: float | None = None

    @property
    def names(self) -> list[str]:
        """Of the stations, by number."""
        return self._names

    def places(self) -> dict[str, tuple[float, float, float | None]]:
        """Of the stations that share theirs: latitude, longitude (°), height (m)."""
        return {name: station.place for name, station in self.stations.items() if station.place is not None}

    def station(self, name: str) -> Station | None:
        """A station, new or known; None when it is not admitted."""
        found = self.stations.get(name)
        if found is not None:
            return found
        limits = self.limits
        if (
            name == limits.name
            or (limits.stations and name not in limits.stations)
            or not _NAME.fullmatch(name)
            or len(self._names) >= limits.max_stations
        ):
            return None
        found = self.stations[name] = Station(name, len(self._names))
        self._names.append(name)
        log.info("a station: station=%s stations=%d", name, len(self._names))
        return found

    def hear(self, name: str, hex_: str, payload: bytes, arrived_s: float) -> None:
        """Take in a message that has just come."""
        station = self.station(name)
        if station is None:
            self.strangers += 1
            return
        if not _HEX.fullmatch(hex_):
            station.damaged += 1
            return
        address = int(hex_, 16)
        limits = self.limits
        # a record has seven bytes at least: what a message costs is known before it is read
        if not station.admits(1 + len(payload) // 16, arrived_s, limits.max_frames_per_s) or not station.admits_address(
            address, arrived_s, limits.max_aircraft
        ):
            station.refused += 1
            return
        try:
            head = self._gatherer.add(payload, address)
        except HeardError as error:
            station.damaged += 1
            if station.damaged in (1, 10, 100) or station.damaged % 1000 == 0:
                log.warning("a message cannot be read: %s station=%s damaged=%d", error, name, station.damaged)
            return
        station.heard_s = arrived_s
        station.messages += 1
        station.frames += sum(head.counts)
        self._of_message.append((station.number, *self.clocks.hear(station.number, head, arrived_s), address))

    def turn(self, now: float) -> Groups:
        """The transmissions up to `now` less the hold that are believed; to be called some times a second."""
        self._now = now
        self._take_in(now)
        signal_s = now - self.limits.hold_s
        groups = self._grouper.take(signal_s)
        self.clocks.learn(groups)
        self._count(groups)
        active = active_stations([station.heard_s for station in self.stations.values()], now)
        groups = groups.only(self.agreement.judge(groups, signal_s, active))
        self.coverage.take(groups, len(self._names))
        if not 0.0 <= now - self._second_s < 1.0:
            self._second_s = now
            self.clocks.align(now)
            self.coverage.second(self.agreement.places(signal_s), signal_s)
            for station in self.stations.values():
                station.second(now)
        if not 0.0 <= now - self._overlap_s < OVERLAP_EVERY_S:
            self._overlap_s, self._overlap = now, self.coverage.overlap()
        return groups

    def about(self, icao: str) -> dict[str, Any]:
        """What is added to an aircraft: the stations that receive it, and the one with the strongest signal."""
        address = int(icao.lstrip("~"), 16)
        now = self._now - self.limits.hold_s
        names = sorted(self._names[number] for number, _ in self.coverage.of(address, now))
        if not names:
            return {}
        best = self.coverage.best(address, now)
        return {"stations": names} if best is None else {"stations": names, "best_station": self._names[best]}

    def health(self) -> list[dict[str, Any]]:
        """How each station does, by name."""
        return [
            health_of(
                station,
                self.clocks,
                self.agreement.standings.get(station.number),
                self._overlap.get(station.number),
                self._now,
            )
            for _, station in sorted(self.stations.items())
        ]

    def _take_in(self, now: float) -> None:
        if not len(self._gatherer):
            return
        records = self._gatherer.take()
        station, clock, utc0_s, moved_s, uncertainty_s, address = (
            np.array(column) for column in zip(*self._of_message, strict=True)
        )
        self._of_message = []
        message = records.message
        received = Receptions(
            station[message].astype(np.int32),
            clock[message].astype(np.int32),
            records.ticks,
            utc0_s[message] + moved_s[message] + records.ticks / TICKS_HZ,
            moved_s[message],
            uncertainty_s[message],
            records.level_dbfs,
            records.is_clean,
            address[message].astype(np.uint32),
            records.data,
            records.n_bytes,
        )
        possible = received.time_s <= now + AHEAD_S
        if not possible.all():
            self._count_late(received[~possible])
            received = received[possible]
        self.clocks.look(received)
        late = self._grouper.add(received)
        if len(late):
            self._count_late(late)

    def _count_late(self, late: Receptions) -> None:
        for number, count in enumerate(np.bincount(late.station, minlength=0).tolist()):
            if count:
                self.stations[self._names[number]].late += count

    def _count(self, groups: Groups) -> None:
        if not len(groups):
            return
        n = len(self._names)
        row_shared = np.repeat(groups.sizes > 1, groups.sizes)
        station = groups.receptions.station
        all_, shared = np.bincount(station, minlength=n), np.bincount(station[row_shared], minlength=n)
        for one in self.stations.values():
            one.transmissions += int(all_[one.number])
            one.shared += int(shared[one.number])

    def frames(self, groups: Groups) -> list[Frame]:
        """The transmissions as frames, oldest first, the level that of the strongest reception."""
        if not len(groups):
            return []
        rows, starts = groups.receptions, groups.starts[:-1]
        time_s = rows.time_s[starts]
        if self._epoch_s is None:
            self._epoch_s = float(np.floor(time_s[0])) - 1.0
        counter = np.round((time_s - self._epoch_s) * COUNTER_HZ).astype(np.int64) & COUNTER_MASK
        clean = np.logical_or.reduceat(rows.is_clean, starts)
        receiver = np.where(groups.is_loose, rows.station[starts] + 1, 0)
        level = rows.level_dbfs[groups.strongest]
        joined = rows.data[starts].tobytes()
        return [
            Frame(
                data=joined[first : first + n_bytes],
                time_s=at,
                counter_12mhz=count,
                signal_dbfs=None if dbfs != dbfs else dbfs,
                corrected_bits=0 if is_clean else 1,
                found="network",
                source=KIND,
                receiver=number,
            )
            for first, n_bytes, at, count, dbfs, is_clean, number in zip(
                range(0, len(joined), 16),
                rows.n_bytes[starts].tolist(),
                time_s.tolist(),
                counter.tolist(),
                level.tolist(),
                clean.tolist(),
                receiver.tolist(),
                strict=True,
            )
        ]

    def move(self, by_s: float) -> None:
        """The hub's clock was set by so much."""
        self.clocks.move(by_s)
        for station in self.stations.values():
            if station.heard_s is not None:
                station.heard_s += by_s
