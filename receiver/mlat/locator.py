"""What a hub asks: where transmissions come from, as frames for the tracker, and what is to be said about it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from typing import Any

from receiver.fleet.grouping import Transmission
from receiver.mlat.frames import Located, frames_of
from receiver.mlat.multilateration import Multilateration
from receiver.tracking import Sighting
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

WAIT_S = 30.0  # transmissions that the tracker was not told of are forgotten
BOTH_HALVES_S = 8.0  # after so long a position needs both of its halves again
SHOWN_S = 60.0
JUMPS_SHOWN = 20


class Locator:
    """Multilateration between a source that knows who received what and a tracker that knows who it was.

    Attributes
    ----------
    multilateration
        The work itself.
    """

    def __init__(self) -> None:
        self.multilateration = Multilateration()
        self._waiting: dict[tuple[float, bytes], Transmission] = {}
        self._newest: dict[str, tuple[Located, bool]] = {}  # and whether its last half was odd
        self._events: list[dict[str, Any]] = []

    def set_stations(self, places: Mapping[str, tuple[float, float, float | None]]) -> None:
        """Places of stations that share theirs: latitude, longitude (°), height (m above the ellipsoid)."""
        for name, (latitude, longitude, height) in places.items():
            self.multilateration.set_station(name, latitude, longitude, height or 0.0)

    def expect(self, transmissions: Iterable[Transmission]) -> None:
        """Transmissions whose frames come next."""
        waiting = self._waiting
        newest = -math.inf
        for one in transmissions:
            waiting[one.time_s, one.data] = one
            newest = max(newest, one.time_s)
        while waiting and next(iter(waiting))[0] < newest - WAIT_S:
            del waiting[next(iter(waiting))]

    def take(self, frame: Frame, sighting: Sighting) -> list[Frame]:
        """A frame has changed an aircraft; the frames of its place when one is to be published."""
        transmission = self._waiting.pop((frame.time_s, frame.data), None)
        if transmission is None:
            return []
        located = self.multilateration.take(transmission, sighting)
        self._log()
        if located is None:
            return []
        before = self._newest.get(located.icao)
        if before is None or not 0.0 <= located.time_s - before[0].time_s < BOTH_HALVES_S:
            odd: tuple[bool, ...] = (False, True)
        else:
            odd = (not before[1],)
        self._newest[located.icao] = located, odd[-1]
        return frames_of(located, odd)

    def contradicted_km(self, icao: str) -> float | None:
        """How far at least an aircraft is from where it says; None: nothing contradicts it."""
        found = self.multilateration.contradiction(icao)
        if found is None:
            return None
        return found.off_km if found.place_km is None else found.place_km

    def about(self, icao: str, now: float) -> dict[str, Any]:
        """What goes under `squitter.mlat` of an aircraft; empty when there is nothing to say."""
        out: dict[str, Any] = {}
        newest = self._newest.get(icao)
        if newest is not None and 0.0 <= now - newest[0].time_s <= SHOWN_S:
            located = newest[0]
            out = {
                "error_m": math.ceil(located.error_m),
                "stations": located.stations,
                "fixes": located.fixes,
                "height_m": round(located.height_m),
                "seen": round(now - located.time_s, 1),
            }
        else:
            why = self.multilateration.why_not(icao)
            if why is not None:
                out["why_not"] = why
        found = self.multilateration.contradiction(icao)
        if found is not None:
            against: dict[str, Any] = {"stations": found.stations, "km": round(found.off_km, 1)}
            if found.place is not None and found.place_km is not None:
                against |= {
                    "km": round(found.place_km, 1), "lat": round(found.place[0], 4), "lon": round(found.place[1], 4)
                }  # fmt: skip
            out["contradicts"] = against
        return out

    def second(self, now: float) -> None:
        """Once a second: forget what is too old to be shown."""
        for icao in [icao for icao, (one, _) in self._newest.items() if abs(now - one.time_s) > SHOWN_S]:
            del self._newest[icao]

    def status(self) -> dict[str, Any]:
        """How well the stations' clocks are matched, and what became of transmissions."""
        clocks = self.multilateration.clocks
        return {
            "stations": clocks.stations(),
            "pairs": [
                {
                    "stations": [pair.first, pair.second],
                    "sigma_ns": round(pair.sigma_s * 1e9),
                    "residual_ns": round(pair.residual_s * 1e9),
                    "rate_ppm": round(pair.rate_ppm, 3),
                    "transmissions": pair.transmissions,
                }
                for pair in clocks.quality()
            ],
            "transmissions": dict(sorted(self.multilateration.counts.items())),
            "events": list(self._events),
        }

    def _log(self) -> None:
        """What has happened to clocks, in the log and for the status."""
        events = self.multilateration.clocks.events
        while events:
            event = events.popleft()
            names = ",".join(event.stations)
            if event.kind == "jump":
                samples = abs(event.by_s) * 2.4e6
                what = "lost samples" if event.by_s < 0 else "has gained samples"
                log.warning(
                    "the clock of a station has jumped: it %s; station=%s jump_us=%.2f samples=%.0f",
                    what, names, event.by_s * 1e6, samples,
                )  # fmt: skip
                self._events.append(
                    {"kind": "jump", "stations": list(event.stations), "time": round(event.time_s, 2),
                     "jump_us": round(event.by_s * 1e6, 2)}
                )  # fmt: skip
            elif event.kind == "erratic":
                log.warning("the times of a station contradict all others', it is not used: station=%s", names)
                self._events.append({"kind": "erratic", "stations": [names], "time": round(event.time_s, 2)})
            else:
                log.info("the clock of a station: %s; station=%s", event.kind, names)
        del self._events[:-JUMPS_SHOWN]
