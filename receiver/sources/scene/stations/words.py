"""Frames from arrays: for the same values the same bytes as `receiver.sources.scene.encode` makes one by one.

Registers are int64 (n,) of 56 bits; a frame is a head of 32 bits, a body of 56 (long frames) and the parity.
Names, fields and sources are those of `encode`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dsp.crc import LONG_BITS, bit_syndromes
from receiver.sources.scene import encode
from receiver.tracking.cpr import longitude_zones

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def held(value: ArrayLike, low: int, high: int) -> Integers:
    """Rounded, and kept within a range."""
    return np.clip(np.floor(np.asarray(value, np.float64) + 0.5), low, high).astype(np.int64)


def _parity_tables() -> NDArray[np.uint32]:
    """What each value of each of the eleven data bytes of a long frame leaves; (11, 256)."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    syndromes = bit_syndromes(LONG_BITS)
    tables = [
        np.bitwise_xor.reduce(np.where(bits, syndromes[8 * k : 8 * k + 8], np.uint32(0)), axis=1) for k in range(11)
    ]
    return np.stack(tables)


_TABLES = _parity_tables()


def _zone_limits() -> Floats:
    limits = []
    for zones in range(58, 0, -1):
        low, high = 0.0, 89.0
        while True:
            middle = (low + high) / 2
            if middle in (low, high):
                break
            low, high = (low, middle) if longitude_zones(middle) <= zones else (middle, high)
        limits.append(high)
    return np.array(limits)


_ZONE_LIMITS = _zone_limits()


def frames(head: Integers, body: Integers, overlay: Integers, is_long: Bools) -> NDArray[np.uint8]:
    """Bytes (n, 14) of frames; the last seven of a short one are 0."""
    n = len(head)
    data = np.zeros((n, 14), np.uint8)
    for k in range(4):
        data[:, k] = (head >> (24 - 8 * k)) & 0xFF
    for k in range(7):
        data[:, 4 + k] = np.where(is_long, (body >> (48 - 8 * k)) & 0xFF, 0)
    long_parity, short_parity = np.zeros(n, np.uint32), np.zeros(n, np.uint32)
    for k in range(11):
        long_parity ^= _TABLES[k][data[:, k]]
    for k in range(4):
        short_parity ^= _TABLES[7 + k][data[:, k]]
    parity = np.where(is_long, long_parity, short_parity).astype(np.int64) ^ overlay
    for k in range(3):
        byte = ((parity >> (16 - 8 * k)) & 0xFF).astype(np.uint8)
        data[:, 11 + k] = np.where(is_long, byte, 0)
        data[:, 4 + k] = np.where(is_long, data[:, 4 + k], byte)
    return data


def altitude_code(altitude_ft: Floats, on_ground: Bools) -> Integers:
    """The 13-bit AC field; 0 on the ground."""
    n = held((altitude_ft + 1000) / 25, 0, 2047)
    return np.where(on_ground, 0, (n >> 5) << 7 | (n & 0x10) << 1 | 0x10 | n & 0xF)


def altitude_code_12(altitude_ft: Floats) -> Integers:
    """The same without its M bit."""
    code = altitude_code(altitude_ft, np.zeros(len(altitude_ft), bool))
    return code >> 1 & 0xFC0 | code & 0x3F


def cpr_position(latitude: Floats, longitude: Floats, odd: Bools, surface: bool) -> tuple[Integers, Integers]:
    """Encoded latitude and longitude."""
    cells = 1 << (19 if surface else 17)
    zones = 60 - odd.astype(np.int64)
    y = latitude * zones / 360.0
    yz = np.floor(cells * (y - np.floor(y)) + 0.5)
    rounded = (yz / cells + np.floor(y)) * 360.0 / zones
    # side="right": at a limit itself the smaller number holds
    count = 59 - np.searchsorted(_ZONE_LIMITS, np.abs(rounded), side="right")
    width = np.maximum(count - odd, 1)
    x = longitude * width / 360.0
    xz = np.floor(cells * (x - np.floor(x)) + 0.5)
    mask = (1 << 17) - 1
    return yz.astype(np.int64) & mask, xz.astype(np.int64) & mask


def airborne_position(
    latitude: Floats, longitude: Floats, odd: Bools, altitude_ft: Floats, type_code: Integers, status: Integers
) -> Integers:
    """BDS 0,5."""
    yz, xz = cpr_position(latitude, longitude, odd, False)
    code = altitude_code_12(altitude_ft)
    return type_code << 51 | status << 49 | code << 36 | odd.astype(np.int64) << 34 | yz << 17 | xz


