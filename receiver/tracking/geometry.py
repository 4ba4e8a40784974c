"""Distances and bearings on a sphere: good to 0.5 %, which is better than anybody asks here."""

from __future__ import annotations

import math

from receiver.earth import EARTH_NMI


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
    return abs((a - b + 180.0) % 360.0 - 180.0)
