"""`squitter bench`: what it prints, draws and refuses; the figures themselves are for the slow test."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from dsp.air.modulator import Emissions
from dsp.air.sky import sky
from dsp.demodulator import Demodulator
from dsp.effort import Effort
from dsp.samples import SampleFormat
from receiver.cli import bench_measure, main
from receiver.cli.bench import show
from receiver.cli.bench_measure import (
    Noise,
    Results,
    Speed,
    Stage,
    Sweep,
    compare,
    crossing,
    modulated,
)
from receiver.cli.bench_plot import COLOURS, plot
from receiver.errors import SquitterError

SWEEP = Sweep(2.4e6, 10, (4.0, 6.0, 8.0), (0.0, 0.5, 1.0), 6.0, 7.6)
RESULTS = Results(
    machine={
        "processor": "Abacus 3",
        "architecture": "wood",
        "cores": "2",
        "python": "3.11",
        "numpy": "2",
        "numba": "0",
        "squitter": "0.1",
    },
    speed=[Speed("lean", 300.0, 0.05, 600, 450, 1)],
    stages=[Stage("demodulate", 0.04)],
    sweeps=[SWEEP, Sweep(6e6, 10, (4.0, 8.0), (0.0, 0.1), None, None)],
    noise=Noise(5.0, 300, 0, 0.03),
)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Stands in for the measuring; notes whether it was to be quick."""
    asked: list[bool] = []

    def measure(quick: bool, tell: object) -> Results:
        asked.append(quick)
        return RESULTS

    monkeypatch.setattr(bench_measure, "measure", measure)
    return asked


def test_json_holds_every_figure(measured: list[bool], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json", "--quick"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert measured == [True]
    assert got["speed"] == [
        {"effort": "lean", "messages_per_s": 300.0, "cpu_share": 0.05, "sent": 600, "found": 450, "false": 1}
    ]
    assert got["sweeps"][0]["half_db"] == 6.0
    assert got["machine"]["processor"] == "Abacus 3"
    assert set(got) == {"machine", "speed", "stages", "sweeps", "noise"}


def test_tables_say_it_for_people() -> None:
    out = io.StringIO()
    show(RESULTS, Console(file=out, width=80))
    text = out.getvalue()
    for words in ("Abacus 3", "600", "450 (75.0%)", "20.0", "6.0 dB", "nowhere", "0 false frames in 5 s"):
        assert words in text


def test_the_plot_is_written_where_it_is_wanted(
    measured: list[bool], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plot.png"
    assert main(["bench", "--plot", str(out)]) == 0
    assert measured == [False]
    with Image.open(out) as image:
        assert image.size == (1120, 720)
    assert out.stat().st_size < 100_000
    assert main(["bench", "--plot", str(tmp_path / "none" / "plot.png")]) == 2
    assert "no such directory" in capsys.readouterr().err


def test_the_plot_shows_each_rate_in_its_colour() -> None:
    with Image.open(io.BytesIO(plot(RESULTS.sweeps, "title"))) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    for name in COLOURS[:2]:
        red, green, blue = (int(name[k : k + 2], 16) for k in (1, 3, 5))
        assert any(abs(r - red) + abs(g - green) + abs(b - blue) < 12 for r, g, b in colours)  # type: ignore[misc]


def test_where_a_curve_rises_through_a_level_is_found_between_its_points() -> None:
    x = np.array([1.0, 2.0, 3.0])
    assert crossing(x, np.array([0.0, 0.25, 0.75]), 0.5) == 2.5
    assert crossing(x, np.array([0.0, 0.1, 0.2]), 0.5) is None
    assert crossing(x, np.array([0.6, 0.7, 0.8]), 0.5) is None


def test_found_and_false_frames_are_told_apart_by_time_and_content() -> None:
    emissions = sky(0.5, 300.0, seed=5, snr_db=(18.0, 26.0))
    blocks = modulated(emissions, 0.5, 2.4e6)
    demodulator = Demodulator(2.4e6, SampleFormat.CU8, effort=Effort.THOROUGH)
    batches = [demodulator.feed(block) for block in blocks] + [demodulator.flush()]
    found, false = compare(emissions, batches, 2.4e6)
    assert np.count_nonzero(found) > 0.6 * len(emissions)
    assert false == 0
    late = Emissions(emissions.start_s + 1e-5, *(getattr(emissions, n) for n in Emissions.__slots__[1:]))
    nothing, all_false = compare(late, batches, 2.4e6)
    assert not nothing.any()
    assert all_false == sum(len(batch) for batch in batches)


def test_a_demodulator_that_finds_too_little_is_an_error_and_no_result() -> None:
    emissions = sky(0.3, 300.0)
    silence = modulated(Emissions.of([], []), 0.3, 2.4e6)
    with pytest.raises(SquitterError, match="found 0 of 90 frames of a known signal, expected at least 40%"):
        bench_measure._speed(Effort.LEAN, 300.0, emissions, silence, 0.3)


def test_standing_in_for_kernels_counts_their_time_and_goes_away_again() -> None:
    blocks = modulated(sky(0.1, 300.0), 0.1, 2.4e6)
    before = dict(vars(bench_measure.dsp.demodulator))
    took_s: dict[str, float] = {}
    with bench_measure._timed(took_s):
        batches, whole_s = bench_measure._heard(blocks, 2.4e6, Effort.LEAN, [])
    assert dict(vars(bench_measure.dsp.demodulator)) == before
    assert len(took_s) >= 4
    assert 0 < sum(took_s.values()) <= whole_s
    assert sum(len(batch) for batch in batches) > 0


@pytest.mark.slow
def test_the_whole_bench_runs_and_its_figures_are_possible(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json", "--quick"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert [row["effort"] for row in got["speed"]] == ["lean", "normal", "thorough"] * 2
    assert all(0 < row["cpu_share"] < 20 for row in got["speed"])
    assert 4.0 < got["sweeps"][0]["half_db"] < 9.0
    assert got["noise"]["false"] <= 1
