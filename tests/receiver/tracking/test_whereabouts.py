"""Whether the station is where the settings say."""

from __future__ import annotations

import pytest

from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.hub import Hub
from receiver.tracking import Station, Tracker
from receiver.tracking.whereabouts import Whereabouts
from tests.receiver.skies import in_order, straight

HERE = (34.0, -118.0)


def heard_around(latitude: float, longitude: float, count: int = 40) -> Whereabouts:
    found = Whereabouts()
    for k in range(count):
        found.note(latitude + k % 5 * 0.4 - 0.8, longitude + k % 7 * 0.4 - 1.2, in_range=False)
    return found


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ((34.0, 118.0), "sign of station.longitude"),
        ((-34.0, -118.0), "sign of station.latitude"),
        ((-34.0, 118.0), "signs of station.latitude and station.longitude"),
        ((48.0, 11.0), "is station.latitude and station.longitude right"),
    ],
)
def test_the_mistake_is_named(settings: tuple[float, float], told: str) -> None:
    hint = heard_around(*HERE).hint(Station(*settings), 360.0)
    assert hint is not None
    assert told in hint


def test_two_numbers_in_each_others_place() -> None:
    hint = heard_around(48.0, 11.0).hint(Station(11.0, 48.0), 360.0)
    assert hint is not None
    assert "in each other" in hint


def test_across_the_date_line() -> None:
    hint = heard_around(-17.0, 179.5).hint(Station(17.0, 179.9), 360.0)
    assert hint is not None
    assert "sign of station.latitude" in hint


def test_nothing_is_said_without_reason() -> None:
    assert heard_around(*HERE).hint(None, 360.0) is None
    assert heard_around(*HERE, count=5).hint(Station(34.0, 118.0), 360.0) is None
    scattered = Whereabouts()
    for k in range(60):
        scattered.note(-60.0 + 2 * k, -170.0 + 5.5 * k, in_range=False)
    assert scattered.hint(Station(34.0, 118.0), 360.0) is None, "damaged positions do not agree with each other"
    mostly = heard_around(*HERE)
    for _ in range(10):
        mostly.note(34.0, 118.0, in_range=True)
    assert mostly.hint(Station(34.0, 118.0), 360.0) is None


def test_the_service_says_it_once() -> None:
    frames = in_order([straight("ae4bd7", "TROY701", 1e9, 60)])
    hub = Hub(Tracker(Station(19.0, 100.0)))
    hub.hear(Heard(frames, frames[-1].time_s, Reception("frames")))
    assert hub.air is not None
    assert [note for note in hub.notes if "sign of station.longitude" in note] == list(hub.notes)
    assert len(hub.notes) == 1
