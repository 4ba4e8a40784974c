"""An aircraft that is told to turn, as one home antenna would hear it.

It is integrated in steps of a quarter of a second, so that shapes have real entries, and noise comes on top: 8 m of
position, 1° of track (as reported, in whole degrees), 0.5 to 1 s between positions. Nothing here knows the detector.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from receiver.watch.patterns import PathPoint

KM_PER_DEG = 111.195
KT = 1.852 / 3600  # km/s


@dataclass(frozen=True)
class Track:
    """A flight with what it is: label, when the shape began, seconds a lap, radius (None where it has none)."""

    name: str
    label: str
    fixes: list[PathPoint]
    start_s: float | None = None
    period_s: float | None = None
    radius_km: float | None = None
    hand: str | None = None
    field_ft: float | None = None  # elevation of the aerodrome it is flown at


class Pen:
    """An aircraft that is told to turn: integrates heading and place, writes fixes."""

    def __init__(self, rng: random.Random, lat: float, lon: float, heading: float, speed_kt: float, altitude: float):
        self.rng, self.heading, self.speed, self.altitude = rng, heading, speed_kt, altitude
        self.lat0, self.lon0, self.east, self.north, self.t = lat, lon, 0.0, 0.0, 1.6e9
        self.wind = (0.0, 0.0)  # km/s: also the way a moving centre moves
        self.fixes: list[PathPoint] = []
        self._next = self.t
        self.climb_fpm = 0.0

    def go(self, seconds: float, rate_deg_s: float = 0.0) -> None:
        """Fly on for a while, turning at a steady rate (right positive)."""
        step = 0.25
        for _ in range(max(1, round(seconds / step))):
            self.heading = (self.heading + rate_deg_s * step) % 360
            h = math.radians(self.heading)
            ve = self.speed * KT * math.sin(h) + self.wind[0]
            vn = self.speed * KT * math.cos(h) + self.wind[1]
            self.east += ve * step
            self.north += vn * step
            self.altitude += self.climb_fpm * step / 60
            self.t += step
            if self.t >= self._next:
                self._next = self.t + self.rng.uniform(0.5, 1.0)
                self._write(ve, vn)

    def turn(self, degrees: float, radius_km: float) -> None:
        """Turn by so much on a circle of this radius."""
        rate = math.degrees(self.speed * KT / radius_km)
        self.go(abs(degrees) / rate, math.copysign(rate, degrees))

    def leg(self, km: float) -> None:
        """Straight on."""
        self.go(km / (self.speed * KT))

    def _write(self, ve: float, vn: float) -> None:
        noise = 0.008
        lat = self.lat0 + (self.north + self.rng.gauss(0, noise)) / KM_PER_DEG
        lon = self.lon0 + (self.east + self.rng.gauss(0, noise)) / (
            KM_PER_DEG * math.cos(math.radians(self.lat0 + self.north / KM_PER_DEG))
        )
        track = round(math.degrees(math.atan2(ve, vn)) + self.rng.gauss(0, 0.7)) % 360
        speed = round(math.hypot(ve, vn) / KT + self.rng.gauss(0, 1))
        self.fixes.append(
            PathPoint(self.t, lat, (lon + 180) % 360 - 180, 25 * round(self.altitude / 25), float(speed), float(track))
        )


def new_pen(rng: random.Random, speed_kt: float, altitude: float) -> Pen:
    return Pen(rng, rng.uniform(-60, 65), rng.uniform(-180, 180), rng.uniform(0, 360), speed_kt, altitude)
