"""A computed position as the frames in which MLAT clients pass it on: DF18 with positions and velocity, and the word MLAT as counter.

Whoever reads Beast knows them: the position is shown as computed, and never sent on to an aggregator as received.

Source: DO-260B 2.2.17 (TIS-B fine format: CF 2, type codes 9–18 and 19), appendix A.1.7 (CPR); mode-s.org, “The Mode-S Beast protocol”;
readsb, `MAGIC_MLAT_TIMESTAMP`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from receiver.decode.parity import remainder
from receiver.tracking.cpr import longitude_zones
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import Frame

SOURCE = "mlat"
_CONTROL = 2  # TIS-B, fine; bit 8 of the ME field says that the address is an ICAO address
_HEAD = (18 << 3 | _CONTROL) << 24
# the radius that a type code promises to hold (m): the least that is twice what holds 95 %
_TYPE_CODES = ((185.2, 11), (370.4, 12), (926.0, 13), (1852.0, 14), (3704.0, 15), (14_816.0, 16), (math.inf, 17))
_FAST_KT = 1021  # above: in steps of 4 kt
_STEP_FPM = 64


class Located(NamedTuple):
    """Where an aircraft is, from arrival times.

    Attributes
    ----------
    icao
        Six hex digits.
    time_s
        UTC.
    latitude_deg, longitude_deg
    height_m
        Above the ellipsoid.
    altitude_baro_ft
        As the aircraft sends it; None when it does not.
    error_m
        Radius that holds 95 %.
    ground_speed_kt, track_deg, climb_fpm
        None while they are not known well enough.
    stations
        How many received it.
    fixes
        From how many transmissions so far.
    """

    icao: str
    time_s: float
    latitude_deg: float
    longitude_deg: float
    height_m: float
    altitude_baro_ft: int | None
    error_m: float
    ground_speed_kt: float | None
    track_deg: float | None
    climb_fpm: float | None
    stations: int
    fixes: int


def frames_of(located: Located, odd: tuple[bool, ...]) -> list[Frame]:
    """Position reports of these halves (even: False), then the velocity."""
    address = int(located.icao, 16)
    contents = [_position(located, half) for half in odd]
    velocity = _velocity(located)
    if velocity is not None:
        contents.append(velocity)
    return [
        Frame(
            _HEAD.to_bytes(4, "big")[:1]
            + address.to_bytes(3, "big")
            + me.to_bytes(7, "big")
            + parity.to_bytes(3, "big"),
            located.time_s,
            counter_12mhz=MLAT_COUNTER,
            found="mlat",
            source=SOURCE,
        )
        for me in contents
        for parity in (remainder((_HEAD | address).to_bytes(4, "big") + me.to_bytes(7, "big") + b"\0\0\0"),)
    ]


def type_code_of(error_m: float) -> int:
    """The type code whose radius holds twice the error."""
    return next(code for radius_m, code in _TYPE_CODES if 2 * error_m <= radius_m)


def _position(located: Located, odd: bool) -> int:
    latitude, longitude = _cpr(located.latitude_deg, located.longitude_deg, odd)
    altitude = 0 if located.altitude_baro_ft is None else _altitude_code(located.altitude_baro_ft)
    return type_code_of(located.error_m) << 51 | altitude << 36 | odd << 34 | latitude << 17 | longitude


def _altitude_code(altitude_ft: int) -> int:
    """12 bits, steps of 25 ft."""
    n = min(max(round((altitude_ft + 1000) / 25), 0), 2047)
    return n >> 4 << 5 | 0x10 | n & 0xF


def _cpr(latitude_deg: float, longitude_deg: float, odd: bool) -> tuple[int, int]:
    zone = 360.0 / (60 - odd)
    y = math.floor((1 << 17) * (latitude_deg % zone) / zone + 0.5)
    # longitude zones are those of the latitude as it will be read
    read = zone * (y / (1 << 17) + math.floor(latitude_deg / zone))
    wide = 360.0 / max(longitude_zones(read) - odd, 1)
    x = math.floor((1 << 17) * (longitude_deg % wide) / wide + 0.5)
    return y & 0x1FFFF, x & 0x1FFFF


def _velocity(located: Located) -> int | None:
    """Ground speed by its parts to the east and north, and the climb by height."""
    if located.ground_speed_kt is None or located.track_deg is None:
        return None
    angle = math.radians(located.track_deg)
    east, north = located.ground_speed_kt * math.sin(angle), located.ground_speed_kt * math.cos(angle)
    fast = max(abs(east), abs(north)) > _FAST_KT
    subtype, step = (2, 4.0) if fast else (1, 1.0)
    me = 19 << 51 | subtype << 48
    me |= _signed(east, step) << 32 | _signed(north, step) << 21
    if located.climb_fpm is not None:
        rate = min(round(abs(located.climb_fpm) / _STEP_FPM) + 1, 511)
        me |= (located.climb_fpm < 0) << 19 | rate << 10
    return me


def _signed(value: float, step: float) -> int:
    """Sign and ten bits; 1 stands for 0."""
    return (value < 0) << 10 | min(round(abs(value) / step) + 1, 1023)
