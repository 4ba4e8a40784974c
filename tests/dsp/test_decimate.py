"""Decimation of high sample rates."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dsp.decimate import Decimator
from tests.dsp.kernels.parts import floats


def test_a_decimated_stream_does_not_depend_on_its_cuts() -> None:
    re, im = floats(5000), floats(5000, seed=5)
    whole = Decimator(4)
    assert whole.reset(10) == 3
    once = np.concatenate([*whole.feed(re, im)]), np.concatenate([*whole.flush()])
    cut = Decimator(4)
    cut.reset(10)
    parts = [cut.feed(re[a:b], im[a:b])[0] for a, b in itertools.pairwise([0, 1, 2, 50, 51, 700, 4999, 5000])]
    parts.append(cut.flush()[0])
    joined = np.concatenate(parts)
    assert len(joined) == math.ceil(5010 / 4) - 3
    np.testing.assert_array_equal(joined[: len(once[0]) // 2], once[0][: len(once[0]) // 2])


def test_a_decimator_keeps_a_slow_carrier_and_drops_a_fast_one() -> None:
    k = np.arange(4000)
    for turns, expected in ((0.02, 1.0), (0.2, 0.0)):
        decimator = Decimator(4)
        carrier = np.exp(2j * np.pi * turns * k)
        re, im = decimator.feed(carrier.real.astype(np.float32), carrier.imag.astype(np.float32))
        level = np.hypot(re, im)[50:-50]
        assert level == pytest.approx(np.full(len(level), expected), abs=0.02)
