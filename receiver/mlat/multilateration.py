"""All of it together: transmissions with what the tracker made of them in, positions out. Pure: time is the transmissions'.

A transmission that says where its aircraft is matches clocks, and is checked itself. One of an aircraft that does not is located.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from receiver.decode.message import AddressType
from receiver.earth import METRES_PER_NMI, distance_nmi
from receiver.fleet.grouping import Transmission
from receiver.fleet.heard import TICKS_HZ
from receiver.mlat.checks import Checks, Contradiction
from receiver.mlat.clocks import Clocks
from receiver.mlat.ellipsoid import Place, to_degrees, to_place
from receiver.mlat.frames import Located
from receiver.mlat.pressure import M_PER_FT, Pressure
from receiver.mlat.reasons import CLOSEST_KM, listed, sentence
from receiver.mlat.solver import Fix, Height, NoFix, solve
from receiver.mlat.track import Track
from receiver.tracking import Sighting
from receiver.tracking.sighting import Slot

_OWN = frozenset({AddressType.ADSB_ICAO, AddressType.ADSB_ICAO_NT})
PUBLISH_S = 0.8  # an aircraft's positions are no closer than that
ALTITUDE_S = 20.0  # a barometric altitude is used for so long
GEOMETRY_S = 60.0  # the difference of altitudes that an aircraft sends, too
NO_PLACE_S = 10.0  # an aircraft that broadcasts positions is not located for so long after the last one
WORST_M = 8000.0  # fixes less sure than that are none
PUBLISHED_M = 4000.0  # and tracks
CHECK_S = 2.0  # how often an aircraft at odds with its positions is located
FORGET_S = 120.0
MOST_BASELINES = 4096  # sets of stations, in the order of arrival, that are remembered
USUAL_PLACE_SIGMA_M = 15.0  # of a broadcast position with its delay, when the aircraft does not say
_EPU_M = {11: 3.0, 10: 10.0, 9: 30.0, 8: 93.0, 7: 185.0}  # by NACp, 95 %
KT_M_S = METRES_PER_NMI / 3600.0
FPM_M_S = M_PER_FT / 60.0


class _Arrived(NamedTuple):
    """Receptions by stations whose places are known."""

    numbers: list[int]
    readings: NDArray[np.float64]
    levels: list[float | None]
    places: NDArray[np.float64]


class _Aircraft:
    __slots__ = ("checked_s", "facts", "published_s", "reason", "seen_s", "track")

    def __init__(self) -> None:
        self.track: Track | None = None
        self.published_s = self.checked_s = -math.inf
        self.seen_s = -math.inf
        self.reason = ""
        self.facts: dict[str, Any] = {}


class Multilateration:
    """The positions of those who broadcast none.

    Attributes
    ----------
    clocks
        How the stations' clocks go against each other.
    checks
        Of positions that are broadcast.
    counts
        Of transmissions, by what became of them: `matched`, `located`, `published`, and the reasons of `receiver.mlat.reasons`.
    """

    def __init__(self) -> None:
        self.clocks = Clocks(TICKS_HZ)
        self.checks = Checks()
        self.pressure = Pressure()
        self.counts: Counter[str] = Counter()
        self._places: dict[str, Place] = {}
        self._middle: tuple[float, float] | None = None
        self._baselines: dict[tuple[int, ...], float] = {}
        self._aircraft: dict[str, _Aircraft] = {}
        self._second_s = -math.inf

    def set_station(self, name: str, latitude_deg: float, longitude_deg: float, height_m: float) -> None:
        """Where a station's antenna is; the height is above the ellipsoid. One that has moved begins anew."""
        place = to_place(latitude_deg, longitude_deg, height_m)
        before = self._places.get(name)
        if before is not None and math.dist(before, place) < 1.0:
            return
        if before is not None:
            self.clocks.forget_name(name)
        self._places[name] = place
        self._baselines.clear()
        everywhere = [to_degrees(one)[:2] for one in self._places.values()]
        first = everywhere[0][1]
        self._middle = (
            math.fsum(one[0] for one in everywhere) / len(everywhere),
            first + math.fsum((one[1] - first + 180.0) % 360.0 - 180.0 for one in everywhere) / len(everywhere),
        )

    def take(self, transmission: Transmission, sighting: Sighting) -> Located | None:
        """Take in one transmission and the aircraft as it is after it; a position that is to be published, when there is one."""
        now, icao = transmission.time_s, sighting.icao
        if not 0.0 <= now - self._second_s < 1.0:
            self._second_s = now
            self._expire(now)
        if icao.startswith("~"):
            return None
        said = self._said_place(transmission, sighting, now)
        if said is not None:
            arrived = self._arrived(transmission)
            if len(arrived.numbers) < 2:
                return None
            place, sigma_m = said
            believed = self.checks.contradiction(icao) is None
            late = self.clocks.take(
                arrived.numbers, arrived.readings, arrived.levels, arrived.places, place, sigma_m, icao, now, believed
            )
            self.counts["matched"] += 1
            if late is not None:
                self._check(arrived, late.tolist(), transmission, sighting, place, now)
            return None
        position = sighting.values[Slot.POSITION]
        if position is not None and position.source in _OWN and now - position.time_s < NO_PLACE_S:
            if icao in self._aircraft:
                self._aircraft[icao].reason = ""
            return None
        aircraft = self._aircraft.get(icao)
        if aircraft is None:
            aircraft = self._aircraft[icao] = _Aircraft()
        aircraft.seen_s = now
        found = self._located(transmission, sighting, aircraft, now)
        if isinstance(found, NoFix):
            self.counts[found.reason] += 1
            aircraft.reason = found.reason
            return None
        return self._follow(aircraft, found, sighting, now)

    def contradiction(self, icao: str) -> Contradiction | None:
        """What arrival times say against an aircraft's broadcast positions; None: nothing."""
        return self.checks.contradiction(icao)

    def why_not(self, icao: str) -> str | None:
        """One sentence why an aircraft has no computed position; None when it has one, or needs none."""
        aircraft = self._aircraft.get(icao)
        if aircraft is None or not aircraft.reason:
            return None
        return sentence(aircraft.reason, **aircraft.facts)

    def track(self, icao: str) -> Track | None:
        """Of an aircraft that was located."""
        aircraft = self._aircraft.get(icao)
        return None if aircraft is None else aircraft.track

    def _said_place(self, transmission: Transmission, sighting: Sighting, now: float) -> tuple[Place, float] | None:
        """The place that this transmission itself says, and how uncertain it is (m)."""
        position = sighting.values[Slot.POSITION]
        if position is None or position.time_s != now or position.source not in _OWN:
            return None
        where = position.value
        latitude, longitude = where.latitude_deg, where.longitude_deg
        baro = sighting.values[Slot.ALTITUDE_BARO]
        if where.is_surface or baro is None or now - baro.time_s > ALTITUDE_S:
            return None
        geom = sighting.values[Slot.ALTITUDE_GEOM]
        if geom is not None and geom.source in _OWN and now - geom.time_s < 5.0 and baro.source in _OWN:
            self.pressure.note(sighting.icao, latitude, longitude, baro.value, geom.value, now)
        height = self.pressure.own(sighting.icao, baro.value, now) or self.pressure.height(
            latitude, longitude, baro.value, now
        )
        quality = sighting.values[Slot.QUALITY]
        flat_m = USUAL_PLACE_SIGMA_M
        if quality is not None and quality.value.nac_p is not None:
            epu_m = _EPU_M.get(quality.value.nac_p)
            if epu_m is None:
                return None  # it says itself that it does not know
            flat_m = max(flat_m, epu_m / 2.45)
        elif where.nic < 6:
            return None
        # heights count by the sines of elevations, whose differences are small
        return to_place(latitude, longitude, height.height_m), math.hypot(flat_m, 0.3 * height.sigma_m)

    def _arrived(self, transmission: Transmission) -> _Arrived:
        numbers: list[int] = []
        readings: list[float] = []
        levels: list[float | None] = []
        places: list[Place] = []
        clocks = self.clocks
        for reception in transmission.receptions:
            place = self._places.get(reception.station)
            if place is None:
                continue
            number = clocks.number(reception.station, reception.clock, reception.ticks)
            if number is None:
                continue
            numbers.append(number)
            readings.append(clocks.reading(number, reception.ticks))
            levels.append(reception.level_dbfs)
            places.append(place)
        return _Arrived(numbers, np.array(readings), levels, np.array(places))

    def _check(
        self,
        arrived: _Arrived,
        late: list[float],
        transmission: Transmission,
        sighting: Sighting,
        place: Place,
        now: float,
    ) -> None:
        icao = sighting.icao
        trusted = [
            value
            for number, value in zip(arrived.numbers, late, strict=True)
            if value == value and self.clocks.trusted(number)
        ]
        if not self.checks.note(icao, trusted, now) or self.checks.contradiction(icao) is None:
            return
        aircraft = self._aircraft.setdefault(icao, _Aircraft())
        aircraft.seen_s = now
        if now - aircraft.checked_s < CHECK_S:
            return
        aircraft.checked_s = now
        found = self._solved(arrived, self._height(sighting, aircraft, now), None)
        if isinstance(found, Fix) and found.freedom > 0 and not found.ambiguous and found.error_m() < WORST_M:
            latitude, longitude, _ = to_degrees(found.place)
            said = to_degrees(place)
            far_km = distance_nmi(latitude, longitude, said[0], said[1]) * METRES_PER_NMI / 1000.0
            self.checks.located(icao, (latitude, longitude), far_km)

    def _height(self, sighting: Sighting, aircraft: _Aircraft, now: float) -> Height | None:
        baro = sighting.values[Slot.ALTITUDE_BARO]
        if baro is None or now - baro.time_s > ALTITUDE_S:
            return None
        own = self.pressure.own(sighting.icao, baro.value, now)
        if own is not None:
            return own
        track = aircraft.track
        if track is not None:
            latitude, longitude = track.near
        elif self._middle is not None:
            latitude, longitude = self._middle
        else:
            return None
        return self.pressure.height(latitude, longitude, baro.value, now)

    def _located(self, transmission: Transmission, sighting: Sighting, aircraft: _Aircraft, now: float) -> Fix | NoFix:
        receptions = transmission.receptions
        names = sorted(reception.station for reception in receptions)
        aircraft.facts = {"stations": listed(names), "count": len(names)}
        if len(names) < 3:
            return NoFix("few_stations" if len(names) > 1 else "one_station")
        arrived = self._arrived(transmission)
        if len(arrived.numbers) < 3:
            others = [name for name in names if name not in self._places]
            aircraft.facts["others"] = listed(others)
            return NoFix("no_place" if self._places else "no_stations")
        track = aircraft.track
        start = None if track is None or now - track.time_s > 10.0 else track.predicted(now)
        found = self._solved(arrived, self._height(sighting, aircraft, now), start, aircraft.facts)
        if isinstance(found, NoFix):
            return found
        if found.ambiguous and start is None:
            return NoFix("ambiguous")
        if float(np.trace(found.covariance)) > (WORST_M / 2.45) ** 2 and found.error_m() > WORST_M:
            return NoFix("geometry")
        return found

    def _solved(
        self, arrived: _Arrived, height: Height | None, start: Place | None, facts: dict[str, Any] | None = None
    ) -> Fix | NoFix:
        """A fix from the stations that are trusted and matched."""
        facts = {} if facts is None else facts
        clocks = self.clocks
        numbers, readings, levels, places = arrived
        if not all(map(clocks.trusted, numbers)):
            keep = [index for index, number in enumerate(numbers) if clocks.trusted(number)]
            if len(keep) < 3:
                facts["others"] = listed(sorted(clocks.name(n) for n in numbers if not clocks.trusted(n)))
                return NoFix("erratic")
            numbers, levels = [numbers[index] for index in keep], [levels[index] for index in keep]
            readings, places = readings[keep], places[keep]
        least = 3 if height is not None else 4
        common = clocks.common(numbers, readings)
        if common is None:
            return NoFix("unmatched")
        times, variances = common
        if np.isnan(times).any():
            usable = np.flatnonzero(~np.isnan(times)).tolist()
            if len(usable) < least:
                return NoFix("unmatched")
            numbers, levels = [numbers[index] for index in usable], [levels[index] for index in usable]
            times, variances, places = times[usable], variances[usable], places[usable]
        if len(numbers) < least:
            return NoFix("three_without_altitude" if len(numbers) == 3 else "few_stations")
        if self._baseline_m(tuple(numbers), places) < CLOSEST_KM * 1000.0:
            facts["baseline_km"] = CLOSEST_KM
            return NoFix("close_stations")
        found = solve(places, times, np.sqrt(clocks.noises(numbers, levels) + variances), height, start)
        if isinstance(found, NoFix):
            return found
        used = numbers
        if found.freedom > 0:
            for index, number in enumerate(used):
                clocks.note_solution(number, index != found.left_out)
        elif not all(clocks.proven(number) for number in used):
            # nothing tests this fix: only stations that have proven themselves may give one
            return NoFix("contradiction")
        return found

    def _baseline_m(self, numbers: tuple[int, ...], places: NDArray[np.float64]) -> float:
        """How far apart the stations are."""
        known = self._baselines.get(numbers)
        if known is None:
            if len(self._baselines) >= MOST_BASELINES:
                self._baselines.clear()
            known = float(np.sqrt(((places[:, None] - places) ** 2).sum(axis=2)).max())
            self._baselines[numbers] = known
        return known

    def _follow(self, aircraft: _Aircraft, fix: Fix, sighting: Sighting, now: float) -> Located | None:
        self.counts["located"] += 1
        track = aircraft.track
        if track is None:
            track = aircraft.track = Track(fix, now)
            aircraft.reason, aircraft.facts["fixes"] = "unsettled", 1
            return None
        if not track.take(fix, now):
            self.counts["wandering"] += 1
            if not track.is_published(now):
                aircraft.reason = "wandering"
            return None
        if not track.is_published(now):
            aircraft.reason, aircraft.facts["fixes"] = "unsettled", track.fixes
            return None
        error_m = track.error_m()
        if error_m > PUBLISHED_M:
            aircraft.reason = "geometry"
            return None
        aircraft.reason = ""
        if now - aircraft.published_s < PUBLISH_S or sighting.on_ground:
            return None
        aircraft.published_s = now
        self.counts["published"] += 1
        latitude, longitude, height_m = track.place()
        speed, direction, climb = track.speed()
        known = track.speed_error_m_s() < 10.0
        baro = sighting.values[Slot.ALTITUDE_BARO]
        return Located(
            sighting.icao,
            now,
            latitude,
            longitude,
            height_m,
            None if baro is None or now - baro.time_s > ALTITUDE_S else baro.value,
            error_m,
            speed / KT_M_S if known else None,
            direction if known else None,
            climb / FPM_M_S if known else None,
            track.stations,
            track.fixes,
        )

    def _expire(self, now: float) -> None:
        self.clocks.expire(now)
        self.checks.expire(now)
        for icao in [icao for icao, one in self._aircraft.items() if abs(now - one.seen_s) > FORGET_S]:
            del self._aircraft[icao]
