"""After the warm-up nothing is left to compile."""

from __future__ import annotations

import threading

import numpy as np
import pytest

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
    assert {name.rsplit(".", 1)[0] for name in before} >= {"dsp.frame_kernel", "dsp.front_end", "dsp.air.modulator"}
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


def test_the_made_up_frames_reach_the_last_stage() -> None:
    iq = Modulator(2.4e6, SampleFormat.CU8, Receiver(noise_dbfs=-30.0)).block(module._emissions(), 0, 96_000)
    demodulator = Demodulator(2.4e6, SampleFormat.CU8)
    demodulator.feed(SampleBlock(iq, 0))
    demodulator.flush()
    assert demodulator.statistics.accepted >= 12
    assert demodulator.statistics.unrepaired > 0


def test_only_a_slow_warm_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up()
    said = threading.Event()
    monkeypatch.setattr(module, "PATIENCE_S", 60.0)
    warm_up(on_slow=said.set)
    assert not said.is_set()
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    warm_up(on_slow=said.set)
    assert said.wait(10.0)
