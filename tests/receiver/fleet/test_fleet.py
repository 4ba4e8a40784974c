"""The hub's middle: messages of stations become frames."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from receiver.fleet.fleet import Fleet, Limits
from receiver.sources.scene.scene import open_scene
from receiver.wire.frame import Frame
from tests.receiver.fleet.antennas import Antenna, messages, through

SECONDS = 30.0


@cache
def sky() -> tuple[Frame, ...]:
    return tuple(frame for chunk in open_scene("busy-sky").frames(0.0, SECONDS, keep=0.3) for frame in chunk)


def sent() -> Counter[bytes]:
    return Counter(frame.data for frame in sky())


def test_several_stations_are_one() -> None:
    antennas = [
        Antenna("a", offset_s=0.03, drift=2e-6),
        Antenna("b", offset_s=-0.05, drift=-2e-6, level_dbfs=-20.0),
        Antenna("c", offset_s=0.08, latency_s=0.4),
    ]
    fleet = Fleet()
    found = through(fleet, messages(sky(), antennas))
    later = [frame for frame in found if frame.time_s > sky()[0].time_s + 10.0]
    truth = [frame for frame in sky() if frame.time_s > sky()[0].time_s + 10.0]
    # what two of three received is one frame: of 1,000 sent, 999 are received by somebody
    assert 0.98 * len(truth) <= len(later) <= 1.002 * len(truth)
    assert not Counter(frame.data for frame in later) - sent()
    assert all(one.aligned for one in fleet.clocks._clocks.values())
    assert [frame.time_s for frame in found] == sorted(frame.time_s for frame in found)


def test_times_are_those_of_the_middle() -> None:
    antennas = [Antenna("a"), Antenna("b", offset_s=0.2), Antenna("c", offset_s=-0.01)]
    found = through(Fleet(), messages(sky(), antennas))
    when = {frame.data: frame.time_s for frame in sky() if sent()[frame.data] == 1}
    off = sorted(frame.time_s - when[frame.data] for frame in found[len(found) // 2 :] if frame.data in when)
    assert off[0] > -0.02
    assert off[-1] < 0.02


def test_a_station_whose_clock_was_never_set_is_timed_by_arrival() -> None:
    antennas = [Antenna("a"), Antenna("b"), Antenna("c", offset_s=-1.7e9, uncertainty_s=None)]
    fleet = Fleet()
    found = through(fleet, messages(sky(), antennas))
    assert fleet.stations["c"].late == 0
    assert len([f for f in found if f.time_s > sky()[0].time_s + 15]) <= 1.002 * len(
        [f for f in sky() if f.time_s > sky()[0].time_s + 15]
    )


def test_a_station_that_lies_about_its_time_is_timed_by_arrival() -> None:
    antennas = [Antenna("a"), Antenna("b"), Antenna("c", offset_s=3600.0, uncertainty_s=1e-6)]
    fleet = Fleet()
    found = through(fleet, messages(sky(), antennas))
    assert max(frame.time_s for frame in found) <= sky()[-1].time_s + 2.0
    (clock,) = fleet.clocks.of_station(fleet.stations["c"].number)
    assert clock.wrong_by_s == pytest.approx(3600.0, abs=2.0)


def test_a_station_restarts() -> None:
    half = len(sky()) // 2
    first = [Antenna("a"), Antenna("b")]
    fleet = Fleet()
    found = through(fleet, messages(sky()[:half], first))
    second = [Antenna("a"), Antenna("b", clock=8)]
    second[0].start_s, second[1].start_s = first[0].start_s, sky()[half].time_s - 5.0
    found += through(fleet, messages(sky()[half:], second))
    assert not Counter(frame.data for frame in found) - Counter({data: 2 * count for data, count in sent().items()})
    assert [clock.aligned for clock in fleet.clocks.of_station(fleet.stations["b"].number)][-1]


def test_a_flood_is_cut_off_and_the_others_are_not() -> None:
    antennas = [Antenna("a"), Antenna("b")]
    fleet = Fleet(Limits(max_frames_per_s=100))
    arrivals = list(messages(sky(), antennas))
    flood = [(at, "x", f"{n:06x}", payload) for n, (at, _, _, payload) in enumerate(arrivals * 20)]
    through(fleet, sorted(arrivals[:500] + flood, key=lambda one: one[0]))
    assert fleet.stations["x"].refused > 0.9 * len(flood)
    assert fleet.stations["a"].refused == 0


def test_strangers_are_not_admitted() -> None:
    fleet = Fleet(Limits(stations=frozenset({"a"}), name="fleet"))
    through(fleet, messages(sky()[:1000], [Antenna("a"), Antenna("b")]))
    assert list(fleet.stations) == ["a"]
    assert fleet.strangers > 0
    for name in ("", "fleet", "a/b", "a" * 33, "ä"):
        assert Fleet().station(name) is None


@pytest.mark.parametrize("payload", [b"", b"rubbish", bytes(24), b"\x02" + bytes(40)])
def test_damaged_messages_are_counted(payload: bytes) -> None:
    fleet = Fleet()
    fleet.hear("a", "4840d6", payload, 1.7e9)
    fleet.hear("a", "xyz", payload, 1.7e9)
    assert fleet.stations["a"].damaged in (1, 2)
    assert fleet.frames(fleet.turn(1.7e9 + 5)) == []


def test_a_message_that_comes_twice_counts_once() -> None:
    arrivals = list(messages(sky()[:2000], [Antenna("a", share=1.0)]))
    once = through(Fleet(), arrivals)
    twice = through(Fleet(), [one for one in arrivals for _ in range(2)])
    assert [frame.data for frame in once] == [frame.data for frame in twice]
