"""The downlink formats, in the order of their numbers."""

from __future__ import annotations

import pytest

from receiver.decode import AddressType
from receiver.decode.formats.df00 import AirAir
from receiver.decode.formats.df04 import AltitudeReply
from receiver.decode.formats.df05 import IdentityReply
from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df16 import AirAirLong
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.formats.df20 import CommBReply
from receiver.decode.formats.status import FlightStatus
from tests.receiver.decode.frames import bits, decoded, frame, refused, squitter

AIR, GROUND = FlightStatus(False, False, False), FlightStatus(False, False, True)


def test_df0_says_altitude_sensitivity_and_the_switch() -> None:
    message = decoded("02A184999C5FE3")
    assert isinstance(message, AirAir)
    assert (message.icao, message.altitude_ft, message.sensitivity_level, message.on_ground) == (
        "504dd9",
        6425,
        5,
        False,
    )
    assert message.address_type is AddressType.MODE_S
    on_ground = decoded(frame(bytes.fromhex("06000000"), 0x504DD9))
    assert isinstance(on_ground, AirAir)
    assert (on_ground.on_ground, on_ground.altitude_ft) == (True, None)


def test_df4_says_altitude_and_flight_status() -> None:
    message = decoded("2000171806A983")
    assert isinstance(message, AltitudeReply)
    assert (message.altitude_ft, message.status) == (36_000, AIR)


def test_df5_says_the_squawk() -> None:
    message = decoded("2A00516D492B80")
    assert isinstance(message, IdentityReply)
    assert (message.icao, message.squawk) == ("510af9", "0356")
    assert message.status == FlightStatus(alert=True, spi=False, on_ground=False)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, AIR),
        (1, GROUND),
        (2, FlightStatus(True, False, False)),
        (3, FlightStatus(True, False, True)),
        (4, FlightStatus(True, True, None)),
        (5, FlightStatus(False, True, None)),
        (6, None),
        (7, None),
    ],
)
@pytest.mark.parametrize("df", [4, 5, 20, 21])
def test_the_flight_status_of_every_reply_that_has_one(df: int, code: int, status: FlightStatus | None) -> None:
    content = bytes((df << 3 | code, 0, 0x17, 0x18)) + (bytes(7) if df >= 20 else b"")
    assert decoded(frame(content, 0x4840D6)).status == status  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("first", "on_ground"), [(0x58, None), (0x5C, True), (0x5D, False), (0x5E, None), (0x5F, None)]
)
def test_df11_says_air_or_ground_where_the_capability_does(first: int, on_ground: bool | None) -> None:
    message = decoded(frame(bytes((first,)) + bytes.fromhex("4840D6")))
    assert isinstance(message, AllCallReply)
    assert (message.capability, message.on_ground, message.interrogator) == (first & 7, on_ground, 0)


def test_df16_without_an_advisory_is_a_long_df0() -> None:
    for mv in (bytes(7), bytes.fromhex("30000000000000"), bytes.fromhex("58C382D690C8AC")):
        message = decoded(frame(bytes.fromhex("80A18499") + mv, 0x504DD9))
        assert isinstance(message, AirAirLong)
        assert (message.altitude_ft, message.sensitivity_level, message.advisory) == (6425, 5, None)


def test_df16_carries_the_advisory_of_bds_30() -> None:
    # issued, corrective, upward, positive; one threat with an address
    mv = bits((0x30, 8), (0b1100001, 7), (0, 7), (0, 4), (0, 1), (0, 1), (1, 2), (0x4B1234, 24), (0, 2))
    message = decoded(frame(bytes.fromhex("80E1969B") + mv.to_bytes(7, "big"), 0x393322))
    assert isinstance(message, AirAirLong)
    assert message.advisory is not None
    assert (message.advisory.advisory, message.advisory.threat_icao) == ("climb", "4b1234")


def test_df17_is_a_transponders_own_word() -> None:
    message = decoded("8D4840D6202CC371C32CE0576098")
    assert isinstance(message, ExtendedSquitter)
    assert (message.icao, message.address_type, message.type_code) == ("4840d6", AddressType.ADSB_ICAO, 4)
    assert message.on_ground is False
    assert [decoded(squitter(0x202CC371C32CE0, 0x88 | ca)).on_ground for ca in (0, 4, 5, 6, 7)] == [  # type: ignore[attr-defined]
        None, True, False, None, None,
    ]  # fmt: skip


