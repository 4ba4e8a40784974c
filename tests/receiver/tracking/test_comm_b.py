"""Which register a reply is: evidence, contradiction, doubt. Bits as airliners sent them."""

from __future__ import annotations

import random

import pytest

from receiver.decode.registers.bds50 import decode_bds50
from receiver.decode.registers.bds60 import decode_bds60
from receiver.tracking.comm_b import LEAD, NEEDED, Known, identify
from tests.receiver.decode.frames import bits
from tests.receiver.tracking.flying import IDENTITY, Sky, velocity

# One airliner at 34,900 ft within half a second
TURN, HEADING, SELECTED = 0xFF982B367FFCE8, 0xC38A1F31E0BC17, 0xC4600030A40000
CRUISE = Known(altitude_ft=34_900, ground_speed_kt=434.0, track_deg=183.8, vertical_rate_fpm=768)
SERVED, CALLSIGN, CAPABILITY = 0xFB810300000000, 0x200464B3D1A1E0, 0x10010080F10000


@pytest.mark.parametrize(
    ("mb", "bds"),
    [(TURN, "5,0"), (HEADING, "6,0"), (SELECTED, "4,0"), (SERVED, "1,7"), (CALLSIGN, "2,0"), (CAPABILITY, "1,0")],
)
def test_with_what_is_known_of_the_aircraft_every_register_is_found(mb: int, bds: str) -> None:
    verdict = identify(mb, CRUISE)
    assert (verdict.bds, verdict.points >= NEEDED) == (bds, True)
    assert verdict.reasons, "and it is said why"


def test_a_reply_that_says_nothing_is_empty_and_nonsense_is_unknown() -> None:
    assert identify(0, CRUISE).reasons == ("empty",)
    assert identify(0xFFFFFFFFFFFFFF, CRUISE).reasons == ("unknown",)


def test_track_and_turn_alone_is_not_enough_without_a_second_opinion() -> None:
    bare = identify(TURN, Known())
    assert (bare.register, bare.reasons) == (None, ("weak",))
    again = identify(TURN, Known(last_50=decode_bds50(TURN)))
    assert (again.bds, "like the reply before" in again.reasons) == ("5,0", True)


def test_heading_and_speed_prove_themselves_at_a_known_altitude() -> None:
    assert identify(HEADING, Known(altitude_ft=34_900)).bds == "6,0"
    assert identify(HEADING, Known(altitude_ft=5_000)).register is None
    assert identify(HEADING, Known(altitude_ft=5_000, last_60=decode_bds60(HEADING))).register is None


@pytest.mark.parametrize("known", [CRUISE._replace(ground_speed_kt=200.0), CRUISE._replace(track_deg=10.0)])
def test_a_reply_that_contradicts_the_broadcast_is_not_taken(known: Known) -> None:
    verdict = identify(TURN, known)
    assert (verdict.register, verdict.reasons) == (None, ("contradicted",))


def test_what_both_decoders_of_a_flight_read_as_heading_is_the_turn_that_the_broadcast_bears_out() -> None:
    # jet1090 read 6,0 here: 157 kt, Mach 0.488, heading 360, while the aircraft flew 244 kt on track 208
    known = Known(altitude_ft=10_525, ground_speed_kt=244.0, track_deg=207.6, vertical_rate_fpm=2000)
    assert identify(0xFFF93B1EA00C94, known).bds == "5,0"


