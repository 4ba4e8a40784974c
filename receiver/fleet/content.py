"""What a frame says, as far as two stations can be held against each other: its kind of statement, and whether two
statements of a kind agree.

Source: ICAO Doc 9871 tables A-2-5 to A-2-9 (fields of BDS 0,5 to 0,9), Annex 10 vol. IV 3.1.2.6.5 (AC, ID).
"""

from __future__ import annotations

from enum import IntEnum

from receiver.decode.altitude import altitude_from_code_12, altitude_from_code_13
from receiver.earth import distance_nmi
from receiver.tracking.cpr import Half, decode_near, decode_pair

Place = tuple[float, float]

_SCALE = 1.0 / (1 << 17)
_SLACK_NMI = 0.3
_FASTEST_KT = 700.0
_FEET, _FEET_PER_S = 500, 120.0
_SPEED_KT = 60
_MOST_APART_S = 10.0


class Says(IntEnum):
    """Kinds of statements."""

    NOTHING = 0  # that it is there
    EVEN = 1  # a place in the air, by grid
    ODD = 2
    SURFACE = 3
    VELOCITY = 4
    ALTITUDE = 5
    IDENTITY = 6  # call sign or squawk: alike or not
    OTHER = 7  # alike or not


def says(data: bytes) -> tuple[Says, bytes]:
    """The kind of a frame's statement, and the bytes that hold it."""
    df = data[0] >> 3
    if df in (17, 18):
        code = data[4] >> 3
        if 9 <= code <= 18 or 20 <= code <= 22:
            return (Says.ODD if data[6] & 4 else Says.EVEN), data[4:11]
        if 5 <= code <= 8:
            return Says.SURFACE, data[4:11]
        if code == 19:
            return Says.VELOCITY, data[4:11]
        return (Says.IDENTITY if 1 <= code <= 4 else Says.OTHER), data[4:11]
    if df in (5, 21):
        if df == 21 and data[4] == 0x30:
            return Says.OTHER, data[4:11]
        return Says.IDENTITY, bytes((data[2] & 0x1F, data[3]))
    if df in (0, 4, 16, 20):
        if df in (16, 20) and data[4] == 0x30:  # a resolution advisory
            return Says.OTHER, data[4:11]
        return Says.ALTITUDE, bytes((data[2] & 0x1F, data[3]))
    return Says.NOTHING, b""


def half_of(me: bytes) -> Half:
    """The encoded place of a position message, seven bytes."""
    bits = int.from_bytes(me, "big")
    return Half((bits >> 17 & 0x1FFFF) * _SCALE, (bits & 0x1FFFF) * _SCALE, bool(bits >> 34 & 1))


def place_of_pair(even: tuple[bytes, float] | None, odd: tuple[bytes, float] | None) -> tuple[Place, float] | None:
    """Place and time of the newer of two messages of both grids; None when they give none."""
    if even is None or odd is None or abs(even[1] - odd[1]) > _MOST_APART_S:
        return None
    place = decode_pair(half_of(even[0]), half_of(odd[0]), odd[1] > even[1])
    return None if place is None else (place, max(even[1], odd[1]))


def place_near(me: bytes, place: Place, is_surface: bool = False) -> Place | None:
    """The place that a message means beside another place."""
    return decode_near(half_of(me), *place, is_surface)


def altitude_of(me: bytes) -> int | None:
    """Altitude in ft of an airborne position."""
    return altitude_from_code_12((me[1] << 4 | me[2] >> 4) & 0xFFF)


def near(one: Place, one_s: float, other: Place, other_s: float) -> bool:
    """Whether one aircraft can have been at both places."""
    return distance_nmi(*one, *other) <= _SLACK_NMI + _FASTEST_KT / 3600.0 * abs(other_s - one_s)


def alike(kind: Says, one: bytes, one_s: float, other: bytes, other_s: float) -> bool:
    """Whether two statements of a kind (none of them a place) are about the same."""
    if one == other:
        return True
    if kind is Says.ALTITUDE:
        a, b = (altitude_from_code_13(content[0] << 8 | content[1]) for content in (one, other))
        return a is not None and b is not None and abs(a - b) <= _FEET + _FEET_PER_S * abs(other_s - one_s)
    if kind is Says.VELOCITY:
        if one[0] & 7 != other[0] & 7:  # subtype: over ground, or through the air
            return False
        limit_kt = _SPEED_KT + 10.0 * abs(other_s - one_s)
        return all(abs(a - b) <= limit_kt for a, b in zip(_speeds(one), _speeds(other), strict=True))
    return False


def _speeds(me: bytes) -> tuple[int, int]:
    """The two signed numbers of BDS 0,9: east and north for subtypes 1 and 2; else heading and speed, as they are."""
    bits = int.from_bytes(me, "big")
    east, north = bits >> 32 & 0x3FF, bits >> 21 & 0x3FF
    if me[0] & 7 > 2:
        return east, north
    return (-east if bits >> 42 & 1 else east), (-north if bits >> 31 & 1 else north)
