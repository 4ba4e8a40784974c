"""How an aircraft moves along its legs: one step a second, with turns, climbs and speeds that an aircraft can do.

Circles are flown by aiming: along the tangent, and towards the circle the more the farther it is away. A racetrack is
a circle around the nearest point of the line between its two places.
"""

from __future__ import annotations

import math
from array import array
from typing import NamedTuple

from config.scenario import Flight, Leg, Place, Route
from receiver.earth import EARTH_M, wrap_deg

KT = 0.514444  # m/s
_ROTATE_KT = 135.0
_MOST_STEPS = 86_400
_WIDTH = 8  # numbers in a state


class State(NamedTuple):
    """An aircraft at one moment. `vertical_rate_fpm` is 0 on the ground; `turn_deg_s` is negative to the left."""

    latitude: float
    longitude: float
    altitude_ft: float
    ground_speed_kt: float
    track_deg: float
    vertical_rate_fpm: float
    turn_deg_s: float
    on_ground: bool


class Path:
    """States of whole seconds from `start_s` (seconds after the scene's start) on; 64 bytes each."""

    __slots__ = ("end_s", "start_s", "values")

    def __init__(self, start_s: float, values: array[float]) -> None:
        self.start_s = start_s
        self.values = values
        """The states' numbers, one after the other; the last of a state is 1 on the ground."""
        self.end_s = start_s + len(values) // _WIDTH - 1
        """When the last leg is over."""

    @property
    def states(self) -> list[State]:
        """All of them."""
        values = self.values
        return [
            State._make((*values[k : k + _WIDTH - 1], bool(values[k + _WIDTH - 1])))
            for k in range(0, len(values), _WIDTH)
        ]

    def at(self, time_s: float) -> State | None:
        """The state at a time; None before the start and after the end."""
        x = time_s - self.start_s
        k = math.floor(x)
        if k < 0 or time_s >= self.end_s:
            return None
        f = x - k
        a = self.values[_WIDTH * k : _WIDTH * (k + 2)]
        return State(
            a[0] + f * (a[8] - a[0]),
            a[1] + f * (a[9] - a[1]),
            a[2] + f * (a[10] - a[2]),
            a[3] + f * (a[11] - a[3]),
            (a[4] + f * a[6]) % 360.0,
            a[5],
            a[6],
            a[7] != 0.0,
        )


def fly(flight: Flight, route: Route | None, until_s: float) -> Path:
    """The path of a flight, no longer than to `until_s` (seconds after the scene's start)."""
    if route is not None:
        start, legs, on_ground = route.start, route.legs, route.on_ground
        altitude_ft = route.altitude_ft if flight.altitude_ft is None else flight.altitude_ft
        speed_kt = route.speed_kt if flight.speed_kt is None else flight.speed_kt
    else:
        assert flight.start is not None
        assert flight.altitude_ft is not None
        assert flight.speed_kt is not None
        start, legs, on_ground = flight.start, flight.legs, flight.on_ground
        altitude_ft, speed_kt = flight.altitude_ft, flight.speed_kt
    pilot = _Pilot(flight, start, altitude_ft, speed_kt, on_ground)
    pilot.most = min(_MOST_STEPS, max(2, math.ceil(until_s - flight.enters_s) + 2))
    pilot.track_deg = next((_course(start, _goal(leg)) for leg in legs if leg.wait_s is None), 0.0)
    for index, leg in enumerate(legs):
        pilot.follow(leg, legs[index + 1] if index + 1 < len(legs) else None)
    return Path(flight.enters_s, pilot.values)


def _goal(leg: Leg) -> Place:
    place = leg.to or leg.orbit or (leg.racetrack[0] if leg.racetrack else None)
    assert place is not None  # a wait is no goal
    return place


def _offset_m(origin: Place, place: Place) -> tuple[float, float]:
    """East and north of `place` from `origin`, for distances far below the earth's radius."""
    east = math.radians(wrap_deg(place[1] - origin[1]))
    middle = math.radians((origin[0] + place[0]) / 2)
    return east * math.cos(middle) * EARTH_M, math.radians(place[0] - origin[0]) * EARTH_M


def _course(origin: Place, place: Place) -> float:
    east, north = _offset_m(origin, place)
    return math.degrees(math.atan2(east, north)) % 360.0


def _moved(place: Place, east_m: float, north_m: float) -> Place:
    latitude = place[0] + math.degrees(north_m / EARTH_M)
    middle = math.radians((place[0] + latitude) / 2)
    longitude = place[1] + math.degrees(east_m / (EARTH_M * math.cos(middle)))
    return latitude, wrap_deg(longitude)


