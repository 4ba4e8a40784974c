"""The registers of extended squitters, in the order of their numbers, field by field as the standards draw them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.registers.bds05 import decode_bds05
from receiver.decode.registers.bds06 import decode_bds06
from receiver.decode.registers.bds08 import decode_bds08
from receiver.decode.registers.bds09 import decode_bds09
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.decode.registers.bds61 import EMERGENCY_STATES, EmergencyStatus, decode_bds61, emergency_of
from receiver.decode.registers.bds62 import decode_bds62
from receiver.decode.registers.bds65 import decode_bds65
from receiver.decode.registers.tisb_coarse import decode_tisb_coarse
from tests.receiver.decode.frames import about, bits, decoded


def register(text: str) -> Any:
    """The register in a frame that was heard."""
    message = decoded(text)
    assert isinstance(message, ExtendedSquitter)
    assert message.register is not None
    return message.register


# --- 0,5


def test_bds05_of_a_pair_that_was_heard() -> None:
    even, odd = register("8D40621D58C382D690C8AC2863A7"), register("8D40621D58C386435CC412692AD6")
    assert (even.type_code, even.altitude_ft, even.altitude_is_geometric) == (11, 38_000, False)
    assert (even.cpr_odd, even.cpr_latitude, even.cpr_longitude) == (False, 93_000, 51_372)
    assert (odd.cpr_odd, odd.cpr_latitude, odd.cpr_longitude) == (True, 74_158, 50_194)


@pytest.mark.parametrize("type_code", [0, *range(9, 19), 20, 21, 22])
def test_bds05_altitude_is_geometric_from_type_code_20_on(type_code: int) -> None:
    me = bits((type_code, 5), (3, 2), (1, 1), (0xC38, 12), (0, 1), (1, 1), (93_000, 17), (51_372, 17))
    read = decode_bds05(me)
    assert (read.type_code, read.surveillance_status, read.nic_supplement_b) == (type_code, 3, True)
    assert (read.altitude_ft, read.altitude_is_geometric) == (38_000, type_code >= 20)
    assert (read.cpr_odd, read.cpr_latitude, read.cpr_longitude) == (True, 93_000, 51_372)


# --- 0,6

# DO-260B, movement field: from code, to code, speed of the first, step
MOVEMENT = ((2, 8, 0.125, 0.125), (9, 12, 1.0, 0.25), (13, 38, 2.0, 0.5), (39, 93, 15.0, 1.0), (94, 108, 70.0, 2.0), (109, 123, 100.0, 5.0))  # fmt: skip


def surface(movement: int, track: int | None = None) -> int:
    """A surface position."""
    return bits(
        (7, 5), (movement, 7), (track is not None, 1), (track or 0, 7), (0, 1), (0, 1), (39_195, 17), (110_320, 17)
    )


def test_bds06_of_a_frame_that_was_heard() -> None:
    read = register("8C4841753A9A153237AEF0F275BE")
    assert (read.type_code, read.ground_speed_kt, read.track_deg) == (7, 17.0, 92.8125)
    assert (read.cpr_odd, read.cpr_latitude, read.cpr_longitude) == (True, 39_195, 110_320)


def test_bds06_movement_is_read_in_all_its_steps() -> None:
    for first, last, speed, step in MOVEMENT:
        for code in range(first, last + 1):
            assert decode_bds06(surface(code)).ground_speed_kt == about(speed + (code - first) * step)
    assert decode_bds06(surface(1)).ground_speed_kt == 0
    assert decode_bds06(surface(124)).ground_speed_kt == 175
    assert {decode_bds06(surface(code)).ground_speed_kt for code in (0, 125, 126, 127)} == {None}


def test_bds06_track_counts_only_when_it_is_valid() -> None:
    assert [decode_bds06(surface(1, track)).track_deg for track in (0, 32, 127)] == [0.0, 90.0, 357.1875]
    assert decode_bds06(surface(1) | 1 << 40).track_deg is None


# --- 0,8


def test_bds08_of_frames_that_were_heard() -> None:
    assert (register("8D4840D6202CC371C32CE0576098").callsign, register("8D4840D6202CC371C32CE0576098").category) == (
        "KLM1023", "A0",
    )  # fmt: skip


@pytest.mark.parametrize(("type_code", "letter"), [(1, "D"), (2, "C"), (3, "B"), (4, "A")])
def test_bds08_category_is_the_set_and_the_number(type_code: int, letter: str) -> None:
    for number in range(8):
        assert decode_bds08(bits((type_code, 5), (number, 3), (0x2CC371C32CE0, 48))).category == f"{letter}{number}"


def test_bds08_every_character_is_shown_and_padding_is_none() -> None:
    for code in range(64):
        name = decode_bds08(bits((4, 5), (3, 3), (1, 6), (code, 6), (1, 6), *[(32, 6)] * 5)).callsign
        shown = chr(code if code >= 32 else 64 + code)
        assert name == f"A{shown}A"
        assert shown.isprintable()
    assert decode_bds08(bits((4, 5), (3, 3), *[(1, 6)] * 3, *[(0, 6)] * 5)).callsign == "AAA"
    assert decode_bds08(bits((4, 5), (3, 3), *[(0, 6), (32, 6)] * 4)).callsign is None


# --- 0,9


def velocity(subtype: int = 1, east: tuple[int, int] = (0, 0), north: tuple[int, int] = (0, 0), rate: tuple[int, int, int] = (0, 0, 0), height: tuple[int, int] = (0, 0)) -> int:  # fmt: skip
    """An airborne velocity from the raw fields: sign and value each, the rate's source before them."""
    return bits((19, 5), (subtype, 3), (0, 2), (2, 3), (east[0], 1), (east[1], 10), (north[0], 1), (north[1], 10),
                (rate[0], 1), (rate[1], 1), (rate[2], 9), (0, 2), (height[0], 1), (height[1], 7))  # fmt: skip


