"""aircraft.json, receiver.json and stats.json: every key, its type, its unit, and when it is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dsp.demodulator import DemodulatorStatistics
from receiver.decode.decoder import DecoderStatistics
from receiver.decode.message import AddressType
from receiver.pipeline.heard import Reception
from receiver.pipeline.statistics import statistics_payload
from receiver.sinks import Air
from receiver.tracking.statistics import TrackerStatistics
from receiver.views.aircraft_json import HistoryRing, aircraft_json, json_bytes, receiver_json
from receiver.views.aircraft_schema import aircraft_schema
from receiver.views.stats_json import StatsWindows
from tests.receiver.skies import AirTaker, fly, in_order, straight
from tests.recordings import KINDS, frames_of

COUNT, LEVEL = {"type": "integer", "minimum": 0}, {"type": "number", "minimum": -100, "maximum": 10}
LOCAL = {
    "samples_processed": COUNT, "samples_dropped": COUNT, "samples_lost": COUNT, "modeac": COUNT, "modes": COUNT,
    "bad": COUNT, "unknown_icao": COUNT, "accepted": {"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2},
    "strong_signals": COUNT, "signal": LEVEL, "noise": LEVEL, "gain_db": {"type": "number"},
}  # fmt: skip
REMOTE = {name: LOCAL[name] for name in ("modeac", "modes", "bad", "unknown_icao", "accepted")} | dict.fromkeys(
    ("basestation", "bytes_in", "bytes_out"), COUNT
)
CPR = dict.fromkeys(
    ("surface", "airborne", "global_ok", "global_bad", "global_range", "global_speed", "global_skipped", "local_ok",
     "local_aircraft_relative", "local_receiver_relative", "local_skipped", "local_range", "local_speed", "filtered"), COUNT
)  # fmt: skip
CPU = dict.fromkeys(
    ("demod", "reader", "background", "aircraft_json", "globe_json", "binCraft", "trace_json", "heatmap_and_state",
     "api_workers", "api_update", "remove_stale"), COUNT
)  # fmt: skip


def all_of(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


BY_TYPE = all_of({kind.value: COUNT for kind in AddressType})
WINDOW_KEYS = {
    "start": {"type": "number"}, "end": {"type": "number"}, "cpr": all_of(CPR), "cpu": all_of(CPU),
    "tracks": all_of({"all": COUNT, "single_message": COUNT}), "messages": COUNT, "messages_valid": COUNT,
    "position_count_total": COUNT, "position_count_by_type": BY_TYPE, "altitude_suppressed": COUNT,
    "local": {"type": "object", "properties": LOCAL | {"peak_signal": LEVEL}, "additionalProperties": False,
              "required": sorted(set(LOCAL) - {"signal", "noise", "gain_db"})},
    "remote": all_of(REMOTE),
}  # fmt: skip
OPTIONAL = {"max_distance": COUNT}
WINDOW = {
    "type": "object",
    "properties": WINDOW_KEYS | OPTIONAL,
    "required": list(WINDOW_KEYS),
    "additionalProperties": False,
}
WINDOWS = ("latest", "last1min", "last5min", "last15min", "total")
STATS_SCHEMA = {
    "type": "object",
    "properties": {"now": {"type": "number"}, "gain_db": {"type": "number"}, "aircraft_with_pos": COUNT,
                   "aircraft_without_pos": COUNT, "aircraft_count_by_type": BY_TYPE, **dict.fromkeys(WINDOWS, WINDOW)},
    "required": ["now", *WINDOWS],
    "additionalProperties": False,
}  # fmt: skip


def airs_of(kind: str, folder: Path) -> list[Air]:
    taker = AirTaker()
    fly(frames_of(kind, folder), [taker])
    return taker.airs


@pytest.mark.parametrize("kind", KINDS)
def test_each_second_of_a_recording_fits_the_schema(kind: str, tmp_path: Path) -> None:
    airs = airs_of(kind, tmp_path)
    assert len(airs) > 30
    validator = jsonschema.Draft202012Validator(aircraft_schema())
    listed = 0
    for air in airs[::5]:
        told = json.loads(json_bytes(aircraft_json(air)))
        assert list(told) == ["now", "messages", "aircraft"]
        assert told["now"] == pytest.approx(air.now, abs=1e-3)
        assert told["messages"] == air.statistics["messages"]
        for aircraft in told["aircraft"]:
            validator.validate(aircraft)
            assert aircraft["seen"] <= 30 or aircraft["seen_pos"] <= 60 or aircraft["lastPosition"]["seen_pos"] <= 60
        listed = max(listed, len(told["aircraft"]))
    assert listed > 5
    assert told["messages"] > 4000


def test_an_aircraft_goes_from_the_list_after_its_time() -> None:
    taker = AirTaker()
    hub = fly(in_order([straight("ae4bd7", "TROY701", 1e9, 30)]), [taker])
    listed = []
    for later in range(1, 80):
        hub.advance(1e9 + 29 + later)
        listed.append(len(aircraft_json(taker.airs[-1])["aircraft"]))
    assert listed[:58] == [1] * 58
    assert listed[62:] == [0] * len(listed[62:])


def test_receiver_json_says_where_only_when_it_may() -> None:
    assert receiver_json(version="Squitter 1") == {"version": "Squitter 1", "refresh": 1000, "history": 0}
    told = receiver_json(version="Squitter 1", refresh_ms=2000, history=120, location=(19.4, -99.1))
    assert told == {"version": "Squitter 1", "refresh": 2000, "history": 120, "lat": 19.4, "lon": -99.1}


def test_history_files_are_due_in_turn_and_again_after_a_step_back() -> None:
    ring = HistoryRing(3, 30.0)
    assert [ring.due(now) for now in (0.0, 29.0, 30.0, 61.0, 90.0, 91.0, 120.0)] == [0, None, 1, 2, None, 0, None]
    assert ring.valid == 3
    assert ring.due(50.0) == 1
    assert HistoryRing(0).due(1.0) is None


def test_json_holds_no_number_that_json_does_not_know() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"now": float("nan")})


def statistics(second: int, started: float = 1e9, **demodulator: Any) -> Air:
    """The air of a receiver that does everything at a constant pace."""
    tracker = TrackerStatistics(aircraft_seen=second // 10, max_distance_nmi=100.0)
    tracker.messages["adsb_icao"] = 100 * second
    tracker.positions.update({"global": second, "local": 20 * second, "out_of_range": second // 2, "waiting": 3})
    decoder = DecoderStatistics()
    decoder.messages.update({17: 90 * second, 11: 20 * second})
    counted = DemodulatorStatistics(
        samples_processed=2_400_000 * second, samples_lost=10 * second, candidates=11_000 * second,
        unrepaired=400 * second, unbelieved=30 * second, accepted=110 * second, repaired=20 * second,
        beneath=5 * second, strong=2 * second, noise_dbfs=-42.13, signal_dbfs=-18.04, **demodulator,
    )  # fmt: skip
    reception = Reception(
        "rtlsdr", sample_rate_hz=2.4e6, gain_db=36.4, samples_lost=10 * second, samples_dropped=7 * second, load=0.1,
        demodulator=counted,
    )  # fmt: skip
    now = started + second
    return Air(now, {}, {}, statistics_payload(now, started, 100.0, reception, decoder, tracker, 20, 12, {}))


def test_stats_json_has_readsbs_windows_and_keys() -> None:
    windows = StatsWindows()
    for second in range(1, 1500):
        windows.add(statistics(second))
    told = json.loads(json_bytes(windows.object()))
    jsonschema.validate(told, STATS_SCHEMA)
    assert (told["gain_db"], told["aircraft_with_pos"], told["aircraft_without_pos"]) == (36.4, 12, 8)
    for name, length_s in (("last1min", 60), ("last5min", 300), ("last15min", 900), ("total", 1499)):
        window = told[name]
        seconds = window["end"] - window["start"]
        assert seconds == pytest.approx(length_s, abs=10)
        assert window["messages"] == window["messages_valid"] == pytest.approx(100 * seconds)
        local = window["local"]
        assert local["samples_processed"] == pytest.approx(2_400_000 * seconds)
        assert (local["samples_dropped"], local["samples_lost"]) == pytest.approx((7 * seconds, 10 * seconds))
        assert local["accepted"] == pytest.approx([90 * seconds, 20 * seconds])
        assert (local["bad"], local["unknown_icao"]) == pytest.approx((400 * seconds, 30 * seconds))
        assert (local["signal"], local["noise"], local["gain_db"]) == (-18.0, -42.1, 36.4)
        assert window["cpr"]["local_ok"] == pytest.approx(20 * seconds)
        assert window["cpu"]["demod"] == pytest.approx(100 * seconds, abs=100)
        assert window["max_distance"] == 185_200
    assert told["total"]["start"] == 1e9
    assert told["latest"]["end"] - told["latest"]["start"] <= 10
    assert len(windows._marks) < 100, "bounded"


@pytest.mark.parametrize("kind", KINDS)
def test_stats_json_of_frames_from_elsewhere_counts_them_as_remote(kind: str, tmp_path: Path) -> None:
    windows = StatsWindows()
    for air in airs_of(kind, tmp_path):
        windows.add(air)
    told = windows.object()
    jsonschema.validate(told, STATS_SCHEMA)
    total = told["total"]
    assert total["local"]["modes"] == 0
    assert sum(told["aircraft_count_by_type"].values()) > 5
    assert sum(total["position_count_by_type"].values()) == total["position_count_total"]
    assert total["remote"]["modes"] > total["messages"] > 4000
    assert total["position_count_total"] > 500


def test_stats_json_counts_the_bytes_of_the_network() -> None:
    windows = StatsWindows()
    for second in range(1, 100):
        sinks = {
            "network": {"beast_bytes_total": 100.0 * second, "sbs_bytes_total": 20.0 * second, "beast_clients": 1.0}
        }
        counted = {**statistics(second).statistics, "inputs": {"bytes": 1000 * second, "copies": 0}, "sinks": sinks}
        windows.add(replace(statistics(second), statistics=counted))
    told = windows.object()
    jsonschema.validate(told, STATS_SCHEMA)
    window = told["last1min"]
    seconds = window["end"] - window["start"]
    assert window["remote"]["bytes_in"] == pytest.approx(1000 * seconds)
    assert window["remote"]["bytes_out"] == pytest.approx(120 * seconds)


def test_stats_json_survives_a_clock_that_steps_back() -> None:
    windows = StatsWindows()
    for second in (*range(1, 100), *range(20, 60)):
        windows.add(statistics(second))
    jsonschema.validate(windows.object(), STATS_SCHEMA)


def test_stats_json_before_the_first_second_is_empty() -> None:
    assert StatsWindows().object() == {}
