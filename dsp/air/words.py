"""What aircraft say while they fly: frames whose content goes on from one to the next, as a tracker would expect it.

Aircraft fly straight; altitude, position and velocity in their frames are those of the moment. Registers are what radars
most often ask for. Addresses, call signs and squawks stay.

Source: ICAO Annex 10 volume IV, 3.1.2 (formats, parity); DO-260B 2.2.3.2.3 (position, CPR), 2.2.3.2.5 (identification),
2.2.3.2.6 (velocity); ICAO Doc 9871 (registers 2,0 4,0 5,0 6,0).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.crc import parity

SHARES = {0: 0.13, 4: 0.08, 5: 0.04, 11: 0.14, 16: 0.01, 17: 0.44, 20: 0.08, 21: 0.08}
LONG = (16, 17, 20, 21)
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_LETTERS = np.array([*range(1, 27), *range(48, 58)])  # A–Z, 0–9 in the six-bit alphabet
_NM_TO_DEG = 1.0 / 60.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """Aircraft as parallel arrays: where they are at second 0, how they fly, what they are called."""

    icao: Integers
    latitude: Floats
    longitude: Floats
    altitude_ft: Floats
    climb_fpm: Floats
    speed_kt: Floats
    track_deg: Floats
    squawk: Integers  # 13 bits as they are sent
    callsign: Integers  # 48 bits as they are sent
    selected_ft: Floats
    status: Integers  # 51 bits of an operational status

    def __len__(self) -> int:
        return len(self.icao)


def fleet(rng: np.random.Generator, n: int, icao: Integers) -> Fleet:
    """Random aircraft within two degrees of 48° north, 11° east; a third of them climb or descend."""
    letters = rng.choice(_LETTERS, (n, 7))
    callsign = np.full(n, 32, np.int64)  # a space at the end
    for k in range(7):
        callsign |= letters[:, k] << (42 - 6 * k)
    climb = np.where(rng.random(n) < 0.33, 64.0 * rng.integers(-35, 36, n), 0.0)
    altitude = (100 * rng.integers(20, 410, n)).astype(np.float64)
    return Fleet(
        icao=icao,
        latitude=48.0 + rng.uniform(-2, 2, n),
        longitude=11.0 + rng.uniform(-3, 3, n),
        altitude_ft=altitude,
        climb_fpm=climb,
        speed_kt=np.clip(120 + altitude / 100 + rng.normal(0, 30, n), 80, 520),
        track_deg=rng.uniform(0, 360, n),
        squawk=rng.integers(1, 0x1FFF, n) & ~np.int64(0x40),
        callsign=callsign,
        selected_ft=np.round(altitude + np.sign(climb) * 5000, -3),
        status=rng.integers(0, 1 << 51, n) & ~np.int64(7 << 13) | 2 << 13,  # version 2
    )


def frames(
    rng: np.random.Generator, aircraft: Fleet, who: NDArray[np.intp], formats: Integers, time_s: Floats
) -> list[bytes]:
    """What `aircraft[who]` send at the times, in the given downlink formats (of `SHARES`): 7 or 14 bytes each."""
    n = len(who)
    altitude = aircraft.altitude_ft[who] + aircraft.climb_fpm[who] * time_s / 60.0
    altitude = np.clip(altitude, 500.0, 45_000.0)
    code13 = altitude_code13(altitude)
    squitter = (formats == 17) | (formats == 11)
    field = np.where((formats == 5) | (formats == 21), aircraft.squawk[who], code13)
    air_air = (formats == 0) | (formats == 16)
    # DF0/16: sensitivity 7, reply information 3, cross-link; DF4/5/20/21: no flight status, now and then a request
    head = np.where(
        air_air,
        np.where(formats == 0, 0x02E18000, 0x00E18000),
        np.where(rng.random(n) < 0.1, 1 << 19, 0),
    )
    head = np.where(squitter, 5 << 24 | aircraft.icao[who], head | field) | formats << 27
    body = np.where(
        formats == 17, _squitter(rng, aircraft, who, time_s, altitude), _register(rng, aircraft, who, altitude)
    )
    body = np.where(formats == 16, 3 << 52 | body & (1 << 26) - 1, body)  # 3,0 without a threat
    overlay = np.where(squitter, 0, aircraft.icao[who])
    out: list[bytes] = [b""] * n
    for long in (False, True):
        rows = np.flatnonzero(np.isin(formats, LONG) == long)
        if not len(rows):
            continue
        data = np.zeros((len(rows), 14 if long else 7), np.uint8)
        data[:, :4] = head[rows].astype(">u4").view(np.uint8).reshape(-1, 4)
        if long:
            data[:, 4:11] = body[rows].astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:]
        left = parity(np.unpackbits(data, axis=1)).astype(np.int64) ^ overlay[rows]
        data[:, -3:] = left.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]
        for row, content in zip(rows.tolist(), data, strict=True):
            out[row] = content.tobytes()
    return out


def altitude_code13(altitude_ft: Floats) -> Integers:
    """The 13-bit altitude code in steps of 25 ft (Annex 10 volume IV, 3.1.2.6.5.4)."""
    steps = np.rint((altitude_ft + 1000.0) / 25.0).astype(np.int64)
    return (steps >> 5) << 7 | (steps >> 4 & 1) << 5 | 1 << 4 | steps & 0xF


def cpr(latitude: Floats, longitude: Floats, odd: Integers) -> tuple[Integers, Integers]:
    """Airborne CPR: the 17-bit latitude and longitude (DO-260B A.1.7.3)."""
    zone = 360.0 / (60 - odd)
    y = np.floor(131_072.0 * np.mod(latitude, zone) / zone + 0.5)
    coded = zone * (y / 131_072.0 + np.floor(latitude / zone))
    zones = longitude_zones(coded) - odd
    zone = 360.0 / np.maximum(zones, 1)
    x = np.floor(131_072.0 * np.mod(longitude, zone) / zone + 0.5)
    return y.astype(np.int64) & 0x1FFFF, x.astype(np.int64) & 0x1FFFF


def longitude_zones(latitude: Floats) -> Integers:
    """NL of latitudes between −87° and 87° (DO-260B A.1.7.2)."""
    a = 1.0 - np.cos(np.pi / 30.0)
    inside = 1.0 - a / np.cos(np.pi / 180.0 * np.abs(latitude)) ** 2
    zones: Integers = np.floor(2.0 * np.pi / np.arccos(inside)).astype(np.int64)
    return zones


def _squitter(
    rng: np.random.Generator, aircraft: Fleet, who: NDArray[np.intp], time_s: Floats, altitude_ft: Floats
) -> Integers:
    """The message of an extended squitter: 56 bits."""
    n = len(who)
    track = np.radians(aircraft.track_deg[who])
    north, east = aircraft.speed_kt[who] * np.cos(track), aircraft.speed_kt[who] * np.sin(track)
    hours = time_s / 3600.0
    latitude = aircraft.latitude[who] + north * hours * _NM_TO_DEG
    longitude = aircraft.longitude[who] + east * hours * _NM_TO_DEG / np.cos(np.radians(aircraft.latitude[who]))
    odd = rng.integers(0, 2, n)
    y, x = cpr(latitude, longitude, odd)
    code13 = altitude_code13(altitude_ft)
    code12 = code13 >> 1 & 0xFC0 | code13 & 0x3F
    position = 11 << 51 | code12 << 36 | odd << 34 | y << 17 | x
    climb = np.rint(aircraft.climb_fpm[who] / 64).astype(np.int64) + rng.integers(-1, 2, n)
    wobble = rng.integers(-1, 2, (2, n))
    e, s = np.rint(east).astype(np.int64) + wobble[0], np.rint(north).astype(np.int64) + wobble[1]
    velocity = (
        (19 << 3 | 1) << 48
        | 2 << 43
        | np.where(e < 0, 1, 0) << 42
        | (np.abs(e) + 1) << 32
        | np.where(s < 0, 1, 0) << 31
        | (np.abs(s) + 1) << 21
        | np.where(climb < 0, 1, 0) << 19
        | (np.abs(climb) + 1) << 10
        | np.rint(altitude_ft * 0.03 / 25).astype(np.int64) + 1
    )
    identification = (4 << 3 | 3) << 48 | aircraft.callsign[who]
    selected = np.rint(aircraft.selected_ft[who] / 32).astype(np.int64) + 1
    target = (29 << 3 | 1 << 1) << 48 | selected << 36 | 270 << 27 | 0x2A0 << 10
    status = 31 << 51 | aircraft.status[who] & ((1 << 48) - 1)
    which = rng.random(n)
    message: Integers = np.select(
        [which < 0.42, which < 0.84, which < 0.90, which < 0.96], [position, velocity, identification, target], status
    ).astype(np.int64)
    return message


def _register(rng: np.random.Generator, aircraft: Fleet, who: NDArray[np.intp], altitude_ft: Floats) -> Integers:
    """A Comm-B register: 56 bits."""
    n = len(who)
    selected = np.rint(aircraft.selected_ft[who] / 16).astype(np.int64)
    intention = 1 << 55 | selected << 43 | 1 << 42 | selected << 30 | 1 << 29 | 2160 << 17
    speed = np.rint(aircraft.speed_kt[who] / 2).astype(np.int64) + rng.integers(-1, 2, n)
    track = np.rint(aircraft.track_deg[who] * 1024 / 180).astype(np.int64) + rng.integers(-2, 3, n) & 0x7FF
    roll = rng.integers(0, 4, n)
    turn = 1 << 55 | roll << 45 | 1 << 44 | track << 33 | 1 << 32 | speed << 22 | 1 << 21 | 1 << 10 | speed
    indicated = np.rint(aircraft.speed_kt[who] * np.exp(-altitude_ft / 60_000)).astype(np.int64)
    mach = np.rint(aircraft.speed_kt[who] / 661.0 * 250).astype(np.int64)
    climb = np.rint(aircraft.climb_fpm[who] / 32).astype(np.int64) & 0x3FF
    heading = (
        1 << 55
        | track << 44
        | 1 << 43
        | indicated << 33
        | 1 << 32
        | mach << 22
        | 1 << 21
        | climb << 11
        | 1 << 10
        | climb
    )
    called = 0x20 << 48 | aircraft.callsign[who]
    which = rng.random(n)
    register: Integers = np.select([which < 0.2, which < 0.5, which < 0.75], [called, intention, turn], heading).astype(
        np.int64
    )
    return register
