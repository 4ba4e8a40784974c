"""Single values: what is doubted until it is heard twice, what follows from what, and what is an event."""

from __future__ import annotations

import math

import pytest

from receiver.tracking import Event, Sighting
from tests.receiver.decode.frames import about, bits
from tests.receiver.tracking.flying import IDENTITY, NOW, Sky, status, velocity

PLACE = (52.3, 4.8)


def names(seen: Sighting | None) -> list[str]:
    assert seen is not None
    return [event.name for event in seen.events]


def df4(altitude_ft: int, flight_status: int = 0) -> str:
    steps = (altitude_ft + 1000) // 25
    code = (steps >> 5) << 7 | (steps >> 4 & 1) << 5 | 0x10 | steps & 0xF
    return f"{0x20 | flight_status:02x}00{code:04x}"


# --- altitude


def test_an_altitude_that_jumps_is_held_back_until_it_is_borne_out() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    heard = [sky.reply(df4(feet), at) for at, feet in enumerate((10_000, 10_100, 30_000, 10_200, 25_000, 25_050))]
    assert [one and one.altitude_baro_ft for one in heard] == [10_000, 10_100, 10_100, 10_200, 10_200, 25_050]
    assert sky.tracker.statistics.doubtful == {"altitude_baro_ft": 2}


def test_a_fast_climb_is_no_jump() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    for at in range(60):
        seen = sky.reply(df4(5000 + 400 * at), 2 * at)
    assert seen is not None
    assert seen.altitude_baro_ft == 28_600
    assert not sky.tracker.statistics.doubtful


def test_the_height_above_the_ellipsoid_follows_from_the_difference() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    assert sky.squit(velocity(300, 400) | 21, 1).altitude_geom_ft == 35_500
    assert sky.squit(velocity(300, 400) | 0x80 | 21, 2).altitude_geom_ft == 34_500


# --- squawk, emergency, call sign, alert


def test_a_squawk_and_its_change_count_when_they_are_heard_twice() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    once = sky.reply(df5("1000"), 0.5)
    assert once is not None
    assert (once.squawk, once.said_of("squawk"), names(once)) == (None, "1000", [])
    first = sky.reply(df5("1000"), 1)
    assert first is not None
    assert (first.squawk, names(first)) == ("1000", ["squawk"])
    doubted = sky.reply(df5("1020"), 2)
    assert doubted is not None
    assert (doubted.squawk, names(doubted)) == ("1000", [])
    assert names(sky.reply(df5("1000"), 3)) == []
    assert sky.reply(df5("1020"), 4).squawk == "1000"  # type: ignore[union-attr]
    changed = sky.reply(df5("1020"), 5)
    assert changed is not None
    assert changed.events == (Event("squawk", changed.squawk or ""),)
    assert changed.squawk == "1020"


EMERGENCIES = {"7500": "unlawful", "7600": "nordo", "7700": "general"}


def df5(squawk: str) -> str:
    """An identity reply, from the pulses as they are sent."""
    digits = dict(zip("ABCD", map(int, squawk), strict=True))
    order = ("C1", "A1", "C2", "A2", "C4", "A4", "", "B1", "D1", "B2", "D2", "B4", "D4")
    code = sum(1 << (12 - k) for k, pulse in enumerate(order) if pulse and digits[pulse[0]] & int(pulse[1]))
    return f"2800{code:04x}"


@pytest.mark.parametrize("squawk", list(EMERGENCIES))
def test_an_emergency_squawk_alarms_when_it_is_heard_twice(squawk: str) -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    head, word = df5(squawk), EMERGENCIES[squawk]
    once = sky.reply(head, 1)
    assert once is not None
    assert (once.squawk, once.emergency, names(once)) == (None, None, [])
    twice = sky.reply(head, 2)
    assert twice is not None
    assert (twice.squawk, twice.emergency) == (squawk, word)
    assert Event("emergency", word) in twice.events
    sky.reply(df5("1000"), 3)
    over = sky.reply(df5("1000"), 4)
    assert over is not None
    assert (over.squawk, over.emergency) == ("1000", None)


def test_an_emergency_that_is_broadcast_alarms_at_once_but_not_from_a_repaired_frame() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    me = bits((28, 5), (1, 3), (2, 3), (0, 45))
    assert sky.squit(me, 1, found="repaired").emergency is None
    seen = sky.squit(me, 2)
    assert (seen.emergency, seen.events) == ("lifeguard", (Event("emergency", "lifeguard"),))
    assert sky.squit(me, 3).events == (), "told once"
    assert sky.squit(bits((28, 5), (1, 3), (0, 3), (0, 45)), 4).emergency == "none"


def test_a_call_sign_from_a_repaired_frame_is_believed_the_second_time() -> None:
    sky = Sky()
    sky.squit(velocity(300, 400), 0)
    assert sky.squit(IDENTITY, 1, found="repaired").callsign is None
    seen = sky.squit(IDENTITY, 2, found="repaired")
    assert (seen.callsign, seen.events) == ("KLM1023", (Event("identified", "KLM1023"),))
    assert seen.category is None, "a category only from a clean frame"


def test_a_new_call_sign_is_an_event_and_a_blank_one_is_nothing() -> None:
    sky = Sky()
    assert sky.squit(IDENTITY, 0).callsign == "KLM1023"
    other = sky.squit(0x202CC371C31DE0, 1)
    assert (other.callsign, names(other)) == ("KLM1017", ["identified"])
    assert sky.squit(0x20820820820820, 2).callsign == "KLM1017"


