"""Addresses heard once, and interrogators."""

from __future__ import annotations

from receiver.tracking.belief import Acquaintances
from receiver.wire.frame import Frame


def heard(known: Acquaintances, icao: str, now: float) -> bool:
    return known.heard_twice(icao, Frame(b"\x5d" + bytes(6), now))


def test_the_second_time_within_a_minute_counts_and_is_then_forgotten() -> None:
    known = Acquaintances(10)
    assert [heard(known, "a", now) for now in (0, 60, 61, 122)] == [False, True, False, False]
    assert [heard(known, "b", now) for now in (0, 0.0, 0.09, 0.101, 0.102)] == [False, False, False, True, False], (
        "a copy is not a second time"
    )
    assert heard(known, "a", 121) is False, "a step back of the clock"


def test_expiry_forgets_those_of_more_than_a_minute_ago_and_only_those() -> None:
    known = Acquaintances(10)
    for now, icao in enumerate("abc"):
        heard(known, icao, now)
    known.expire(2)
    assert len(known) == 3
    known.expire(61)
    assert len(known) == 2
    assert heard(known, "b", 61)
    known.expire(2)
    assert len(known) == 1, "heard just now"
    known.expire(1)
    assert len(known) == 0, "after a step back of the clock nothing would ever grow old"


def test_past_the_limit_the_oldest_is_forgotten() -> None:
    known = Acquaintances(3)
    for now, icao in enumerate("abcd"):
        heard(known, icao, now)
    assert len(known) == 3
    assert not heard(known, "a", 4)
    assert heard(known, "d", 5)


def test_an_interrogator_is_known_for_ten_minutes_and_nobody_always() -> None:
    known = Acquaintances(3)
    assert known.knows_interrogator(0, 0)
    assert not known.knows_interrogator(5, 0)
    known.note_interrogator(5, 0)
    assert [known.knows_interrogator(5, now) for now in (0, 600, 601)] == [True, True, False]