POSITION, VELOCITY, IDENTITY = 0x58C382D690C8AC, 0x99440994083817, 0x202CC371C32CE0
SURFACE, STATUS, TARGET, OPERATIONAL = 0x3A9A153237AEF0, 0xE1181500000000, 0xEA4478648F5C08, 0xF8230002004AB8
# type code to the bit (1 the first) that says that the address is no ICAO address
IMF = {POSITION: 8, VELOCITY: 9, SURFACE: 21, STATUS: 56, TARGET: 51, OPERATIONAL: 56}


@pytest.mark.parametrize(
    ("cf", "without_imf", "with_imf"),
    [
        (0, AddressType.ADSB_ICAO_NT, AddressType.ADSB_ICAO_NT),
        (1, AddressType.ADSB_OTHER, AddressType.ADSB_OTHER),
        (2, AddressType.TISB_ICAO, AddressType.TISB_TRACKFILE),
        (5, AddressType.TISB_OTHER, AddressType.TISB_OTHER),
        (6, AddressType.ADSR_ICAO, AddressType.ADSR_OTHER),
    ],
)
@pytest.mark.parametrize("me", list(IMF))
def test_df18_tells_every_sender_apart(cf: int, without_imf: AddressType, with_imf: AddressType, me: int) -> None:
    bit = 1 << (56 - IMF[me])
    for register, wanted in ((me & ~bit, without_imf), (me | bit, with_imf)):
        message = decoded(squitter(register, 0x90 | cf))
        assert message.address_type is wanted
        assert message.icao == ("4840d6" if wanted.is_icao else "~4840d6")
        assert isinstance(message, ExtendedSquitter)
        assert (message.type_code, message.on_ground) == (me >> 51, None)


@pytest.mark.parametrize("cf", [2, 6])
def test_df18_identification_has_no_imf_and_keeps_the_icao_address(cf: int) -> None:
    assert decoded(squitter(IDENTITY | 0xFF, 0x90 | cf)).address_type.is_icao


def test_df18_coarse_position_has_no_type_code_and_its_imf_in_front() -> None:
    message = decoded(squitter(POSITION & ~(1 << 55), 0x93))
    assert isinstance(message, ExtendedSquitter)
    assert (message.address_type, message.type_code) == (AddressType.TISB_ICAO, None)
    assert decoded(squitter(POSITION | 1 << 55, 0x93)).icao == "~4840d6"


@pytest.mark.parametrize("cf", [4, 7])
def test_df18_from_a_ground_station_about_itself_is_no_aircraft(cf: int) -> None:
    assert refused(squitter(POSITION, 0x90 | cf)) == "management"


def test_address_types_know_who_measured_and_whose_address_it_is() -> None:
    assert {kind for kind in AddressType if kind.is_tisb} == {
        AddressType.TISB_ICAO, AddressType.TISB_OTHER, AddressType.TISB_TRACKFILE,
    }  # fmt: skip
    assert {kind for kind in AddressType if not kind.is_icao} == {
        AddressType.ADSB_OTHER, AddressType.ADSR_OTHER, AddressType.TISB_OTHER, AddressType.TISB_TRACKFILE,
    }  # fmt: skip


@pytest.mark.parametrize("type_code", [23, 24, 25, 26, 27, 30])
def test_type_codes_that_are_not_read_leave_the_register_empty(type_code: int) -> None:
    message = decoded(squitter(type_code << 51 | 0x1234))
    assert isinstance(message, ExtendedSquitter)
    assert (message.type_code, message.register) == (type_code, None)


def test_df20_and_df21_carry_their_register_unread() -> None:
    altitude = decoded("A02014B400000000000000F9D514")
    assert isinstance(altitude, CommBReply)
    assert (altitude.altitude_ft, altitude.squawk, altitude.mb) == (32_300, None, 0)
    identity = decoded(frame(bytes.fromhex("A800080020") + bytes.fromhex("0464B3D1A1E0"), 0x393322))
    assert isinstance(identity, CommBReply)
    assert (identity.altitude_ft, identity.squawk, identity.mb) == (None, "1000", 0x200464B3D1A1E0)
