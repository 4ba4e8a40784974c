"""A station's counter, of whatever receiver it is."""

from __future__ import annotations

from receiver.fleet.counter import Reading, StationCounter
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import Frame

START_S = 1.7e9


def read(counter: StationCounter, at: float, count: int, **changes: object) -> Reading | None:
    whole = {"found": "network", "source": "beast", **changes}
    return counter.read(Frame(bytes(7), START_S + at, count, -10.0, **whole))  # type: ignore[arg-type]


def test_twelve_megahertz_are_ten_ticks_a_count() -> None:
    counter = StationCounter()
    start = 3 << 46  # no second of a day
    first, second = read(counter, 0.0, start), read(counter, 1.0, start + 12_000_000)
    assert first is not None
    assert second is not None
    assert second.ticks - first.ticks == 120_000_000
    assert abs(second.anchor_utc_s - first.anchor_utc_s) < 1e-6
    assert first.clock == second.clock


def test_a_counter_that_goes_by_gps_is_seconds_of_the_day() -> None:
    counter = StationCounter()
    readings = [read(counter, tenth / 10, (5000 + tenth // 10) << 30 | tenth % 10 * 100_000_000) for tenth in range(40)]
    assert readings[0] is None  # nobody knows yet what it counts
    known = [reading for reading in readings if reading is not None]
    assert len(known) >= 25
    assert {round(one.ticks - known[0].ticks) % 12_000_000 for one in known} == {0}
    assert max(one.anchor_utc_s for one in known) - min(one.anchor_utc_s for one in known) < 1e-3


def test_without_a_counter_the_arrival_counts() -> None:
    counter = StationCounter()
    readings = [read(counter, float(second), 0) for second in range(3)]
    assert [reading is not None and reading.counts for reading in readings] == [False] * 3
    assert [reading.ticks for reading in readings if reading] == [0, 120_000_000, 240_000_000]


def test_a_computed_position_was_received_by_nobody() -> None:
    counter = StationCounter()
    assert read(counter, 0.0, MLAT_COUNTER) is None
    assert read(counter, 0.0, 5, found="mlat") is None


def test_receivers_gaps_and_midnight_have_counters_of_their_own() -> None:
    counter = StationCounter()
    start = 3 << 46
    numbers = [read(counter, 0.0, start, receiver=receiver) for receiver in (0, 1)]
    counter.gap()
    numbers.append(read(counter, 1.0, start))
    numbers.append(read(counter, 2.0, 12))  # it has come round
    assert len({one.clock for one in numbers if one is not None}) == 4
