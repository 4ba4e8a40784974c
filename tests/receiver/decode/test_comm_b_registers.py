"""The registers that radars ask for: what they hold, and which bits cannot be them. Which one a reply is, the tracker
decides (tests/receiver/tracking/test_comm_b.py)."""

from __future__ import annotations

from typing import Any

import pytest

from receiver.decode.registers.bds10 import decode_bds10, fits_bds10
from receiver.decode.registers.bds17 import decode_bds17, fits_bds17
from receiver.decode.registers.bds20 import decode_bds20, fits_bds20
from receiver.decode.registers.bds30 import decode_bds30, fits_bds30, is_empty_bds30
from receiver.decode.registers.bds40 import decode_bds40, fits_bds40
from receiver.decode.registers.bds44 import decode_bds44, fits_bds44
from receiver.decode.registers.bds45 import decode_bds45, fits_bds45
from receiver.decode.registers.bds50 import decode_bds50, fits_bds50
from receiver.decode.registers.bds53 import AirReferencedState, decode_bds53, fits_bds53
from receiver.decode.registers.bds60 import decode_bds60, fits_bds60
from tests.receiver.decode.frames import about, bits


def signed(value: int, width: int) -> tuple[int, int]:
    """A two's complement field."""
    return value & ((1 << width) - 1), width


FITS = {
    "1,0": fits_bds10, "1,7": fits_bds17, "2,0": fits_bds20, "3,0": fits_bds30, "4,0": fits_bds40, "4,4": fits_bds44,
    "4,5": fits_bds45, "5,0": fits_bds50, "5,3": fits_bds53, "6,0": fits_bds60,
}  # fmt: skip
# as they were heard
REPLIES = {
    "1,0": 0x10010080F50000, "1,7": 0xFA81C100000000, "2,0": 0x202CC371C31DE0, "4,0": 0x85E42F31300000,
    "4,4": 0x185BD5CF400000, "5,0": 0x81951536E024D4, "6,0": 0x8F39F91A7E27C4,
}  # fmt: skip


@pytest.mark.parametrize("bds", list(REPLIES))
def test_a_register_that_was_heard_fits_itself(bds: str) -> None:
    assert FITS[bds](REPLIES[bds])


@pytest.mark.parametrize("bds", ["4,0", "5,0", "6,0", "5,3", "4,4", "2,0", "1,0", "1,7"])
def test_an_empty_reply_fits_nothing(bds: str) -> None:
    assert not FITS[bds](0)


def test_bds10_says_whether_acas_works() -> None:
    read = decode_bds10(REPLIES["1,0"])
    assert (read.acas_operational, read.acas_resolution_advisory, read.sends_identification) == (True, True, True)
    silent = decode_bds10(0x10 << 48)
    assert (silent.acas_operational, silent.acas_resolution_advisory, silent.sends_identification) == (
        False,
        False,
        False,
    )


def test_bds17_lists_the_registers_that_are_served() -> None:
    assert decode_bds17(REPLIES["1,7"]).registers == {
        "0,5", "0,6", "0,7", "0,8", "0,9", "2,0", "4,0", "5,0", "5,1", "5,2", "6,0",
    }  # fmt: skip
    assert not fits_bds17(REPLIES["1,7"] | 1), "zeros end it"
    assert not fits_bds17(REPLIES["1,7"] & ~(1 << 49)), "every transponder serves 2,0"


def test_bds20_is_the_call_sign() -> None:
    assert decode_bds20(REPLIES["2,0"]).callsign == "KLM1017"
    assert decode_bds20(0x20 << 48 | 0x820820820820).callsign is None
    assert not fits_bds20(0x20 << 48 | 0xFFFFFFFFFFFF), "no such characters"


def advisory(ara: int, rac: int = 0, rat: int = 0, mte: int = 0, threat: int = 0, identity: int = 0) -> Any:
    """BDS 3,0; the first seven bits of the advisory are those that version 7 of ACAS uses."""
    return decode_bds30(bits((0x30, 8), (ara, 7), (0, 7), (rac, 4), (rat, 1), (mte, 1), (threat, 2), (identity, 26)))