def test_bds09_over_ground_as_it_was_heard() -> None:
    read = register("8D485020994409940838175B284F")
    assert (read.subtype, read.nac_v) == (1, 0)
    assert read.ground_speed_kt == about(159.2, within=0.01)
    assert read.track_deg == about(182.88, within=0.01)
    assert (read.vertical_rate_geom_fpm, read.vertical_rate_baro_fpm, read.geom_minus_baro_ft) == (-832, None, 550)


def test_bds09_through_the_air_as_it_was_heard() -> None:
    read = register("8DA05F219B06B6AF189400CBC33F")
    assert (read.tas_kt, read.ias_kt, read.ground_speed_kt, read.track_deg) == (375, None, None, None)
    assert read.heading_deg == about(243.98, within=0.01)
    assert (read.vertical_rate_baro_fpm, read.vertical_rate_geom_fpm) == (-2304, None)


@pytest.mark.parametrize("subtype", [1, 2])
@pytest.mark.parametrize(("west", "south"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_bds09_speed_and_track_in_every_quadrant(subtype: int, west: int, south: int) -> None:
    read = decode_bds09(velocity(subtype, (west, 301), (south, 401)))
    assert read is not None
    assert read.ground_speed_kt == 500 * (4 if subtype == 2 else 1)
    east, north = (-300 if west else 300), (-400 if south else 400)
    assert read.track_deg == about(math.degrees(math.atan2(east, north)) % 360)


def test_bds09_zero_is_not_said_and_one_is_no_speed() -> None:
    silent, standing = decode_bds09(velocity()), decode_bds09(velocity(1, (0, 1), (0, 1)))
    assert silent is not None
    assert standing is not None
    assert (silent.ground_speed_kt, silent.track_deg, silent.vertical_rate_baro_fpm, silent.vertical_rate_geom_fpm) == (
        None,
    ) * 4
    assert silent.geom_minus_baro_ft is None
    assert (standing.ground_speed_kt, standing.track_deg) == (0.0, None)


@pytest.mark.parametrize(("raw", "fpm"), [((0, 1), 0), ((0, 2), 64), ((1, 2), -64), ((1, 511), -32_640)])
def test_bds09_vertical_rate_and_its_source(raw: tuple[int, int], fpm: int) -> None:
    geometric, barometric = decode_bds09(velocity(rate=(0, *raw))), decode_bds09(velocity(rate=(1, *raw)))
    assert geometric is not None
    assert barometric is not None
    assert (geometric.vertical_rate_geom_fpm, geometric.vertical_rate_baro_fpm) == (fpm, None)
    assert (barometric.vertical_rate_geom_fpm, barometric.vertical_rate_baro_fpm) == (None, fpm)


@pytest.mark.parametrize(("raw", "feet"), [((0, 1), 0), ((0, 2), 25), ((1, 3), -50)])
def test_bds09_height_above_the_barometric_altitude(raw: tuple[int, int], feet: int) -> None:
    read = decode_bds09(velocity(height=raw))
    assert read is not None
    assert read.geom_minus_baro_ft == feet


@pytest.mark.parametrize(("subtype", "scale"), [(3, 1), (4, 4)])
def test_bds09_airspeed_is_indicated_or_true(subtype: int, scale: int) -> None:
    # the first pair is heading valid and heading, the second kind of airspeed and airspeed
    indicated = decode_bds09(velocity(subtype, (1, 256), (0, 251)))
    true = decode_bds09(velocity(subtype, (0, 256), (1, 251)))
    assert indicated is not None
    assert true is not None
    assert (indicated.ias_kt, indicated.tas_kt, indicated.heading_deg) == (250 * scale, None, 90.0)
    assert (true.ias_kt, true.tas_kt, true.heading_deg) == (None, 250 * scale, None)


@pytest.mark.parametrize("subtype", [0, 5, 6, 7])
def test_bds09_reserved_subtypes_say_nothing(subtype: int) -> None:
    assert decode_bds09(velocity(subtype, (0, 100), (0, 100))) is None


# --- 6,1


def test_bds61_of_a_frame_that_was_heard() -> None:
    assert register("8F400159E1181500000000D94095") == EmergencyStatus(state=0, squawk="1017")


def test_bds61_every_emergency_has_its_word() -> None:
    read = [decode_bds61(bits((28, 5), (1, 3), (state, 3), (0, 45))) for state in range(8)]
    assert read == [EmergencyStatus(state=state, squawk=None) for state in range(8)]
    words = {version: [emergency_of(state, version) for state in range(8)] for version in (None, 0, 1, 2, 3, 4)}
    assert words[None] == words[1] == words[2] == list(EMERGENCY_STATES)
    assert words[0] == [*EMERGENCY_STATES[:6], "reserved", "reserved"]
    assert words[3] == ["none", "general", "lostlink", "minfuel", "nordo", "unlawful", "distress", "distress"]
    assert words[4] == words[3], "later versions promise to stay readable"


def test_bds61_subtype_2_is_a_resolution_advisory() -> None:
    me = bits((28, 5), (2, 3), (0b1110001, 7), (0, 7), (0, 4), (1, 1), (0, 1), (0, 2), (0, 26))
    read = decode_bds61(me)
    assert isinstance(read, ResolutionAdvisory)
    assert (read.advisory, read.terminated, read.threat_icao) == ("clear of conflict", True, None)
    read = decode_bds61(me & ~(1 << 29))
    assert isinstance(read, ResolutionAdvisory)
    assert (read.advisory, read.terminated) == ("descend", False)


@pytest.mark.parametrize("subtype", [0, 3, 4, 5, 6, 7])
def test_bds61_reserved_subtypes_say_nothing(subtype: int) -> None:
    assert decode_bds61(bits((28, 5), (subtype, 3), (5, 3), (0, 45))) is None


# --- 6,2


def test_bds62_of_version_2_as_it_was_heard() -> None:
    read = register("8DA05629EA21485CBF3F8CADAEEB")
    assert (read.subtype, read.altitude_mcp_ft, read.altitude_fms_ft, read.qnh_hpa) == (
        1,
        16_992,
        None,
        about(1012.8),
    )
    assert read.heading_deg == about(66.8, within=0.01)
    assert read.modes == frozenset({"autopilot", "vnav", "lnav", "tcas"})
    assert (read.nac_p, read.nic_baro, read.sil, read.sil_type) == (9, 1, 3, "perhour")


def target(source: int = 0, altitude: int = 0, qnh: int = 0, heading: tuple[int, int] = (0, 0), modes: tuple[int, int, int] = (0, 0, 0)) -> int:  # fmt: skip
    """Subtype 1; the modes are their validity, those before and those after the IMF bit."""
    return bits((29, 5), (1, 2), (1, 1), (source, 1), (altitude, 11), (qnh, 9), (heading[0], 1), (heading[1], 9), (10, 4),
                (1, 1), (3, 2), (modes[0], 1), (modes[1], 3), (0, 1), (modes[2], 3), (0, 2))  # fmt: skip


def test_bds62_of_version_2_field_by_field() -> None:
    fms = decode_bds62(target(source=1, altitude=1 + 35_008 // 32))
    assert fms is not None
    assert (fms.altitude_mcp_ft, fms.altitude_fms_ft, fms.sil_type) == (None, 35_008, "persample")
    silent = decode_bds62(target())
    assert silent is not None
    assert (silent.altitude_mcp_ft, silent.qnh_hpa, silent.heading_deg, silent.modes) == (None, None, None, None)
    full = decode_bds62(target(qnh=268, heading=(1, 256), modes=(1, 0b011, 0b100)))
    assert full is not None
    assert (full.qnh_hpa, full.heading_deg, full.modes) == (
        about(1013.6),
        180.0,
        frozenset({"vnav", "althold", "approach"}),
    )


def test_bds62_of_version_1_is_read_as_that_version_sends_it() -> None:
    me = bits((29, 5), (0, 2), (1, 2), (0, 1), (0, 1), (0, 2), (1, 2), (360, 10), (3, 2), (270, 9), (0, 1), (2, 2), (9, 4),
              (1, 1), (2, 2), (0, 5), (2, 2), (1, 3))  # fmt: skip
    read = decode_bds62(me)
    assert read is not None
    assert (read.subtype, read.altitude_mcp_ft, read.heading_deg, read.emergency) == (0, 35_000, 270.0, "general")
    assert read.modes == frozenset({"autopilot", "lnav", "tcas"})
    assert (read.nac_p, read.nic_baro, read.sil, read.sil_type) == (9, 1, 2, "unknown")
    assert decode_bds62(me | 1 << 45) is None, "the old form of the message"


@pytest.mark.parametrize(
    ("source", "vertical", "heading_source", "horizontal", "acas", "modes"),
    [
        (3, 1, 0, 0, 0, {"vnav"}),
        (2, 2, 0, 0, 0, {"althold"}),
        (2, 1, 0, 0, 0, {"autopilot"}),
        (1, 2, 0, 0, 1, {"autopilot"}),
        (0, 0, 3, 2, 0, {"lnav"}),
        (0, 0, 1, 1, 3, {"autopilot", "tcas"}),
        (0, 3, 0, 3, 1, set()),
        (0, 0, 0, 0, 0, None),
    ],
)
def test_bds62_modes_of_version_1(
    source: int, vertical: int, heading_source: int, horizontal: int, acas: int, modes: set[str] | None
) -> None:
    me = bits((29, 5), (0, 2), (source, 2), (0, 4), (vertical, 2), (0, 10), (heading_source, 2), (90, 9), (1, 1),
              (horizontal, 2), (0, 12), (acas, 2), (0, 3))  # fmt: skip
    read = decode_bds62(me)
    assert read is not None
    assert (read.modes, read.heading_deg) == (modes if modes is None else frozenset(modes), None), (
        "a track is no heading"
    )


@pytest.mark.parametrize("subtype", [2, 3])
def test_bds62_reserved_subtypes_say_nothing(subtype: int) -> None:
    assert decode_bds62(bits((29, 5), (subtype, 2), (0, 49))) is None


# --- 6,5


def status(subtype: int, version: int, capability: int = 0, modes: int = 0, tail: str = "1 1010 10 11 1 1 1 0") -> int:
    """The tail: NIC supplement A, NACp, GVA, SIL, NICbaro, HRD, SIL supplement, IMF."""
    end = [(int(part, 2), len(part)) for part in tail.split()]
    return bits((31, 5), (subtype, 3), (capability, 16), (modes, 16), (version, 3), *end)


def test_bds65_of_version_2_in_the_air() -> None:
    read = decode_bds65(status(0, 2, modes=0b0010_0010_0000_0000))
    assert read is not None
    assert (read.surface, read.version, read.nic_supplement_a, read.nic_supplement_c) == (False, 2, True, None)
    assert (read.nac_p, read.gva, read.sil, read.sil_type, read.sda, read.nic_baro) == (10, 2, 3, "persample", 2, 1)
    assert (read.headings_are_magnetic, read.surface_sends_heading, read.acas_ra_active) == (True, None, True)


def test_bds65_of_version_2_on_the_ground() -> None:
    read = decode_bds65(status(1, 2, capability=0b0000_0000_0101_0000))
    assert read is not None
    assert (read.surface, read.nac_v, read.nic_supplement_c) == (True, 2, True)
    assert (read.gva, read.nic_baro, read.surface_sends_heading) == (None, None, True)


def test_bds65_of_version_1_has_no_supplements_but_a() -> None:
    read = decode_bds65(status(0, 1))
    assert read is not None
    assert (read.nic_supplement_a, read.nac_p, read.sil, read.sil_type) == (True, 10, 3, "unknown")
    assert (read.gva, read.sda, read.nic_supplement_c) == (None, None, None)


def test_bds65_of_version_0_says_only_that() -> None:
    read = decode_bds65(status(0, 0))
    assert read is not None
    said = (read.nic_supplement_a, read.nac_p, read.sil, read.sil_type, read.gva, read.sda, read.headings_are_magnetic)
    assert (read.version, said) == (0, (None,) * 7)


@pytest.mark.parametrize("version", range(3, 8))
def test_bds65_of_a_later_version_is_read_as_version_2(version: int) -> None:
    read, known = decode_bds65(status(0, version)), decode_bds65(status(0, 2))
    assert read is not None
    assert known is not None
    assert (read.version, read.gva, read.sil_type) == (version, known.gva, known.sil_type)


@pytest.mark.parametrize("subtype", range(2, 8))
def test_bds65_reserved_subtypes_say_nothing(subtype: int) -> None:
    assert decode_bds65(status(subtype, 2)) is None


# --- TIS-B, coarse


def test_a_coarse_position_field_by_field() -> None:
    read = decode_tisb_coarse(bits((0, 1), (2, 2), (5, 4), (0xC38, 12), (1, 1), (8, 5), (11, 6), (1, 1), (1234, 12), (2345, 12)))  # fmt: skip
    assert (read.surveillance_status, read.altitude_ft, read.track_deg, read.ground_speed_kt) == (2, 38_000, 90.0, 320)
    assert (read.cpr_odd, read.cpr_latitude, read.cpr_longitude) == (True, 1234, 2345)


@pytest.mark.parametrize(("code", "speed"), [(0, None), (1, 8), (2, 32), (3, 64), (63, 1984)])
def test_a_coarse_speed_is_the_middle_of_its_step(code: int, speed: int | None) -> None:
    read = decode_tisb_coarse(bits((0, 19), (0, 1), (8, 5), (code, 6), (0, 25)))
    assert (read.ground_speed_kt, read.track_deg) == (speed, None)
