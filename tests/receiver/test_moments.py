from __future__ import annotations

import math
from array import array
from collections import deque
from typing import Any

from receiver.moments import move_moments
from receiver.tracking.position import Fix
from receiver.tracking.sighting import Value
from receiver.watch.trail import Trail

NOW = 1_900_000_000.0


class Holder:
    """Anything that remembers."""

    __module__ = "receiver.tracking.of_a_test"

    def __init__(self, **held: Any) -> None:
        self.__dict__.update(held)


def test_moments_move_and_everything_else_stays() -> None:
    holder = Holder(
        at=NOW, duration_s=3600.0, altitude_ft=38_000, address=1_900_000_000, never=math.inf, unset=-1e18, none=None,
        fix=Fix(52.0, 4.0, NOW, False), by_name={"a": NOW}, by_time={NOW: "x"}, order=deque([(NOW, 1)], 5),
        packed=array("d", (NOW, 52.0)), seen={NOW},
    )  # fmt: skip
    holder.myself = holder
    move_moments(100.0, holder)
    later = NOW + 100.0
    assert (holder.at, holder.duration_s, holder.altitude_ft, holder.address) == (later, 3600.0, 38_000, 1_900_000_000)
    assert (holder.never, holder.unset, holder.none) == (math.inf, -1e18, None)
    assert holder.fix == Fix(52.0, 4.0, later, False)
    assert (holder.by_name, holder.by_time, holder.order) == ({"a": later}, {later: "x"}, deque([(later, 1)]))
    assert (list(holder.packed), holder.seen) == ([later, 52.0], {later})


def test_what_two_share_they_share_afterwards() -> None:
    value: Value[str] = Value("KLM1023", NOW, None, "0,8")  # type: ignore[arg-type]
    one, two = Holder(values=[value]), Holder(newest=value)
    move_moments(-50.0, one, two)
    assert one.values[0] is two.newest
    assert two.newest.time_s == NOW - 50.0


def test_what_another_run_has_left_stays() -> None:
    holder = Holder(ours=NOW, theirs=NOW - 86_400.0, theirs_too=NOW + 86_400.0)
    move_moments(3600.0, holder, since=NOW - 60.0, until=NOW + 60.0)
    assert (holder.ours, holder.theirs, holder.theirs_too) == (NOW + 3600.0, NOW - 86_400.0, NOW + 86_400.0)


def test_a_trail_moves() -> None:
    trail = Trail()
    trail.add(NOW, 52.0, 4.0, 38_000.0, None)
    move_moments(10.0, trail)
    assert [point.time_s for point in trail] == [NOW + 10.0]
