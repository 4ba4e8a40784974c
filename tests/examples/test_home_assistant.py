"""The blueprint for Home Assistant: its inputs, and what it reads of an alert."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from receiver.sinks.mqtt.schemas import MODELS

BLUEPRINT = Path(__file__).parents[2] / "examples/home-assistant/squitter_alert.yaml"


def blueprint() -> Any:
    """The blueprint with Home Assistant's `!input` read as the input's name."""
    return yaml.safe_load(re.sub(r"!input (\w+)", r"input:\1", BLUEPRINT.read_text()))


def test_every_input_is_described_and_used() -> None:
    read = blueprint()
    inputs = read["blueprint"]["input"]
    assert set(re.findall(r"!input (\w+)", BLUEPRINT.read_text())) == set(inputs)
    assert all(one["name"] and one["description"] and one["selector"] for one in inputs.values())
    assert read["blueprint"]["domain"] == "automation"


def test_it_reads_only_what_the_alert_event_has() -> None:
    attributes = set(re.findall(r"to_state\.attributes\.(\w+)", BLUEPRINT.read_text()))
    assert {"event_type", "severity", "title", "text"} <= attributes
    assert attributes <= set(MODELS["alert_event"].model_fields)
