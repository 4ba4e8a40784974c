"""A station's counter: an oscillator that is a little off and drifts, samples that were lost, restarts.

```
 counter = base + 12 MHz × (t − t₀ + ∫ y dt) − 5 × samples lost        y: frequency error, a number at each second,
             0 after a restart                                            linear in between
```

y is the sum of a fixed error, a swing with the temperature (a day's and a heating's period) and a random walk.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from config.scenario_stations import SceneStation
from receiver.sources.scene.chance import mixed as mixed_one
from receiver.sources.scene.chance import normal as normal_one
from receiver.sources.scene.chance import uniform as uniform_one
from receiver.sources.scene.stations.chances import normal

COUNTER_HZ = 12_000_000
COUNTER_SPAN = 1 << 48
TICKS_PER_SAMPLE = 5  # of 2.4 MHz
RESTART_S = 8.0
_PERIODS_S = (86_400.0, 1260.0)
_GPS_NS = 15.0  # σ of what a GPS receiver's second is off for good
_DAY_S = 86_400


class Reading(NamedTuple):
    """A counter at several moments.

    Attributes
    ----------
    ticks
        int64: whole ticks of 12 MHz, 48 bits.
    fraction
        float64: of a tick, 0 ≤ fraction < 1.
    epoch
        int32: how often the receiver has been restarted.
    """

    ticks: NDArray[np.int64]
    fraction: NDArray[np.float64]
    epoch: NDArray[np.int32]


class Clock:
    """One station's. Times are seconds after the scene's start, in arrays of any order.

    Attributes
    ----------
    starts_s
        When its epochs began: 0, and the end of each restart.
    lost
        (time in s, samples of 2.4 MHz), in order of time.
    silent
        (from, to) of restarts, s.
    """

    def __init__(self, station: SceneStation, key: int, start_utc_s: float, duration_s: float) -> None:
        key = mixed_one(key, 700)
        self.is_gps = station.clock == "gps"
        self._of_day_s = start_utc_s % _DAY_S
        self._gps_s = 1e-9 * _GPS_NS * normal_one(key, 1)
        seconds = np.arange(math.ceil(duration_s) + 130)
        ppm = 2.0 * (2.0 * uniform_one(key, 2) - 1.0) if station.ppm is None else station.ppm
        swing = sum(
            share * np.sin(2.0 * math.pi * (seconds / period + uniform_one(key, 3 + k)))
            for k, (period, share) in enumerate(zip(_PERIODS_S, (0.75, 0.25), strict=True))
        )
        walk = np.concatenate([[0.0], np.cumsum(normal(mixed_one(key, 5), seconds[1:]))])
        self._off = 1e-6 * (ppm + station.temperature_ppm * swing) + 1e-9 * station.walk_ppb * walk
        if self.is_gps:
            self._off = np.zeros(len(seconds))
        self._gained_s = np.concatenate([[0.0], np.cumsum((self._off[1:] + self._off[:-1]) / 2.0)])
        self._base = int(1e14 * uniform_one(key, 6))
        self.silent = [(at, at + RESTART_S) for at in sorted(station.restarts)]
        self.starts_s = np.array([0.0, *(end for _, end in self.silent)])
        hours = duration_s / 3600.0
        lost = list(station.lost_samples)
        own = mixed_one(key, 7)
        count = math.floor(station.losses_per_hour * hours + uniform_one(own, -2))
        for k in range(count):
            samples = round(10.0 * 200.0 ** uniform_one(own, 2 * k + 1))
            lost.append((duration_s * uniform_one(own, 2 * k), samples))
        self.lost = [] if self.is_gps else sorted(lost)
        self._lost_s = np.array([at for at, _ in self.lost])
        self._lost_ticks = np.concatenate([[0], np.cumsum([TICKS_PER_SAMPLE * n for _, n in self.lost])]).astype(
            np.int64
        )

    def frequency_error(self, time_s: ArrayLike) -> NDArray[np.float64]:
        """By how much it goes too fast, as a share."""
        whole, part = self._split(time_s)
        return self._off[whole] + part * (self._off[whole + 1] - self._off[whole])

    def gained_s(self, time_s: ArrayLike) -> NDArray[np.float64]:
        """What the oscillator has gained since the scene's start."""
        whole, part = self._split(time_s)
        here = self._off[whole]
        gained: NDArray[np.float64] = self._gained_s[whole] + part * (here + part * (self._off[whole + 1] - here) / 2.0)
        return gained

    def lost_ticks(self, time_s: ArrayLike) -> NDArray[np.int64]:
        """By how much lost samples have put it back since the scene's start."""
        return self._lost_ticks[np.searchsorted(self._lost_s, time_s, side="right")]

    def read(self, time_s: ArrayLike) -> Reading:
        """What its counter shows."""
        time = np.asarray(time_s, np.float64)
        if self.is_gps:
            ticks = COUNTER_HZ * ((self._of_day_s + time + self._gps_s) % _DAY_S)
            whole = np.floor(ticks)
            return Reading(whole.astype(np.int64), ticks - whole, np.zeros(time.shape, np.int32))
        epoch = np.maximum(np.searchsorted(self.starts_s, time, side="right") - 1, 0)
        start = self.starts_s[epoch]
        elapsed = (time - start) + (self.gained_s(time) - self.gained_s(start))
        ticks = COUNTER_HZ * elapsed
        whole = np.floor(ticks)
        base = np.where(epoch == 0, self._base, 0)
        count = base + whole.astype(np.int64) - (self.lost_ticks(time) - self.lost_ticks(start))
        return Reading(count % COUNTER_SPAN, ticks - whole, epoch.astype(np.int32))

    def is_silent(self, time_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the receiver is being restarted."""
        silent = np.zeros(len(time_s), bool)
        for begin, end in self.silent:
            silent |= (time_s >= begin) & (time_s < end)
        return silent

    def _split(self, time_s: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        time = np.asarray(time_s, np.float64)
        whole = np.clip(np.floor(time), 0, len(self._off) - 2)
        return whole.astype(np.intp), time - whole


def random_gaps(station: SceneStation, key: int, duration_s: float) -> list[tuple[float, float]]:
    """When nothing comes from a station: those that its table names, and those at random; from, to, in s."""
    own = mixed_one(key, 701)
    count = math.floor(station.gaps_per_hour * duration_s / 3600.0 + uniform_one(own, -2))
    gaps = list(station.gaps)
    for k in range(count):
        at = duration_s * uniform_one(own, 2 * k)
        gaps.append((at, at + 60.0 ** uniform_one(own, 2 * k + 1)))
    return sorted(gaps)


__all__ = ["COUNTER_HZ", "COUNTER_SPAN", "RESTART_S", "TICKS_PER_SAMPLE", "Clock", "Reading", "random_gaps"]
