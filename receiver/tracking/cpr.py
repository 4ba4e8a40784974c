"""Compact Position Reporting: 17 bits (12 in coarse TIS-B) each of latitude and longitude, in two interleaved grids.

One report says where the aircraft is within a cell of some 360 nmi (90 on the ground); which cell is told by a report
of the other kind (global decoding) or by a place known to be near (local decoding).

Angles are degrees; latitudes come out in −90…90, longitudes in −180…180.

Source: DO-260B appendix A.1.7 (as ICAO Doc 9871 C.2.6), checked against its tables.
"""

from __future__ import annotations

import math
from bisect import bisect_right

from receiver.earth import wrap_deg
from receiver.record import record

_ZONES = 15  # NZ: latitude zones between the equator and a pole


def _transition_latitudes() -> list[float]:
    """Latitudes at which the number of longitude zones falls from 59 to 58, 58 to 57 … 2 to 1."""
    a = 1 - math.cos(math.pi / (2 * _ZONES))
    inner = [math.degrees(math.acos(math.sqrt(a / (1 - math.cos(2 * math.pi / nl))))) for nl in range(59, 2, -1)]
    # at 87° itself there are still two
    return [*inner, math.nextafter(87.0, 90.0)]


_TRANSITIONS = _transition_latitudes()


def longitude_zones(latitude: float) -> int:
    """NL: how many longitude zones there are at a latitude, 59 at the equator, 1 at the poles."""
    return 59 - bisect_right(_TRANSITIONS, abs(latitude))


@record
class Half:
    """One report: the encoded latitude and longitude, as fractions of a cell (0 ≤ x < 1), and which grid."""

    latitude: float
    longitude: float
    odd: bool


def _wrap(longitude: float) -> float:
    return wrap_deg(longitude)


def decode_pair(even: Half, odd: Half, newest_odd: bool) -> tuple[float, float] | None:
    """Where the newer of two airborne reports was made, from one report of each kind.

    Parameters
    ----------
    even, odd
        The two reports, made within a few seconds of each other.
    newest_odd
        Which of them to place.

    Returns
    -------
    Latitude and longitude; None when the two lie in zones of different width (try again with the next report), or
    when the latitude is not on the globe.
    """
    j = math.floor(59 * even.latitude - 60 * odd.latitude + 0.5)
    latitude_even = 6.0 * (j % 60 + even.latitude)
    latitude_odd = 360.0 / 59 * (j % 59 + odd.latitude)
    if latitude_even >= 270.0:
        latitude_even -= 360.0
    if latitude_odd >= 270.0:
        latitude_odd -= 360.0
    if abs(latitude_even) > 90.0 or abs(latitude_odd) > 90.0:
        return None
    return _longitude_of_pair(even, odd, latitude_even, latitude_odd, newest_odd, 360.0)


def _longitude_of_pair(
    even: Half, odd: Half, latitude_even: float, latitude_odd: float, newest_odd: bool, span: float
) -> tuple[float, float] | None:
    zones = longitude_zones(latitude_even)
    if zones != longitude_zones(latitude_odd):
        return None
    m = math.floor(even.longitude * (zones - 1) - odd.longitude * zones + 0.5)
    if newest_odd:
        count = max(zones - 1, 1)
        return latitude_odd, _wrap(span / count * (m % count + odd.longitude))
    count = max(zones, 1)
    return latitude_even, _wrap(span / count * (m % count + even.longitude))


def decode_surface_pair(
    even: Half, odd: Half, newest_odd: bool, latitude_near: float, longitude_near: float
) -> tuple[float, float] | None:
    """Where the newer of two surface reports was made, given a place within 45 nmi of it; None as `decode_pair`."""
    j = math.floor(59 * even.latitude - 60 * odd.latitude + 0.5)
    latitude_even = 1.5 * (j % 60 + even.latitude)
    latitude_odd = 90.0 / 59 * (j % 59 + odd.latitude)
    newest = latitude_odd if newest_odd else latitude_even
    if abs(newest - 90.0 - latitude_near) < abs(newest - latitude_near):
        latitude_even -= 90.0
        latitude_odd -= 90.0
    elif newest == 0.0 and latitude_near > 45.0:  # the pole itself: the cells of 90° begin anew there
        latitude_even += 90.0
        latitude_odd += 90.0
    place = _longitude_of_pair(even, odd, latitude_even, latitude_odd, newest_odd, 90.0)
    if place is None:
        return None
    latitude, longitude = place
    quadrants = math.floor((longitude_near - longitude) / 90.0 + 0.5)
    return latitude, _wrap(longitude + 90.0 * quadrants)


def decode_near(
    report: Half, latitude_near: float, longitude_near: float, surface: bool = False
) -> tuple[float, float] | None:
    """Where a report was made, given a place within half a cell of it (180 nmi; 45 nmi on the ground).

    None when that puts it beyond a pole.
    """
    span = 90.0 if surface else 360.0
    zones = 60 - report.odd
    latitude = span / zones * (math.floor(latitude_near / span * zones + 0.5 - report.latitude) + report.latitude)
    if abs(latitude) > 90.0:
        return None
    zones = max(longitude_zones(latitude) - report.odd, 1)
    longitude = span / zones * (math.floor(longitude_near / span * zones + 0.5 - report.longitude) + report.longitude)
    return latitude, _wrap(longitude)
