"""From degrees to pixels: a stereographic map around a centre, which has no seam at the date line and none at the poles.

Source: Snyder, "Map Projections: A Working Manual", USGS Professional Paper 1395 (1987), section 21, sphere.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from receiver.earth import EARTH_KM, wrap_deg

_HORIZON = -0.2  # cosine of the angle from the centre past which a point is put onto the rim, far outside any picture

Points = NDArray[np.float64]


class View:
    """A map window.

    Parameters
    ----------
    latitude_deg, longitude_deg
        Its centre.
    km_per_px
        Scale at the centre.
    width_px, height_px
        Of the window; x grows to the right, y downwards.
    """

    def __init__(
        self, latitude_deg: float, longitude_deg: float, km_per_px: float, width_px: int, height_px: int
    ) -> None:
        self.latitude_deg, self.longitude_deg = latitude_deg, longitude_deg
        self.km_per_px = km_per_px
        self.width_px, self.height_px = width_px, height_px
        self._sin, self._cos = math.sin(math.radians(latitude_deg)), math.cos(math.radians(latitude_deg))

    def scaled(self, factor: int) -> View:
        """The same window with so many times the pixels."""
        return View(
            self.latitude_deg,
            self.longitude_deg,
            self.km_per_px / factor,
            self.width_px * factor,
            self.height_px * factor,
        )

    def pixels(self, longitude_deg: Points, latitude_deg: Points) -> Points:
        """Pixels (n, 2) of points."""
        lat, lon = np.radians(latitude_deg), np.radians(np.asarray(longitude_deg) - self.longitude_deg)
        sin_lat, cos_lat, cos_lon = np.sin(lat), np.cos(lat), np.cos(lon)
        x = cos_lat * np.sin(lon)
        y = self._cos * sin_lat - self._sin * cos_lat * cos_lon
        cosine = self._sin * sin_lat + self._cos * cos_lat * cos_lon
        length = np.maximum(np.hypot(x, y), 1e-12)
        near = cosine > _HORIZON
        rim = math.sqrt(1 - _HORIZON**2) * 2.0 / (1.0 + _HORIZON)
        k = np.where(near, 2.0 / (1.0 + np.maximum(cosine, _HORIZON)), rim / length)
        scale = EARTH_KM / self.km_per_px
        return np.column_stack((self.width_px / 2 + scale * k * x, self.height_px / 2 - scale * k * y))

    def pixel(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        """Pixel of one point."""
        x, y = self.pixels(np.array([longitude_deg]), np.array([latitude_deg]))[0]
        return float(x), float(y)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a pixel."""
        east = (x - self.width_px / 2) * self.km_per_px / EARTH_KM
        north = (self.height_px / 2 - y) * self.km_per_px / EARTH_KM
        rho = math.hypot(east, north)
        if rho < 1e-12:
            return self.latitude_deg, self.longitude_deg
        angle = 2.0 * math.atan(rho / 2.0)
        lat = math.asin(max(-1.0, min(1.0, math.cos(angle) * self._sin + north * math.sin(angle) * self._cos / rho)))
        lon = math.atan2(
            east * math.sin(angle), rho * self._cos * math.cos(angle) - north * self._sin * math.sin(angle)
        )
        return math.degrees(lat), wrap_deg(self.longitude_deg + math.degrees(lon))

    def north_deg(self, x: float, y: float) -> float:
        """Direction of true north at a pixel: degrees clockwise from upwards."""
        latitude, longitude = self.place(x, y)
        if latitude > 89.9:
            return 0.0
        x0, y0 = self.pixel(latitude, longitude)
        x1, y1 = self.pixel(min(latitude + 0.02, 90.0), longitude)
        return math.degrees(math.atan2(x1 - x0, y0 - y1))

    def box(self, margin: float = 0.05) -> tuple[float, float, float, float]:
        """West, south, east, north (degrees) of what the window shows and a little more; west > east across the date
        line; -180 to 180 when a pole is near."""
        w, h = self.width_px, self.height_px
        rim = [self.place(w * (x / 12 * (1 + 2 * margin) - margin), h * (y / 12 * (1 + 2 * margin) - margin))
               for x in range(13) for y in range(13) if x in (0, 12) or y in (0, 12)]  # fmt: skip
        south, north = min(lat for lat, _ in rim), max(lat for lat, _ in rim)
        for pole in (90.0, -90.0):
            x, y = self.pixel(pole * 0.99999, self.longitude_deg)
            if -margin * w <= x <= (1 + margin) * w and -margin * h <= y <= (1 + margin) * h:
                return (-180.0, south, 180.0, 90.0) if pole > 0 else (-180.0, -90.0, 180.0, north)
        easts = [wrap_deg(lon - self.longitude_deg) for _, lon in rim]
        if max(easts) - min(easts) > 300.0:
            return -180.0, south, 180.0, north
        west, east = (wrap_deg(self.longitude_deg + e) for e in (min(easts), max(easts)))
        return west, south, east, north

    def holds(self, x: float, y: float, margin_px: float = 0.0) -> bool:
        """Whether a pixel lies in the window."""
        return margin_px <= x <= self.width_px - margin_px and margin_px <= y <= self.height_px - margin_px
