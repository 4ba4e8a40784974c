"""Whether the station is where the settings say: positions that all lie out of range, and together, say that it is not.

A sign too many, or latitude and longitude in each other's place, is the usual mistake. It empties the map, and nothing
else tells of it.
"""

from __future__ import annotations

import math
from collections import deque

from receiver.earth import distance_nmi, wrap_deg
from receiver.tracking.limits import Station

_LEAST = 10  # positions that were refused, before anything is said
_ACCEPTED_SHARE = 0.05  # of all, at most
_TOGETHER_NMI = 500.0  # from their middle: what one station receives
_REMEMBERED = 200


class Whereabouts:
    """Collects first positions: those in range as a number, the newest out of range as places."""

    def __init__(self) -> None:
        self.in_range = self.out_of_range = 0
        self._far: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)

    def note(self, latitude_deg: float, longitude_deg: float, in_range: bool) -> None:
        """Take in a position of an aircraft that had none."""
        if in_range:
            self.in_range += 1
        else:
            self.out_of_range += 1
            self._far.append((latitude_deg, longitude_deg))

    def hint(self, station: Station | None, max_range_nmi: float) -> str | None:
        """What is probably wrong with the station's place, in words; None when nothing seems to be."""
        if station is None or len(self._far) < _LEAST:
            return None
        if self.in_range > _ACCEPTED_SHARE * (self.in_range + self.out_of_range):
            return None
        latitude, longitude = _middle(self._far)
        if any(distance_nmi(latitude, longitude, *place) > _TOGETHER_NMI for place in self._far):
            return None
        said = f"{self.out_of_range:,} positions lie out of range, and together, near {latitude:.0f}°, {longitude:.0f}°"
        for what, place in _mistakes(station):
            if distance_nmi(*place, latitude, longitude) <= max_range_nmi:
                return f"{said}: {what}? They would be in range of latitude {place[0]:g}, longitude {place[1]:g}"
        far_nmi = distance_nmi(station.latitude_deg, station.longitude_deg, latitude, longitude)
        return f"{said}, {far_nmi:,.0f} nmi from the station: is station.latitude and station.longitude right?"


def _mistakes(station: Station) -> list[tuple[str, tuple[float, float]]]:
    latitude, longitude = station.latitude_deg, station.longitude_deg
    places = [
        ("is the sign of station.longitude wrong", (latitude, -longitude)),
        ("is the sign of station.latitude wrong", (-latitude, longitude)),
        ("are the signs of station.latitude and station.longitude wrong", (-latitude, -longitude)),
    ]
    for sign_latitude, sign_longitude in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        if abs(longitude) <= 90.0:
            swapped = (sign_latitude * longitude, sign_longitude * latitude)
            places.append(("are station.latitude and station.longitude in each other's place", swapped))
    return places


def _middle(places: deque[tuple[float, float]]) -> tuple[float, float]:
    """The middle of places that lie together, also across the date line."""
    first = places[0][1]
    latitude = math.fsum(place[0] for place in places) / len(places)
    longitude = first + math.fsum(wrap_deg(place[1] - first) for place in places) / len(places)
    return latitude, wrap_deg(longitude)
