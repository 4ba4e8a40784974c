"""Filters over all bits at once, and the order of the bits, against slow twins."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.filters import solve_filters
from tests.dsp.kernels.parts import RATE, floats, scratch, window
from tests.dsp.plain import kernel


@pytest.mark.parametrize("rate", [2.0, 2.4, 3.2, 2.7182])
def test_a_filter_over_all_bits_is_the_filter_of_each_bit(rate: float) -> None:
    samples = window(rate=rate, samples=1200)
    work = scratch(samples)
    base, n = 200, 112
    kernel.gather(samples, base, 0, n, work.xr, work.xi)
    for timing in (0, 7, 13, 29):
        kernel.soft_pulses(work.xr, work.xi, samples.s[timing], n, work.sr, work.si)
        for bit in range(n):
            k = base + samples.place[bit]
            row = samples.s[timing, :, bit].astype(float)
            assert work.sr[bit] == pytest.approx(row @ samples.re[k : k + len(row)], abs=1e-4)
            assert work.si[bit] == pytest.approx(row @ samples.im[k : k + len(row)], abs=1e-4)


def test_a_later_timing_is_the_same_filter_further_on() -> None:
    bank = solve_filters(2.4e6)
    np.testing.assert_array_equal(bank.d[20, 1:, 0], bank.d[10, :-1, 0])
    assert not np.array_equal(bank.d[11], bank.d[10])


def test_the_weakest_bits_come_first() -> None:
    for seed in range(5):
        soft, order = floats(112, seed=seed), np.zeros(112, np.int64)
        total = kernel.weakest(soft, 5, 112, order)
        assert sorted(order[:total]) == list(range(5, 112))
        expected = 5 + np.argsort(np.abs(soft[5:]), kind="stable")
        assert order[: kernel.SORTED].tolist() == expected[: kernel.SORTED].tolist()


def test_a_carrier_is_turned_back_within_each_bit() -> None:
    samples = window()
    work = scratch(samples)
    taps = work.xr.shape[0]
    x = floats(taps, 112) + 1j * floats(taps, 112, seed=2)
    work.xr[:], work.xi[:] = x.real, x.imag
    turn = 0.9  # rad per µs
    kernel.steady(samples, turn, 10, 90, work.xr, work.xi)
    # Column 0 is before + 1 samples before the bit, and the middle of a bit stays as it is
    after_us = (np.arange(taps) - samples.before - 1) / RATE - 0.5
    expected = x.copy()
    expected[:, 10:90] *= np.exp(-1j * turn * (after_us + 0.5 / RATE))[:, np.newaxis]
    np.testing.assert_allclose(work.xr + 1j * work.xi, expected, atol=1e-5)
