"""Scenes: the same each time and from wherever they are begun, at the standard's rates, true to their paths."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from dsp.demodulator import Demodulator
from dsp.samples import SampleFormat
from receiver.decode import Decoder
from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.earth import EARTH_M
from receiver.errors import UsageError
from receiver.sources.scene import Scene, open_scene, scene_names
from receiver.tracking import Sighting, Station, Tracker
from receiver.wire.frame import Frame


@pytest.fixture(scope="module")
def busy() -> Scene:
    return open_scene("busy-sky")


@pytest.fixture(scope="module")
def valle() -> Scene:
    return open_scene("valle-de-bravo")


def flat(scene: Scene, start_s: float, end_s: float, **more: float) -> list[Frame]:
    return list(itertools.chain.from_iterable(scene.frames(start_s, end_s, **more)))


def sightings(scene: Scene, frames: list[Frame]) -> list[Sighting]:
    decoder, tracker = Decoder(), Tracker(Station(*scene.station))
    found = []
    for frame in frames:
        message = decoder.decode(frame)
        assert message is not None, decoder.statistics.rejected
        sighting = tracker.update(message)
        if sighting is not None:
            found.append(sighting)
    return found


def test_both_scenes_come_along_and_an_unknown_one_is_refused() -> None:
    assert scene_names() == ["busy-sky", "six-stations", "valle-de-bravo"]
    with pytest.raises(
        UsageError, match="no-such: no such file; built-in scenes: busy-sky, six-stations, valle-de-bravo"
    ):
        open_scene("no-such")
    root = Path(__file__).parents[4]
    assert (root / "scenes").is_symlink()
    assert open_scene(root / "scenes" / "busy-sky.toml").title == open_scene("busy-sky.toml").title


def test_frames_do_not_depend_on_where_one_begins_nor_on_the_chunks(busy: Scene) -> None:
    whole = flat(busy, 0.0, 20.0)
    assert len(whole) > 3000
    assert whole == flat(open_scene("busy-sky"), 0.0, 20.0, chunk_s=0.13)
    later = [frame for frame in whole if frame.time_s >= busy.start_utc_s + 7.31]
    assert later == flat(busy, 7.31, 20.0)
    assert [f.time_s for f in whole] == sorted(f.time_s for f in whole)


def test_each_chunk_holds_its_own_time(busy: Scene) -> None:
    chunks = list(busy.frames(10.0, 15.0, chunk_s=0.5))
    assert len(chunks) == 10
    for number, chunk in enumerate(chunks):
        assert chunk
        for frame in chunk:
            assert number == int((frame.time_s - busy.start_utc_s - 10.0) / 0.5)


def test_a_poor_receiver_keeps_its_share(busy: Scene) -> None:
    whole, part = flat(busy, 0.0, 20.0), flat(busy, 0.0, 20.0, keep=0.25)
    assert len(part) == pytest.approx(len(whole) / 4, rel=0.1)
    assert set(part) < set(whole)


def test_squitters_come_at_the_rates_of_the_standard(busy: Scene) -> None:
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    decoder = Decoder()
    for piece in busy.transmissions(0.0, 60.0, -100.0):
        for sent in piece:
            message = decoder.decode(Frame(sent.data, sent.time_s))
            if isinstance(message, ExtendedSquitter) and message.type_code is not None:
                kinds = {11: "position", 19: "velocity", 31: "operational", 4: "identification", 29: "target"}
                times[message.icao, kinds.get(message.type_code, "other")].append(sent.time_s)
            elif isinstance(message, AllCallReply) and message.interrogator == 0:
                times[message.icao, "all-call"].append(sent.time_s)
    expected = {
        "position": (0.4, 0.6), "velocity": (0.4, 0.6), "identification": (4.0, 6.0), "operational": (2.0, 3.0),
        "target": (1.0, 1.5), "all-call": (0.8, 1.2),
    }  # fmt: skip
    seen = set()
    for (icao, kind), at in times.items():
        if kind in expected and not (icao.startswith("0d7f") or icao.startswith("~")):
            low, high = expected[kind]
            gaps = np.diff(at)
            # below the horizon for a while: a long gap is no short one
            assert gaps.min() >= low - 1e-9, (icao, kind)
            assert np.median(gaps) <= high, (icao, kind)
            seen.add(kind)
    assert seen == set(expected)


def test_positions_are_where_the_aircraft_were(busy: Scene) -> None:
    paths = {aircraft.flight.icao: aircraft.path for aircraft in busy.aircraft}
    checked = 0
    for sighting in sightings(busy, flat(busy, 0.0, 30.0)):
        if sighting.position is None or "position" not in sighting.changed:
            continue
        state = paths[sighting.icao].at(sighting.now - busy.start_utc_s)
        assert state is not None
        north = math.radians(state.latitude - sighting.position.latitude_deg)
        east = math.radians(state.longitude - sighting.position.longitude_deg) * math.cos(math.radians(state.latitude))
        assert math.hypot(north, east) * EARTH_M < 15
        checked += 1
    assert checked > 1000


def test_what_happens_on_board_is_heard(busy: Scene) -> None:
    last: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings(busy, flat(busy, 0.0, 60.0)):
        last[sighting.icao].append(sighting)
    distress = last["0d7f01"]
    assert {s.squawk for s in distress if s.squawk} == {"2345", "7700"}
    assert distress[-1].emergency == "general"
    first = next(s for s in distress if s.squawk == "7700")
    assert 0 <= first.now - busy.start_utc_s - 20 < 3
    helicopter = last["0d7f02"][-1]
    assert (helicopter.category, helicopter.callsign) == ("A7", "SQT902")
    assert helicopter.track_rate_deg_s is not None
    assert helicopter.track_rate_deg_s > 1
    lost = [s.now - busy.start_utc_s for s in last["0d7f03"] if "position" in s.changed and s.position is not None]
    assert not [t for t in lost if 15.0 <= t < 45.0]
    assert [t for t in lost if t >= 45.0]
    assert last["0d7f04"][-1].address_type.value == "adsb_icao_nt"


def test_nobody_is_heard_through_the_earth(busy: Scene) -> None:
    aircraft = busy.aircraft[0]
    state = aircraft.path.states[0]
    station = busy.scenario.station
    far = state._replace(latitude=station.latitude + 4.0, longitude=station.longitude, altitude_ft=39_000.0)
    near = far._replace(latitude=station.latitude + 3.0)
    low = near._replace(altitude_ft=10_000.0)
    levels = [aircraft.level_dbfs(s, 0.0, 1, station) for s in (near, far, low)]
    assert levels[0] > -40
    assert levels[1] == levels[2] == -999.0


def test_samples_are_the_same_each_time_and_heard_as_the_frames_are(busy: Scene) -> None:
    blocks = list(busy.source(3.0, 5.0).blocks())
    again = list(open_scene("busy-sky").source(3.0, 5.0).blocks())
    assert [b.first_sample for b in blocks] == [131_072 * k for k in range(len(blocks))]
    assert sum(b.n_samples for b in blocks) == 4_800_000
    for one, two in zip(blocks, again, strict=True):
        np.testing.assert_array_equal(one.iq, two.iq)
    source = busy.source(3.0, 5.0)
    assert source.start_utc_s == busy.start_utc_s + 3.0
    sent = {}
    for _, frames in source.blocks_and_sent():
        for frame in frames:
            sent[frame.data] = frame.level_dbfs
    demodulator = Demodulator(source.sample_rate_hz, source.sample_format)
    batches = [demodulator.feed(block) for block in blocks] + [demodulator.flush()]
    found = {bytes(row[: bits // 8]) for b in batches for row, bits in zip(b.data, b.n_bits, strict=True)}
    strong = {data for data, level in sent.items() if level > -26.0 and data[0] >> 3 == 17}
    assert len(strong) > 100
    assert len(strong & found) > 0.8 * len(strong)
    assert len(found - set(sent)) < 0.02 * len(found)


def test_every_rate_and_format_is_modulated(busy: Scene) -> None:
    for rate, sample_format in ((2.0e6, SampleFormat.CS8), (6.0e6, SampleFormat.CS16), (10.0e6, SampleFormat.CF32)):
        source = busy.source(1.0, 1.1, rate, sample_format)
        blocks = list(source.blocks())
        assert sum(b.n_samples for b in blocks) == source.n_samples == round(0.1 * rate)
        assert {b.iq.dtype for b in blocks} == {sample_format.dtype}


def test_faults_of_the_receiver_are_in_the_samples(busy: Scene) -> None:
    faults = {"dc": (0.1, -0.05), "iq_gain_db": 3.0, "noise_dbfs": -30.0}
    radio = busy.scenario.radio.model_copy(update=faults)
    scene = Scene(busy.scenario.model_copy(update={"radio": radio, "crowd": [], "aircraft": []}))
    iq = np.concatenate([block.iq for block in scene.source(0.0, 0.2, 2.4e6, SampleFormat.CF32).blocks()])
    assert iq[0::2].mean() == pytest.approx(0.1, abs=1e-3)
    assert iq[1::2].mean() == pytest.approx(-0.05, abs=1e-3)
    assert 20 * np.log10(iq[1::2].std() / iq[0::2].std()) == pytest.approx(3.0, abs=0.1)


def test_a_source_stops_when_it_is_closed(busy: Scene) -> None:
    source = busy.source()
    blocks = source.blocks()
    next(blocks)
    source.close()
    source.close()
    assert list(blocks) == []


def test_troy701_crosses_the_border_and_circles_west_south_west_of_the_town(valle: Scene) -> None:
    assert len(valle.aircraft) == 41
    path = valle.aircraft[0].path
    town = (19.195, -100.13)
    first = path.states[9_000:13_000]
    wide = path.states[14_500:18_800]
    for states, radius_km in ((first, 6.0), (wide, 10.0)):
        latitude = sum(s.latitude for s in states) / len(states)
        longitude = sum(s.longitude for s in states) / len(states)
        north = (latitude - town[0]) * 111.2
        east = (longitude - town[1]) * 105.0
        assert 235 < math.degrees(math.atan2(east, north)) % 360 < 260
        assert 9 < math.hypot(east, north) < 14
        assert all(s.turn_deg_s < 0 for s in states)
        laps = -sum(s.turn_deg_s for s in states) / 360
        expected = len(states) * 180 * 0.514444 / (2 * math.pi * radius_km * 1000)
        assert laps == pytest.approx(expected, rel=0.05)
    assert path.states[0].latitude > 26.1 > path.states[900].latitude


def test_troy701_is_heard_all_the_way_and_in_every_minute(valle: Scene) -> None:
    own = bytes.fromhex("ae4bd8")
    minutes = set()
    found = set()
    alone = Scene(valle.scenario.model_copy(update={"aircraft": valle.scenario.aircraft[:1]}))
    for frame in flat(alone, 0.0, 21_000.0, keep=0.05):
        if frame.df == 17:
            assert frame.data[1:4] == own
            minutes.add(int((frame.time_s - valle.start_utc_s) / 300))
            found.add((frame.found, frame.time_s - valle.start_utc_s > 8_000))
    assert minutes == set(range(70))
    assert found == {("network", False), ("direct", False), ("direct", True)}


def test_one_aircraft_can_be_changed(valle: Scene) -> None:
    clone = valle.with_aircraft("ae4bd8", icao="0d0b99", callsign=None)
    addresses = {aircraft.flight.icao for aircraft in clone.aircraft}
    assert "0d0b99" in addresses
    assert "ae4bd8" not in addresses
    assert clone.aircraft[0].path.states == valle.aircraft[0].path.states
    with pytest.raises(KeyError):
        valle.with_aircraft("000001")
