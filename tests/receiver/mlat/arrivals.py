"""Simulated arrival times: stations with clocks of their own, and aircraft. A twin of the air for tests of the arithmetic alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsp.multilateration import AIR_M_S
from receiver.mlat.ellipsoid import to_place

TICKS_HZ = 120e6


@dataclass
class Station:
    """A station and its clock: rate in ppm, drift of the rate a second, a step (s) from a moment on."""

    name: str
    latitude_deg: float
    longitude_deg: float
    height_m: float = 60.0
    rate_ppm: float = 0.0
    drift_ppm_s: float = 0.0
    begun_s: float = 0.0
    sigma_s: float = 30e-9
    steps: list[tuple[float, float]] = field(default_factory=list)
    clock: int = 1

    @property
    def place(self) -> NDArray[np.float64]:
        return to_place(self.latitude_deg, self.longitude_deg, self.height_m)

    def reading(self, t: float) -> float:
        """What the clock reads at a moment, s."""
        rate = 1.0 + 1e-6 * self.rate_ppm
        read = (t - self.begun_s) * rate + 0.5e-6 * self.drift_ppm_s * t * t
        return read + sum(by for at, by in self.steps if t >= at)


def ring(count: int = 6, radius_km: float = 40.0, seed: int = 1) -> list[Station]:
    """Stations on a circle around 51° N, 4° E, with clocks of ±2 ppm."""
    rng = np.random.default_rng(seed)
    stations = []
    for number in range(count):
        angle = 2 * np.pi * number / count
        stations.append(
            Station(
                f"s{number}",
                51.0 + radius_km / 111.2 * float(np.cos(angle)),
                4.0 + radius_km / 70.0 * float(np.sin(angle)),
                rate_ppm=float(rng.uniform(-2, 2)),
                drift_ppm_s=float(rng.uniform(-1e-3, 1e-3)),
                begun_s=float(rng.uniform(-5000, 0)),
            )
        )
    return stations


@dataclass
class Aircraft:
    """Flies straight."""

    icao: str
    latitude_deg: float
    longitude_deg: float
    height_m: float
    east_m_s: float
    north_m_s: float

    def at(self, t: float) -> tuple[float, float, float]:
        """Latitude, longitude, height."""
        return (
            self.latitude_deg + t * self.north_m_s / 111_200.0,
            self.longitude_deg + t * self.east_m_s / (111_200.0 * float(np.cos(np.radians(self.latitude_deg)))),
            self.height_m,
        )

    def place(self, t: float) -> NDArray[np.float64]:
        return to_place(*self.at(t))


def traffic(count: int = 10, seed: int = 2) -> list[Aircraft]:
    """Aircraft inside and around the ring."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        course, speed = rng.uniform(0, 2 * np.pi), rng.uniform(60, 240)
        found.append(
            Aircraft(
                f"40{number:04x}",
                51.0 + float(rng.uniform(-0.5, 0.5)),
                4.0 + float(rng.uniform(-0.8, 0.8)),
                float(rng.uniform(1500, 11_500)),
                float(speed * np.sin(course)),
                float(speed * np.cos(course)),
            )
        )
    return found


def arrivals(
    stations: list[Station], place: NDArray[np.float64], t: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """What each clock reads when what was sent at `t` arrives, with noise."""
    return np.array(
        [
            station.reading(t + float(np.linalg.norm(place - station.place)) / AIR_M_S) + rng.normal(0, station.sigma_s)
            for station in stations
        ]
    )