def movement_code(ground_speed_kt: Floats) -> Integers:
    """The 7-bit movement field."""
    code = np.ones(len(ground_speed_kt), np.int64)
    for low, kt, step in encode.MOVEMENT:
        code = np.where(
            (ground_speed_kt >= kt) | (low == 2),
            np.minimum(low + np.maximum(np.floor((ground_speed_kt - kt) / step + 0.5), 0), 123),
            code,
        ).astype(np.int64)
    return np.where(ground_speed_kt >= 175.0, 124, np.where(ground_speed_kt < 0.0625, 1, code))


def surface_position(
    latitude: Floats, longitude: Floats, odd: Bools, ground_speed_kt: Floats, track_deg: Floats
) -> Integers:
    """BDS 0,6, type code 7."""
    yz, xz = cpr_position(latitude, longitude, odd, True)
    track = 0x80 | held(track_deg * 128 / 360, 0, 128) & 0x7F
    return 7 << 51 | movement_code(ground_speed_kt) << 44 | track << 36 | odd.astype(np.int64) << 34 | yz << 17 | xz


def velocity(
    ground_speed_kt: Floats, track_deg: Floats, rate_fpm: Floats, geom_minus_baro_ft: Floats, nac_v: Integers
) -> Integers:
    """BDS 0,9, over ground, barometric rate."""
    angle = np.radians(track_deg)
    east, north = ground_speed_kt * np.sin(angle), ground_speed_kt * np.cos(angle)
    fast = np.maximum(np.abs(east), np.abs(north)) >= 1021.5
    step = np.where(fast, 4, 1)
    x, y = held(np.abs(east) / step, 0, 1021) + 1, held(np.abs(north) / step, 0, 1021) + 1
    ground = (east < 0).astype(np.int64) << 21 | x << 11 | (north < 0).astype(np.int64) << 10 | y
    rate = (rate_fpm < 0).astype(np.int64) << 9 | held(np.abs(rate_fpm) / 64, 0, 510) + 1
    apart = (geom_minus_baro_ft < 0).astype(np.int64) << 7 | held(np.abs(geom_minus_baro_ft) / 25, 0, 125) + 1
    vertical = 1 << 20 | rate << 10 | apart
    return 19 << 51 | np.where(fast, 2, 1) << 48 | nac_v << 43 | ground << 21 | vertical


def target_state(altitude_ft: Floats, qnh_hpa: float, heading_deg: Floats, nac_p: Integers, sil: Integers) -> Integers:
    """BDS 6,2 subtype 1."""
    fixed = encode.target_state(None, qnh_hpa, None, nac_p=0, sil=0)
    altitude = held(altitude_ft / 32, 0, 2045) + 1
    heading = 1 << 26 | held((heading_deg % 360) * 512 / 360, 0, 511) << 17
    return fixed | altitude << 36 | heading | nac_p << 13 | sil << 10


def operational_status(surface: Bools, version: Integers, nac_p: Integers, sil: Integers, sda: Integers) -> Integers:
    """BDS 6,5."""
    on_ground = surface.astype(np.int64)
    me = 31 << 51 | on_ground << 48
    full = me | np.where(surface, 2 << 37, 1 << 45) | version << 13 | nac_p << 8 | sda << 24
    full |= np.where(surface, 0, 2 << 6) | sil << 4 | (1 - on_ground) << 3
    return np.where(version == 0, me, full)


def bds40(altitude_ft: Floats, qnh_hpa: float) -> Integers:
    """Selected vertical intention."""
    return encode.bds40(0.0, qnh_hpa) | held(altitude_ft / 16, 0, 4095) << 43


def _signed(value: Floats, step: float, bits: int) -> Integers:
    span = 1 << bits
    number = np.clip(np.floor(value / step + 0.5), -span, span - 1).astype(np.int64)
    return 1 << (bits + 1) | (number & (2 * span - 1))


def _around(angle_deg: Floats) -> Floats:
    return np.where(angle_deg >= 180, angle_deg - 360, angle_deg)


def bds50(roll_deg: Floats, track_deg: Floats, ground_kt: Floats, turn_deg_s: Floats, true_kt: Floats) -> Integers:
    """Track and turn report."""
    return (
        _signed(roll_deg, 45 / 256, 9) << 45
        | _signed(_around(track_deg), 90 / 512, 10) << 33
        | (0x400 | held(ground_kt / 2, 0, 1023)) << 22
        | _signed(turn_deg_s, 8 / 256, 9) << 11
        | 0x400
        | held(true_kt / 2, 0, 1023)
    )


def bds60(heading_deg: Floats, indicated_kt: Floats, mach: Floats, rate_fpm: Floats) -> Integers:
    """Heading and speed report."""
    rate = _signed(rate_fpm, 32, 9)
    return (
        _signed(_around(heading_deg % 360), 90 / 512, 10) << 44
        | (0x400 | held(indicated_kt, 0, 1023)) << 33
        | (0x400 | held(mach * 250, 0, 1023)) << 22
        | rate << 11
        | rate
    )
