"""Aircraft to fill the sky: they cross it from one random place to the next."""

from __future__ import annotations

import math

from config.scenario import Crowd, Flight, Leg, Place, Scenario
from receiver.earth import EARTH_M, wrap_deg
from receiver.sources.scene.chance import mixed, uniform


def crowd_flights(crowd: Crowd, scenario: Scenario, key: int) -> list[Flight]:
    """Aircraft that cross the sky from one random place to the next, all there from the start."""
    centre = crowd.centre or (scenario.station.latitude, scenario.station.longitude)

    def place(number: int) -> Place:
        distance = crowd.radius_km * 1000 * math.sqrt(uniform(number, 0))
        angle = 2 * math.pi * uniform(number, 1)
        north, east = distance * math.cos(angle), distance * math.sin(angle)
        latitude = max(-85.0, min(85.0, centre[0] + math.degrees(north / EARTH_M)))
        longitude = centre[1] + math.degrees(east / (EARTH_M * math.cos(math.radians(centre[0]))))
        return latitude, wrap_deg(longitude)

    flights = []
    for number in range(crowd.count):
        own = mixed(key, number)
        low, high = crowd.altitude_ft
        altitude_ft = round(low + (high - low) * uniform(own, 0), -2)
        slow, fast = crowd.speed_kt
        # Who flies high flies fast
        speed_kt = round(slow + (fast - slow) * (0.7 * uniform(own, 0) + 0.3 * uniform(own, 1)))
        # Enough places to be under way until the end: the mean of two places in a circle are 0.9 radii apart
        count = math.ceil(scenario.duration_s * speed_kt * 0.514 / (crowd.radius_km * 400.0)) + 2
        flights.append(
            Flight(
                icao=f"{(int(crowd.first_icao, 16) + number) & 0xFFFFFF:06x}",
                callsign=f"{crowd.callsign}{number + 101}",
                category="A3" if speed_kt > 250 else "A1",
                squawk=f"{0o2001 + number:04o}"[-4:],
                start=place(mixed(own, 10)),
                altitude_ft=altitude_ft,
                speed_kt=speed_kt,
                legs=[Leg(to=place(mixed(own, 11 + k))) for k in range(min(count, 400))],
                transponder="mode_s" if uniform(own, 2) < crowd.mode_s_share else "adsb",
                power_db=3.0 * (2.0 * uniform(own, 3) - 1.0),
            )
        )
    return flights
