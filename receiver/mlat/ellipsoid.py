"""Places on and above the WGS 84 ellipsoid, as metres from the earth's centre and as degrees: multilateration needs more than a sphere.

Source: NIMA TR8350.2; B. R. Bowring, 1976 (from the centre to degrees, right to a millimetre below 10 km).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp.multilateration import ECCENTRICITY2, SEMI_MAJOR_M, SEMI_MINOR_M

Place = NDArray[np.float64]
"""(3,): earth-centred, earth-fixed, m."""


def to_place(latitude_deg: float, longitude_deg: float, height_m: float) -> Place:
    """Metres from the earth's centre; the height is above the ellipsoid."""
    phi, lam = math.radians(latitude_deg), math.radians(longitude_deg)
    s, c = math.sin(phi), math.cos(phi)
    normal = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * s * s)
    out = (normal + height_m) * c
    return np.array([out * math.cos(lam), out * math.sin(lam), (normal * (1.0 - ECCENTRICITY2) + height_m) * s])


def to_degrees(place: Place) -> tuple[float, float, float]:
    """Latitude, longitude, and metres above the ellipsoid."""
    x, y, z = map(float, place)
    p = math.hypot(x, y)
    theta = math.atan2(z * SEMI_MAJOR_M, p * SEMI_MINOR_M)
    second = ECCENTRICITY2 / (1.0 - ECCENTRICITY2)
    phi = math.atan2(
        z + second * SEMI_MINOR_M * math.sin(theta) ** 3, p - ECCENTRICITY2 * SEMI_MAJOR_M * math.cos(theta) ** 3
    )
    s, c = math.sin(phi), math.cos(phi)
    normal = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * s * s)
    return math.degrees(phi), math.degrees(math.atan2(y, x)), p * c + z * s - SEMI_MAJOR_M**2 / normal


def axes(latitude_deg: float, longitude_deg: float) -> NDArray[np.float64]:
    """(3, 3): rows point east, north and up."""
    phi, lam = math.radians(latitude_deg), math.radians(longitude_deg)
    s, c, sl, cl = math.sin(phi), math.cos(phi), math.sin(lam), math.cos(lam)
    return np.array([[-sl, cl, 0.0], [-s * cl, -s * sl, c], [c * cl, c * sl, s]])


def distance_m(a: Place, b: Place) -> float:
    """In a straight line."""
    return math.dist(a, b)
