"""All stations of a scene: who receives what, how strong, and what their counters show then."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.scenario import Scenario
from config.scenario_stations import Arrivals
from receiver.sources.scene.chance import mixed as mixed_one
from receiver.sources.scene.chance import uniform as uniform_one
from receiver.sources.scene.stations.chances import Floats, Keys, mixed, normal, uniform
from receiver.sources.scene.stations.clock import Clock, random_gaps
from receiver.sources.scene.stations.globe import cartesian, delay_s, seen_from
from receiver.sources.scene.stations.hostile import with_lies
from receiver.sources.scene.stations.receptions import GHOST, NOT_SENT, TRUE, Receptions
from receiver.sources.scene.stations.sky import EVERYBODY, Sky, Transmissions

CHUNK_S = 5.0
_FADES_S = np.array([7.0, 23.0, 61.0])
_OVERHEAD = 0.01  # of the power is left straight above an upright antenna


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a scene.

    Attributes
    ----------
    heard
        What stations received in it.
    sky
        What was transmitted in it; what arrives after its end is heard in the next.
    first
        Number of the first of these transmissions: `sky` row = `heard.sent` − `first`.
    """

    heard: Receptions
    sky: Transmissions
    first: int


class Stations:
    """Several stations below one sky.

    Attributes
    ----------
    names
        Of the stations, in the file's order.
    clocks
        One for each.
    sky
        All aircraft, invented ones included.
    """

    def __init__(self, scenario: Scenario, sky: Sky) -> None:
        self.scenario = scenario
        self.sky = sky
        self.names = [station.name for station in scenario.stations]
        self._keys = [mixed_one(scenario.seed, 3000 + number) for number in range(len(self.names))]
        self.clocks = [
            Clock(station, key, scenario.start_utc_s, scenario.duration_s)
            for station, key in zip(scenario.stations, self._keys, strict=True)
        ]
        self._gaps = [
            random_gaps(station, key, scenario.duration_s)
            for station, key in zip(scenario.stations, self._keys, strict=True)
        ]
        self.places_m = [cartesian(s.latitude, s.longitude, s.altitude_m + s.antenna_m) for s in scenario.stations]
        self.start_utc_ns = round(scenario.start_utc_s * 1e9)

    def receptions(
        self, start_s: float = 0.0, end_s: float | None = None, chunk_s: float = CHUNK_S
    ) -> Iterator[Receptions]:
        """What they receive, in order of arrival; one list of arrays for each `chunk_s` of the scene."""
        for chunk in self.chunks(start_s, end_s, chunk_s):
            yield chunk.heard

    def chunks(self, start_s: float = 0.0, end_s: float | None = None, chunk_s: float = CHUNK_S) -> Iterator[Chunk]:
        """The same with what was transmitted. Chunks of any length give the same receptions in the same order.

        Parameters
        ----------
        start_s, end_s
            Seconds after the scene's start, of the transmissions; None for its end. What is still to be replayed at the
            end comes in the last chunk.
        """
        end_s = self.scenario.duration_s if end_s is None else min(end_s, self.scenario.duration_s)
        late: list[Receptions] = []
        first, number, begin_s = 0, 0, start_s
        while begin_s < end_s:
            number += 1
            next_s = min(start_s + number * chunk_s, end_s)
            sky = self.sky.transmissions(begin_s, next_s)
            heard = Receptions.joined([*late, *(self._at(k, sky, first) for k in range(len(self.names)))])
            now = len(heard) if next_s >= end_s else int(np.searchsorted(heard.arrived_s, next_s))
            yield Chunk(heard[:now], sky, first)
            late = [heard[now:]]
            first += len(sky)
            begin_s = next_s

    def levels(self, number: int, sky: Transmissions) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Power of pulses at a station (dBFS), how long they take to it (s), and whether it is above their horizon."""
        station = self.scenario.stations[number]
        key, radio = self._keys[number], self.scenario.radio
        distance, bearing, elevation = seen_from(
            station.latitude, station.longitude, self.places_m[number], sky.place_m
        )
        antenna_m = station.altitude_m + station.antenna_m
        delay = delay_s(distance, sky.height_m, antenna_m, self.scenario.arrivals.refractivity)
        fades = self.sky.fades[sky.who, :, 0] + uniform(np.uint64(key), np.arange(80, 83))
        fade = np.sin(2.0 * np.pi * (sky.time_s[:, None] / _FADES_S + fades)).sum(axis=1) / 2.0
        turn = np.radians(bearing)
        ripple = np.sin(turn + 2 * math.pi * uniform_one(key, 83)) + np.sin(
            3 * turn + 2 * math.pi * uniform_one(key, 84)
        )
        upright = 10.0 * np.log10(np.maximum(np.cos(np.radians(elevation)) ** 2, _OVERHEAD))
        level = (
            radio.level_at_100_km_dbfs
            + 20.0 * np.log10(100_000.0 / np.maximum(distance, 300.0))
            + self.sky.power_db[sky.who]
            + radio.fading_db * fade
            + station.gain_db
            + station.ripple_db * ripple / 2.0
            + upright
            + 0.5 * normal(self._chance(number, sky), 2)
        )
        # Radio horizon with 4/3 of the earth's radius
        above = np.where(sky.on_ground, 3.0, np.maximum(sky.height_m - station.altitude_m, 3.0))
        flat = distance * np.cos(np.radians(np.clip(elevation, -90.0, 90.0)))
        is_seen = flat <= 4120.0 * (math.sqrt(station.antenna_m) + np.sqrt(above))
        for begin, end, top in station.blind:
            inside = (bearing - begin) % 360.0 <= (end - begin) % 360.0
            is_seen &= ~(inside & (elevation <= top))
        is_seen &= (sky.only == EVERYBODY) | (sky.only == number)
        return level, delay, is_seen

    def noise_dbfs(self, number: int) -> float:
        """Noise of a station in 2.4 MHz."""
        own = self.scenario.stations[number].noise_dbfs
        return self.scenario.radio.noise_dbfs if own is None else own

    def is_received(self, number: int, time_s: Floats) -> NDArray[np.bool_]:
        """Whether anything comes from a station at some moments: neither a gap nor a restart."""
        received = ~self.clocks[number].is_silent(time_s)
        for begin, end in self._gaps[number]:
            received &= (time_s < begin) | (time_s >= end)
        return received

    def _chance(self, number: int, sky: Transmissions) -> Keys:
        return mixed(sky.chance, 3000 + number)

    def _at(self, number: int, sky: Transmissions, first: int) -> Receptions:
        """What one station receives of these."""
        station, clock, arrivals = self.scenario.stations[number], self.clocks[number], self.scenario.arrivals
        level, delay, is_seen = self.levels(number, sky)
        snr, chance = level - self.noise_dbfs(number), self._chance(number, sky)
        arrived = sky.time_s + delay
        needed = self.scenario.radio.needed_snr_db
        share = (1.0 - station.loss) / (1.0 + np.exp(np.clip((needed - snr) / 0.7, -50.0, 50.0)))
        rows = np.flatnonzero(is_seen & (uniform(chance, 5) < share) & self.is_received(number, arrived))
        hostile = station.hostile
        if hostile is not None:
            rows = rows[(sky.only[rows] == EVERYBODY) | (arrived[rows] >= hostile.from_s)]
        snr, chance, arrived = snr[rows], chance[rows], arrived[rows]
        error = arrival_error_s(arrivals, snr, chance)
        reading = clock.read(arrived + error)
        is_ghost = sky.only[rows] != EVERYBODY
        heard = Receptions(
            station=np.full(len(rows), number),
            ticks=reading.ticks,
            fraction=reading.fraction,
            epoch=reading.epoch,
            level_dbfs=level[rows],
            snr_db=snr,
            data=sky.data[rows],
            n_bytes=sky.n_bytes[rows],
            arrived_s=arrived,
            error_s=error,
            sent=np.where(is_ghost, NOT_SENT, first + rows),
            lie=np.where(is_ghost, GHOST, TRUE),
            start_utc_ns=self.start_utc_ns,
        )
        return heard if hostile is None else with_lies(heard, hostile, chance)


def sigma_s(arrivals: Arrivals, snr_db: Floats) -> Floats:
    """σ of the error of an arrival time: falls with the amplitude (ten times at 0 dB what it is at 20), to a floor."""
    by_noise = arrivals.sigma_ns * 10.0 ** ((20.0 - snr_db) / 20.0)
    return 1e-9 * np.hypot(by_noise, arrivals.floor_ns)


def arrival_error_s(arrivals: Arrivals, snr_db: Floats, chance: Keys) -> Floats:
    """By how much arrival times are late."""
    error = sigma_s(arrivals, snr_db) * normal(chance, 90)
    if arrivals.late_share > 0.0:
        late = -1e-9 * arrivals.late_ns * np.log1p(-uniform(chance, 92))
        error = error + np.where(uniform(chance, 91) < arrivals.late_share, late, 0.0)
    return error