def test_alert_and_ident_come_from_the_flight_status() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    said = []
    for at, flight_status in enumerate((0, 2, 2, 4, 4, 5, 6)):
        seen = sky.reply(df4(10_000, flight_status), at + 1)
        assert seen is not None
        said.append((seen.alert, seen.spi))
    assert said == [
        (False, False), (False, False), (True, False), (True, False), (True, True), (False, True), (False, True)
    ]  # fmt: skip


def test_a_resolution_advisory_is_an_event_once_and_expires() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    mv = bits((0x30, 8), (0b1100001, 7), (0, 7), (0, 4), (0, 2), (1, 2), (0x4B1234, 24), (0, 2))
    first = sky.reply("80E1969B", 1, mv)
    assert first is not None
    assert first.events == (Event("advisory", "climb"),)
    assert first.acas_ra is not None
    assert first.acas_ra.threat_icao == "4b1234"
    assert names(sky.reply("80E1969B", 2, mv)) == []
    later = sky.tracker.get("4840d6", NOW + 63)
    assert later is not None
    assert later.acas_ra is None


# --- air and ground


def test_take_off_and_landing_are_events_that_take_two_messages() -> None:
    sky = Sky()
    place = (52.31, 4.76)
    sky.taxi(*place, 0, odd=False)
    sky.taxi(*place, 1, odd=True)
    assert names(sky.place(*place, 2, odd=False, altitude_25ft=44)) == []
    rising = sky.place(*place, 3, odd=True, altitude_25ft=46)
    assert (names(rising), rising.on_ground) == (["takeoff"], False)
    sky.place(*place, 100, odd=False, altitude_25ft=44)
    assert names(sky.taxi(*place, 101, odd=True, movement=60)) == []
    down = sky.taxi(*place, 102, odd=False, movement=60)
    assert (names(down), down.on_ground) == (["landing"], True)


def test_one_surface_message_between_airborne_ones_is_no_landing() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0, altitude_25ft=60)
    sky.taxi(*PLACE, 1, odd=False)
    seen = sky.place(*PLACE, 2, odd=False, altitude_25ft=60)
    sky.taxi(*PLACE, 3, odd=False)
    assert (seen.on_ground, names(seen)) == (False, [])
    assert sky.place(*PLACE, 4, odd=False, altitude_25ft=60).on_ground is False


def test_the_switch_does_not_overrule_the_kind_of_position() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0, altitude_25ft=60)
    for at in (1, 2, 3):
        seen = sky.reply(df4(500, flight_status=1), at)
    assert seen is not None
    assert seen.on_ground is False


@pytest.mark.parametrize("flying", ["fast", "high"])
def test_nothing_that_is_fast_or_high_is_on_the_ground(flying: str) -> None:
    sky = Sky()
    sky.squit(velocity(300, 400) if flying == "fast" else IDENTITY, 0)
    for at in (1, 2, 3):
        seen = sky.reply(df4(20_000 if flying == "high" else 500, flight_status=1), at)
    assert seen is not None
    assert not seen.on_ground


# --- direction


@pytest.mark.parametrize("rate_deg_s", [3.0, -3.0, 0.0])
def test_the_rate_of_turn_follows_from_the_tracks(rate_deg_s: float) -> None:
    sky = Sky()
    for at in range(200):
        track = math.radians(350 + rate_deg_s * at)
        seen = sky.squit(velocity(round(400 * math.sin(track)), round(400 * math.cos(track))), at)
    assert seen.track_rate_deg_s == pytest.approx(rate_deg_s, abs=0.1)
    value = seen.value_of("track_rate_deg_s")
    assert value is not None
    assert value.register == "derived"


def test_headings_are_true_or_magnetic_as_the_status_says() -> None:
    air = bits((19, 5), (3, 3), (0, 5), (1, 1), (256, 10), (1, 1), (251, 10), (0, 21))
    sky = Sky()
    assert sky.squit(air, 0).true_heading_deg == 90.0
    sky.squit(status(2) | 1 << 2, 1)
    seen = sky.squit(air, 2)
    assert (seen.mag_heading_deg, seen.tas_kt) == (90.0, 250)


def test_on_the_ground_the_direction_is_a_heading_when_the_status_says_so() -> None:
    sky = Sky()
    assert sky.taxi(*PLACE, 0, odd=False).track_deg == 90.0
    sky.squit(status(2, surface=True) & ~(1 << 2) | 1 << 3, 1)
    assert sky.taxi(*PLACE, 2, odd=False).true_heading_deg == 90.0


def test_wind_and_temperature_follow_from_speeds_and_headings() -> None:
    # an airliner at 34,900 ft; BDS 5,0 and 6,0 as it sent them within half a second
    sky = Sky()
    for at in (0.0, 0.2):
        sky.squit(velocity(-29, -433), at)
    sky.pair(50.0, 3.0, 0.3, altitude_25ft=1436)
    for at, mb in ((1.0, 0xFF982B367FFCE8), (1.2, 0xC38A1F31E0BC17), (1.4, 0xFF982B367FFCE8)):
        seen = sky.reply("A000163C", at, mb)
    assert seen is not None
    assert (seen.tas_kt, seen.mach, seen.ias_kt) == (464, about(0.796), 271)
    assert seen.oat_c == pytest.approx(-48.0, abs=1.5)
    assert seen.tat_c == pytest.approx(-20.0, abs=3.0)
    # tail and head differ by 30 kt, heading and track by some degrees
    assert seen.wind_speed_kt is not None
    assert 30 <= seen.wind_speed_kt <= 80
    assert seen.true_heading_deg == pytest.approx((seen.mag_heading_deg or 0) + 2.5, abs=1.5)
