"""The one arithmetic of the globe: its size as a sphere, distances, bearings, and angles that wrap.

A sphere is good to 0.5 %, which is better than anybody asks here.
"""

from __future__ import annotations

import math

EARTH_M = 6_371_008.8  # IUGG, mean radius
EARTH_KM = EARTH_M / 1000.0
KM_PER_DEG = math.radians(EARTH_KM)  # of latitude
METRES_PER_DEG = math.radians(EARTH_M)
METRES_PER_NMI = 1852.0
KM_PER_NMI = METRES_PER_NMI / 1000.0
EARTH_NMI = EARTH_M / METRES_PER_NMI


def wrap_deg(angle_deg: float) -> float:
    """The same direction or longitude within −180° (included) and 180°."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def distance_nmi(latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float) -> float:
    """Great-circle distance of two places given in degrees (haversine)."""
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    a = math.sin((phi_2 - phi_1) / 2)
    b = math.sin(math.radians(longitude_2 - longitude_1) / 2)
    h = a * a + math.cos(phi_1) * math.cos(phi_2) * b * b
    return 2 * EARTH_NMI * math.asin(min(1.0, math.sqrt(h)))


def bearing_deg(latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float) -> float:
    """Initial great-circle bearing from the first place to the second, 0–360° from true north."""
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    east = math.radians(longitude_2 - longitude_1)
    x = math.sin(east) * math.cos(phi_2)
    y = math.cos(phi_1) * math.sin(phi_2) - math.sin(phi_1) * math.cos(phi_2) * math.cos(east)
    return math.degrees(math.atan2(x, y)) % 360.0


def angle_between_deg(a: float, b: float) -> float:
    """How far apart two directions are, 0–180°."""
    return abs(wrap_deg(a - b))


def great_circle_km(latitude0: float, longitude0: float, latitude1: float, longitude1: float) -> tuple[float, float]:
    """East and north along the great circle, from the first to the second; right at the poles and the date line."""
    a, b = math.radians(latitude0), math.radians(latitude1)
    d = math.radians(longitude1 - longitude0)
    x = math.cos(b) * math.sin(d)
    y = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(d)
    z = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(d)
    away = math.atan2(math.hypot(x, y), z) * EARTH_KM
    length = max(math.hypot(x, y), 1e-12)
    return away * x / length, away * y / length


def destination(
    latitude_deg: float, longitude_deg: float, bearing_deg: float, distance_km: float
) -> tuple[float, float]:
    """The place so far away in this direction."""
    a, t, d = math.radians(latitude_deg), math.radians(bearing_deg), distance_km / EARTH_KM
    lat = math.asin(max(-1.0, min(1.0, math.sin(a) * math.cos(d) + math.cos(a) * math.sin(d) * math.cos(t))))
    lon = math.atan2(math.sin(t) * math.sin(d) * math.cos(a), math.cos(d) - math.sin(a) * math.sin(lat))
    return math.degrees(lat), wrap_deg(longitude_deg + math.degrees(lon))
