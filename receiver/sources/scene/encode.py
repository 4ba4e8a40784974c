"""Mode S frames made from what an aircraft has to say: the inverse of `receiver.decode`.

The bit tables are in the modules of `receiver.decode.formats` and `receiver.decode.registers`. Registers here are
integers of 56 bits, frames are bytes. A quantity is rounded to the step of its field and held within its range.

Source: ICAO Annex 10 vol. IV, 3.1.2 (formats, parity); ICAO Doc 9871 and DO-260B 2.2.3.2 (registers), bit numbers as
pyModeS 3.6 documents them; DO-260B appendix A.1.7 (CPR).
"""

from __future__ import annotations

import math

from receiver.decode.parity import remainder
from receiver.decode.registers.bds61 import EMERGENCY_STATES
from receiver.tracking.cpr import longitude_zones

_CHARACTERS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"
# movement field: lower end of each range, its speed (kt), the step within (kt)
MOVEMENT = ((2, 0.125, 0.125), (9, 1.0, 0.25), (13, 2.0, 0.5), (39, 15.0, 1.0), (94, 70.0, 2.0), (109, 100.0, 5.0))


def _held(value: float, low: int, high: int) -> int:
    return min(max(math.floor(value + 0.5), low), high)


# Parity


def _short(head: int, overlay: int) -> bytes:
    """Seven bytes of a head of 32 bits and its parity."""
    data = head.to_bytes(4, "big")
    return data + (remainder(data + b"\0\0\0") ^ overlay).to_bytes(3, "big")


def _long(head: int, body: int, overlay: int) -> bytes:
    """Fourteen bytes of a head of 32 bits, 56 bits and their parity."""
    data = head.to_bytes(4, "big") + body.to_bytes(7, "big")
    return data + (remainder(data + b"\0\0\0") ^ overlay).to_bytes(3, "big")


# Fields


def altitude_code(altitude_ft: float) -> int:
    """The 13-bit AC field in steps of 25 ft, −1000 to 50175 ft."""
    n = _held((altitude_ft + 1000) / 25, 0, 2047)
    return (n >> 5) << 7 | (n & 0x10) << 1 | 0x10 | n & 0xF


def altitude_code_12(altitude_ft: float) -> int:
    """The same without its M bit, as squitters carry it."""
    code = altitude_code(altitude_ft)
    return code >> 1 & 0xFC0 | code & 0x3F


def squawk_code(squawk: str) -> int:
    """The 13-bit identity field of four octal digits."""
    a, b, c, d = (int(digit, 8) for digit in squawk)
    code = 0
    # C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4
    for digit, bit in (
        (c, 0),
        (a, 0),
        (c, 1),
        (a, 1),
        (c, 2),
        (a, 2),
        (0, 0),
        (b, 0),
        (d, 0),
        (b, 1),
        (d, 1),
        (b, 2),
        (d, 2),
    ):
        code = code << 1 | digit >> bit & 1
    return code


def callsign_code(callsign: str) -> int:
    """Eight characters of six bits; letters, digits and spaces."""
    code = 0
    for character in callsign.ljust(8)[:8]:
        index = _CHARACTERS.find(character)
        if index < 0 or character == "#":
            raise ValueError(f"callsign: got {callsign!r}, expected up to eight of A–Z, 0–9 and spaces")
        code = code << 6 | index
    return code


def movement_code(ground_speed_kt: float | None) -> int:
    """The 7-bit movement field; 0 for None, 124 from 175 kt."""
    if ground_speed_kt is None:
        return 0
    if ground_speed_kt >= 175.0:
        return 124
    if ground_speed_kt < 0.0625:
        return 1
    low, kt, step = next(row for row in reversed(MOVEMENT) if ground_speed_kt >= row[1] or row[0] == 2)
    return min(low + max(math.floor((ground_speed_kt - kt) / step + 0.5), 0), 123)


