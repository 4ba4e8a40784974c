"""Prometheus text: every line as the format wants it, names as Prometheus wants them, numbers as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from receiver.sinks import Air
from receiver.views.metrics import prometheus_text
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
            assert name.startswith("squitter_")
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
    assert sum(told["squitter_decoded_total"].values()) == sum(air.statistics["by_df"].values())
    assert sum(told["squitter_positions_total"].values()) == sum(air.statistics["positions"].values())
    assert told["squitter_aircraft_with_callsign"][""] > 0
    assert -60 < told["squitter_aircraft_rssi_dbfs"][""] < 0


def test_units_are_base_units_and_unknown_is_left_out() -> None:
    told = parse(prometheus_text(statistics(100)))
    assert told["squitter_distance_max_meters"][""] == 185_200
    assert told["squitter_samples_processed_total"][""] == 240_000_000
    assert told["squitter_noise_dbfs"][""] == -42.1
    assert told["squitter_receiver_up"] == {'state="open"': 1}
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
    assert told["squitter_output_dropped_total"] == {'output="mqtt"': 7}
    assert "squitter_output_od_d_name" not in told


def test_large_counters_are_told_exactly() -> None:
    air = Air(0.0, {}, {}, {"samples_processed": 9_007_199_254_740_991})
    assert "squitter_samples_processed_total 9007199254740991\n" in prometheus_text(air)


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_is_documented(kind: str, tmp_path: Path) -> None:
    document = DOCUMENT.read_text()
    for air in (statistics(100), last_air(kind, tmp_path)):
        for name in parse(prometheus_text(air, version="1")):
            assert f"`{name}`" in document
