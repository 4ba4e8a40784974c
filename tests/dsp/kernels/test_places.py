"""Which places are worth a try."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.air.densities import mode_ac_replies, tuner_of
from dsp.air.drawing import Air
from dsp.air.effects import NONE
from dsp.effort import SETTINGS, Effort
from dsp.front_end import candidates, preamble_metric
from dsp.kernels.memory import Samples
from dsp.samples import SampleFormat
from tests.dsp import scenes
from tests.dsp.plain import kernel

LIMITS = SETTINGS[Effort.THOROUGH]


def _places(samples: Samples) -> NDArray[np.int64]:
    """Where a preamble may be that is followed by enough power."""
    n = samples.re.shape[0] - 400
    metric = np.zeros((2, n), np.float32)
    for half in range(2):
        preamble_metric(
            samples.energy, 0, n, half, samples.pulses, samples.quiet, LIMITS.factor, LIMITS.floor, samples.noise,
            metric[half],
        )  # fmt: skip
    places = np.zeros(4 * n, np.int64)
    count = candidates(metric[0], metric[1], n, np.ones(n, np.float32), 0, 0.0, places)
    return np.array([place for place in places[:count] if kernel.data_power(samples, place)[0] > LIMITS.power])


@pytest.mark.parametrize("rate", [2.0, 2.4, 3.2])
def test_likeness_is_evenness_and_contrast(rate: float) -> None:
    samples = scenes.window(np.random.default_rng(1).normal(0, 1, 2000).astype(np.float32), rate)
    both = samples.energy.T.ravel().astype(float)  # by half samples
    for place in range(20, 40):
        starts = place + 16 * rate + 2 * rate * np.arange(56) + 0.5
        early, late = np.sqrt(both[starts.astype(int)]), np.sqrt(both[(starts + rate).astype(int)])
        even = (early + late).mean() / np.sqrt((early**2 + late**2).mean())
        clear = np.abs(early - late).mean() / (early + late).mean()
        assert kernel.likeness(samples, place) == pytest.approx(even + kernel.CLEAR * clear, rel=1e-5)


@pytest.mark.parametrize("level_dbfs", [-29.0, -20.0, -8.0])
@pytest.mark.parametrize("carrier_offset_hz", [0.0, 6e5])
def test_frames_look_like_frames_from_7_db_on(level_dbfs: float, carrier_offset_hz: float) -> None:
    iq = scenes.stream(
        scenes.squitters(40), scenes.TIMES_S, 2.4e6, SampleFormat.CF32, level_dbfs=level_dbfs,
        carrier_offset_hz=carrier_offset_hz,
    )  # fmt: skip
    samples = scenes.window(iq.astype(np.float32), 2.4)
    likeness = [kernel.likeness(samples, round(2 * at_s * 2.4e6)) for at_s in scenes.TIMES_S]
    assert np.count_nonzero(np.array(likeness) > LIMITS.like) >= 39


def test_mode_ac_replies_do_not() -> None:
    seconds = 0.02
    signals = mode_ac_replies(NONE, 15_000.0, 0.0, seconds, 60, 5)
    iq = Air(2.4e6, SampleFormat.CF32, tuner_of(NONE), seed=5).block(signals, 0, round(seconds * 2.4e6))
    samples = scenes.window(iq.astype(np.float32), 2.4)
    likeness = np.array([kernel.likeness(samples, place) for place in _places(samples)])
    assert len(likeness) > 50
    assert np.mean(likeness > LIMITS.like) < 0.02
