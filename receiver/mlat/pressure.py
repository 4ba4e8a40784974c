"""Barometric altitude to height above the ellipsoid, by what ADS-B aircraft nearby say of both.

An altimeter is set to 1013.25 hPa, the air is warm or cold, and the ellipsoid is up to 100 m from the sea: 500 m of difference at 10 km are nothing
unusual. Aircraft with satellite navigation broadcast the difference in their velocity squitters.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from receiver.earth import distance_nmi
from receiver.mlat.solver import Height

M_PER_FT = 0.3048
FRESH_S = 300.0
MOST = 400
FAR_NMI = 150.0  # weather is another
CELL_DEG, CELL_S = 1.0, 10.0
LEAST = 3
OWN_SIGMA_M = 20.0  # of what an aircraft says of itself: steps of 25 ft, and an aerial above or below the cabin
LEAST_SIGMA_M = 25.0  # of others
SIGMA_A_KM_M = 12.0  # more for each kilometre that an aircraft is above or below all that say something
UNKNOWN_SIGMA_M = 300.0  # when nobody says anything: high and low pressure, summer and winter


class _Sample(NamedTuple):
    latitude_deg: float
    longitude_deg: float
    baro_m: float
    more_m: float  # height above the ellipsoid less barometric altitude
    time_s: float


class Pressure:
    """What aircraft say of the difference, newest of each."""

    def __init__(self) -> None:
        self._samples: dict[str, _Sample] = {}
        self._lines: dict[tuple[int, int], tuple[float, float, float, float, float, float]] = {}

    def note(
        self, icao: str, latitude_deg: float, longitude_deg: float, baro_ft: float, geom_ft: float, now: float
    ) -> None:
        """An aircraft has both altitudes."""
        more_m = (geom_ft - baro_ft) * M_PER_FT
        if abs(more_m) > 1500.0:
            return  # no weather does that
        self._samples.pop(icao, None)
        self._samples[icao] = _Sample(latitude_deg, longitude_deg, baro_ft * M_PER_FT, more_m, now)
        if len(self._samples) > MOST:
            del self._samples[next(iter(self._samples))]

    def own(self, icao: str, baro_ft: float, now: float) -> Height | None:
        """By what the aircraft itself said of the difference lately."""
        sample = self._samples.get(icao)
        if sample is None or not 0.0 <= now - sample.time_s <= FRESH_S:
            return None
        return Height(baro_ft * M_PER_FT + sample.more_m, OWN_SIGMA_M)

    def height(self, latitude_deg: float, longitude_deg: float, baro_ft: float, now: float) -> Height:
        """Above the ellipsoid there, of an aircraft that gives barometric altitude alone."""
        cell = (math.floor(latitude_deg / CELL_DEG), math.floor(longitude_deg / CELL_DEG))
        known = self._lines.get(cell)
        if known is None or not 0.0 <= now - known[0] < CELL_S:
            if len(self._lines) > MOST:
                self._lines.clear()
            known = self._lines[cell] = (now, *self._line(latitude_deg, longitude_deg, now))
        _, middle_m, more_m, slope, sigma_m, reach_m = known
        baro_m = baro_ft * M_PER_FT
        beyond_km = max(abs(baro_m - middle_m) - reach_m, 0.0) / 1000.0
        return Height(baro_m + more_m + slope * (baro_m - middle_m), math.hypot(sigma_m, SIGMA_A_KM_M * beyond_km))

    def _line(self, latitude_deg: float, longitude_deg: float, now: float) -> tuple[float, float, float, float, float]:
        """Difference by altitude around a place: middle altitude, difference there, slope, σ, how far the aircraft reach."""
        near = [
            sample
            for sample in self._samples.values()
            if 0.0 <= now - sample.time_s <= FRESH_S
            and distance_nmi(latitude_deg, longitude_deg, sample.latitude_deg, sample.longitude_deg) < FAR_NMI
        ]
        if len(near) < LEAST:
            return 0.0, 0.0, 0.0, UNKNOWN_SIGMA_M, 20_000.0
        baro = np.array([sample.baro_m for sample in near])
        more = np.array([sample.more_m for sample in near])
        # Some altimeters are wrong by far: what is three times farther off than usual does not count
        keep = np.ones(len(near), np.bool_)
        slope = middle = base = 0.0
        for _ in range(3):
            middle = float(baro[keep].mean())
            wide = float(((baro[keep] - middle) ** 2).sum())
            # warm or cold air: a few per cent of the altitude; with few aircraft, or all at one, none is taken
            slope = float(((baro[keep] - middle) * more[keep]).sum()) / (wide + 1000.0**2)
            slope = min(max(slope, -0.12), 0.12)
            base = float(np.median(more[keep] - slope * (baro[keep] - middle)))
            left = more - base - slope * (baro - middle)
            usual = float(np.median(np.abs(left))) * 1.48
            keep = np.abs(left) <= max(3 * usual, 60.0)
        sigma = math.sqrt(LEAST_SIGMA_M**2 + float((left[keep] ** 2).mean()))
        return middle, base, slope, sigma, float(np.abs(baro[keep] - middle).max())
