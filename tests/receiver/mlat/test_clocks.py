from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.mlat.clocks import Clocks
from tests.receiver.mlat.arrivals import TICKS_HZ, Aircraft, Station, arrivals, ring, traffic


class Run:
    """Aircraft that broadcast their positions, and what the stations' clocks make of them."""

    def __init__(self, stations: list[Station], aircraft: list[Aircraft], seed: int = 3) -> None:
        self.stations, self.aircraft = stations, aircraft
        self.rng = np.random.default_rng(seed)
        self.clocks = Clocks(TICKS_HZ)
        self.places = np.array([station.place for station in stations])
        self.t = 0.0
        self.base: dict[str, float] = {}

    def until(self, end: float, rate: float = 20.0, wrong: dict[int, float] | None = None) -> None:
        """On to that moment; `wrong`: stations whose times are off by up to so much, differently each time."""
        while self.t < end:
            self.t += float(self.rng.exponential(1 / rate))
            one = self.aircraft[int(self.rng.integers(len(self.aircraft)))]
            place = one.place(self.t)
            read = arrivals(self.stations, place, self.t, self.rng)
            for index, by_s in (wrong or {}).items():
                read[index] += self.rng.uniform(-by_s, by_s)
            heard = [i for i in range(len(self.stations)) if self.rng.random() < 0.85]
            self.rng.shuffle(heard)
            if len(heard) < 2:
                continue
            ticks = [round(float(read[i]) * TICKS_HZ) for i in heard]
            numbers = []
            for i, tick in zip(heard, ticks, strict=True):
                station = self.stations[i]
                number = self.clocks.number(station.name, station.clock, tick)
                assert number is not None
                self.base.setdefault(station.name, tick / TICKS_HZ)
                numbers.append(number)
            readings = np.array([self.clocks.reading(n, tick) for n, tick in zip(numbers, ticks, strict=True)])
            told = place + self.rng.normal(0, 5.0, 3)
            self.clocks.take(numbers, readings, [-20.0] * len(heard), self.places[heard], told, 10.0, one.icao, self.t)

    def errors_s(self) -> list[float]:
        """Of every pair's offset now; NaN for one that is not matched."""
        found = []
        names = [self.clocks.name(number) for number in range(len(self.stations))]
        by_name = {station.name: station for station in self.stations}
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                read = by_name[first].reading(self.t) - self.base[first]
                offset = self.clocks.offset(first, second, read)
                truth = by_name[second].reading(self.t) - self.base[second] - read
                found.append(float("nan") if offset is None else offset - truth)
        return found

    def kinds(self, kind: str) -> list[tuple[str, ...]]:
        return [event.stations for event in self.clocks.events if event.kind == kind]