class _Pilot:
    def __init__(self, flight: Flight, start: Place, altitude_ft: float, speed_kt: float, on_ground: bool) -> None:
        self.bank = math.tan(math.radians(flight.bank_deg))
        self.climb_fps = flight.climb_fpm / 60.0
        self.place = start
        self.altitude_ft = altitude_ft
        self.speed_kt = self.wanted_kt = speed_kt
        self.wanted_ft = altitude_ft
        self.track_deg = 0.0
        self.on_ground = on_ground
        self.descending = False
        self.most = _MOST_STEPS
        self.values = array("d")

    @property
    def steps(self) -> int:
        """Seconds flown so far."""
        return len(self.values) // _WIDTH

    def most_turn(self) -> float:
        """Degrees a second."""
        if self.on_ground:
            return 20.0
        speed = max(self.speed_kt * KT, 20.0)
        return min(math.degrees(9.81 * self.bank / speed), 6.0)

    def follow(self, leg: Leg, following: Leg | None) -> None:
        if leg.altitude_ft is not None:
            self.wanted_ft = leg.altitude_ft
        if leg.speed_kt is not None:
            self.wanted_kt = leg.speed_kt
        self.descending = False
        if leg.wait_s is not None:
            for _ in range(math.ceil(leg.wait_s)):
                self.speed_kt = 0.0
                self.step(self.track_deg, None, False)
            return
        if leg.to is not None:
            self.go(leg.to, following, leg.land)
        else:
            self.circle(leg)

    def go(self, goal: Place, following: Leg | None, land: bool) -> None:
        after = None if following is None or following.wait_s is not None else _course(goal, _goal(following))
        nearest = math.inf
        while self.steps < self.most:
            east, north = _offset_m(self.place, goal)
            distance = math.hypot(east, north)
            course = math.degrees(math.atan2(east, north)) % 360.0
            speed = self.speed_kt * KT
            early = max(speed * 0.6, 5.0)
            if after is not None and not land and not self.on_ground:
                corner = min(abs(wrap_deg(after - course)), 100.0)
                early = max(early, speed / math.radians(self.most_turn()) * math.tan(math.radians(corner / 2)))
            nearest = min(nearest, distance)
            # passed: it was near and is getting farther away
            if distance <= early or (nearest < 3 * early and distance > nearest + early):
                break
            self.step(course, distance / max(speed, 1.0), land)
            if self.on_ground and self.speed_kt == 0.0 == self.wanted_kt:
                break
        if land:
            self.on_ground = True
            self.altitude_ft = self.wanted_ft

    def circle(self, leg: Leg) -> None:
        assert leg.for_s is not None
        first, last = leg.racetrack if leg.racetrack is not None else (leg.orbit, leg.orbit)
        assert first is not None
        assert last is not None
        radius_m = leg.radius_km * 1000.0
        side = -1.0 if leg.turn == "left" else 1.0
        for second in range(math.ceil(leg.for_s)):
            if self.steps >= self.most:
                return
            drift = [km_h / 3.6 * second for km_h in leg.drift_km_h]
            a, b = _offset_m(self.place, first), _offset_m(self.place, last)
            a, b = (a[0] + drift[0], a[1] + drift[1]), (b[0] + drift[0], b[1] + drift[1])
            along = (b[0] - a[0], b[1] - a[1])
            length = along[0] ** 2 + along[1] ** 2
            share = min(max(-(a[0] * along[0] + a[1] * along[1]) / length, 0.0), 1.0) if length > 1.0 else 0.0
            east, north = a[0] + share * along[0], a[1] + share * along[1]  # towards the centre
            distance = math.hypot(east, north)
            from_centre = math.degrees(math.atan2(-east, -north))
            inwards = math.degrees(math.atan((distance - radius_m) / (0.25 * radius_m)))
            # half a second ahead, for the course changes while the step is flown
            lead = math.degrees(self.speed_kt * KT / max(distance, radius_m / 2)) / 2 if share in (0.0, 1.0) else 0.0
            self.step(from_centre + side * (90.0 + inwards + lead), None, False)

    def step(self, course_deg: float, to_go_s: float | None, land: bool) -> None:
        """One second; `to_go_s` is the time to the end of the leg when there is one."""
        turn = wrap_deg(course_deg - self.track_deg)
        most = self.most_turn()
        turn = 0.0 if self.speed_kt == 0.0 else min(max(turn, -most), most)
        rate_fps = self._climb(to_go_s, land)
        self.values.extend(
            (*self.place, self.altitude_ft, self.speed_kt, self.track_deg, rate_fps * 60.0, turn, self.on_ground)
        )
        middle = math.radians(self.track_deg + turn / 2)
        distance = self.speed_kt * KT
        self.place = _moved(self.place, distance * math.sin(middle), distance * math.cos(middle))
        self.track_deg = (self.track_deg + turn) % 360.0
        self.altitude_ft += rate_fps
        quicker = self.wanted_kt - self.speed_kt
        limit = 4.0 if self.on_ground else 1.0
        self.speed_kt += min(max(quicker, -limit), limit)
        if self.on_ground and self.speed_kt >= _ROTATE_KT and self.wanted_ft > self.altitude_ft:
            self.on_ground = False

    def _climb(self, to_go_s: float | None, land: bool) -> float:
        """Feet a second."""
        if self.on_ground:
            return 0.0
        missing = self.wanted_ft - self.altitude_ft
        if missing < 0.0 and to_go_s is not None:
            # A descent begins as late as it may, and ends where the leg does
            needed = -missing / max(to_go_s, 1.0)
            self.descending = self.descending or land or needed >= 0.8 * self.climb_fps
            return -min(needed, 1.5 * self.climb_fps) if self.descending else 0.0
        return min(max(missing, -self.climb_fps), self.climb_fps)
