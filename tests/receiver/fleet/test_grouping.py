"""Which receptions are one transmission."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.fleet.grouping import REACH_S, Grouper, Receptions

ALL_CALL = bytes.fromhex("5D4840D6C6C5F1")
SQUITTER = bytes.fromhex("8D4840D6202CC371C32CE0576098")
NAMES = ("a", "b", "c", "d")


def receptions(rows: Sequence[tuple[int, bytes, float, float]], level: Sequence[float] | None = None) -> Receptions:
    """Rows of station, bytes, time (s) and uncertainty (s)."""
    n = len(rows)
    data = np.zeros((n, 16), np.uint8)
    for at, row in enumerate(rows):
        data[at, : len(row[1])] = list(row[1])
    return Receptions(
        np.array([row[0] for row in rows], np.int32),
        np.array([row[0] for row in rows], np.int32),
        np.array([round(row[2] * 120e6) for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.zeros(n),
        np.array([row[3] for row in rows], np.float64),
        np.array([-10.0] * n if level is None else level, np.float32),
        np.ones(n, np.bool_),
        np.full(n, 0x4840D6, np.uint32),
        data,
        np.array([len(row[1]) for row in rows], np.uint8),
    )


def stations_of(grouper: Grouper, until_s: float) -> list[tuple[str, ...]]:
    return [
        tuple(sorted(reception.station for reception in one.receptions))
        for one in grouper.take(until_s).transmissions(NAMES)
    ]


def grouped(rows: Sequence[tuple[int, bytes, float, float]]) -> list[tuple[str, ...]]:
    grouper = Grouper()
    grouper.add(receptions(rows))
    return stations_of(grouper, 1e9)


def test_the_same_bytes_within_reach_are_one_transmission() -> None:
    assert grouped([(0, SQUITTER, 1.0, 0.0), (1, SQUITTER, 1.0019, 0.0), (2, SQUITTER, 1.001, 0.0)]) == [
        ("a", "b", "c")
    ]


def test_the_same_bytes_out_of_reach_are_two() -> None:
    assert grouped([(0, SQUITTER, 1.0, 0.0), (1, SQUITTER, 1.0025, 0.0)]) == [("a",), ("b",)]


def test_other_bytes_at_the_same_time_are_two() -> None:
    assert grouped([(0, SQUITTER, 1.0, 0.0), (1, ALL_CALL, 1.0, 0.0)]) == [("a",), ("b",)]


def test_replies_repeated_to_a_radar_do_not_mix() -> None:
    rows = [
        (station, ALL_CALL, 1.0 + 0.004 * again + 0.0004 * station, 0.0) for again in range(5) for station in (0, 1, 2)
    ]
    assert grouped(rows) == [("a", "b", "c")] * 5


def test_one_station_is_in_a_group_once() -> None:
    assert grouped([(0, ALL_CALL, 1.0, 0.0), (0, ALL_CALL, 1.001, 0.0), (1, ALL_CALL, 1.0012, 0.0)]) == [
        ("a",),
        ("a", "b"),
    ]


def test_an_uncertain_clock_joins_where_there_is_no_doubt() -> None:
    assert grouped([(0, SQUITTER, 1.0, 0.0), (1, SQUITTER, 1.2, 0.3)]) == [("a", "b")]


def test_an_uncertain_clock_stays_by_itself_where_there_is_doubt() -> None:
    grouper = Grouper()
    grouper.add(receptions([(0, ALL_CALL, 1.0, 0.0), (0, ALL_CALL, 1.01, 0.0), (1, ALL_CALL, 1.2, 0.3)]))
    groups = grouper.take(10.0)
    assert groups.sizes.tolist() == [1, 1, 1]
    assert groups.is_loose.tolist() == [False, False, True]


def test_what_is_not_due_waits_with_its_group() -> None:
    grouper = Grouper()
    grouper.add(receptions([(0, SQUITTER, 1.0, 0.0), (1, SQUITTER, 1.001, 0.0), (0, ALL_CALL, 1.001, 0.0)]))
    assert stations_of(grouper, 1.0005) == [("a", "b")]
    assert stations_of(grouper, 1.0009) == []
    assert stations_of(grouper, 2.0) == [("a",)]


def test_what_comes_too_late_is_given_back() -> None:
    grouper = Grouper()
    grouper.take(5.0)
    assert len(grouper.add(receptions([(0, SQUITTER, 4.0, 0.0), (1, SQUITTER, 5.5, 0.0)]))) == 1
    assert grouper.late == 1
    assert stations_of(grouper, 6.0) == [("b",)]


def test_the_strongest_reception_is_known() -> None:
    grouper = Grouper()
    rows = [(0, SQUITTER, 1.0, 0.0), (1, SQUITTER, 1.001, 0.0), (2, SQUITTER, 1.0005, 0.0)]
    grouper.add(receptions(rows, [float("nan"), -20.0, -3.0]))
    groups = grouper.take(2.0)
    assert groups.receptions.station[groups.strongest].tolist() == [2]
    assert [one.level_dbfs for one in next(groups.transmissions(NAMES)).receptions] == [None, -3.0, -20.0]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 20.0),  # when
            st.sampled_from((ALL_CALL, SQUITTER)),
            st.lists(
                st.tuples(st.integers(0, 3), st.floats(0.0, REACH_S / 2)),
                min_size=1,
                max_size=4,
                unique_by=lambda x: x[0],
            ),
        ),
        max_size=30,
    ),
    st.lists(st.floats(0.0, 20.0), max_size=5),
)
def test_every_reception_is_in_one_group_and_no_group_is_too_wide(
    sent: list[tuple[float, bytes, list[tuple[int, float]]]], cuts: list[float]
) -> None:
    rows = [(station, data, at_s + late_s, 0.0) for at_s, data, heard in sent for station, late_s in heard]
    grouper = Grouper()
    if rows:
        grouper.add(receptions(rows))
    found = [one for until_s in [*sorted(cuts), 1e9] for one in grouper.take(until_s).transmissions(NAMES)]
    # what a station says twice, it has received once
    assert sorted((r.ticks, r.station, one.data) for one in found for r in one.receptions) == sorted(
        {(round(row[2] * 120e6), NAMES[row[0]], row[1]) for row in rows}
    )
    for one in found:
        assert one.receptions[-1].received_s - one.receptions[0].received_s <= REACH_S + 3e-4
        assert len({reception.station for reception in one.receptions}) == len(one.receptions)
    assert [one.time_s for one in found] == sorted(one.time_s for one in found)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from((ALL_CALL, SQUITTER)),
            st.integers(0, 240_000_000).map(lambda ticks: ticks / 120e6),
            st.floats(0.0, 1.0),
        )
    ),
)
def test_nothing_is_lost_whatever_the_clocks_say(rows: list[tuple[int, bytes, float, float]]) -> None:
    grouper = Grouper()
    if rows:
        grouper.add(receptions(rows))
    found = list(grouper.take(1e9).transmissions(NAMES))
    assert sorted((r.ticks, r.station, one.data) for one in found for r in one.receptions) == sorted(
        {(round(row[2] * 120e6), NAMES[row[0]], row[1]) for row in rows}
    )
    assert all(len({r.station for r in one.receptions}) == len(one.receptions) for one in found)
