"""The table of believed addresses against a dictionary."""

from __future__ import annotations

import numpy as np

from dsp.trust import LIFETIME_S, MOST, BelievedAddresses
from tests.dsp.plain import kernel

Row = tuple[float, int, int, int, int, float, float]


def marked(icao: int) -> Row:
    """Values of a row that tell its address, each column its own."""
    return icao * 1e-4, icao % 8, (icao + 3) % 8, icao % 8191, (icao + 77) % 8191, icao * 2e-4, icao * 3e-4


def mark(table: BelievedAddresses, icao: int) -> None:
    table.add(icao, 0.0)
    slot = kernel.find(table.icao, icao)
    (
        table.time_s[slot], table.head[0, slot], table.head[1, slot], table.altitude[slot], table.squawk[slot],
        table.seen_s[slot], table.moved_s[slot],
    ) = marked(icao)  # fmt: skip


def row(table: BelievedAddresses, icao: int) -> Row:
    slot = kernel.find(table.icao, icao)
    assert slot >= 0
    return (
        float(table.time_s[slot]), int(table.head[0, slot]), int(table.head[1, slot]), int(table.altitude[slot]),
        int(table.squawk[slot]), float(table.seen_s[slot]), float(table.moved_s[slot]),
    )  # fmt: skip


def test_an_address_added_is_active_and_nothing_is_known_of_it() -> None:
    table = BelievedAddresses()
    for icao in (0x4840D6, 1, 0xFFFFFF):
        table.add(icao, 7.0)
    assert len(table) == 3
    belief = table.rows()
    assert belief.many[0] == 3
    assert sorted(belief.icao[belief.active[:3]].tolist()) == [1, 0x4840D6, 0xFFFFFF]
    time_s, head, other_head, altitude, squawk, _, moved_s = row(table, 0x4840D6)
    assert (time_s, head, other_head, altitude, squawk) == (7.0, -1, -1, -1, -1)
    assert moved_s < -1e8


def test_an_address_added_again_keeps_what_is_known_of_it() -> None:
    table = BelievedAddresses()
    mark(table, 0x4840D6)
    table.add(0x4840D6, 99.0)
    assert len(table) == 1
    assert row(table, 0x4840D6) == (99.0, *marked(0x4840D6)[1:])


def test_rows_do_not_name_who_has_expired() -> None:
    table = BelievedAddresses()
    for icao, now_s in ((1, 0.0), (2, 100.0), (3, 130.0)):
        table.add(icao, now_s)
    assert table.rows().many[0] == 3
    table.expire(LIFETIME_S + 5.0)
    belief = table.rows()
    assert belief.many[0] == 2
    assert sorted(belief.icao[belief.active[:2]].tolist()) == [2, 3]
    assert kernel.find(table.icao, 1) == -1


def test_what_is_known_stays_with_its_address_when_others_expire() -> None:
    table = BelievedAddresses()
    icaos = np.unique(np.random.default_rng(3).integers(1, 1 << 24, 2000)).tolist()
    for icao in icaos:
        mark(table, icao)
    for icao in icaos:
        assert row(table, icao) == marked(icao)
    now_s = 900e-4 * 1e4 + LIFETIME_S  # who was heard before 900 s goes
    table.expire(now_s)
    kept = [icao for icao in icaos if abs(now_s - icao * 1e-4) <= LIFETIME_S]
    assert 100 < len(kept) < 1900
    assert len(table) == len(kept)
    for icao in kept:
        assert row(table, icao) == marked(icao)
    assert table.rows().many[0] == len(kept)


def test_of_a_flood_the_latest_stay_whole() -> None:
    table = BelievedAddresses()
    for icao in range(1, MOST + 500):
        mark(table, icao)
    assert len(table) == MOST + 499
    table.expire(0.4)
    assert 0 < len(table) <= MOST
    for icao in range(MOST + 499 - len(table) + 1, MOST + 500):
        assert row(table, icao) == marked(icao)
    assert kernel.find(table.icao, 1) == -1


def test_a_free_slot_that_is_used_again_has_forgotten_the_other() -> None:
    table = BelievedAddresses()
    mark(table, 5000)
    slot = kernel.find(table.icao, 5000)
    table.expire(1e6)
    assert len(table) == 0
    other = next(icao for icao in range(1, 1 << 20) if icao != 5000 and (icao * 2654435761) >> 8 & 8191 == slot)
    table.add(other, 3.0)
    assert kernel.find(table.icao, other) == slot
    assert row(table, other) == (3.0, -1, -1, -1, -1, 3.0, -1e9)
