"""Each switch moves what it is called after, and nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dsp.air.effects import ALL, CHARACTER, NONE, SINGLE, TAME, Effects, characters, fading
from dsp.air.signals import INDEPENDENT, STEADY, WALK

MOVES = {
    "carriers": {"carrier_hz"},
    "phase-walk": {"phase_kind", "phase_step_rad"},
    "phase-independent": {"phase_kind"},
    "chirp": {"chirp_hz"},
    "drift": {"drift_hz"},
    "droop": {"droop_db"},
    "edges": {"rise_s", "fall_s"},
    "width": {"width_s"},
    "jitter": {"jitter_s"},
    "echoes": {"echo_db"},
}


def rows(effects: Effects, n: int = 2000, *, mode_ac: bool = False) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    return characters(effects, np.random.default_rng(3), n, mode_ac=mode_ac)


@pytest.mark.parametrize("name", SINGLE)
def test_an_effect_alone_moves_its_own_columns(name: str) -> None:
    off, on = rows(NONE), rows(SINGLE[name])
    moved = {field for field in CHARACTER.names or () if not np.array_equal(off[field], on[field])}
    assert moved == MOVES.get(name, set())


def test_every_effect_can_be_had_alone_and_all_are_in_all() -> None:
    strengths = {"walk_rad", "echo_s", "echo_db", "mode_ac_carrier_hz"}
    for field in dataclasses.fields(Effects):
        if field.name not in strengths:
            alone = [e for e in SINGLE.values() if getattr(e, field.name) != getattr(NONE, field.name)]
            assert alone, field.name
        if field.name not in strengths | {"noise_dbfs"}:
            assert getattr(ALL, field.name) != getattr(NONE, field.name), field.name
    assert ALL.with_(carrier_hz=None) == TAME


def test_transmitters_keep_to_their_bounds_and_fill_them() -> None:
    fleet = rows(ALL.with_(walk_share=0.25, independent_share=0.25))
    for field, low, high in (
        ("carrier_hz", -1e6, 1e6),
        ("chirp_hz", -300e3, 300e3),
        ("drift_hz", -40e3, 40e3),
        ("droop_db", 0.0, 2.0),
        ("rise_s", 50e-9, 150e-9),
        ("fall_s", 50e-9, 150e-9),
        ("width_s", 450e-9, 550e-9),
        ("jitter_s", 0.0, 50e-9),
        ("echo_s", 0.1e-6, 0.8e-6),
    ):
        span = high - low
        assert low - 1e-6 * span <= fleet[field].min() < low + 0.02 * span, field
        assert high - 0.02 * span < fleet[field].max() <= high + 1e-6 * span, field
    assert np.mean(np.abs(fleet["carrier_hz"]) > 350e3) == pytest.approx(0.38, abs=0.04)
    heard_twice = np.isfinite(fleet["echo_db"])
    assert np.mean(heard_twice) == pytest.approx(0.5, abs=1e-3)
    assert -15.0 <= fleet["echo_db"][heard_twice].min() < fleet["echo_db"][heard_twice].max() <= -6.0
    kinds = fleet["phase_kind"]
    assert [np.mean(kinds == k) for k in (STEADY, WALK, INDEPENDENT)] == pytest.approx([0.5, 0.25, 0.25], abs=1e-3)
    steps = fleet["phase_step_rad"][kinds == WALK]
    assert 0.3 <= steps.min() < 0.35
    assert 1.15 < steps.max() <= 1.2
    assert np.all(fleet["phase_step_rad"][kinds != WALK] == 0.0)


def test_mode_ac_transponders_differ() -> None:
    fleet = rows(ALL, mode_ac=True)
    assert 2.9e6 < np.abs(fleet["carrier_hz"]).max() <= 3e6
    assert fleet["width_s"].min() + 1e-12 >= 0.35e-6
    assert fleet["width_s"].max() <= 0.55e-6 + 1e-12
    assert np.mean(fleet["phase_kind"] == INDEPENDENT) == pytest.approx(0.5, abs=1e-3)


def test_one_aircraft_has_its_kind_by_chance_and_keeps_it() -> None:
    effects = NONE.with_(independent_share=0.3)
    kinds = [characters(effects, np.random.default_rng(k), 1)["phase_kind"][0] for k in range(400)]
    assert np.mean(np.array(kinds) == INDEPENDENT) == pytest.approx(0.3, abs=0.08)
    assert kinds[:5] == [characters(effects, np.random.default_rng(k), 1)["phase_kind"][0] for k in range(5)]


def test_fading_has_its_spread_and_swings_slowly() -> None:
    fleet = rows(ALL, 50)
    rng = np.random.default_rng(1)
    who, start_s = rng.integers(0, 50, 50_000), rng.uniform(0, 60, 50_000)
    gain = fading(NONE.with_(fading_db=3.0), fleet, who, start_s, rng.normal(size=50_000))
    assert np.std(gain) == pytest.approx(3.0, rel=0.03)
    assert np.mean(gain) == pytest.approx(0.0, abs=0.1)
    again = fading(NONE.with_(fading_db=3.0), fleet, who, start_s, rng.normal(size=50_000))
    assert np.corrcoef(gain, again)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert not fading(NONE, fleet, who, start_s, rng.normal(size=50_000)).any()
