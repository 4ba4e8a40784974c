"""What is encoded decodes to what it was; positions as the tables of DO-260B have them."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.decode.decoder import Decoder
from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.formats.df20 import CommBReply
from receiver.decode.message import AddressType, Message
from receiver.decode.registers.bds05 import AirbornePosition
from receiver.decode.registers.bds06 import SurfacePosition
from receiver.decode.registers.bds08 import Identification
from receiver.decode.registers.bds09 import Velocity
from receiver.decode.registers.bds10 import decode_bds10, fits_bds10
from receiver.decode.registers.bds17 import decode_bds17, fits_bds17
from receiver.decode.registers.bds20 import decode_bds20, fits_bds20
from receiver.decode.registers.bds40 import decode_bds40, fits_bds40
from receiver.decode.registers.bds50 import decode_bds50, fits_bds50
from receiver.decode.registers.bds60 import decode_bds60, fits_bds60
from receiver.decode.registers.bds61 import EMERGENCY_STATES, EmergencyStatus
from receiver.decode.registers.bds62 import TargetState
from receiver.decode.registers.bds65 import OperationalStatus
from receiver.sources.scene import encode
from receiver.wire.frame import Frame
from tests.shared_data import shared

ICAO = 0xAE4BD9
addresses = st.integers(1, 0xFFFFFE)
altitudes = st.integers(-1000, 50175)
squawks = st.from_regex(r"[0-7]{4}", fullmatch=True)
callsigns = st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True)


def decoded(data: bytes) -> Message:
    decoder = Decoder()
    message = decoder.decode(Frame(data, 0.0))
    assert message is not None, decoder.statistics.rejected
    return message


def register(me: int) -> object:
    message = decoded(encode.df17(ICAO, me))
    assert isinstance(message, ExtendedSquitter)
    assert message.address_type is AddressType.ADSB_ICAO
    return message.register


@pytest.mark.parametrize(
    ("kind", "name", "count"),
    [
        ("airborne", "MOPS-table-2-139.csv", 284),
        ("airborne", "t6-3awb.csv", 232),
        ("airborne", "t6-4awb.csv", 232),
        ("surface", "MOPS-table-2-141.csv", 284),
        ("surface", "t6-1awb.csv", 232),
        ("surface", "t6-2awb.csv", 232),
        ("coarse", "t6-5awb.csv", 232),
        ("coarse", "t6-6awb.csv", 232),
    ],
)
def test_positions_encode_as_in_the_tables(kind: str, name: str, count: int) -> None:
    with shared(f"truth/cpr_do260b/{kind}/encoding/{name}").open(newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    assert len(rows) == count
    for odd, latitude, longitude, yz, xz in rows:
        south = int(latitude, 16)
        south -= (south >= 1 << 31) << 32
        got = encode.cpr_position(
            south * 360 / 2**32,
            int(longitude, 16) * 360 / 2**32,
            odd == "1",
            surface=kind == "surface",
            bits=12 if kind == "coarse" else 17,
        )
        assert got == (int(yz, 16), int(xz, 16)), (odd, latitude, longitude)


@given(addresses, altitudes, squawks, st.integers(0, 5))
def test_replies_give_back_address_altitude_squawk_and_status(
    icao: int, altitude_ft: int, squawk: str, status: int
) -> None:
    rounded = (altitude_ft + 1012) // 25 * 25 - 1000
    for data in (
        encode.df00(icao, altitude_ft),
        encode.df04(icao, altitude_ft, flight_status=status),
        encode.df16(icao, altitude_ft),
        encode.df20(icao, altitude_ft, encode.bds20("TROY701"), flight_status=status),
    ):
        message = decoded(data)
        assert message.icao == f"{icao:06x}"
        assert abs(message.altitude_ft - rounded) <= 25  # type: ignore[attr-defined]
    for data in (
        encode.df05(icao, squawk, flight_status=status),
        encode.df21(icao, squawk, encode.bds20("TROY701"), flight_status=status),
    ):
        message = decoded(data)
        assert (message.icao, message.squawk) == (f"{icao:06x}", squawk)  # type: ignore[attr-defined]
    message = decoded(encode.df20(icao, altitude_ft, 0, flight_status=3))
    assert isinstance(message, CommBReply)
    assert message.status is not None
    assert (message.status.alert, message.status.on_ground) == (True, True)


@given(addresses, st.integers(0, 0x4F))
def test_all_call_replies_give_back_address_and_interrogator(icao: int, interrogator: int) -> None:
    message = decoded(encode.df11(icao, capability=4, interrogator=interrogator))
    assert isinstance(message, AllCallReply)
    assert (message.icao, message.interrogator, message.on_ground) == (f"{icao:06x}", interrogator, True)


@given(callsigns, st.from_regex(r"[A-D][0-7]", fullmatch=True))
def test_identification_comes_back(callsign: str, category: str) -> None:
    assert register(encode.identification(callsign, category)) == Identification(callsign, category)
    assert fits_bds20(encode.bds20(callsign))
    assert decode_bds20(encode.bds20(callsign)).callsign == callsign


def test_a_call_sign_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="callsign: got 'ÑANDU'"):
        encode.identification("ÑANDU", "A3")


@given(altitudes, st.booleans(), st.integers(9, 18))
def test_airborne_position_comes_back(altitude_ft: int, odd: bool, type_code: int) -> None:
    got = register(encode.airborne_position(19.2, -100.1, odd, altitude_ft, type_code=type_code))
    assert isinstance(got, AirbornePosition)
    assert (got.type_code, got.cpr_odd) == (type_code, odd)
    assert (got.cpr_latitude, got.cpr_longitude) == encode.cpr_position(19.2, -100.1, odd)
    assert abs((got.altitude_ft or 0) - altitude_ft) <= 13
    lost = register(encode.no_position(10_000))
    assert isinstance(lost, AirbornePosition)
    assert (lost.type_code, lost.altitude_ft) == (0, 10_000)


@given(st.floats(0, 172), st.floats(0, 359.99))
def test_surface_position_comes_back(speed_kt: float, track_deg: float) -> None:
    got = register(encode.surface_position(19.2, -100.1, True, speed_kt, track_deg))
    assert isinstance(got, SurfacePosition)
    steps = ((1, 0.125), (2, 0.25), (15, 0.5), (70, 1), (100, 2), (175, 5))
    step = next(step for below, step in steps if speed_kt <= below)
    assert got.ground_speed_kt == pytest.approx(speed_kt, abs=step / 2 + 0.001)
    assert got.track_deg is not None
    assert abs((got.track_deg - track_deg + 180) % 360 - 180) <= 1.41


@given(st.floats(0, 1800), st.floats(0, 359.9), st.floats(-20_000, 20_000))
def test_velocity_comes_back(speed_kt: float, track_deg: float, rate_fpm: float) -> None:
    got = register(encode.velocity(speed_kt, track_deg, rate_fpm, geom_minus_baro_ft=-450))
    assert isinstance(got, Velocity)
    assert got.ground_speed_kt == pytest.approx(speed_kt, abs=0.8 if speed_kt < 1021 else 3)
    if speed_kt > 100:
        assert got.track_deg is not None
        assert abs((got.track_deg - track_deg + 180) % 360 - 180) < 0.6
    assert got.vertical_rate_baro_fpm == pytest.approx(rate_fpm, abs=33)
    assert got.geom_minus_baro_ft == -450


@given(st.floats(0, 359.9), st.integers(0, 1000), st.booleans())
def test_airspeed_comes_back(heading_deg: float, speed_kt: int, is_true: bool) -> None:
    got = register(encode.airspeed(heading_deg, speed_kt, None, true_airspeed=is_true))
    assert isinstance(got, Velocity)
    assert (got.tas_kt if is_true else got.ias_kt) == speed_kt
    assert got.heading_deg is not None
    assert abs((got.heading_deg - heading_deg + 180) % 360 - 180) <= 0.18
    assert got.vertical_rate_baro_fpm is None


@given(st.sampled_from(EMERGENCY_STATES), squawks.filter(lambda squawk: squawk != "0000"))
def test_emergency_status_comes_back(emergency: str, squawk: str) -> None:
    assert register(encode.emergency_status(emergency, squawk)) == EmergencyStatus(
        EMERGENCY_STATES.index(emergency), squawk
    )


@given(st.integers(0, 50_000), st.floats(900, 1100), st.floats(0, 359.9))
def test_target_state_comes_back(altitude_ft: int, qnh_hpa: float, heading_deg: float) -> None:
    got = register(encode.target_state(altitude_ft, qnh_hpa, heading_deg, modes=frozenset({"lnav", "althold"})))
    assert isinstance(got, TargetState)
    assert got.altitude_mcp_ft == pytest.approx(altitude_ft, abs=16)
    assert got.qnh_hpa == pytest.approx(qnh_hpa, abs=0.41)
    assert got.heading_deg is not None
    assert abs((got.heading_deg - heading_deg + 180) % 360 - 180) <= 0.71
    assert (got.modes, got.nac_p, got.sil) == (frozenset({"lnav", "althold"}), 9, 3)


def test_operational_status_comes_back() -> None:
    airborne = register(encode.operational_status(nac_p=10, sil=2, sda=1, gva=1, nic_supplement_a=True))
    assert isinstance(airborne, OperationalStatus)
    assert (airborne.surface, airborne.version, airborne.nac_p, airborne.sil) == (False, 2, 10, 2)
    assert (airborne.sda, airborne.gva, airborne.nic_supplement_a, airborne.nic_baro) == (1, 1, True, 1)
    surface = register(encode.operational_status(surface=True, nac_v=3))
    assert isinstance(surface, OperationalStatus)
    assert (surface.surface, surface.nac_v, surface.gva) == (True, 3, None)
    oldest = register(encode.operational_status(version=0))
    assert isinstance(oldest, OperationalStatus)
    assert (oldest.version, oldest.nac_p) == (0, None)


@pytest.mark.parametrize(
    ("control", "address_type"),
    [
        (0, AddressType.ADSB_ICAO_NT),
        (1, AddressType.ADSB_OTHER),
        (2, AddressType.TISB_ICAO),
        (6, AddressType.ADSR_ICAO),
    ],
)
def test_df18_says_who_speaks(control: int, address_type: AddressType) -> None:
    message = decoded(encode.df18(ICAO, encode.identification("GROUND1", "C2"), control=control))
    assert message.address_type is address_type


@given(st.integers(0, 45_000), st.floats(900, 1050), st.floats(-30, 30), st.floats(0, 359.9), st.floats(100, 500))
def test_comm_b_registers_fit_and_come_back(
    altitude_ft: int, qnh_hpa: float, roll_deg: float, track_deg: float, speed_kt: float
) -> None:
    intention = encode.bds40(altitude_ft, qnh_hpa)
    assert fits_bds40(intention)
    assert decode_bds40(intention).altitude_mcp_ft == pytest.approx(altitude_ft, abs=8)
    assert decode_bds40(intention).qnh_hpa == pytest.approx(qnh_hpa, abs=0.051)
    turn = encode.bds50(roll_deg, track_deg, speed_kt, 0.5, speed_kt)
    assert fits_bds50(turn)
    got = decode_bds50(turn)
    assert got.roll_deg == pytest.approx(roll_deg, abs=0.1)
    assert got.ground_speed_kt == pytest.approx(speed_kt, abs=1.01)
    assert got.track_rate_deg_s == pytest.approx(0.5, abs=0.02)
    assert got.track_deg is not None
    assert abs((got.track_deg - track_deg + 180) % 360 - 180) <= 0.1
    speed = encode.bds60(track_deg, 250, 0.6, -1200)
    assert fits_bds60(speed)
    heading = decode_bds60(speed)
    assert (heading.ias_kt, heading.mach) == (250, pytest.approx(0.6, abs=0.003))
    assert heading.vertical_rate_baro_fpm == pytest.approx(-1200, abs=16)
    assert heading.mag_heading_deg is not None
    assert abs((heading.mag_heading_deg - track_deg + 180) % 360 - 180) <= 0.1


def test_capability_registers_fit() -> None:
    assert fits_bds10(encode.bds10())
    assert decode_bds10(encode.bds10()).acas_operational
    assert fits_bds17(encode.bds17())
    assert {"2,0", "4,0", "5,0", "6,0"} <= decode_bds17(encode.bds17()).registers
