"""Energies are refreshed as the front end makes them."""

from __future__ import annotations

import numpy as np

from dsp.front_end import pulse_energy
from tests.dsp.kernels.parts import window
from tests.dsp.plain import kernel


def test_energies_are_refreshed_as_the_front_end_makes_them() -> None:
    samples = window(seed=9)
    samples.re[400:500] += np.float32(3.0)
    expected = np.zeros_like(samples.energy)
    for half in range(2):
        pulse_energy(samples.re, samples.im, samples.pulse[half], expected[half])
    kernel.refresh(samples, 400, 500)
    np.testing.assert_allclose(samples.energy[:, 1:-8], expected[:, 1:-8], rtol=1e-4, atol=1e-4)
