"""Who is believed, for how long, and how many."""

from __future__ import annotations

import random

import pytest

from receiver.decode import AddressType
from receiver.tracking import Event, Freshness, Sighting, TrackingLimits
from receiver.tracking.sighting import Slot
from tests.receiver.decode.frames import frame
from tests.receiver.tracking.flying import ICAO, IDENTITY, NOW, Sky, velocity

ALL_CALL = frame(bytes.fromhex("5D4840D6")).data


def asked(interrogator: int, icao: int = ICAO) -> bytes:
    return frame(b"\x5d" + icao.to_bytes(3, "big"), interrogator).data


def test_one_clean_extended_squitter_introduces_an_aircraft_and_a_second_message_confirms_it() -> None:
    sky = Sky()
    first = sky.squit(IDENTITY, 0)
    assert first.events == (Event("appeared", ""), Event("identified", "KLM1023"))
    assert (first.icao, first.address_type, first.confirmed, first.messages) == (
        "4840d6",
        AddressType.ADSB_ICAO,
        False,
        1,
    )
    assert sky.squit(velocity(100, 0), 1).confirmed


@pytest.mark.parametrize("found", ["repaired", "beneath"])
def test_a_frame_that_was_repaired_or_dug_out_introduces_nobody(found: str) -> None:
    sky = Sky()
    data = frame(bytes.fromhex("8D4840D6") + IDENTITY.to_bytes(7, "big")).data
    for at in range(5):
        assert sky.hear(data, at, found, 1 if found == "repaired" else 0) is None
    assert len(sky.tracker) == 0
    assert sky.tracker.statistics.rejected == {"unconfirmed": 5}


def test_two_all_call_replies_within_a_minute_introduce_an_aircraft() -> None:
    sky = Sky()
    assert sky.hear(ALL_CALL, 0) is None
    assert sky.hear(ALL_CALL, 61) is None
    assert sky.hear(ALL_CALL, 100) is not None


def test_an_all_call_reply_to_an_unknown_interrogator_counts_for_nothing() -> None:
    sky = Sky()
    assert [sky.hear(asked(5), at) for at in range(5)] == [None] * 5
    sky.squit(IDENTITY, 6, icao=0x400001)
    assert sky.hear(asked(5, 0x400001), 7) is not None
    assert sky.hear(asked(5), 8) is None, "known from here on, and heard once"
    assert sky.hear(asked(5), 9) is not None


@pytest.mark.parametrize("head", ["02A18499", "20001718", "28000800", "80A18499", "A0001718", "A8000800"])
def test_a_reply_whose_parity_is_its_address_introduces_nobody_and_counts_for_those_known(head: str) -> None:
    sky = Sky()
    mb = 0 if head[0] in "8A" else None
    assert [sky.reply(head, at, mb) for at in range(5)] == [None] * 5
    sky.squit(IDENTITY, 6)
    heard = sky.reply(head, 7, mb)
    assert heard is not None
    assert heard.messages == 2


def test_one_bit_neighbours_of_a_real_aircraft_never_appear() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    right = int.from_bytes(frame(bytes.fromhex("20001718"), ICAO).data, "big")
    for bit in range(56):
        sky.hear((right ^ 1 << bit).to_bytes(7, "big"), 1 + bit / 100)
    squitter = int.from_bytes(frame(bytes.fromhex("8D4840D6") + IDENTITY.to_bytes(7, "big")).data, "big")
    for bit in range(112):
        sky.hear((squitter ^ 1 << bit).to_bytes(14, "big"), 2 + bit / 100)
    assert [sighting.icao for sighting in sky.tracker.aircraft(NOW + 5)] == ["4840d6"]


def test_what_anonymous_and_icao_addresses_say_is_kept_apart() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    other = sky.squit(velocity(100, 0), 1, first=0x91)
    assert (other.icao, other.address_type, other.callsign) == ("~4840d6", AddressType.ADSB_OTHER, None)
    assert len(sky.tracker) == 2


def test_a_value_has_its_source_time_and_register_and_grows_stale() -> None:
    sky = Sky()
    seen = sky.squit(velocity(300, 400), 0)
    value = seen.value_of("ground_speed_kt")
    assert value is not None
    assert (value.value, value.time_s, value.source, value.register) == (500.0, NOW, AddressType.ADSB_ICAO, "0,9")
    assert seen.time_of("ground_speed_kt") == NOW
    assert seen.source_of("track_deg") is AddressType.ADSB_ICAO
    assert seen.freshness_of("ground_speed_kt", NOW + 15) is Freshness.FRESH
    assert seen.freshness_of("ground_speed_kt", NOW + 16) is Freshness.STALE
    assert seen.freshness_of("squawk", NOW) is None
    assert seen.time_of("squawk") is None
    with pytest.raises(KeyError):
        seen.value_of("speed")


def test_values_expire_by_the_signals_clock_and_names_do_not() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    sky.squit(velocity(300, 400), 0)
    sky.reply("28000800", -0.5)
    sky.reply("28000800", 0)
    for at, speed, squawk in ((59, 500.0, "1000"), (61, None, "1000"), (181, None, None)):
        known = sky.tracker.get("4840d6", NOW + at)
        assert known is not None
        assert (known.ground_speed_kt, known.squawk, known.callsign) == (speed, squawk, "KLM1023")


