"""Which value wins, what counts as a second time, and that looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.decode import Decoder
from receiver.decode.message import AddressType
from receiver.tracking import Sighting, Tracker
from receiver.tracking.precedence import COPY_S, RANK
from receiver.views.aircraft_object import aircraft_object
from receiver.wire.frame import Frame
from tests.receiver.decode.frames import bits, frame
from tests.receiver.tracking.flying import HERE, ICAO, IDENTITY, NOW, Sky, status, velocity
from tests.receiver.tracking.test_values import df4, df5, names

PLACE = (52.3, 4.8)
STEP_DEG = 0.0005


def air_air(altitude_ft: int) -> str:
    """The head of a DF0."""
    steps = (altitude_ft + 1000) // 25
    code = (steps >> 5) << 7 | (steps >> 4 & 1) << 5 | 0x10 | steps & 0xF
    return f"0000{code:04x}"


def test_every_kind_of_address_has_a_rank() -> None:
    assert set(RANK) == set(AddressType)


# --- a reply never overrides a fresh broadcast

FORGED = st.tuples(
    st.sampled_from(["df0", "df4", "df5", "df20", "df21", "ground"]), st.floats(0.001, 2.0), st.integers(0, 3)
)


def forged_reply(kind: str, which: int) -> tuple[str, int | None]:
    altitude = (1000, 3000, 20_000, 45_000)[which]
    squawk = ("7700", "7500", "1234", "7600")[which]
    if kind == "df0":
        return air_air(altitude), None
    if kind == "df4":
        return df4(altitude), None
    if kind == "ground":
        return df4(altitude, flight_status=1), None
    if kind == "df5":
        return df5(squawk), None
    head = bytearray(bytes.fromhex(df4(altitude) if kind == "df20" else df5(squawk)))
    head[0] |= 0x80
    return head.hex(), (0x200464B3D1A1E0, 0xFF982B367FFCE8, 0xC38A1F31E0BC17, 0xC4600030A40000)[which]


def told(seen: Sighting) -> dict[str, Any]:
    said = (
        "altitude_baro_ft",
        "ground_speed_kt",
        "track_deg",
        "vertical_rate_baro_fpm",
        "callsign",
        "on_ground",
        "squawk",
    )
    return {name: getattr(seen, name) for name in said}


@given(st.lists(FORGED, max_size=60))
def test_no_forged_reply_moves_a_broadcast_value(forged: list[tuple[str, float, int]]) -> None:
    sky = Sky()
    plan = sorted(
        [*((0.5 * k, None) for k in range(60)), *((1.0 + at * 14, (kind, which)) for kind, at, which in forged)],
        key=lambda one: one[0],
    )
    squawk = bits((28, 5), (1, 3), (0, 3), (0b0010000000000, 13), (0, 32))
    k = 0
    positions = 0
    expected: dict[str, Any] = {}
    for at, reply in plan:
        if reply is not None:
            head, mb = forged_reply(*reply)
            seen = sky.reply(head, at, mb)
            if seen is not None and at > 2.5:
                assert told(seen) == expected, reply
                assert not {"squawk", "emergency", "landing", "identified"} & set(names(seen))
            continue
        sky.squit(velocity(300, 400), at + 0.0001)
        if k % 10 == 0:
            sky.squit(IDENTITY, at + 0.0002)
            sky.squit(squawk, at + 0.0003)
        seen = sky.place(PLACE[0] + k * STEP_DEG, PLACE[1], at + 0.0004, bool(k % 2))
        positions += seen.time_of("latitude_deg") == seen.now
        expected = told(seen)
        k += 1
    assert positions == 59
    assert expected["altitude_baro_ft"] == 35_000


def test_ghost_altitudes_between_broadcasts_are_not_even_told() -> None:
    sky = Sky()
    for k in range(60):
        seen = sky.place(PLACE[0] + k * STEP_DEG, PLACE[1], 0.5 * k, bool(k % 2))
        assert seen.said_of("altitude_baro_ft") == 35_000
        for late in (0.1, 0.3):
            ghost = sky.reply(air_air(3000), 0.5 * k + late)
            assert ghost is not None
            assert (ghost.altitude_baro_ft, ghost.said_of("altitude_baro_ft")) == (35_000, None)
    assert sky.tracker.statistics.contradicted["altitude_baro_ft"] == 120
    assert sky.reply(air_air(35_000), 31.0).said_of("altitude_baro_ft") == 35_000  # type: ignore[union-attr]


def test_replies_take_over_when_the_broadcast_has_been_silent_and_give_way_at_once() -> None:
    sky = Sky()
    sky.place(*PLACE, 0, odd=False)
    assert sky.reply(df4(34_000), 8.0).altitude_baro_ft == 35_000  # type: ignore[union-attr]
    assert sky.reply(df4(34_000), 12.0).altitude_baro_ft == 34_000  # type: ignore[union-attr]
    assert sky.reply(df4(3_000), 13.0).altitude_baro_ft == 34_000  # type: ignore[union-attr]
    assert sky.reply(df4(3_000), 14.0).altitude_baro_ft == 34_000  # type: ignore[union-attr]
    assert sky.place(*PLACE, 15, odd=True).altitude_baro_ft == 35_000


def test_what_a_radar_says_does_not_move_what_the_aircraft_says() -> None:
    sky = Sky()
    sky.pair(*PLACE, 0)
    for k in range(20):
        sky.place(PLACE[0] + 0.02, PLACE[1], 1 + k * 0.4, bool(k % 2), first=0x92)  # TIS-B, a mile and more behind
        seen = sky.place(PLACE[0] + k * STEP_DEG, PLACE[1], 1.2 + k * 0.4, bool(k % 2))
        assert seen.latitude_deg == pytest.approx(PLACE[0] + k * STEP_DEG, abs=1e-4)
        assert seen.source_of("latitude_deg") is AddressType.ADSB_ICAO
    alone = sky.pair(PLACE[0] + 0.05, PLACE[1], 30, first=0x92)
    assert alone.source_of("latitude_deg") is AddressType.TISB_ICAO


def test_results_of_mlat_are_marked_and_everything_else_goes_before() -> None:
    sky = Sky()
    seen = sky.pair(*PLACE, 0, first=0x92, found="mlat")
    assert seen.address_type is AddressType.MLAT
    told = aircraft_object(seen, seen.now)
    assert (told["type"], told["tisb"]) == ("mlat", [])
    assert {"lat", "lon"} <= set(told["mlat"])
    own = sky.pair(PLACE[0] + 0.01, PLACE[1], 2)
    assert own.source_of("latitude_deg") is AddressType.ADSB_ICAO
    late = sky.place(PLACE[0] + 0.1, PLACE[1], 3, odd=False, first=0x92, found="mlat")
    assert late.latitude_deg == own.latitude_deg
    assert aircraft_object(late, late.now)["type"] == "adsb_icao"


# --- a second time is another transmission


def copy_of(
    data: bytes, at: float, source: str = "antenna", receiver: int = 0, timed: bool = True, found: str = "network"
) -> Frame:
    return Frame(data, NOW + at, signal_dbfs=-30.0, found=found, source=source, receiver=receiver, timed=timed)


def play(frames: list[Frame]) -> tuple[Tracker, list[Sighting]]:
    tracker, decoder, seen = Tracker(HERE), Decoder(), []
    for one in frames:
        message = decoder.decode(one)
        assert message is not None
        if (sighting := tracker.update(message)) is not None:
            seen.append(sighting)
    return tracker, seen


SQUITTER = frame(b"\x8d" + ICAO.to_bytes(3, "big") + IDENTITY.to_bytes(7, "big")).data
MAYDAY = frame(bytes.fromhex(df5("7700")), ICAO).data
ALL_CALL = frame(b"\x5d" + ICAO.to_bytes(3, "big"), 0).data


@pytest.mark.parametrize(
    ("late_s", "source", "counts"),
    [(0.0, "antenna", False), (1e-4, "antenna", False), (COPY_S, "antenna", False), (0.15, "antenna", True),
     (0.15, "network", False), (1.5, "network", False), (2.5, "network", True)],
)  # fmt: skip
def test_a_copy_confirms_nothing(late_s: float, source: str, counts: bool) -> None:
    frames = [copy_of(SQUITTER, 0), copy_of(MAYDAY, 1.0), copy_of(MAYDAY, 1.0 + late_s, source)]
    _, seen = play(frames)
    assert (seen[-1].squawk == "7700") == counts
    tracker, seen = play([copy_of(ALL_CALL, 0), copy_of(ALL_CALL, late_s, source)])
    assert len(tracker) == counts
    _, seen = play([copy_of(SQUITTER, 0), copy_of(SQUITTER, late_s, source), copy_of(SQUITTER, late_s, source)])
    assert seen[-1].confirmed == counts


def test_of_frames_without_times_neighbours_are_copies() -> None:
    filler = [frame(b"\x8d" + bytes((0x40, 0, k)) + IDENTITY.to_bytes(7, "big")).data for k in range(3)]
    for between, counts in ((0, False), (1, False), (2, True)):
        datas = [SQUITTER, MAYDAY, *filler[:between], MAYDAY]
        _, seen = play([copy_of(data, k * 0.001, timed=False) for k, data in enumerate(datas)])
        assert (seen[-1].squawk == "7700") == counts


NEAR_COPIES = st.lists(
    st.tuples(st.floats(0.0, COPY_S), st.sampled_from([("antenna", 0), ("antenna", 1), ("network", 0)])), max_size=12
)


@given(NEAR_COPIES, st.sampled_from([df5("7700"), df5("1234"), df4(3000, 2), df4(30_000)]))
def test_no_interleaving_of_copies_of_one_reply_confirms_it(
    copies: list[tuple[float, tuple[str, int]]], head: str
) -> None:
    data = frame(bytes.fromhex(head), ICAO).data
    later = sorted((1.0 + late, *way) for late, way in copies)
    _, seen = play(
        [
            copy_of(SQUITTER, 0),
            copy_of(data, 1.0),
            *(copy_of(data, at, source, receiver) for at, source, receiver in later),
        ]
    )
    assert all(not one.squawk and not one.alert and "emergency" not in names(one) for one in seen)


# --- looking changes nothing


@given(
    st.lists(st.tuples(st.floats(0.0, 400.0), st.booleans()), max_size=40), st.sampled_from([10.0, 45.0, 70.0, 100.0])
)
def test_a_look_in_between_changes_no_output(looks: list[tuple[float, bool]], every_s: float) -> None:
    def fly(looked: list[tuple[float, bool]]) -> list[Sighting | None]:
        sky, out = Sky(), []
        sent = [(k * every_s, k) for k in range(8)]
        for at, k, whole in sorted([*((at, k, False) for at, k in sent), *((at, -1, one) for at, one in looked)]):
            if k < 0:
                list(sky.tracker.aircraft(NOW + at)) if whole else sky.tracker.get("4840d6", NOW + at)
                continue
            sky.squit(status(2), at)
            out.append(sky.reply(df5("7700"), at + 0.5))
            out.append(sky.reply(df5("7700"), at + 1.0))
            out.append(sky.squit(velocity(300, 400), at + 1.5))
            out.append(sky.place(PLACE[0] + 0.1 * k, PLACE[1], at + 2.0, bool(k % 2)))
        return out

    assert fly(looks) == fly([])


def test_an_emergency_lives_as_long_as_its_squawk_and_is_told_once() -> None:
    sky = Sky()
    sky.squit(IDENTITY, 0)
    sky.reply(df5("7700"), 0.5)
    events = [name for k in range(8) for name in names(sky.reply(df5("7700"), 1.0 + 70.0 * k))]
    assert events.count("emergency") == 1
    seen = sky.tracker.get("4840d6", NOW + 491.0 + 69.0)
    assert seen is not None
    assert (seen.squawk, seen.emergency) == ("7700", "general")


# --- the calculated track


@pytest.mark.parametrize("speed_kt", [60.0, 400.0])
def test_the_calculated_track_follows_a_turn_however_often_positions_come(speed_kt: float) -> None:
    sky = Sky()
    step_deg = speed_kt * 0.5 / 3600 / 60
    latitude, longitude, tracks = 52.3, 4.8, []
    for k in range(600):
        heading_east = k < 300
        longitude += step_deg / 0.6115 * (1 if heading_east else 0)
        latitude += 0 if heading_east else step_deg
        tracks.append(sky.place(latitude, longitude, 0.5 * k, bool(k % 2)).calc_track_deg)
    assert all(track is not None for track in tracks[60:])
    assert tracks[299] == pytest.approx(90, abs=3)
    assert tracks[340] == pytest.approx(0, abs=12) or tracks[340] == pytest.approx(360, abs=12)
