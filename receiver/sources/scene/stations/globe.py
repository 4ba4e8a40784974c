"""The ellipsoid: Cartesian places, what is seen from one of them, and how long a signal takes.

Source: NIMA TR8350.2 (WGS 84: semi-major axis, flattening), 3rd edition, and its equations for geocentric coordinates;
ITU-R P.453 (refractivity falls exponentially, scale height 7.35 km).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1.0 / 298.257223563
LIGHT_M_S = 299_792_458.0
FOOT_M = 0.3048
REFRACTIVITY_SCALE_M = 7350.0


def cartesian(latitude: ArrayLike, longitude: ArrayLike, height_m: ArrayLike) -> Floats:
    """Earth-centred, earth-fixed metres of geodetic places; shape (…, 3)."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    square = FLATTENING * (2.0 - FLATTENING)
    normal_m = SEMI_MAJOR_M / np.sqrt(1.0 - square * np.sin(phi) ** 2)
    height = np.asarray(height_m, np.float64)
    return np.stack(
        [
            (normal_m + height) * np.cos(phi) * np.cos(lam),
            (normal_m + height) * np.cos(phi) * np.sin(lam),
            (normal_m * (1.0 - square) + height) * np.sin(phi),
        ],
        axis=-1,
    )


def seen_from(latitude: float, longitude: float, place: Floats, others: Floats) -> tuple[Floats, Floats, Floats]:
    """Distance (m), bearing (0–360°) and elevation (°) of Cartesian places (n, 3) from one."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    to = others - place
    east = np.array([-np.sin(lam), np.cos(lam), 0.0])
    north = np.array([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)])
    up = np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    x, y, z = to @ east, to @ north, to @ up
    distance = np.sqrt(np.einsum("ij,ij->i", to, to))
    return distance, np.degrees(np.arctan2(x, y)) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))


def delay_s(distance_m: Floats, height_m: Floats, station_m: float, refractivity: float) -> Floats:
    """How long a signal takes over a distance between two heights; `refractivity` (N) is that at the sea."""
    delay: Floats = distance_m / LIGHT_M_S
    if refractivity == 0.0:
        return delay
    rise = (height_m - station_m) / REFRACTIVITY_SCALE_M
    # Mean of exp(−x) over the heights in between; its limit where both are the same
    share = np.where(np.abs(rise) < 1e-6, 1.0, -np.expm1(-rise) / np.where(rise == 0.0, 1.0, rise))
    more: Floats = 1e-6 * refractivity * np.exp(-station_m / REFRACTIVITY_SCALE_M) * share
    return delay + delay * more
