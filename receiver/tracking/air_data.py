"""The arithmetic of air data: Mach number, airspeeds, pressure altitude, temperature, wind.

Source: the International Standard Atmosphere (ICAO Doc 7488) and the compressible pitot equation.
"""

from __future__ import annotations

import math
from functools import lru_cache

from pygeomag import GeoMag

from receiver.record import record

_SOUND_0_KT = 661.4786  # speed of sound at sea level in the standard atmosphere
_KELVIN = 273.15
_SOUND_KT_PER_SQRT_K = 38.967854
_TROPOPAUSE_FT = 36_089.24


@record
class Wind:
    """Where the wind comes from, and how fast."""

    direction_deg: float
    speed_kt: float


@record
class Temperature:
    """Static (outside) and total air temperature, °C."""

    oat_c: float
    tat_c: float | None


def pressure_ratio(altitude_ft: float) -> float:
    """Static pressure at a pressure altitude over that at sea level, up to 65,000 ft."""
    if altitude_ft <= _TROPOPAUSE_FT:
        return float((1.0 - 6.875586e-6 * altitude_ft) ** 5.255880)
    return 0.2233609 * math.exp((_TROPOPAUSE_FT - altitude_ft) / 20_805.83)


def standard_temperature_c(altitude_ft: float) -> float:
    """Temperature of the standard atmosphere at a pressure altitude."""
    return 15.0 - 1.9812e-3 * min(altitude_ft, _TROPOPAUSE_FT)


def calibrated_airspeed_kt(mach: float, altitude_ft: float) -> float:
    """Calibrated airspeed of a Mach number at a pressure altitude; what the instrument indicates, but for its
    errors."""
    impact = pressure_ratio(altitude_ft) * ((1.0 + 0.2 * mach * mach) ** 3.5 - 1.0)
    return _SOUND_0_KT * math.sqrt(5.0 * ((impact + 1.0) ** (2.0 / 7.0) - 1.0))


def true_airspeed_kt(mach: float, temperature_c: float) -> float:
    """True airspeed of a Mach number in air of a temperature."""
    return mach * _SOUND_KT_PER_SQRT_K * math.sqrt(temperature_c + _KELVIN)


def temperature(tas_kt: float, mach: float) -> Temperature | None:
    """Air temperature from true airspeed and Mach number.

    None below Mach 0.395, where the steps in which both are sent leave no degree right, or when the result is no
    weather.

    Source: readsb, for the limit.
    """
    if mach < 0.395:
        return None
    kelvin = (tas_kt / (mach * _SOUND_KT_PER_SQRT_K)) ** 2
    oat = kelvin - _KELVIN
    if not -100.0 <= oat <= 60.0:
        return None
    return Temperature(oat, kelvin * (1.0 + 0.2 * mach * mach) - _KELVIN)


def wind(tas_kt: float, true_heading_deg: float, ground_speed_kt: float, track_deg: float) -> Wind | None:
    """The wind that turns one vector into the other; None when it would be stronger than any (250 kt)."""
    heading, track = math.radians(true_heading_deg), math.radians(track_deg)
    east = ground_speed_kt * math.sin(track) - tas_kt * math.sin(heading)
    north = ground_speed_kt * math.cos(track) - tas_kt * math.cos(heading)
    speed = math.hypot(east, north)
    if speed > 250.0:
        return None
    return Wind(math.degrees(math.atan2(-east, -north)) % 360.0, speed)


_MODELS = ((2025.0, "2025"), (2020.0, "2020"), (2015.0, "2015v2"), (2010.0, "2010"))


@lru_cache(maxsize=4)
def _model(name: str) -> GeoMag:
    return GeoMag(coefficients_file=f"wmm/WMM_{name}.COF")


@lru_cache(maxsize=1024)
def _declination(latitude: int, longitude: int, half_year: int) -> float:
    year = half_year / 2.0
    name = next((name for since, name in _MODELS if year >= since), _MODELS[-1][1])
    result = _model(name).calculate(glat=latitude, glon=longitude, alt=9.0, time=year, allow_date_outside_lifespan=True)
    return float(result.d)


def declination_deg(latitude_deg: float, longitude_deg: float, now: float) -> float:
    """Magnetic declination (east positive) to about half a degree: of the nearest whole degree, at cruising level.

    Source: World Magnetic Model of NOAA and BGS, by way of pygeomag.
    """
    half_year = round((1970.0 + now / 31_556_952.0) * 2.0)
    return _declination(round(latitude_deg), round(longitude_deg), min(max(half_year, 2010 * 2), 2034 * 2))
