"""Airs hold what they promise, and the truth about them is true."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dsp.air.densities import DENSITIES, Density, air, levels_db, sweep
from dsp.air.effects import ALL, NONE, SINGLE
from dsp.air.signals import DME, MODE_AC, MODE_S, WALK
from dsp.air.words import SHARES
from receiver.decode.parity import remainder


@pytest.mark.parametrize("name", DENSITIES)
def test_a_density_has_its_rates(name: str) -> None:
    density = DENSITIES[name]
    signals, truth = air(density, 4.0, 3)
    kinds = Counter(signals["kind"].tolist())
    assert kinds[MODE_S] == len(truth) == 4 * density.mode_s_per_s
    assert kinds[MODE_AC] == pytest.approx(4 * density.mode_ac_per_s, abs=5 * np.sqrt(4 * density.mode_ac_per_s))
    assert kinds[DME] == pytest.approx(400, abs=100)
    assert np.all(np.diff(signals["start_s"]) >= 0)
    assert len(np.unique(truth.icao)) == density.aircraft
    assert (density.mode_s_per_s, density.mode_ac_per_s) == {
        "rural": (100, 300),
        "suburban": (600, 4000),
        "hub": (1500, 15_000),
    }[name]


def test_the_truth_names_the_sender_of_each_frame() -> None:
    signals, truth = air(DENSITIES["suburban"], 5.0, 4)
    codes, interrogators = 0, set()
    for k, frame in enumerate(truth.frames):
        df, left = frame[0] >> 3, remainder(frame)
        if df in (11, 17):
            assert int.from_bytes(frame[1:4], "big") == truth.icao[k]
            assert left < 80
            assert df == 11 or left == 0
            codes += left != 0
            interrogators.add(left)
        else:
            assert left == truth.icao[k]
        assert signals["data"][truth.row[k]][: len(frame)].tobytes() == frame
    calls = sum(frame[0] >> 3 == 11 for frame in truth.frames)
    assert codes == pytest.approx(0.4 * calls, abs=0.1 * calls)
    assert len(interrogators) <= 6
    formats = Counter(frame[0] >> 3 for frame in truth.frames)
    for df, share in SHARES.items():
        assert formats[df] == pytest.approx(3000 * share, abs=5 * np.sqrt(3000 * share))


def test_the_truth_counts_what_lies_on_a_frame() -> None:
    signals, truth = air(Density(2000.0, 9000.0, 20), 0.1, 5)
    length_us = {MODE_S: lambda row: 8.0 + row["n_bits"], MODE_AC: lambda row: 20.3 + 1e6 * row["width_s"]}
    intervals = []
    for row in signals:
        kind = int(row["kind"])
        length = length_us[kind](row) if kind in length_us else row["n_bits"] + 7.0
        if kind == MODE_AC and row["data"][2] & 0x40:
            length += 4.35
        length += 1e6 * row["echo_s"] if np.isfinite(row["echo_db"]) else 0.0
        intervals.append((row["start_s"], row["start_s"] + 1e-6 * length, kind, row["level_dbfs"]))
    for k, row_number in enumerate(truth.row.tolist()):
        begin, end, _, level = intervals[row_number]
        on_top = [x for j, x in enumerate(intervals) if j != row_number and x[0] < end and x[1] > begin]
        assert truth.overlaps[k] == len(on_top)
        assert truth.mode_s_overlaps[k] == sum(x[2] == MODE_S for x in on_top)
        assert truth.mode_ac_overlaps[k] == sum(x[2] == MODE_AC for x in on_top)
        if on_top:
            assert truth.clear_db[k] == pytest.approx(level - max(x[3] for x in on_top), abs=1e-4)
        else:
            assert truth.clear_db[k] == np.inf


@pytest.mark.parametrize("name", ["carriers", "phase-walk", "echoes", "fading", "mode-ac", "dme"])
def test_with_one_effect_more_it_is_otherwise_the_same_air(name: str) -> None:
    density = Density(300.0, 1000.0, 20)
    _, plain = air(density, 2.0, 6, NONE)
    _, other = air(density, 2.0, 6, SINGLE[name])
    assert plain.frames == other.frames
    np.testing.assert_array_equal(plain.start_s, other.start_s)
    same = {
        "carrier_hz": name != "carriers",
        "phase_kind": name != "phase-walk",
        "echo_db": name != "echoes",
        "snr_db": name != "fading",
        "overlaps": name not in ("mode-ac", "dme"),
    }
    for column, is_same in same.items():
        assert np.array_equal(getattr(plain, column), getattr(other, column)) == is_same, column


def test_the_same_seed_gives_the_same_air() -> None:
    one, two, three = (air(DENSITIES["rural"], 2.0, seed, ALL)[0] for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes()
    assert one.tobytes() != three.tobytes()


def test_aircraft_are_spread_evenly_over_the_distance() -> None:
    levels = levels_db(np.random.default_rng(1), 1000, (6.0, 36.0))
    assert levels.min() == pytest.approx(6.0, abs=0.1)
    assert levels.max() == 36.0
    assert np.mean(levels < 12.0) == pytest.approx(0.5, abs=0.01)


def test_a_sweep_has_its_levels_in_order_and_its_columns() -> None:
    levels = np.repeat([4.0, 9.0], 50)
    signals, truth = sweep(levels, carrier_hz=np.linspace(-1e6, 1e6, 100), phase_kind=WALK, phase_step_rad=0.5)
    np.testing.assert_allclose(truth.snr_db, levels, atol=1e-4)
    np.testing.assert_allclose(truth.carrier_hz, np.linspace(-1e6, 1e6, 100), rtol=1e-5)
    assert np.all(truth.phase_kind == WALK)
    assert not truth.overlaps.any()
    assert {frame[0] >> 3 for frame in truth.frames} == {17}
    assert np.diff(signals["start_s"]).min() > 120e-6
