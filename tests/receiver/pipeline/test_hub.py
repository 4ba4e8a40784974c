"""The middle of the service, without thread, loop or clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.rules import RuleSet
from dsp.demodulator import DemodulatorStatistics
from receiver.pipeline.feeds import frame_feed
from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.hub import Hub
from receiver.sources.dongle.live import ReceiverHealth
from receiver.sources.files.frame_file import FrameFile
from receiver.tracking import Tracker, TrackingLimits
from receiver.watch import Alert, NearPlace, Watch
from receiver.watch.world import NoAtlas
from receiver.wire.frame import Frame
from tests.receiver.pipeline.listening_sink import ListeningSink
from tests.recordings import KINDS, beast_bytes_of

CALLSIGN = bytes.fromhex("8D4840D6202CC371C32CE0576098")  # KLM1023
POSITION = (bytes.fromhex("8D40621D58C382D690C8AC2863A7"), bytes.fromhex("8D40621D58C386435CC412692AD6"))
NETWORK = Reception("frames")


def heard(at: float, *frames: bytes) -> Heard:
    return Heard([Frame(data, at) for data in frames], at, NETWORK)


def test_each_second_that_has_passed_is_told_once_with_what_was_heard_before_it() -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(), sinks=[sink])
    hub.hear(heard(100.2, CALLSIGN))
    hub.hear(heard(100.9, CALLSIGN))
    assert sink.airs == []
    hub.hear(heard(101.1, CALLSIGN))
    assert [air.now for air in sink.airs] == [101.1]
    assert sink.airs[0].statistics["messages"] == 2
    assert sink.airs[0].objects["4840d6"]["flight"] == "KLM1023 "
    assert len(sink.heard) == len(sink.sightings) == 3


def test_the_end_tells_how_things_are_though_no_second_has_passed() -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(), sinks=[sink])
    hub.hear(heard(5.0, *POSITION))
    hub.publish_now()
    (air,) = sink.airs
    assert air.objects["40621d"]["lat"] == pytest.approx(52.2658, abs=1e-3)
    assert air.statistics["aircraft_with_position"] == 1
    assert air.statistics["sinks"] == {"listening": {"heard": 2.0}}


def test_nothing_is_told_when_nothing_was_heard() -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(), sinks=[sink])
    hub.publish_now()
    hub.wind_down()
    assert sink.airs == []


def test_silence_after_the_end_lets_aircraft_go_but_does_not_change_the_last_picture() -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(limits=TrackingLimits(departed_after_s=60.0)), sinks=[sink])
    hub.hear(heard(5.0, *POSITION))
    hub.publish_now()
    hub.wind_down()
    assert sink.gone == ["40621d"]
    assert list(sink.airs[-1].objects) == ["40621d"]
    assert len(hub.tracker) == 0


def test_an_aircraft_leaves_when_the_signals_clock_says_so() -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(limits=TrackingLimits(departed_after_s=30.0)), sinks=[sink])
    hub.hear(heard(5.0, CALLSIGN, CALLSIGN))
    hub.advance(34.0)
    assert sink.gone == []
    hub.advance(36.0)
    assert sink.gone == ["4840d6"]


def test_alerts_come_out_with_the_message_that_raised_them() -> None:
    rules = RuleSet.model_validate({"rule": [{"name": "klm", "when": {"callsign": ["KLM*"]}}]})
    alerts: list[Alert] = []
    hub = Hub(Tracker(), Watch(rules.rule), on_alert=alerts.append)
    hub.hear(heard(5.0, CALLSIGN))
    hub.hear(heard(6.0, CALLSIGN))
    assert [(alert.rule, alert.state, alert.icao) for alert in alerts] == [("klm", "raised", "4840d6")]
    hub.publish_now()
    assert hub.air is not None
    assert hub.air.objects["4840d6"]["squitter"]["watch"] == ["klm"]
    hub.wind_down()
    assert [alert.state for alert in alerts] == ["raised", "ended"]


def test_silence_is_counted_from_the_last_message_or_sample_and_survives_a_step_of_the_clock() -> None:
    sink = ListeningSink()
    hub = Hub(Tracker(), sinks=[sink])
    hub.hear(heard(1.8e9, CALLSIGN))
    hub.hear(heard(1.8e9 + 1.0))
    hub.hear(heard(1.8e9 + 91.0))
    hub.hear(Heard([], 1.9e9 + 92.0, NETWORK, clock_step_s=1e8))
    hub.hear(heard(1.9e9 + 93.0, CALLSIGN))
    counted = DemodulatorStatistics(samples_processed=2_400_000)
    hub.hear(heard(1.9e9 + 94.0))
    hub.hear(heard(1.9e9 + 99.0))
    hub.hear(Heard([], 1.9e9 + 100.0, Reception("rtlsdr", demodulator=counted)))
    assert [air.statistics["silent_s"] for air in sink.airs] == [0.0, 90.0, 91.0, 92.0, 0.0, 5.0, 0.0]


def test_what_came_in_over_the_network_is_counted_of_the_source_and_of_the_ports_beside_it() -> None:
    hub = Hub(Tracker(), sinks=[])
    hub.hear(Heard([], 1.0, NETWORK))
    hub.publish_now()
    assert hub.air is not None
    assert "inputs" not in hub.air.statistics
    hub.beside = ReceiverHealth(bytes_in=500, copies=2)
    hub.hear(Heard([], 2.0, Reception("beast", bytes_in=1000, copies=7)))
    hub.publish_now()
    assert hub.air.statistics["inputs"] == {"bytes": 1500, "copies": 9}


def test_notes_for_the_owner_are_in_the_statistics() -> None:
    hub = Hub(Tracker(), sinks=[])
    hub.hear(Heard([], 1.0, NETWORK, ("gain 38.6 → 40.2 dB: noise floor low",)))
    hub.publish_now()
    assert hub.air is not None
    assert hub.air.statistics["notes"] == ["gain 38.6 → 40.2 dB: noise floor low"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_minute_gives_the_same_output_each_time_however_it_is_cut(kind: str, tmp_path: Path) -> None:
    recording = tmp_path / "minute.beast"
    recording.write_bytes(beast_bytes_of(kind))

    def play(step_s: float) -> ListeningSink:
        sink = ListeningSink()
        hub = Hub(Tracker(), sinks=[sink])
        for piece in frame_feed("frames", FrameFile(str(recording)).frames(), step_s):
            hub.hear(piece)
        hub.publish_now()
        return sink

    one, two, other = play(1.0), play(1.0), play(0.13)
    assert len(one.heard) == {"made": 11_092, "real": 6_977}[kind]
    assert [air.objects for air in one.airs] == [air.objects for air in two.airs]
    assert [s.icao for s in one.sightings] == [s.icao for s in other.sightings]
    assert one.airs[-1].objects == other.airs[-1].objects
    assert len(one.airs) >= 44
    assert len(one.airs[-1].objects) >= 10


def test_pieces_of_frames_are_no_longer_than_asked_for(tmp_path: Path) -> None:
    frames = [Frame(CALLSIGN, at) for at in (0.0, 0.4, 0.9, 1.0, 1.5, 0.2, 0.3)]
    pieces = list(frame_feed("frames", [frames[:3], frames[3:]], 1.0))
    assert [[frame.time_s for frame in piece.frames] for piece in pieces] == [[0.0, 0.4, 0.9], [1.0, 1.5], [0.2, 0.3]]
    assert [piece.now for piece in pieces] == [0.9, 1.5, 0.3]


class OneTown(NoAtlas):
    """Everything lies beside one town."""

    def __init__(self, km: float) -> None:
        self.km = km

    def near(self, latitude_deg: float, longitude_deg: float, language: str) -> NearPlace | None:
        return NearPlace("Valle de Bravo", self.km, 270.0, "Estado de México", "Mexico")


@pytest.mark.parametrize(("km", "place"), [(0.5, "Valle de Bravo"), (2.26, "2.3 km W of Valle de Bravo")])
def test_where_an_aircraft_is_is_told_in_words(km: float, place: str) -> None:
    hub = Hub(Tracker(), atlas=OneTown(km))
    hub.hear(heard(5.0, *POSITION))
    hub.publish_now()
    assert hub.air is not None
    assert hub.air.objects["40621d"]["squitter"]["place"] == place
