"""Records: what readers may rely on."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from receiver.moments import move_moments
from receiver.record import record
from receiver.tracking.aircraft import Doubt
from receiver.tracking.sighting import Slot
from receiver.wire.frame import Frame


@record
class Sound:
    name: str
    time_s: float = 0.0


@record
class Chord(Sound):
    notes: tuple[Sound, ...] = ()


def test_records_are_equal_and_hashed_by_their_fields() -> None:
    assert Sound("a", 1.0) == Sound(time_s=1.0, name="a") != Sound("a", 2.0)
    assert len({Sound("a"), Sound("a"), Chord("a")}) == 2
    assert repr(Chord("c")) == "Chord(name='c', time_s=0.0, notes=())"


@pytest.mark.parametrize("one", [Sound("a"), Chord("c", 1.0, (Sound("e"),))])
def test_a_record_does_not_change_and_takes_no_other_attributes(one: Sound) -> None:
    for name in ("name", "more"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(one, name, "b")
    with pytest.raises(AttributeError):
        del one.time_s  # type: ignore[misc]
    assert not hasattr(one, "__dict__")


def test_a_record_can_be_replaced_copied_and_sent_to_another_process() -> None:
    one = Chord("c", 1.0, (Sound("e"),))
    assert dataclasses.replace(one, time_s=2.0) == Chord("c", 2.0, (Sound("e"),))
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert type(copy.copy(one)) is Chord


def test_a_record_without_one_of_its_fields_is_none() -> None:
    with pytest.raises(TypeError, match="name"):
        Sound()  # type: ignore[call-arg]


def test_what_a_record_cannot_hold_is_refused_where_it_is_written() -> None:
    class Listed:
        names: list[str] = dataclasses.field(default_factory=list)

    with pytest.raises(TypeError, match="default factory"):
        record(Listed)


def test_a_step_of_the_clock_makes_records_anew_and_changes_none_in_place() -> None:
    doubt = Doubt(Slot.SQUAWK, "7700", Frame(b"\x28", 1.7e9))
    held: list[Any] = [doubt]
    move_moments(100.0, held)
    assert doubt.frame.time_s == 1.7e9, "whoever holds the old one keeps it as it was"
    assert held[0].frame.time_s == 1.7e9 + 100.0
