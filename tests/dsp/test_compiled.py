"""Compiled stages do what the same stages do as plain Python, and are found again in the cache."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pytest
from numba import types
from numpy.typing import NDArray

from dsp import compiled, kernel_names
from dsp.compiled import STAGES, numba_type
from dsp.effort import LEVELS, SETTINGS, Effort
from dsp.kernels.memory import Output, Samples, output, scratch
from dsp.kernels.window import demodulate
from dsp.samples import SampleFormat
from dsp.trust import BelievedAddresses
from tests.dsp import scenes
from tests.dsp.plain import kernel as plain


def _frames(which: object, samples: Samples, effort: Effort) -> tuple[Output, np.ndarray]:
    """What one `demodulate` or the other makes of a window."""
    limits = SETTINGS[effort]
    places = scenes.places_of(samples, limits)
    out, counters = output(200), np.zeros(8, np.int64)
    copied = samples._replace(re=samples.re.copy(), im=samples.im.copy(), energy=samples.energy.copy())
    work = scratch(samples.rate, samples.s.shape[1])
    table = BelievedAddresses()
    rows, _ = which(  # type: ignore[operator]
        copied,
        places,
        np.zeros(0, np.int64),
        limits,
        table.rows(),
        work,
        out,
        0,
        2 * (samples.re.shape[0] - 200),
        0,
        counters,
    )
    assert rows == counters[7]
    return out, counters


@pytest.mark.parametrize("effort", LEVELS)
def test_compiled_stages_find_what_plain_python_finds(effort: Effort) -> None:
    rng = np.random.default_rng(2)
    start_s = 0.2e-3 + np.arange(14) * 0.11e-3  # some overlap
    frames = [*scenes.squitters(8), *[scenes.all_call()] * 3, *scenes.squitters(3, 5)]
    iq = scenes.stream(
        frames, start_s, 2.4e6, SampleFormat.CF32, level_dbfs=rng.uniform(-29, -8, 14),
        carrier_offset_hz=rng.normal(0, 1e5, 14),
    )  # fmt: skip
    samples = scenes.window(iq.astype(np.float32), 2.4)
    out, counters = _frames(demodulate, samples, effort)
    twin, twin_counters = _frames(plain.demodulate, samples, effort)
    found = counters[7]
    assert found >= 5
    assert counters.tolist() == twin_counters.tolist()
    np.testing.assert_array_equal(out.data[:found], twin.data[:found])
    np.testing.assert_array_equal(out.flips[:found], twin.flips[:found])
    np.testing.assert_allclose(out.start[:found], twin.start[:found], atol=0.15)
    np.testing.assert_allclose(out.signal[:found], twin.signal[:found], atol=1e-2)
    np.testing.assert_allclose(out.turn[:found], twin.turn[:found], atol=1e-3)


class Pair(NamedTuple):
    floats: Annotated[NDArray[np.float32], 2]
    number: int


def test_annotations_name_numbas_types() -> None:
    assert numba_type(int) == types.int64
    assert numba_type(np.float32) == types.float32
    assert numba_type(Annotated[NDArray[np.uint8], 1]) == types.Array(types.uint8, 1, "C")
    pair = numba_type(Pair)
    assert isinstance(pair, types.NamedTuple)
    assert pair.types == (types.Array(types.float32, 2, "C"), types.int64)
    assert numba_type(tuple[int, float]) == types.Tuple((types.int64, types.float64))


def test_no_two_stages_have_one_symbol() -> None:
    assert len({stage.symbol for stage in STAGES}) == len(STAGES) > 30


def test_a_stage_is_compiled_once_and_then_found_by_another_process(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(compiled.__file__).parents[1])!r})\n"
        "from dsp.compiled import STAGES, stage\n"
        "@stage()\n"
        "def twice(x: int) -> int:\n"
        "    return 2 * x\n"
        "@stage(entry=True)\n"
        "def call(x: int) -> int:\n"
        "    return twice(x) + 1\n"
        "print(call(20), [sum(one.dispatcher.stats.cache_misses.values()) for one in STAGES])\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "work.py"], cwd=tmp_path, env={"NUMBA_CACHE_DIR": str(tmp_path / "cache")}, text=True,
            capture_output=True, check=True, timeout=120,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert said == ["41 [1, 1]", "41 [0, 0]"]
    (folder,) = (tmp_path / "cache").iterdir()
    assert folder.name.startswith(kernel_names.source_hash())