@pytest.mark.parametrize(
    ("ara", "words"),
    [
        (0b1100001, "climb"),
        (0b1110001, "descend"),
        (0b1101001, "increase climb"),
        (0b1110011, "crossing descend"),
        (0b1100101, "reverse: climb"),
        (0b1000001, "maintain: climb"),
        (0b1100000, "limit descent"),
        (0b1110000, "limit climb"),
        (0b1000000, "monitor: limit descent"),
        (0b0000000, "none"),
    ],
)
def test_bds30_in_words(ara: int, words: str) -> None:
    assert advisory(ara).advisory == words


def test_bds30_complements_come_after_the_advisory() -> None:
    assert advisory(0b1100001, rac=0b1000).advisory == "climb; do not pass below"
    assert advisory(0b1110001, rac=0b0100).advisory == "descend; do not pass above"
    assert advisory(0, rac=0b0011).advisory == "none; do not turn left; do not turn right"
    assert advisory(0, mte=1).advisory == "multiple threats, different senses"


def test_bds30_names_the_threat_and_the_end() -> None:
    by_address = advisory(0b1100001, threat=1, identity=0x4B1234 << 2)
    assert (by_address.threat_icao, by_address.threat_altitude_ft, by_address.terminated) == ("4b1234", None, False)
    # altitude in 13 bits, range in tenths of a mile from 1, bearing in sixths of 60 degrees from 1
    by_place = advisory(0b1100001, rat=1, threat=2, identity=0x1718 << 13 | 32 << 6 | 16)
    assert (by_place.threat_icao, by_place.threat_altitude_ft, by_place.terminated) == (None, 36_000, True)
    assert by_place.threat_range_nmi == about(3.1)
    assert by_place.threat_bearing_deg == about(93.0, within=3.0)


def test_bds30_without_an_advisory_is_told_apart() -> None:
    assert is_empty_bds30(0x30 << 48)
    assert not is_empty_bds30(0x30 << 48 | 1 << 47)


def test_bds40_as_it_was_heard() -> None:
    read = decode_bds40(REPLIES["4,0"])
    assert (read.altitude_mcp_ft, read.altitude_fms_ft, read.qnh_hpa) == (3008, 3008, about(1020.0))