def cpr_position(
    latitude: float, longitude: float, odd: bool, surface: bool = False, bits: int = 17
) -> tuple[int, int]:
    """Encoded latitude and longitude, `bits` wide.

    Parameters
    ----------
    latitude, longitude
        Degrees.
    odd
        Which of the two grids.
    surface
        Four times as fine, for cells a quarter as wide.
    bits
        17, or 12 for coarse TIS-B.
    """
    cells = 1 << (bits + 2 if surface else bits)
    zones = 60 - odd
    # In turns of the zone, so that nothing is lost where the angle is a binary fraction of a turn
    y = latitude * zones / 360.0
    yz = math.floor(cells * (y - math.floor(y)) + 0.5)
    rounded = (yz / cells + math.floor(y)) * 360.0 / zones
    width = max(longitude_zones(rounded) - odd, 1)
    x = longitude * width / 360.0
    xz = math.floor(cells * (x - math.floor(x)) + 0.5)
    return yz & ((1 << bits) - 1), xz & ((1 << bits) - 1)


# Registers


def identification(callsign: str, category: str) -> int:
    """BDS 0,8. `category` is A0–D7."""
    return (4 - "ABCD".index(category[0])) << 51 | int(category[1]) << 48 | callsign_code(callsign)


def airborne_position(
    latitude: float,
    longitude: float,
    odd: bool,
    altitude_ft: float | None,
    *,
    type_code: int = 11,
    surveillance_status: int = 0,
    nic_supplement_b: bool = False,
) -> int:
    """BDS 0,5. Type codes 9–18 with barometric altitude, 20–22 with height above the ellipsoid."""
    yz, xz = cpr_position(latitude, longitude, odd)
    code = 0 if altitude_ft is None else altitude_code_12(altitude_ft)
    return type_code << 51 | surveillance_status << 49 | nic_supplement_b << 48 | code << 36 | odd << 34 | yz << 17 | xz


def no_position(altitude_ft: float | None) -> int:
    """BDS 0,5 of an aircraft that does not know where it is: type code 0, altitude only."""
    return 0 if altitude_ft is None else altitude_code_12(altitude_ft) << 36


def surface_position(
    latitude: float,
    longitude: float,
    odd: bool,
    ground_speed_kt: float | None,
    track_deg: float | None,
    *,
    type_code: int = 7,
) -> int:
    """BDS 0,6. Type codes 5–8."""
    yz, xz = cpr_position(latitude, longitude, odd, surface=True)
    track = 0 if track_deg is None else 0x80 | _held(track_deg * 128 / 360, 0, 128) & 0x7F
    return type_code << 51 | movement_code(ground_speed_kt) << 44 | track << 36 | odd << 34 | yz << 17 | xz


def _vertical(rate_fpm: float | None, barometric: bool, geom_minus_baro_ft: float | None) -> int:
    """Bits 36–56 of BDS 0,9."""
    rate = difference = 0
    if rate_fpm is not None:
        rate = (rate_fpm < 0) << 9 | _held(abs(rate_fpm) / 64, 0, 510) + 1
    if geom_minus_baro_ft is not None:
        difference = (geom_minus_baro_ft < 0) << 7 | _held(abs(geom_minus_baro_ft) / 25, 0, 125) + 1
    return barometric << 20 | rate << 10 | difference


def velocity(
    ground_speed_kt: float,
    track_deg: float,
    vertical_rate_fpm: float | None,
    *,
    geom_minus_baro_ft: float | None = None,
    barometric: bool = True,
    nac_v: int = 2,
) -> int:
    """BDS 0,9 over ground: subtype 1, or 2 (steps of 4 kt) above 1021 kt."""
    east = ground_speed_kt * math.sin(math.radians(track_deg))
    north = ground_speed_kt * math.cos(math.radians(track_deg))
    subtype, step = (1, 1) if max(abs(east), abs(north)) < 1021.5 else (2, 4)
    x, y = _held(abs(east) / step, 0, 1021) + 1, _held(abs(north) / step, 0, 1021) + 1
    ground = (east < 0) << 21 | x << 11 | (north < 0) << 10 | y
    return (
        19 << 51
        | subtype << 48
        | nac_v << 43
        | ground << 21
        | _vertical(vertical_rate_fpm, barometric, geom_minus_baro_ft)
    )


