"""Positions: from two halves, from one, refused, in quarantine; distance, bearing; on the ground."""

from __future__ import annotations

import math

import pytest

from receiver.decode import AddressType, Decoder
from receiver.earth import bearing_deg, distance_nmi
from receiver.tracking import Sighting, Station, Tracker, TrackingLimits
from receiver.wire.frame import Frame
from tests.receiver.decode.frames import frame
from tests.receiver.tracking.flying import HERE, ICAO, NOW, Sky, encode, velocity

PLACE = (52.3, 4.8)


def at_place(seen: Sighting, latitude: float, longitude: float, within_m: float = 10.0) -> bool:
    assert seen.position is not None
    return distance_nmi(seen.position.latitude_deg, seen.position.longitude_deg, latitude, longitude) * 1852 < within_m


@pytest.mark.parametrize("place", [PLACE, (-33.9, 151.2), (0.01, -0.01), (52.0, -179.99), (52.0, 179.99), (86.9, 20.0), (-89.5, -100.0)])  # fmt: skip
def test_two_halves_make_a_position_anywhere_on_earth(place: tuple[float, float]) -> None:
    sky = Sky(station=None)
    assert sky.place(*place, 0, odd=False).position is None
    assert at_place(sky.place(*place, 0.5, odd=True), *place)
    assert sky.tracker.statistics.positions == {"waiting": 1, "global": 1}


def test_after_that_one_half_is_enough() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    seen = sky.place(52.301, 4.8, 20, odd=True)
    assert at_place(seen, 52.301, 4.8)
    assert sky.tracker.statistics.positions["local"] == 1


def test_halves_that_are_ten_seconds_apart_are_no_pair() -> None:
    sky = Sky()
    sky.place(*PLACE, 0, odd=False)
    assert sky.place(*PLACE, 10.5, odd=True).position is None
    assert sky.place(*PLACE, 11, odd=False).position is not None


def test_halves_of_two_senders_are_no_pair() -> None:
    sky = Sky()
    sky.place(*PLACE, 0, odd=False)
    assert sky.place(*PLACE, 0.5, odd=True, first=0x96).position is None, "sent again by a ground station"


def test_without_times_a_flight_loses_no_position_where_a_zone_of_longitude_ends() -> None:
    """North across 53.1°, where 36 zones become 35: there two halves make no pair, and only the place before is left."""
    tracker, decoder = Tracker(HERE), Decoder()
    placed = 0
    for k in range(60):
        y, x = encode(52.9 + k * 0.008, 4.8, bool(k % 2))
        me = 11 << 51 | 0xB3C << 36 | (k % 2) << 34 | y << 17 | x
        data = frame(b"\x8d" + ICAO.to_bytes(3, "big") + me.to_bytes(7, "big")).data
        message = decoder.decode(Frame(data, NOW + k * 0.001, found="network", timed=False))
        assert message is not None
        seen = tracker.update(message)
        placed += seen is not None and seen.said_of("position") is not None
    assert placed == 59


def test_distance_and_bearing_are_from_the_station() -> None:
    seen = Sky().pair(*PLACE, 0)
    assert seen.distance_nmi == pytest.approx(distance_nmi(HERE.latitude_deg, HERE.longitude_deg, *PLACE), abs=0.01)
    assert seen.bearing_deg == pytest.approx(bearing_deg(HERE.latitude_deg, HERE.longitude_deg, *PLACE), abs=0.1)
    assert seen.distance_nmi == pytest.approx(21.1, abs=0.1)
    assert seen.bearing_deg == pytest.approx(31.5, abs=0.5)
    bare = Sky(station=None).pair(*PLACE, 0)
    assert (bare.distance_nmi, bare.bearing_deg) == (None, None)


def test_the_farthest_position_is_remembered() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    sky.pair(51.0, 4.5, 0, icao=0x400001)
    assert sky.tracker.statistics.max_distance_nmi == pytest.approx(60.0, abs=0.1)


def test_a_position_out_of_range_is_refused_where_the_station_is_known() -> None:
    far = (60.0, 4.5)  # 480 nmi
    sky = Sky()
    assert sky.pair(*far, 0).position is None
    assert sky.tracker.statistics.positions["out_of_range"] == 1
    assert Sky(limits=TrackingLimits(max_range_nmi=500)).pair(*far, 0).position is not None
    assert Sky(station=None).pair(*far, 0).position is not None


def test_a_first_position_from_a_repaired_half_waits_for_a_second_opinion() -> None:
    sky = Sky()
    sky.place(*PLACE, 0, odd=False)
    assert sky.place(*PLACE, 0.5, odd=True, found="repaired").position is None
    assert sky.place(*PLACE, 1.0, odd=False).position is not None


def test_an_outlier_is_quarantined_and_the_aircraft_does_not_jump() -> None:
    sky = Sky()
    sky.squit(velocity(0, 400), 0)
    sky.pair(*PLACE, 0)
    jumped = sky.pair(53.5, 4.8, 1.0)
    assert at_place(jumped, *PLACE)
    assert sky.tracker.statistics.positions["quarantined"] >= 1
    assert at_place(sky.place(52.31, 4.8, 5.0, odd=False), 52.31, 4.8), "and the flight goes on"