def rms(errors: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def test_ten_aircraft_match_six_clocks_within_30_ns() -> None:
    run = Run(ring(), traffic(10))
    squares = []
    for second in range(40, 60):
        run.until(float(second))
        squares.append(rms(run.errors_s()) ** 2)
    assert np.sqrt(np.mean(squares)) <= 30e-9
    quality = run.clocks.quality()
    assert len(quality) == 15
    assert all(one.sigma_s < 40e-9 for one in quality)
    truth = {station.name: station.rate_ppm for station in run.stations}
    for one in quality:
        assert one.rate_ppm == pytest.approx(truth[one.second] - truth[one.first], abs=0.15)


@pytest.mark.parametrize("samples", [10, 200, 2000])
@pytest.mark.parametrize("who", [0, 4])
def test_lost_samples_are_found_at_once_and_the_station_is_named(samples: int, who: int) -> None:
    stations = ring()
    stations[who].steps = [(20.0, -samples / 2.4e6)]
    run = Run(stations, traffic(10))
    run.until(21.0)
    jumps = [event for event in run.clocks.events if event.kind == "jump"]
    assert [event.stations for event in jumps] == [(stations[who].name,)]
    assert jumps[0].time_s < 20.6
    assert jumps[0].by_s == pytest.approx(-samples / 2.4e6, abs=0.2e-6)
    run.until(25.0)
    assert rms(run.errors_s()) < 60e-9


def test_two_stations_alone_are_both_named() -> None:
    stations = ring(2)
    stations[1].steps = [(20.0, 30e-6)]
    run = Run(stations, traffic(6))
    run.until(25.0)
    (jump,) = [event for event in run.clocks.events if event.kind == "jump"]
    assert set(jump.stations) == {"s0", "s1"}
    assert rms(run.errors_s()) < 60e-9


def test_a_counter_that_begins_anew_is_matched_anew() -> None:
    stations = ring(4)
    run = Run(stations, traffic(6))
    run.until(10.0)
    stations[1].begun_s, stations[1].clock = 9.9, 2
    run.base.pop("s1")
    run.until(20.0)
    assert run.kinds("restart") == [("s1",)]
    assert rms(run.errors_s()) < 60e-9


def test_a_station_that_lies_differently_each_time_is_erratic_and_hurts_nobody() -> None:
    run = Run(ring(), traffic(10))
    run.until(15.0)
    run.until(40.0, wrong={3: 50e-6})
    assert run.kinds("erratic") == [("s3",)]
    assert not run.clocks.trusted(run.clocks._numbers["s3"])
    good = [
        error
        for error, pair in zip(run.errors_s(), _pairs(run.clocks), strict=True)
        if "s3" not in pair and not np.isnan(error)
    ]
    assert len(good) == 10
    assert rms(good) < 40e-9
    run.until(60.0)
    assert run.kinds("trusted") == [("s3",)]


def test_an_aircraft_that_broadcasts_a_false_place_moves_no_clock() -> None:
    aircraft = traffic(10)
    run = Run(ring(), aircraft)
    run.until(15.0)
    honest = aircraft[0].place
    aircraft[0].place = lambda t: honest(t)  # type: ignore[method-assign]
    liar = Aircraft("400000", 51.0, 4.0, 9000.0, 0.0, 0.0)
    numbers = {station.name: run.clocks._numbers[station.name] for station in run.stations}
    for _ in range(60):
        run.until(run.t + 0.1)
        read = arrivals(run.stations, liar.place(run.t), run.t, run.rng)
        ticks = [round(float(value) * TICKS_HZ) for value in read]
        readings = np.array(
            [run.clocks.reading(numbers[s.name], tick) for s, tick in zip(run.stations, ticks, strict=True)]
        )
        false = Aircraft("400000", 51.4, 4.4, 9000.0, 0.0, 0.0).place(run.t)
        run.clocks.take(list(numbers.values()), readings, [-20.0] * 6, run.places, false, 10.0, "400000", run.t)
    assert rms(run.errors_s()) < 40e-9
    assert run.kinds("jump") == []


@settings(max_examples=8, deadline=None)
@given(st.floats(-1e6, 1e6), st.permutations(range(5)))
def test_neither_the_origins_of_the_clocks_nor_the_order_of_stations_matters(by_s: float, order: list[int]) -> None:
    stations = ring(5)
    for station in stations:
        station.begun_s -= abs(by_s)
    run = Run([stations[i] for i in order], traffic(8))
    run.until(8.0, rate=15.0)
    assert rms(run.errors_s()) < 80e-9


def test_a_pair_that_nothing_keeps_up_is_dropped() -> None:
    run = Run(ring(3), traffic(6))
    run.until(10.0)
    assert len(run.clocks.quality()) == 3
    run.clocks.expire(run.t + 30.0)
    assert len(run.clocks.quality()) == 3
    run.clocks.expire(run.t + 600.0)
    assert run.clocks.quality() == []


def _pairs(clocks: Clocks) -> list[tuple[str, str]]:
    names = [clocks.name(number) for number in range(6)]
    return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
