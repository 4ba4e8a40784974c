"""After the warm-up nothing is left to compile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from dsp import warm_up as module
from dsp.air.modulator import Modulator, Receiver
from dsp.demodulator import Demodulator
from dsp.effort import LEVELS
from dsp.samples import SampleBlock, SampleFormat
from dsp.warm_up import kernels, warm_up, warm_up_everything


def test_after_the_warm_up_no_format_rate_or_effort_needs_another_version_of_a_kernel() -> None:
    told: list[str] = []
    before = {kernel.name: kernel.signatures for kernel in warm_up_everything(lambda what, took_s: told.append(what))}
    assert len(told) == 7
    assert {name.rsplit(".", 1)[0] for name in before} >= {"dsp.kernels.hear", "dsp.front_end", "dsp.decimate"}
    rng = np.random.default_rng(8)
    emissions = module._emissions()
    for rate_hz, sample_format, effort in zip(
        (2.0e6, 3.2e6, 8.0e6, 12.0e6), SampleFormat, (*LEVELS, LEVELS[0]), strict=True
    ):
        iq = Modulator(rate_hz, sample_format, Receiver(-28.0, dc_i=0.01)).block(emissions, 0, 200_000)
        demodulator = Demodulator(rate_hz, sample_format, effort=effort)
        cut = 2 * int(rng.integers(1, 100_000))
        demodulator.feed(SampleBlock(iq[:cut], 0))
        demodulator.feed(SampleBlock(iq[cut:], cut // 2))
        demodulator.flush()
    assert {kernel.name: kernel.signatures for kernel in kernels()} == before


def test_a_rate_beyond_what_the_modulator_makes_is_warmed_up_too() -> None:
    assert warm_up(40e6, SampleFormat.CU8) > 0
    before = {kernel.name: kernel.signatures for kernel in kernels()}
    demodulator = Demodulator(40e6, SampleFormat.CU8)
    demodulator.feed(SampleBlock(np.full(400_000, 127, np.uint8), 0))
    demodulator.flush()
    assert {kernel.name: kernel.signatures for kernel in kernels()} == before


def test_only_a_warm_up_that_compiles_says_so(tmp_path: Path) -> None:
    said = [
        subprocess.run(
            [
                sys.executable, "-c",
                "from dsp.warm_up import kernels, warm_up\n"
                "said = []\n"
                "warm_up(on_slow=lambda: said.append(len(kernels())))\n"
                "print(said, sum(kernel.compiled for kernel in kernels()) > 0)",
            ],
            env={"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(module.__file__).parents[1])},
            text=True, capture_output=True, check=True, timeout=170,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert said == ["[0] True", "[] False"]