def test_a_new_place_that_proves_itself_while_the_old_is_silent_wins() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    seen = [sky.pair(53.5, 4.8, 2.0 + k) for k in range(6)]
    assert at_place(seen[0], *PLACE)
    assert at_place(seen[-1], 53.5, 4.8)
    assert sky.tracker.statistics.positions["replaced"] == 1


def test_two_senders_of_one_address_do_not_take_turns() -> None:
    sky = Sky()
    for k in range(20):
        assert at_place(sky.pair(*PLACE, 2.0 * k), *PLACE) or k == 0
        assert at_place(sky.pair(53.5, 4.8, 2.0 * k + 1), *PLACE)
    assert "replaced" not in sky.tracker.statistics.positions


def test_a_doubtful_altitude_has_no_say_in_the_position() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    seen = sky.place(52.301, 4.8, 1, odd=False, altitude_25ft=100)
    assert (seen.altitude_baro_ft, seen.time_of("latitude_deg")) == (35_000, NOW + 1)


def test_a_position_of_type_code_0_is_none_and_its_altitude_counts() -> None:
    sky = Sky()
    assert sky.pair(*PLACE, 0, type_code=0).position is None
    assert sky.tracker.get("4840d6", NOW).altitude_baro_ft == 35_000  # type: ignore[union-attr]


def test_a_position_with_geometric_height_leaves_the_barometric_altitude_alone() -> None:
    seen = Sky().pair(*PLACE, 0, type_code=20)
    assert (seen.altitude_geom_ft, seen.altitude_baro_ft, seen.nic) == (35_000, None, 11)


def test_the_last_position_stays_when_it_is_too_old_to_be_one() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    later = sky.squit(velocity(0, 400), 100)
    assert later.position is None
    assert later.last_position is not None
    assert later.last_position.time_s == NOW + 0.5


def test_the_direction_between_positions_is_told() -> None:
    sky = Sky()
    assert sky.pair(*PLACE, 0).calc_track_deg is None
    assert sky.pair(52.3, 4.83, 10).calc_track_deg == pytest.approx(90.0, abs=1.0)


@pytest.mark.parametrize("station", [Station(52.31, 4.76), Station(-33.95, 151.18)])
def test_on_the_ground_the_station_says_which_of_the_four_places(station: Station) -> None:
    place = (station.latitude_deg + 0.01, station.longitude_deg - 0.01)
    sky = Sky(station)
    sky.taxi(*place, 0, odd=False)
    seen = sky.taxi(*place, 1, odd=True)
    assert at_place(seen, *place, within_m=3.0)
    assert seen.position is not None
    assert (seen.position.is_surface, seen.on_ground, seen.ground_speed_kt, seen.track_deg) == (True, True, 5.5, 90.0)


def test_on_the_ground_without_a_station_a_position_takes_a_flight_before() -> None:
    sky = Sky(station=None)
    sky.taxi(*PLACE, 0, odd=False)
    assert sky.taxi(*PLACE, 1, odd=True).position is None
    sky = Sky(station=None)
    sky.pair(*PLACE, 0, altitude_25ft=45)
    assert at_place(sky.taxi(52.302, 4.8, 10, odd=False), 52.302, 4.8)


def test_a_radars_coarse_position_is_placed_and_marked_as_such() -> None:
    def coarse(odd: bool, at: float) -> Sighting:
        step, zones = 360.0 / (60 - odd), 36 - odd  # at 52.3 degrees
        y = int((PLACE[0] % step) / step * 4096 + 0.5) & 0xFFF
        x = int((PLACE[1] % (360.0 / zones)) / (360.0 / zones) * 4096 + 0.5) & 0xFFF
        return sky.squit(0xC38 << 37 | 1 << 36 | 8 << 31 | 11 << 25 | int(odd) << 24 | y << 12 | x, at, first=0x93)

    sky = Sky()
    coarse(False, 0)
    seen = coarse(True, 1)
    assert at_place(seen, *PLACE, within_m=400)
    assert (seen.address_type, seen.source_of("latitude_deg")) == (AddressType.TISB_ICAO, AddressType.TISB_ICAO)
    assert (seen.ground_speed_kt, seen.track_deg, seen.altitude_baro_ft) == (320, 90.0, 38_000)


def test_a_clock_that_steps_back_does_not_stop_the_positions() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    for step in (-3600.0, 7200.0):
        for k in range(8):
            seen = sky.pair(52.3 + k * 0.001, 4.8, step + k)
        assert seen.time_of("latitude_deg") == NOW + step + 7.5


def test_a_real_track_is_followed_without_a_single_refusal() -> None:
    sky = Sky()
    for k in range(600):
        heading = math.radians(k * 3.0)  # standard rate turns at 240 kt
        latitude, longitude = 52.3 + 0.02 * math.sin(heading), 4.8 + 0.03 * math.cos(heading)
        if k % 5 == 0:
            sky.squit(velocity(170, 170), k / 2)
        seen = sky.place(latitude, longitude, k / 2, odd=bool(k % 2))
    assert at_place(seen, latitude, longitude)
    assert set(sky.tracker.statistics.positions) <= {"waiting", "global", "local"}