def airspeed(
    heading_deg: float | None,
    airspeed_kt: float | None,
    vertical_rate_fpm: float | None,
    *,
    true_airspeed: bool = False,
    nac_v: int = 2,
) -> int:
    """BDS 0,9 through the air: subtype 3, or 4 (steps of 4 kt) above 1021 kt."""
    subtype, step = (3, 1) if airspeed_kt is None or airspeed_kt < 1021.5 else (4, 4)
    heading = 0 if heading_deg is None else 0x400 | _held(heading_deg * 1024 / 360, 0, 1024) & 0x3FF
    speed = 0 if airspeed_kt is None else _held(airspeed_kt / step, 0, 1021) + 1
    air = heading << 11 | true_airspeed << 10 | speed
    return 19 << 51 | subtype << 48 | nac_v << 43 | air << 21 | _vertical(vertical_rate_fpm, True, None)


def emergency_status(emergency: str, squawk: str) -> int:
    """BDS 6,1 subtype 1; `emergency` is one of `EMERGENCY_STATES`."""
    return 28 << 51 | 1 << 48 | EMERGENCY_STATES.index(emergency) << 45 | squawk_code(squawk) << 32


def target_state(
    altitude_ft: float | None,
    qnh_hpa: float | None,
    heading_deg: float | None,
    *,
    modes: frozenset[str] = frozenset({"autopilot", "lnav", "tcas"}),
    nac_p: int = 9,
    sil: int = 3,
    nic_baro: bool = True,
) -> int:
    """BDS 6,2 subtype 1 (version 2), selected altitude of the MCP."""
    me = 29 << 51 | 1 << 49
    if altitude_ft is not None:
        me |= _held(altitude_ft / 32, 0, 2045) + 1 << 36
    if qnh_hpa is not None:
        me |= _held((qnh_hpa - 800) / 0.8, 0, 510) + 1 << 27
    if heading_deg is not None:
        me |= 1 << 26 | _held((heading_deg % 360) * 512 / 360, 0, 511) << 17
    me |= nac_p << 13 | nic_baro << 12 | sil << 10 | 1 << 9
    for bit, mode in ((8, "autopilot"), (7, "vnav"), (6, "althold"), (4, "approach"), (3, "tcas"), (2, "lnav")):
        me |= (mode in modes) << bit
    return me


def operational_status(
    *,
    surface: bool = False,
    version: int = 2,
    nac_p: int = 9,
    sil: int = 3,
    sda: int = 2,
    gva: int = 2,
    nic_baro: bool = True,
    nac_v: int = 2,
    nic_supplement_a: bool = False,
    ident: bool = False,
    magnetic: bool = False,
) -> int:
    """BDS 6,5, airborne or surface; version 0 has but its version."""
    me = 31 << 51 | surface << 48
    if version == 0:
        return me
    me |= (1 << 45 if not surface else nac_v << 37) | ident << 28 | version << 13 | nic_supplement_a << 12 | nac_p << 8
    if version >= 2:
        me |= sda << 24
        if not surface:
            me |= gva << 6
    return me | sil << 4 | (nic_baro and not surface) << 3 | magnetic << 2


def bds10() -> int:
    """Data link capability: ACAS works, identification is sent."""
    return 0x10 << 48 | 1 << 40 | 1 << 31 | 1 << 23


def bds17() -> int:
    """Common usage: BDS 0,5 0,6 0,7 0,8 0,9 2,0 4,0 5,0 6,0 are served."""
    served = (1, 2, 3, 4, 5, 7, 9, 16, 24)
    return sum(1 << (56 - bit) for bit in served)


def bds20(callsign: str) -> int:
    """Aircraft identification."""
    return 0x20 << 48 | callsign_code(callsign)


