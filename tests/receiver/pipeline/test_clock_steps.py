"""The clock is set while aircraft fly: nothing happens but that times are other ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.rules import RuleSet
from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.hub import Hub
from receiver.sources.scene.scene import open_scene
from receiver.tracking import Station, Tracker
from receiver.watch import Alert, Watch
from receiver.wire.frame import Frame
from tests.receiver.pipeline.listening_sink import ListeningSink

RECEPTION = Reception("scene")
RULES = RuleSet.model_validate(
    {
        "rule": [
            {"name": "orbit", "when": {"pattern": ["orbit"]}, "linger_s": 60},
            {"name": "drone", "when": {"address": ["ae4bd8"]}, "hold_s": 20},
            {"name": "new", "when": {"first_seen": True}},
        ]
    }
)
START = 1_900_000_000.0


@pytest.fixture(scope="module")
def pieces() -> list[list[Frame]]:
    """Half an hour: a drone that orbits, airliners that come and go."""
    scene = open_scene("valle-de-bravo")
    shift_s = START - scene.start_utc_s
    return [
        [replace(frame, time_s=frame.time_s + shift_s) for frame in frames]
        for frames in scene.frames(15_000.0, 16_800.0, keep=0.03)
    ]


def play(pieces: list[list[Frame]], steps: dict[int, float]) -> tuple[list[Any], ListeningSink]:
    """What is told, with moments as they would have been without the steps (by piece)."""
    alerts: list[Alert] = []
    sink = ListeningSink()
    moved_s = 0.0
    told: list[Any] = []
    hub = Hub(Tracker(Station(19.19, -100.13)), Watch(RULES.rule), sinks=[sink], on_alert=alerts.append)
    for k, frames in enumerate(pieces):
        step_s = steps.get(k, 0.0)
        moved_s += step_s
        heard = [replace(frame, time_s=frame.time_s + moved_s) for frame in frames]
        hub.hear(Heard(heard, START + 15_000.0 + k + 1.0 + moved_s, RECEPTION, clock_step_s=step_s))
        told += [
            (alert.rule, alert.state, alert.icao, k, alert.pattern and alert.pattern.kind, len(alert.trail))
            for alert in alerts
        ]
        alerts.clear()
    return told, sink


@pytest.mark.parametrize("step_s", [-172_800.0, 56 * 31_536_000.0, 33.0])
def test_nothing_leaves_and_the_same_alerts_come(pieces: list[list[Frame]], step_s: float) -> None:
    plain, one = play(pieces, {})
    stepped, other = play(pieces, {900: step_s})
    assert ("orbit", "raised") in {(rule, state) for rule, state, *_ in plain}
    assert one.gone
    # rules are looked at on a beat of the clock, which is another one afterwards: updates come at other moments
    matters, same = (
        sorted((rule, icao, state, k) for rule, state, icao, k, *_ in lines if state != "updated")
        for lines in (plain, stepped)
    )
    assert [line[:3] for line in same] == [line[:3] for line in matters]
    assert all(abs(a[3] - b[3]) <= 10 for a, b in zip(matters, same, strict=True))
    assert other.gone == one.gone
    assert len(other.airs) == pytest.approx(len(one.airs), abs=1)
    last, before = other.airs[-1], one.airs[-1]
    assert last.now == pytest.approx(before.now + step_s, abs=1.0)
    assert last.objects.keys() == before.objects.keys()
    for icao, found in last.objects.items():
        assert found.get("lat") == before.objects[icao].get("lat")
        assert found["seen"] == pytest.approx(before.objects[icao]["seen"], abs=1.0)
    assert last.statistics["messages_per_s"] == pytest.approx(before.statistics["messages_per_s"], rel=0.2)
    assert "the clock was set by" in last.statistics["notes"][0]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(),  # beside the source
            st.floats(-40.0, 40.0),  # late by, or early
        ),
        min_size=1,
        max_size=200,
    )
)
def test_the_second_goes_forward_once_a_second_whatever_comes_late(inputs: list[tuple[bool, float]]) -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(), sinks=[sink])
    now = START
    frame = bytes.fromhex("8D4840D6202CC371C32CE0576098")
    furthest = now
    for beside, late_s in inputs:
        now += 0.1
        frames = [Frame(frame, now - late_s)]
        if beside:
            for _ in hub.steps_beside(frames, now - late_s):
                pass
        else:
            hub.hear(Heard(frames, now - late_s, RECEPTION))
            furthest = max(furthest, now - late_s)
    times = [air.now for air in sink.airs]
    assert times == sorted(times)
    assert len(times) == len({int(time) for time in times})
    assert hub.now <= furthest or not times
