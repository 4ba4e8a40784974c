"""Every key of a scenario file is explained in docs/scenes.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from config.scenario import Crowd, Event, Flight, Leg, Radio, Route, Scenario, ScenarioStation
from config.scenario_air import RealAir
from config.scenario_stations import Arrivals, Hostile, Pressure, SceneStation

TEXT = (Path(__file__).parents[2] / "docs" / "scenes.md").read_text()


MODELS = [
    Scenario, ScenarioStation, Radio, RealAir, Route, Flight, Leg, Event, Crowd, SceneStation, Hostile, Pressure, Arrivals,
]  # fmt: skip
LISTS = ("relay", "stations", "aircraft", "crowd")


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    named = {"station", "radio", "air", "routes", "pressure", "arrivals", *LISTS}
    missing = [
        name for name in model.model_fields if name not in named and f"`{name}`" not in TEXT and f"{name} =" not in TEXT
    ]
    assert missing == []
    assert all(f"{'[[' if name in LISTS else '['}{name}" in TEXT for name in named)