def bds40(altitude_ft: float, qnh_hpa: float) -> int:
    """Selected vertical intention: MCP altitude and pressure setting."""
    return 1 << 55 | _held(altitude_ft / 16, 0, 4095) << 43 | 1 << 29 | _held((qnh_hpa - 800) * 10, 0, 4095) << 17


def _signed(value: float, step: float, bits: int) -> int:
    """Validity bit, sign and `bits` of two's complement."""
    span = 1 << bits
    number = min(max(math.floor(value / step + 0.5), -span), span - 1)
    return 1 << (bits + 1) | (number & (2 * span - 1))


def bds50(roll_deg: float, track_deg: float, ground_speed_kt: float, turn_deg_s: float, true_airspeed_kt: float) -> int:
    """Track and turn report."""
    track = track_deg - 360 if track_deg >= 180 else track_deg
    return (
        _signed(roll_deg, 45 / 256, 9) << 45
        | _signed(track, 90 / 512, 10) << 33
        | (0x400 | _held(ground_speed_kt / 2, 0, 1023)) << 22
        | _signed(turn_deg_s, 8 / 256, 9) << 11
        | 0x400
        | _held(true_airspeed_kt / 2, 0, 1023)
    )


def bds60(magnetic_heading_deg: float, indicated_airspeed_kt: float, mach: float, vertical_rate_fpm: float) -> int:
    """Heading and speed report."""
    heading = magnetic_heading_deg % 360
    heading = heading - 360 if heading >= 180 else heading
    rate = _signed(vertical_rate_fpm, 32, 9)
    return (
        _signed(heading, 90 / 512, 10) << 44
        | (0x400 | _held(indicated_airspeed_kt, 0, 1023)) << 33
        | (0x400 | _held(mach * 250, 0, 1023)) << 22
        | rate << 11
        | rate
    )


# Formats


def df00(icao: int, altitude_ft: float | None, *, on_ground: bool = False, sensitivity_level: int = 7) -> bytes:
    """Short air-air surveillance."""
    code = 0 if altitude_ft is None else altitude_code(altitude_ft)
    return _short(on_ground << 26 | 1 << 25 | sensitivity_level << 21 | 3 << 15 | code, icao)


def df04(icao: int, altitude_ft: float | None, *, flight_status: int = 0) -> bytes:
    """Altitude reply."""
    return _short(4 << 27 | flight_status << 24 | (0 if altitude_ft is None else altitude_code(altitude_ft)), icao)


def df05(icao: int, squawk: str, *, flight_status: int = 0) -> bytes:
    """Identity reply."""
    return _short(5 << 27 | flight_status << 24 | squawk_code(squawk), icao)


def df11(icao: int, *, capability: int = 5, interrogator: int = 0) -> bytes:
    """All-call reply to an interrogator, or (0) acquisition squitter."""
    return _short(11 << 27 | capability << 24 | icao, interrogator)


def df16(icao: int, altitude_ft: float | None, mv: int = 0x30 << 48, *, on_ground: bool = False) -> bytes:
    """Long air-air surveillance with the message field `mv`."""
    code = 0 if altitude_ft is None else altitude_code(altitude_ft)
    return _long(16 << 27 | on_ground << 26 | 7 << 21 | 3 << 15 | code, mv, icao)


def df17(icao: int, me: int, *, capability: int = 5) -> bytes:
    """Extended squitter of a transponder."""
    return _long(17 << 27 | capability << 24 | icao, me, 0)


def df18(icao: int, me: int, *, control: int = 0) -> bytes:
    """Extended squitter of something else; `control` is the CF field."""
    return _long(18 << 27 | control << 24 | icao, me, 0)


def df20(icao: int, altitude_ft: float | None, mb: int, *, flight_status: int = 0) -> bytes:
    """Comm-B with altitude."""
    code = 0 if altitude_ft is None else altitude_code(altitude_ft)
    return _long(20 << 27 | flight_status << 24 | code, mb, icao)


def df21(icao: int, squawk: str, mb: int, *, flight_status: int = 0) -> bytes:
    """Comm-B with identity."""
    return _long(21 << 27 | flight_status << 24 | squawk_code(squawk), mb, icao)