def test_bds40_modes_and_reserved_bits() -> None:
    mb = bits((1, 1), (35_008 // 16, 12), (0, 13), (0, 13), (0, 8), (1, 1), (0b101, 3), (0, 2), (1, 1), (2, 2))
    assert fits_bds40(mb)
    read = decode_bds40(mb)
    assert (read.altitude_mcp_ft, read.altitude_fms_ft, read.qnh_hpa) == (35_008, None, None)
    assert read.modes == frozenset({"vnav", "approach"})
    for reserved in (*range(40, 48), 52, 53):
        assert not fits_bds40(mb | 1 << (56 - reserved)), reserved
    assert not fits_bds40(mb | 1 << (56 - 20)), "an FMS altitude that is not valid"


def test_bds44_as_it_was_heard() -> None:
    read = decode_bds44(REPLIES["4,4"])
    assert (read.wind_speed_kt, read.static_pressure_hpa, read.turbulence) == (22, None, None)
    assert read.wind_direction_deg == about(344.5, within=0.1)
    assert read.static_air_temperature_c == -48.75


def test_bds45_field_by_field() -> None:
    mb = bits((1, 1), (1, 2), (1, 1), (2, 2), (0, 3), (1, 1), (3, 2), (0, 3), (1, 1), signed(-240, 10), (1, 1), (250, 11),
              (1, 1), (125, 12), (0, 5))  # fmt: skip
    read = decode_bds45(mb)
    assert (read.turbulence, read.wind_shear, read.microburst, read.icing, read.wake_vortex) == (1, 2, None, 3, None)
    assert (read.static_air_temperature_c, read.static_pressure_hpa, read.radio_height_ft) == (-60.0, 250, 2000)
    assert not fits_bds45(mb | 1)


def test_bds50_as_it_was_heard() -> None:
    read = decode_bds50(REPLIES["5,0"])
    assert (read.ground_speed_kt, read.track_rate_deg_s, read.tas_kt) == (438, 0.125, 424)
    assert read.roll_deg == about(2.1, within=0.05)
    assert read.track_deg == about(114.258, within=0.001)


def test_bds50_to_the_left_and_what_is_not_said() -> None:
    mb = bits((1, 1), signed(-100, 10), (1, 1), signed(-256, 11), (1, 1), (225, 10), (1, 1), signed(-32, 10), (0, 11))
    assert fits_bds50(mb)
    read = decode_bds50(mb)
    assert (read.roll_deg, read.track_deg, read.ground_speed_kt) == (about(-17.578, within=0.001), 315.0, 450)
    assert (read.track_rate_deg_s, read.tas_kt) == (-1.0, None)
    assert not fits_bds50(mb | 1), "an airspeed that is not valid"
    all_ones = bits((0, 34), (1, 1), (0x3FF, 10), (1, 1), (200, 10))
    assert decode_bds50(all_ones).track_rate_deg_s is None


def test_bds53_field_by_field() -> None:
    mb = bits((1, 1), signed(-512, 11), (1, 1), (250, 10), (1, 1), (98, 9), (1, 1), (900, 12), (1, 1), signed(-16, 9))
    assert fits_bds53(mb)
    assert decode_bds53(mb) == AirReferencedState(
        mag_heading_deg=270.0, ias_kt=250, mach=about(0.784), tas_kt=450.0, vertical_rate_baro_fpm=-1024
    )
    nothing = AirReferencedState(None, None, None, None, None)
    assert decode_bds53(0) == nothing


@pytest.mark.parametrize("gate", [1, 13, 24, 34, 47])
def test_bds53_a_value_that_is_not_valid_rules_it_out(gate: int) -> None:
    mb = bits((1, 1), signed(-512, 11), (1, 1), (250, 10), (1, 1), (98, 9), (1, 1), (900, 12), (1, 1), signed(-16, 9))
    assert not fits_bds53(mb & ~(1 << (56 - gate)))


@pytest.mark.parametrize(
    "field", [((13, 1), (14, 1023)), ((24, 1), (25, 200)), ((34, 1), (35, 1300)), ((47, 1), (48, 254))]
)
def test_bds53_speeds_that_no_aircraft_flies_rule_it_out(field: tuple[tuple[int, int], tuple[int, int]]) -> None:
    last = {14: 23, 25: 33, 35: 46, 48: 56}[field[1][0]]
    assert not fits_bds53(1 << (56 - field[0][0]) | field[1][1] << (56 - last))


def test_bds60_as_it_was_heard() -> None:
    read = decode_bds60(REPLIES["6,0"])
    assert (read.ias_kt, read.mach) == (252, about(0.42))
    assert (read.vertical_rate_baro_fpm, read.vertical_rate_inertial_fpm) == (-1920, -1920)
    assert read.mag_heading_deg == about(42.715, within=0.001)


def test_bds60_what_is_not_said_and_what_cannot_be() -> None:
    mb = bits((1, 1), signed(-512, 11), (0, 11), (1, 1), (200, 10), (0, 11), (1, 1), signed(-1, 10))
    assert fits_bds60(mb)
    read = decode_bds60(mb)
    assert (read.mag_heading_deg, read.ias_kt, read.vertical_rate_baro_fpm) == (270.0, None, None)
    assert (read.mach, read.vertical_rate_inertial_fpm) == (about(0.8), -32), "all ones are one step down"
    assert not fits_bds60(mb | 1 << (56 - 20)), "an airspeed that is not valid"
