"""The dashboard: sound as Grafana's model wants it, and about metrics that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema

from receiver.broker.client import Address
from receiver.outbox import Outbox
from receiver.sinks.mqtt.publisher import Publisher
from receiver.views.aircraft_object import aircraft_object
from receiver.views.metrics import prometheus_text
from receiver.views.outlets import Air
from tests.receiver.watch.air import sighting

DASHBOARD = Path(__file__).parents[2] / "examples/grafana/squitter.json"
# The parts of Grafana's dashboard model that an import needs.
# Source: Grafana documentation, "Dashboard JSON model".
MODEL = {
    "type": "object",
    "required": ["title", "uid", "schemaVersion", "panels", "templating", "time", "__inputs"],
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "uid": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"},
        "id": {"type": "null"},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "panels": {
            "type": "array",
            "minItems": 5,
            "items": {
                "type": "object",
                "required": ["id", "type", "title", "gridPos"],
                "properties": {
                    "id": {"type": "integer"},
                    "type": {"enum": ["row", "stat", "timeseries"]},
                    "gridPos": {
                        "type": "object",
                        "required": ["x", "y", "w", "h"],
                        "additionalProperties": False,
                        "properties": {
                            "x": {"type": "integer", "minimum": 0, "maximum": 23},
                            "y": {"type": "integer", "minimum": 0},
                            "w": {"type": "integer", "minimum": 1, "maximum": 24},
                            "h": {"type": "integer", "minimum": 1},
                        },
                    },
                    "targets": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["expr", "refId", "datasource"],
                            "properties": {
                                "expr": {"type": "string", "minLength": 1},
                                "refId": {"type": "string", "pattern": "^[A-Z]$"},
                                "datasource": {"const": {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}},
                            },
                        },
                    },
                },
                "if": {"properties": {"type": {"const": "row"}}},
                "else": {"required": ["targets", "fieldConfig", "datasource", "options"]},
            },
        },
    },
}


def dashboard() -> dict[str, Any]:
    return json.loads(DASHBOARD.read_text())  # type: ignore[no-any-return]


def metrics() -> set[str]:
    """Every metric there can be."""
    one = sighting("ae4bd7", 100.0, callsign="TROY701", latitude_deg=19.4, longitude_deg=-99.1, nac_p=9)
    numbers = (
        "uptime_s messages aircraft aircraft_with_position aircraft_seen max_distance_nmi samples_processed "
        "samples_dropped samples_lost clipped_samples restarts candidates strong signal_dbfs noise_dbfs gain_db "
        "sample_rate_hz load_share"
    )
    statistics: dict[str, Any] = dict.fromkeys(numbers.split(), 1)
    statistics |= {key: {"a": 1} for key in ("by_df", "address_types", "rejected", "accepted", "refused", "positions")}
    statistics["receiver_state"] = "open"
    address = Address("127.0.0.1", 1, "test", None, None, None, "tcp", "")
    publisher = Publisher(address, "auto", "status", Outbox().box("mqtt"))
    air = Air(100.0, {"ae4bd7": one}, {"ae4bd7": aircraft_object(one, 100.0)}, statistics)
    return set(re.findall(r"^(squitter_\w+)", prometheus_text(air, {"mqtt": publisher.statistics()}), re.M))


def test_the_dashboard_is_as_grafana_wants_it() -> None:
    board = dashboard()
    jsonschema.Draft202012Validator(MODEL).validate(board)
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    for panel in board["panels"]:
        assert len({target["refId"] for target in panel.get("targets", ())}) == len(panel.get("targets", ()))


def test_no_two_panels_overlap_and_none_is_wider_than_the_page() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


def test_every_query_asks_for_metrics_that_exist_of_the_chosen_station() -> None:
    known = metrics()
    asked = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]
    assert len(asked) > 20
    for expression in asked:
        names = re.findall(r"squitter_\w+", expression)
        assert names, expression
        assert set(names) <= known, expression
        assert expression.count("$station") == len(names), expression
        assert expression.count("(") == expression.count(")")
        # a counter is of no use but as a rate
        assert all(("rate(" in expression or "increase(" in expression) == name.endswith("_total") for name in names)