def test_what_changed_is_told_once() -> None:
    sky = Sky()
    assert {"ground_speed_kt", "track_deg"} <= sky.squit(velocity(300, 400), 0).changed
    assert "ground_speed_kt" not in sky.squit(velocity(300, 400), 1).changed
    assert sky.squit(velocity(400, 300), 2).changed >= {"track_deg"}
    assert all(not one.changed and not one.events for one in sky.tracker.aircraft(NOW + 2))


def test_what_one_aircraft_changes_is_not_told_of_another() -> None:
    sky = Sky()
    sky.squit(velocity(300, 400), 0)
    other = sky.squit(IDENTITY, 0.1, icao=0x400001)
    assert "ground_speed_kt" not in other.changed
    assert other.events == (Event("appeared", ""), Event("identified", "KLM1023"))
    assert "callsign" not in sky.squit(velocity(300, 401), 0.2).changed


def left(sky: Sky, at: float) -> list[str]:
    departed = sky.tracker.expire(NOW + at)
    assert all(one.events[-1] == Event("left", "") for one in departed)
    return [one.icao for one in departed]


def test_an_aircraft_leaves_after_its_time_and_a_newcomer_sooner() -> None:
    sky = Sky(limits=TrackingLimits(departed_after_s=300, newcomer_departed_after_s=60))
    sky.squit(IDENTITY, 0)
    sky.squit(IDENTITY, 1)
    sky.squit(IDENTITY, 1, icao=0x400001)
    assert [left(sky, at) for at in (60, 62, 300, 302)] == [[], ["400001"], [], ["4840d6"]]
    assert len(sky.tracker) == 0
    assert sky.tracker.statistics.aircraft_departed == 2
    assert sky.tracker.statistics.aircraft_heard_once == 1
    assert sky.squit(IDENTITY, 400).events[0] == Event("appeared", ""), "and may come back"


def test_a_step_of_the_clock_expires_nobody_who_is_heard_and_strands_nobody_who_is_not() -> None:
    sky = Sky()
    for step in (0.0, 1e7, 5e6):  # a clock that was set, and set back
        for k in range(3):
            sighting = sky.squit(velocity(300, 400), step + k)
            assert left(sky, step + k) == []
            assert sighting.ground_speed_kt == 500.0
    assert left(sky, -1e6) == ["4840d6"]


def test_the_number_of_aircraft_is_capped_and_the_one_not_heard_for_longest_goes() -> None:
    sky = Sky(limits=TrackingLimits(max_aircraft=10))
    for k in range(20):
        for _ in range(2):
            sky.squit(IDENTITY, k, icao=0x400000 + k)
    assert sorted(one.icao for one in sky.tracker.aircraft(NOW + 20)) == [f"{0x400000 + k:06x}" for k in range(10, 20)]
    assert left(sky, 20) == [f"{0x400000 + k:06x}" for k in range(10)]


def test_a_flood_of_made_up_addresses_neither_grows_nor_drives_anybody_out() -> None:
    sky = Sky(limits=TrackingLimits(max_newcomers=50, max_acquaintances=1000))
    real = [0x500000 + k for k in range(20)]
    for at in (0, 1):
        for icao in real:
            sky.squit(IDENTITY, at, icao=icao)
    rng = random.Random(1)
    for k in range(5000):
        data = frame(b"\x8d" + rng.randbytes(3) + IDENTITY.to_bytes(7, "big")).data
        sky.hear(data, 2 + k / 1000)
        if k % 1000 == 0:
            sky.tracker.expire(NOW + 2 + k / 1000)
        assert len(sky.tracker) <= 70
    assert len(sky.tracker._acquaintances) <= 1000
    for icao in real:
        assert sky.squit(IDENTITY, 8, icao=icao).messages == 3
    # a new real aircraft is heard twice and in
    newcomer = frame(bytes.fromhex("8D123456") + IDENTITY.to_bytes(7, "big")).data
    assert sky.hear(newcomer, 9) is None
    assert sky.hear(newcomer, 9.5) is not None


def test_the_signal_is_the_mean_of_the_last_messages() -> None:
    sky = Sky()
    for at in range(10):
        seen = sky.squit(IDENTITY, at)
    assert seen.rssi_dbfs == pytest.approx(-20.0)


def test_a_picture_does_not_change_any_more() -> None:
    sky = Sky()
    before = sky.squit(velocity(300, 400), 0)
    sky.squit(velocity(100, 0), 1)
    assert (before.ground_speed_kt, before.messages) == (500.0, 1)
    with pytest.raises((AttributeError, TypeError)):
        before.messages = 2  # type: ignore[misc]
    assert isinstance(before, Sighting)
    assert len(before.values) == len(Slot)


def test_the_broadcast_goes_before_replies_and_both_before_a_radars_opinion() -> None:
    sky = Sky()
    sky.squit(velocity(300, 400), 0)
    assert sky.squit(velocity(30, 40), 1, first=0x92).ground_speed_kt == 500.0, "TIS-B"
    assert sky.squit(velocity(30, 40), 1, first=0x96).ground_speed_kt == 500.0, "ADS-R"
    assert sky.squit(velocity(30, 40), 12, first=0x92).ground_speed_kt == 50.0, "when nothing better is heard"
    assert sky.squit(velocity(300, 400), 13).ground_speed_kt == 500.0
    assert sky.tracker.get("4840d6", NOW + 13).address_type is AddressType.ADSB_ICAO  # type: ignore[union-attr]
