"""Prometheus text: every line as the format wants it, names as Prometheus wants them, numbers as they are."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from receiver.process_numbers import process_numbers
from receiver.sinks import Air
from receiver.views.metrics import prometheus_text
from receiver.views.metrics_of_outputs import _BY_KEY, _BY_PORT
from tests.receiver.skies import AirTaker, fly
from tests.receiver.views.test_aircraft_json import statistics
from tests.recordings import KINDS, frames_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"
SAMPLE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? '
    r"(?P<value>-?[0-9.]+(?:e[-+]?[0-9]+)?)\Z"
)


def parse(text: str) -> dict[str, dict[str, float]]:
    """Values by metric and labels; fails on whatever the format does not allow."""
    assert text.endswith("\n")
    found: dict[str, dict[str, float]] = {}
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split()[2]
            assert name not in kinds, "a metric in two places"
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            kinds[name] = kind
            found[name] = {}
        else:
            sample = SAMPLE.match(line)
            assert sample, line
            name, labels = sample["name"], sample["labels"] or ""
            assert name in kinds, "samples follow their type"
            assert labels not in found[name], "the same twice"
            assert name.startswith(("squitter_", "process_"))
            assert name.endswith("_total") == (kinds[name] == "counter"), name
            found[name][labels] = float(sample["value"])
    return found


def last_air(kind: str, folder: Path) -> Air:
    taker = AirTaker()
    fly(frames_of(kind, folder), [taker])
    return taker.airs[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_recording_gives_metrics_that_agree_with_the_air(kind: str, tmp_path: Path) -> None:
    air = last_air(kind, tmp_path)
    told = parse(prometheus_text(air, version="1.2"))
    assert told["squitter_build_info"] == {'version="1.2"': 1}
    assert told["squitter_messages_total"][""] == air.statistics["messages"]
    assert told["squitter_aircraft"][""] == len(air.sightings) == sum(told["squitter_aircraft_by_type"].values())
    assert sum(told["squitter_messages_decoded_total"].values()) == sum(air.statistics["by_df"].values())
    assert sum(told["squitter_position_reports_total"].values()) == sum(air.statistics["positions"].values())
    assert told["squitter_aircraft_with_callsign"][""] > 0
    assert -60 < told["squitter_aircraft_rssi_dbfs"][""] < 0


def test_units_are_base_units_and_unknown_is_left_out() -> None:
    told = parse(prometheus_text(statistics(100)))
    assert told["squitter_distance_max_meters"][""] == 185_200
    assert told["squitter_samples_processed_total"][""] == 240_000_000
    assert told["squitter_noise_dbfs"][""] == -42.1
    assert told["squitter_receiver_up"] == {"": 1}
    bare = parse(prometheus_text(Air(0.0, {}, {}, {})))
    assert set(bare) == {
        "squitter_signal_time_seconds",
        "squitter_aircraft_with_callsign",
        "squitter_aircraft_emergency",
    }


def test_outputs_are_told_apart_by_a_label_and_odd_names_are_mended() -> None:
    sinks: dict[str, dict[str, float]] = {
        "mqtt": {"queue": 3, "dropped_total": 7},
        'net"\\\n': {"queue": 5.5, "od-d name": float("nan")},
    }
    told = parse(prometheus_text(Air(0.0, {}, {}, {}), sinks))
    assert told["squitter_output_queue"] == {'output="mqtt"': 3, 'output="net\\"\\\\\\n"': 5.5}
    assert told["squitter_output_messages_dropped_total"] == {'output="mqtt"': 7}
    assert "squitter_output_od_d_name" not in told


def test_ports_of_one_output_share_a_metric_and_differ_in_a_label() -> None:
    told = parse(
        prometheus_text(Air(0.0, {}, {}, {}), {"net": {"beast_clients": 2, "sbs_clients": 1, "sbs_kicked_total": 4}})
    )
    assert told["squitter_output_clients"] == {'output="net",protocol="beast"': 2, 'output="net",protocol="sbs"': 1}
    assert told["squitter_output_slow_clients_disconnected_total"] == {'output="net",protocol="sbs"': 4}


def test_what_comes_in_from_other_receivers_is_counted_with_the_copies_among_it() -> None:
    told = parse(prometheus_text(Air(0.0, {}, {}, {"inputs": {"bytes": 2400, "copies": 3}})))
    assert told["squitter_input_bytes_total"] == {"": 2400}
    assert told["squitter_input_copies_total"] == {"": 3}
    assert "squitter_input_bytes_total" not in parse(prometheus_text(Air(0.0, {}, {}, {})))


def test_known_values_of_labels_are_reported_from_the_first_scrape() -> None:
    told = parse(
        prometheus_text(Air(0.0, {}, {}, {"by_df": {"17": 5}, "rejected": {}, "positions": {}, "address_types": {}}))
    )
    assert told["squitter_messages_decoded_total"]['df="17"'] == 5
    assert told["squitter_messages_decoded_total"]['df="11"'] == 0
    assert told["squitter_messages_rejected_total"]['reason="parity"'] == 0
    assert told["squitter_position_reports_total"]['outcome="quarantined"'] == 0
    assert told["squitter_messages_by_type_total"]['type="mlat"'] == 0


def test_no_label_changes_with_the_state() -> None:
    for state, up in (("open", 1), ("waiting", 0), ("gone", 0)):
        told = parse(prometheus_text(Air(0.0, {}, {}, {"receiver_state": state})))
        assert told["squitter_receiver_up"] == {"": up}


def test_the_process_is_measured_under_the_usual_names() -> None:
    told = parse(prometheus_text(Air(0.0, {}, {}, {}), process=process_numbers()))
    assert 1e6 < told["process_resident_memory_bytes"][""] < told["process_virtual_memory_bytes"][""]
    assert told["process_cpu_seconds_total"][""] > 0
    assert told["process_open_fds"][""] > 2
    assert 0 <= time.time() - told["process_start_time_seconds"][""] < 86_400


def test_each_metric_of_an_output_has_its_own_help() -> None:
    """What all outputs of a running service report is in the table; no two metrics share a help text."""
    helps: dict[str, str] = {}
    for metric in {**_BY_KEY, **_BY_PORT}.values():
        assert helps.setdefault(metric.said, metric.name) == metric.name
        assert metric.said.endswith(".")


def test_large_counters_are_told_exactly() -> None:
    air = Air(0.0, {}, {}, {"samples_processed": 9_007_199_254_740_991})
    assert "squitter_samples_processed_total 9007199254740991\n" in prometheus_text(air)


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_is_documented(kind: str, tmp_path: Path) -> None:
    document = DOCUMENT.read_text()
    for air in (statistics(100), last_air(kind, tmp_path)):
        for name in parse(prometheus_text(air, process=process_numbers(), version="1")):
            assert f"`{name}`" in document
    for metric in {**_BY_KEY, **_BY_PORT}.values():
        assert f"`squitter_output_{metric.name}`" in document