def test_a_list_of_registers_that_nobody_serves_is_a_selected_altitude() -> None:
    # 4,0 with a selected altitude of 12,000 ft and nothing else ends in zeros, too
    selected = (1 << 12 | 12_000 // 16) << 43
    assert identify(selected, CRUISE).bds != "1,7"
    assert identify(SERVED, CRUISE).bds == "1,7"


def test_an_advisory_counts_when_it_is_repeated() -> None:
    mb = 0x30 << 48 | 0b1100001 << 41 | 1 << 26 | 0x4B1234 << 2
    once = identify(mb, CRUISE)
    assert (once.bds, once.points) == ("3,0", NEEDED - 1)
    twice = identify(mb, CRUISE._replace(last_30_raw=f"{mb:014X}"))
    assert twice.points == NEEDED
    assert identify(0x30 << 48, CRUISE).points == NEEDED, "nothing to tell"


def test_another_call_sign_than_the_broadcast_one_is_doubtful() -> None:
    assert identify(CALLSIGN, CRUISE._replace(callsign="AFR34ZG")).points == NEEDED
    assert identify(CALLSIGN, CRUISE._replace(callsign="KLM1023")).points == NEEDED - 1


def test_a_register_that_the_aircraft_does_not_serve_loses_points() -> None:
    known = CRUISE._replace(ground_speed_kt=None, served=frozenset({"2,0", "4,0", "6,0"}), last_50=decode_bds50(TURN))
    assert identify(TURN, known._replace(served=None)).bds == "5,0"
    assert identify(TURN, known).points < identify(TURN, known._replace(served=None)).points


def test_weather_is_believed_only_where_it_can_be_checked() -> None:
    weather = 0x185BD5CF400000  # 22 kt from 345 degrees, -48.75 degrees
    assert identify(weather, Known()).register is None
    served = Known(altitude_ft=33_000, served=frozenset({"2,0", "4,4"}))
    assert identify(weather, served).bds == "4,4"
    assert identify(weather, served._replace(altitude_ft=5_000)).register is None, "30 degrees too cold"


# heading 90 degrees, 268 kt, Mach 0.784, 452 kt true, level
STATE = bits((1, 1), (0, 1), (512, 10), (1, 1), (268, 10), (1, 1), (98, 9), (1, 1), (904, 12), (1, 1), (0, 9))


def test_an_air_referenced_state_is_taken_where_its_speeds_fit_the_altitude() -> None:
    served = Known(altitude_ft=35_000, served=frozenset({"2,0", "5,3"}))
    assert identify(STATE, served).bds == "5,3"
    assert identify(STATE, served._replace(altitude_ft=10_000)).register is None
    assert identify(STATE, served._replace(altitude_ft=None)).register is None
    against = served._replace(ground_speed_kt=450.0, track_deg=270.0)
    assert identify(STATE, against).register is None, "it flies the other way"


# moderate turbulence, -54.25 degrees, 238 hPa
HAZARD = bits((1, 1), (2, 2), (0, 12), (1, 1), (-217 & 0x3FF, 10), (1, 1), (238, 11), (0, 18))


def test_a_hazard_report_is_taken_where_it_is_served_and_fits_the_altitude() -> None:
    served = Known(altitude_ft=35_000, served=frozenset({"2,0", "4,5"}))
    verdict = identify(HAZARD, served)
    assert (verdict.bds, verdict.reasons) == (
        "4,5",
        ("served", "temperature fits the altitude", "pressure fits the altitude"),
    )
    assert identify(HAZARD, served._replace(altitude_ft=8_000)).register is None
    assert identify(HAZARD, Known()).register is None


def test_random_bits_are_hardly_ever_taken_for_a_register() -> None:
    rng = random.Random(1)
    taken = [verdict.bds for _ in range(20_000) if (verdict := identify(rng.getrandbits(56), CRUISE)).bds is not None]
    numbered = [bds for bds in taken if bds in ("1,0", "2,0", "3,0")]
    assert len(taken) - len(numbered) <= 4
    assert len(numbered) <= 60


def test_no_verdict_is_reached_without_points_and_a_lead() -> None:
    rng = random.Random(2)
    for _ in range(5_000):
        flips = sum(1 << rng.randrange(56) for _ in range(rng.randrange(4)))
        verdict = identify(rng.choice((TURN, HEADING, SELECTED)) ^ flips, CRUISE)
        if verdict.register is not None:
            assert verdict.points >= NEEDED - 1
        else:
            assert verdict.reasons[0] in ("unknown", "contradicted", "weak", "ambiguous", "empty")
    assert LEAD > 0


def test_the_tracker_takes_over_what_is_certain_and_keeps_the_reason() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    sky.squit(velocity(-29, -433), 1)
    seen = sky.reply("A000163C", 1.5, TURN)
    assert seen is not None
    assert seen.comm_b is not None
    assert (seen.comm_b.bds, seen.roll_deg, seen.tas_kt) == ("5,0", -0.703125, 464)
    assert "track" in seen.comm_b.reasons
    value = seen.value_of("ground_speed_kt")
    assert value is not None
    assert (value.register, value.value) == ("0,9", pytest.approx(433.97, abs=0.01)), "the broadcast goes before"
    selected = sky.reply("A000163C", 2.0, SELECTED)
    assert selected is not None
    assert (selected.nav_altitude_mcp_ft, selected.nav_qnh_hpa) == (35_008, 1013.0)
    doubtful = sky.reply("A000163C", 2.5, 0xFFFFFFFFFFFFFF)
    assert doubtful is not None
    assert (doubtful.roll_deg, doubtful.comm_b and doubtful.comm_b.reasons) == (-0.703125, ("unknown",))
    assert sky.tracker.statistics.comm_b == {"5,0": 1, "4,0": 1, "unknown": 1}
    later = sky.squit(IDENTITY, 3)
    assert later is not None
    assert (later.comm_b, later.roll_deg) == (None, -0.703125), "the reason belongs to its message"


def test_an_advisory_in_a_reply_alarms_when_it_is_repeated() -> None:
    mb = 0x30 << 48 | 0b1100001 << 41 | 1 << 26 | 0x4B1234 << 2
    sky = Sky()
    sky.squit(IDENTITY, 0)
    once = sky.reply("A000163C", 1, mb)
    assert once is not None
    assert (once.acas_ra, once.events) == (None, ())
    twice = sky.reply("A000163C", 2, mb)
    assert twice is not None
    assert twice.acas_ra is not None
    assert [event.detail for event in twice.events] == ["climb"]
